"""The form of a log line: no address, member, query, body, text or exact moment."""

from __future__ import annotations

import datetime as dt
import logging
import traceback

FIVE_MINUTES = 300


class QuietFormatter(logging.Formatter):
    """Time down to five minutes, level, logger and a message of our own.

    Only loggers of the room are trusted with their message; of others the place is
    told, not the words, since those may hold a path or a value. An exception shows
    its type and where it happened, never its text.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = dt.datetime.fromtimestamp(
            record.created // FIVE_MINUTES * FIVE_MINUTES, tz=dt.UTC
        )
        ours = record.name == "kamer" or record.name.startswith("kamer.")
        words = record.getMessage() if ours else f"{record.module}:{record.lineno}"
        line = f"{moment:%Y-%m-%dT%H:%MZ} {record.levelname} {record.name} {words}"
        status = getattr(record, "status_code", None)
        if status is not None:
            line += f" {status}"
        if record.exc_info and record.exc_info[0]:
            line += f" {record.exc_info[0].__name__}"
            for frame in traceback.extract_tb(record.exc_info[2]):
                line += f"\n    {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
                line += f" {frame.name}"
        return line.replace("\r", " ")

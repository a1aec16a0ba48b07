#!/usr/bin/env python3
"""Entrance for every command; an operator's mistake ends in one sentence."""

from __future__ import annotations

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - the sentence is for older ones
        sys.exit("De Directeurskamer needs Python 3.11 or newer.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directeurskamer.settings")
    try:
        run()
    except KeyboardInterrupt:
        sys.exit(130)  # Stopped before the command could do so itself.


def run() -> None:
    """Run the command that was asked for."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        # Asked for here, since Django's own start hides why it cannot be read.
        _ = settings.INSTALLED_APPS
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()

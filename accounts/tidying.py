"""Puts the stored files in order at night: what was deleted and in which order goes.

Runs outside a transaction: neither database can do this inside one.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection

from accounts.blinded import BlindedRow


def tidy() -> Iterator[str]:
    """Wipe what was deleted from the database's files; one line per kind.

    Safe to run twice and beside readers. On SQLite the write-ahead log, which keeps
    old pages, is copied into the file and cut to nothing; `secure_delete` wiped the
    pages themselves. On PostgreSQL rows under a tag are laid down in the order of
    their tags, and dead rows are given back.
    """
    if connection.in_atomic_block:
        yield "Files left as they are: a transaction is open."
    elif connection.vendor == "sqlite":
        yield _empty_sqlite_log()
    else:
        yield f"{order_by_tag()} tables of rows under a tag put in order."
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        yield "Dead rows given back."


def _empty_sqlite_log() -> str:
    """https://sqlite.org/pragma.html#pragma_wal_checkpoint

    Free pages go too: they are empty, but their number tells how much was taken away.
    """
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        (free_pages,) = cursor.fetchone()
        if free_pages:
            cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (is_busy, _pages, _copied) = cursor.fetchone()
    return (
        "The log could not be emptied: somebody reads. It is tried again next time."
        if is_busy
        else "The log is empty."
    )


def order_by_tag() -> int:
    """Lay down rows under a tag in the order of their tags; returns how many tables.

    https://www.postgresql.org/docs/current/sql-cluster.html
    SQLite needs none of it: a table WITHOUT ROWID lies in the order of its key.
    """
    with connection.cursor() as cursor:
        # Before a migration the code may know of more tables than the database.
        there = set(connection.introspection.table_names(cursor))
        tables = there & {
            model._meta.db_table
            for model in apps.get_models()
            if issubclass(model, BlindedRow)
        }
        for table in tables:
            constraints = connection.introspection.get_constraints(cursor, table)
            key = next(name for name, c in constraints.items() if c["primary_key"])
            quote = connection.ops.quote_name
            cursor.execute(f"CLUSTER {quote(table)} USING {quote(key)}")
    return len(tables)

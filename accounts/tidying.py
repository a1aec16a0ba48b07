"""Puts the stored files in order at night: what was deleted and in which order goes.

Runs outside a transaction: neither database can do this inside one.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, transaction


def tidy() -> Iterator[str]:
    """Wipe what was deleted from the database's files; one line per kind.

    Safe to run twice and beside readers. On SQLite the write-ahead log, which keeps
    old pages, is copied into the file and cut to nothing; `secure_delete` wiped the
    pages themselves. On PostgreSQL every table is written anew in the order of its
    keys, and dead rows are given back.
    """
    if connection.in_atomic_block:
        yield "Files left as they are: a transaction is open."
    elif connection.vendor == "sqlite":
        yield _empty_sqlite_log()
    else:
        yield f"{order_by_key()} tables put in order."
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


def order_by_key() -> int:
    """Lay down every table in the order of its key; returns how many.

    https://www.postgresql.org/docs/current/sql-cluster.html

    A row keeps the number of the transaction that wrote it: those of a visit follow
    one another, from the sign-in to the tag of an alias. Here one transaction writes
    the whole table, and CLUSTER throws away what it was before. Not only rows under a
    tag: a text that waits for its tick lies beside what was written with it.

    SQLite needs none of it: no row has the number of a transaction, a table WITHOUT
    ROWID lies in the order of its key, and `accounts.row_numbers` does the rest.
    """
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        # Before a migration the code may know of more tables than the database.
        there = set(connection.introspection.table_names(cursor))
        models = [m for m in apps.get_models() if m._meta.db_table in there]
        for model in models:
            table = model._meta.db_table
            constraints = connection.introspection.get_constraints(cursor, table)
            index = next(name for name, c in constraints.items() if c["primary_key"])
            key = quote(str(model._meta.pk.column))
            with transaction.atomic():
                # Taken first: two who hold a part of the rows each would block.
                cursor.execute(f"LOCK TABLE {quote(table)} IN ACCESS EXCLUSIVE MODE")
                cursor.execute(f"UPDATE {quote(table)} SET {key} = {key}")  # noqa: S608 - names of ours
                cursor.execute(f"CLUSTER {quote(table)} USING {quote(index)}")
    return len(models)

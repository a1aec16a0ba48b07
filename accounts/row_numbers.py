"""The hidden row numbers of SQLite: they keep an order of arrival that no column shows.

PostgreSQL has none; there the physical order is for the nightly re-ordering.
"""

from __future__ import annotations

import secrets

from django.db import connection, models


def forget_arrival(row: models.Model) -> None:
    """Give the row a random number below all others: nothing tells when it came.

    Numbers go up with every row, and a copy made with VACUUM keeps their order: a row
    that must not tell its moment would lie between two that do.
    """
    _renumber(row, "%s", [-1 - secrets.randbits(62)])


def arrive_now(row: models.Model) -> None:
    """Put the row at the end, as if it were written now."""
    # The inner `max` is of the whole table, the outer one of two numbers.
    _renumber(row, "(SELECT max(0, max(rowid)) + 1 FROM {table})", [])


def _renumber(row: models.Model, number: str, values: list[int]) -> None:
    if connection.vendor != "sqlite":
        return
    table = connection.ops.quote_name(row._meta.db_table)
    number = number.format(table=table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET rowid = {number} WHERE id = %s",  # noqa: S608 - names of ours
            [*values, row.pk],
        )

"""What the database holds, as a thief of a copy would read it."""

from __future__ import annotations

from django.db import connection

Rows = list[tuple[object, ...]]


def everything() -> dict[str, Rows]:
    """Every row of every table, in an order that depends on the rows only."""
    return {name: rows_of(name) for name in connection.introspection.table_names()}


def rows_of(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table's own name
        rows = [tuple(map(_plain, row)) for row in cursor.fetchall()]
    return sorted(rows, key=repr)


def _plain(value: object) -> object:
    """PostgreSQL's driver gives bytes as a view that compares by place."""
    return bytes(value) if isinstance(value, memoryview) else value

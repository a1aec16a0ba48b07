"""How the database goes about a query."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def plans_of(act: Callable[[], object], table: str) -> list[str]:
    """The plans of the queries that ``act`` puts to ``table``, as they were sent."""
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with CaptureQueriesContext(connection) as captured:
        act()
    asked = [q["sql"] for q in captured if f'FROM "{table}"' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        plans = []
        for sql in asked:
            cursor.execute(f"{how} {sql}")
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return plans

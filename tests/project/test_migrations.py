from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.project.checkout import PRODUCTION, copy_checkout, run

OURS = ("moderation", "forum", "accounts")
# One process for all of it, in a database of its own.
TO_ZERO_AND_BACK = """
import json, django
django.setup()
from django.core.management import call_command
from django.db import connection

def schema():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master ORDER BY name")
        return cursor.fetchall()

def tables_of(app):
    return [name for name in connection.introspection.table_names()
        if name.startswith(app + "_")]

call_command("migrate", verbosity=0)
first = schema()
had, left = {}, {}
for app in ["moderation", "forum", "accounts"]:
    had[app] = len(tables_of(app))
    call_command("migrate", app, "zero", verbosity=0)
    left[app] = tables_of(app)
call_command("migrate", verbosity=0)
print(json.dumps({"had": had, "left": left, "same": schema() == first}))
"""


def test_models_need_no_other_migration(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.sqlite
def test_every_app_migrates_to_zero_and_back_to_the_same_tables(tmp_path: Path) -> None:
    copy_checkout(tmp_path)
    module = {"DJANGO_SETTINGS_MODULE": "directeurskamer.settings"}

    answer = run(tmp_path, "-c", TO_ZERO_AND_BACK, **{**PRODUCTION, **module})

    found = json.loads(answer.stdout or "{}")
    assert answer.returncode == 0, answer.stderr
    assert all(found["had"][app] > 0 for app in OURS)
    assert found["left"] == {app: [] for app in OURS}
    assert found["same"]

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import keyring
from accounts.models import Member
from accounts.tags import Domain, own_tag
from forum.aliases import is_own
from tests.factories import make_member, make_thread

ROOT = Path(__file__).resolve().parent.parent.parent
OLD, NEW = b"o" * 32, b"n" * 32


def rotated() -> str:
    lines = StringIO()
    call_command("rotate_alias_key", stdout=lines)
    return lines.getvalue()


def again(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def test_an_11_rotation_changes_no_tag_and_ownership_stays(
    member: Member, settings: Any
) -> None:
    settings.ALIAS_KEYS = (OLD,)
    author = make_member()
    post = make_thread(author, under_alias=True).posts.get()
    tag = own_tag(author, Domain.READ, "a")
    settings.ALIAS_KEYS = (NEW, OLD, *keyring.parse("A" * 43))
    assert is_own(again(author), post)

    assert rotated().startswith("2 secrets")

    settings.ALIAS_KEYS = (NEW,)
    assert own_tag(again(author), Domain.READ, "a") == tag
    assert is_own(again(author), post)
    assert not is_own(again(member), post)
    assert rotated().startswith("0 secrets")


def test_rotation_without_a_ring_says_so(member: Member, settings: Any) -> None:
    settings.ALIAS_KEYS = ()

    with pytest.raises(CommandError, match="DK_ALIAS_KEYS"):
        rotated()


# Runs the command and kills its own process before a given row is written.
KILLED_AT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
left = int(sys.argv[1])
def count(execute, sql, params, many, context):
    global left
    if sql.startswith("UPDATE"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)
with connection.execute_wrapper(count):
    call_command("rotate_alias_key")
"""


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_11_rotation_goes_on_after_a_kill_at_any_row(settings: Any) -> None:
    settings.ALIAS_KEYS = (OLD,)
    members = [make_member() for _ in range(20)]
    tags = {m.pk: own_tag(m, Domain.READ, "a") for m in members}
    ring = [base64.urlsafe_b64encode(key).decode() for key in (NEW, OLD)]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
        "DK_DEMO": "1",
        "DK_DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DK_ALIAS_KEYS": ",".join(ring),
    }
    settings.ALIAS_KEYS = (NEW, OLD)

    for rows in (0, 1, 7):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_AT, str(rows)],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        for member in members:
            assert own_tag(again(member), Domain.READ, "a") == tags[member.pk]

    assert rotated().startswith("12 secrets")
    settings.ALIAS_KEYS = (NEW,)
    assert {m.pk: own_tag(again(m), Domain.READ, "a") for m in members} == tags

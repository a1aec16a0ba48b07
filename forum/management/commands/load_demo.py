"""Fills the demo: thirty fictional members and the dilemmas of `forum/demo`."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import joining, readiness
from accounts.models import Member
from forum import live, posting
from forum.models import Ask, Category, Ending, Post, ReplyKind, Thread
from forum.models.details import ENDING
from forum.models.posts import this_hour

CONTENT = Path(__file__).resolve().parents[2] / "demo" / "content.json"
PASSWORD = "kamer-voor-twijfel"  # noqa: S105 - the demo tells it to everybody


@dataclass(frozen=True)
class Account:
    """One of the accounts that the demo names."""

    email: str
    display_name: str
    note: str
    is_moderator: bool = False
    is_operator: bool = False
    is_new: bool = False

    @property
    def writes(self) -> bool:
        """Whether demo texts are by this member: not by staff or a newcomer."""
        return not (self.is_moderator or self.is_operator or self.is_new)


ACCOUNTS = (
    Account("lid@voorbeeld.nl", "Marit", "a member"),
    Account("collega@voorbeeld.nl", "Joost", "another member"),
    Account("nieuw@voorbeeld.nl", "Nadia", "a member since today", is_new=True),
    Account("moderator@voorbeeld.nl", "Mirjam", "a moderator", is_moderator=True),
    Account("moderator2@voorbeeld.nl", "Ruud", "another moderator", is_moderator=True),
    Account("beheer@voorbeeld.nl", "Bas", "an operator", is_operator=True),
)
OTHERS = (  # noqa: SIM905 - a list of words reads best as words
    "Annemiek Anouk Bram Carolien Dirk Esther Fatima Gerben Hanneke Ilse Jeroen Karin "
    "Lotte Mehmet Nienke Oscar Petra Rachid Saskia Tjeerd Vincent Wendy Yvonne Zohra"
).split()

# The words of the content file, and ours.
THEMES = {
    "team": Category.TEAM,
    "personeel": Category.STAFF,
    "lerarentekort": Category.SHORTAGE,
    "ouders": Category.PARENTS,
    "leerlingzorg": Category.CARE,
    "veiligheid": Category.SAFETY,
    "bestuur": Category.BOARD,
    "kansen": Category.EQUITY,
    "identiteit": Category.IDENTITY,
    "kwaliteit": Category.QUALITY,
    "geld-gebouw": Category.MONEY,
    "jezelf": Category.SELF,
}
ASKS = {
    "luisteren": Ask.LISTEN,
    "vragen": Ask.QUESTIONS,
    "ervaringen": Ask.EXPERIENCES,
    "perspectief": Ask.PERSPECTIVE,
    "advies": Ask.ADVICE,
    "terugkijken": Ask.LOOK_BACK,
}
KINDS = {
    "vraag": ReplyKind.QUESTION,
    "ervaring": ReplyKind.EXPERIENCE,
    "perspectief": ReplyKind.PERSPECTIVE,
    "advies": ReplyKind.ADVICE,
    "steun": ReplyKind.SUPPORT,
    "verwijzing": ReplyKind.POINTER,
    "antwoord": ReplyKind.ANSWER,
}

# The first dilemma is this old, the others follow evenly.
OLDEST = dt.timedelta(days=44)
LONGEST_PAUSE = dt.timedelta(hours=9)


class Command(BaseCommand):
    help = "Write the demo's members and dilemmas, once; only in the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo: set DK_DEMO=1 to make it one.")
        if not readiness.is_ready():
            raise CommandError("The demo needs keys: run `manage.py make_keys` first.")
        if Member.objects.filter(email=ACCOUNTS[0].email).exists():
            self.stdout.write("The demo content is there already: nothing to do.")
            return
        with transaction.atomic():
            members = _make_members()
            threads, replies = _write_all(members)
        self.stdout.write(f"{len(members)} members made.")
        self.stdout.write(f"{threads} dilemmas written.")
        self.stdout.write(f"{replies} replies written.")
        self.stdout.write(f"{len(members) + threads + replies} in all.")


def _make_members() -> list[Member]:
    """All thirty; those who write the demo's texts come first."""
    # One slow hash serves them all: they have the same password anyway.
    password = make_password(PASSWORD)
    accounts = [account for account in ACCOUNTS if account.writes]
    accounts += [
        Account(f"{name.lower()}@voorbeeld.nl", name, "a member") for name in OTHERS
    ]
    accounts += [account for account in ACCOUNTS if not account.writes]
    return [
        _make_member(account, password, months=3 + number % 9)
        for number, account in enumerate(accounts)
    ]


def _make_member(account: Account, password: str, *, months: int) -> Member:
    days = 0 if account.is_new else 30 * months
    member = joining.make_member(
        Member(
            email=account.email,
            display_name=account.display_name,
            password=password,
            is_moderator=account.is_moderator,
            is_operator=account.is_operator,
            admitted_on=timezone.localdate() - dt.timedelta(days),
        )
    )
    EmailAddress.objects.create(
        user=member, email=member.email, verified=True, primary=True
    )
    return member


def _write_all(members: list[Member]) -> tuple[int, int]:
    content = json.loads(CONTENT.read_text())
    writers = members[: 2 + len(OTHERS)]
    repliers = cycle(writers)
    replies = 0
    for number, told in enumerate(content):
        posts = _write_dilemma(told, writers[number], repliers)
        replies += len(posts) - 1
        if told["outcome"]:
            posts.append(_tell_outcome(posts[0], writers[number], told["outcome"]))
        _finish(posts, OLDEST * (1 - number / len(content)))
    return len(content), replies


def _write_dilemma(
    told: dict[str, Any], starter: Member, repliers: Iterator[Member]
) -> list[Post]:
    """The dilemma and its replies, through the verbs that members use.

    Nobody but the starter writes twice in a thread, so nobody needs two identities.
    """
    opening = posting.start_thread(
        by=starter,
        title=told["title"],
        category=THEMES[told["theme"]],
        ask=ASKS[told["asks_for"]],
        source=told["body_markdown"],
        under_alias=told["anonymous"],
        form_key=secrets.token_hex(16),
    ).post
    replies: list[Post] = []
    for reply in told["replies"]:
        kind = KINDS[reply["kind"]]
        is_answer = kind == ReplyKind.ANSWER
        answered = reply["in_reply_to"]
        sent = posting.add_reply(
            by=starter if is_answer else _next_but(starter, repliers),
            thread=opening.thread,
            # What the author of the dilemma sends becomes an answer by itself.
            kind=ReplyKind.SUPPORT if is_answer else kind,
            source=reply["body_markdown"],
            answers=None if answered is None else replies[answered],
            under_alias=reply["anonymous"],
            form_key=secrets.token_hex(16),
        )
        replies.append(sent.post)
    return [opening, *replies]


def _tell_outcome(dilemma: Post, starter: Member, source: str) -> Post:
    # Said in so many words, or not.
    ending = Ending.CHAFES if "schuurt nog" in source else Ending.SETTLED
    return posting.add_outcome(
        by=starter,
        dilemma=dilemma,
        source=source,
        details={ENDING: ending.value},
        form_key=secrets.token_hex(16),
    ).post


def _next_but(starter: Member, repliers: Iterator[Member]) -> Member:
    return next(member for member in repliers if member != starter)


def _finish(posts: list[Post], age: dt.timedelta) -> None:
    """Give the texts their moments, as one change."""
    thread: Thread = live.lock_thread(posts[0].thread)
    pause = min(LONGEST_PAUSE, age / (len(posts) + 1))
    moment = this_hour() - age
    for number, post in enumerate(posts):
        post.written_at = (moment + number * pause).replace(
            minute=0, second=0, microsecond=0
        )
        post.save(update_fields=["written_at"])
    # So that a reply made today still brings it to the top.
    thread.risen_on = posts[-1].written_on
    live.change(thread, posts=posts, is_head=True)

"""Two worlds that differ in one thing: which of two members is behind the aliases.

In world one X is A and Y is B; in world two X is B and Y is A, with their secrets
exchanged. A scenario is a short function over X and Y, and over members who act by
name and are the same in both worlds. After every step everything that anybody can
see is recorded; whatever differs gives the author away.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import StringIO
from typing import Any

import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts import owner_mode
from accounts.blinded import BlindedRow
from accounts.models import Application, Frequency, Language, Member, Region
from accounts.permissions import has_second_factor
from directeurskamer import serving
from forum import live, subscribing
from forum.forms import new_form_key
from forum.fragments import languages
from forum.models import (
    Alias,
    Ask,
    Ending,
    IdentityLock,
    Once,
    Post,
    ReactionWord,
    ReplyKind,
    Thread,
)
from forum.models.reasons import Reason
from moderation import deciding
from moderation.models import Act, Ground, ReviewItem, UnsealingLink, UnsealingRequest
from tests.accounts.entering import give_second_factor, reset_password
from tests.anonymity import surfaces
from tests.anonymity.chance import Chance
from tests.anonymity.surfaces import Recorded, Row, Seat
from tests.factories import PASSWORD, SITUATION, make_member, make_reply, make_thread

Scenario = Callable[["World"], None]

BEGINNING = dt.datetime.fromisoformat("2026-11-20T10:07:00+01:00")
MONDAY = dt.datetime.fromisoformat("2026-11-23T10:13:00+01:00")

# The two differ in everything that an account has.
PEOPLE: dict[str, dict[str, Any]] = {
    "A": {
        "email": "aleida@zonnewijzer.example",
        "display_name": "Aleida van den Kanarievogel",
        "admitted_days_ago": 400,
        "region": Region.NORTH,
        "digest_frequency": Frequency.SCHOOL_DAYS,
        "digest_has_titles": True,
    },
    "B": {
        "email": "bram@b.example",
        "display_name": "Bram",
        "admitted_days_ago": 3,
        "region": Region.SOUTH,
        "language": Language.ENGLISH,
        "digest_frequency": Frequency.FRIDAY,
    },
    "C": {
        "email": "cato@observatie.example",
        "display_name": "Cato",
        "digest_frequency": Frequency.SCHOOL_DAYS,
        "digest_has_titles": True,
    },
    "M": {
        "email": "mirjam@moderatie.example",
        "display_name": "Mirjam",
        "is_moderator": True,
    },
    "O": {
        "email": "omar@beheer.example",
        "display_name": "Omar",
        "is_operator": True,
    },
}
SCHOOLS = {"A": ("De Zonnewijzer", "Stichting Noord"), "B": ("De Brug", "")}
WORLDS = ({"A": "X", "B": "Y"}, {"A": "Y", "B": "X"})

# What is sealed under a member's own secret or session, and so is as different in the
# two worlds as the secrets are: table, column that says whose, sealed column. Of rows
# of A and B only the length is compared (AN-02).
SEALED = (
    ("accounts_membersecret", "member_id", "wrapped"),
    ("accounts_shelf", "member_id", "sealed"),
    ("django_session", "session_key", "session_data"),
)
# What is looked at after every step, and who looks. Everybody looks at everything of
# ours when the scenario ends, and in one scenario at the library's pages too.
IN_THE_ROOM = {
    "forum:thread_list",
    "forum:room_changes",
    "forum:thread_detail",
    "forum:thread_changes",
    "forum:post_detail",
    "forum:post_history",
}
ONES_OWN = {
    "forum:post_edit",
    "forum:mine_list",
    "forum:notification_list",
    "moderation:flag_list",
}
QUEUE = {
    "moderation:review_item_list",
    "moderation:review_item_detail",
    "moderation:decision_list",
}
LOOKERS = {
    "A": IN_THE_ROOM | ONES_OWN,
    "B": IN_THE_ROOM | ONES_OWN,
    "C": IN_THE_ROOM,
    "M": QUEUE,
}
# A member's own flags, drafts and shelf are theirs to see, also when X left them. A
# page of these is compared as a page of X or Y and not of A or B. So is the page of a
# text that X or Y reacted to: it shows each reader the word that they chose.
BY_ROLE = {"/mine/flags/"}
OURS = ("forum:", "moderation:", "accounts:", "own:")


class Actor:
    """Somebody who acts: by name, or X or Y, who write under an alias."""

    def __init__(self, world: World, label: str, member: Member, client: Client):
        self.world = world
        self.label = label
        self.member = member
        self.client = client

    @property
    def is_role(self) -> bool:
        return self.label in {"X", "Y"}

    def starts(self, *, source: str = SITUATION, **told: str) -> Thread:
        """Share a dilemma; a role does it under an alias."""
        before = set(Thread.objects.values_list("pk", flat=True))
        self._sends("starts", "/dilemmas/new/", **(_dilemma(source) | told))
        return Thread.objects.exclude(pk__in=before).get()

    def replies(
        self,
        thread: Thread,
        source: str = "Wat maakt dat dit je zo raakt?",
        *,
        answers: Post | None = None,
        kind: str = ReplyKind.QUESTION,
        **told: str,
    ) -> Post:
        """Reply in ``thread``; a role does it under an alias."""
        before = set(Post.objects.values_list("pk", flat=True))
        fields = {
            "kind": kind,
            "source": source,
            "answers": answers.pk if answers else "",
            **told,
        }
        self._sends("replies", f"/dilemmas/{thread.pk}/replies/", **fields)
        return Post.objects.exclude(pk__in=before).get()

    def is_refused(self, thread: Thread | None = None) -> None:
        """Try to reply in ``thread``, or to share a dilemma: nothing comes of it."""
        before = Post.objects.count()
        if thread:
            path = f"/dilemmas/{thread.pk}/replies/"
            fields = {"kind": "question", "source": "Mag ik nog iets vragen?"}
        else:
            path, fields = "/dilemmas/new/", _dilemma(SITUATION)
        self._sends("is refused", path, **fields)
        assert Post.objects.count() == before

    def edits(self, post: Post, source: str) -> None:
        """Change an own text; a role does it in owner mode."""
        post.refresh_from_db()
        fields = {"source": source, "version": str(post.version)}
        if post.is_dilemma:
            fields |= {"title": post.thread.title, "category": post.thread.category}
        if post.is_outcome:
            fields["ending"] = Ending.RESTS.value
        self._at_own_address("edits", f"{post.pk}/edit/", fields)

    def withdraws(self, post: Post) -> None:
        """Take an own text away; a role does it in owner mode."""
        self._at_own_address("withdraws", f"{post.pk}/withdraw/", {})

    def asks(self, dilemma: Post, ask: Ask) -> None:
        """As a role, ask for something else from now on."""
        self._at_own_address("asks", f"{dilemma.pk}/ask/", {"ask": ask.value})

    def marks(self, dilemma: Post, question: Post, *, on: bool = True) -> None:
        """As a role, mark ``question`` as one that touches, or take that back."""
        fields = {"question": question.pk, "on": "1" if on else "0"}
        self._at_own_address("marks", f"{dilemma.pk}/marks/", fields)

    def tells(self, dilemma: Post, **told: str) -> Post:
        """As a role, tell how ``dilemma`` turned out."""
        fields = {
            "form_key": new_form_key(),
            "ending": Ending.CHAFES.value,
            "source": "Ik heb het in het team gezegd. Toen kwam het los.",
            "kept": "Dat zwijgen ook iets zegt.",
            **told,
        }
        self._at_own_address("tells", f"{dilemma.pk}/outcome/", fields)
        return dilemma.thread.posts.get(kind=ReplyKind.OUTCOME)

    def declines(self, dilemma: Post) -> None:
        """As a role, say not to be asked again how ``dilemma`` turned out."""
        self._at_own_address("declines", f"{dilemma.pk}/outcome/", {"decline": "1"})

    def wakes(self, dilemma: Post) -> None:
        """As a role, open the resting conversation of ``dilemma`` again."""
        self._at_own_address("wakes", f"{dilemma.pk}/wake/", {})

    def flags(self, post: Post, reason: Reason = Reason.R01) -> None:
        """Tell the moderators about ``post``."""
        self.posts_to("flags", f"/posts/{post.pk}/flag/", {"reason": reason.value})

    def reacts(
        self, post: Post, word: ReactionWord | None = ReactionWord.RECOGNISE
    ) -> None:
        """Say a word about ``post``, or take it back."""
        if self.is_role:
            self.world.by_role.add(f"/posts/{post.pk}/")
        fields = {"word": word.value if word else ""}
        self.posts_to("reacts", f"/posts/{post.pk}/reaction/", fields)

    def follows(self, thread: Thread) -> None:
        """Put ``thread`` on the own shelf."""
        self.posts_to("follows", f"/dilemmas/{thread.pk}/subscription/", {"on": "1"})

    def reads(self, thread: Thread) -> None:
        """Mark ``thread`` as read."""
        number = str(Thread.objects.get(pk=thread.pk).change_number)
        self.posts_to("reads", f"/dilemmas/{thread.pk}/read/", {"number": number})

    def decides(
        self, post: Post, act: Act, reason: Reason = Reason.R03, **told: str
    ) -> None:
        """Claim the open item about ``post`` and decide on it, through the pages."""
        item = ReviewItem.objects.exclude(state=ReviewItem.State.CLOSED).get(post=post)
        post.refresh_from_db()
        self.posts_to("claims", f"/moderation/items/{item.pk}/claim/", {})
        fields = {
            "act": act.value,
            "version": str(post.version),
            "reason": reason.value,
            "message": "Dank voor je bericht. Eén stukje kan beter.",
            **told,
        }
        self.posts_to("decides", f"/moderation/items/{item.pk}/decision/", fields)
        assert item.decisions.filter(act=act).exists()

    def pauses_author_of(self, post: Post, *, days: int) -> None:
        """Stop whoever wrote ``post``, which somebody flagged, from writing."""
        until = timezone.localdate() + dt.timedelta(days)
        self.decides(post, Act.PAUSE, Reason.R06, until=until.isoformat())

    def exports(self) -> None:
        """Take the own file; a role takes that of the texts under an alias."""

        def act() -> Any:
            if not self.is_role:
                return self.client.post("/settings/export/")
            return self.in_owner_mode(
                lambda: self.client.post("/mine/anonymous/export/")
            )

        self.world.step(f"{self.label} exports", self, act)

    def leaves(self) -> None:
        """Leave the room by name: named texts stay without a name."""
        self.world.step(f"{self.label} leaves", self, self.goes)

    def goes(self, *, anonymous: str = "keep") -> Any:
        """Send the form with which somebody leaves."""
        fields = {"is_sure": "on", "named": "keep", "anonymous": anonymous}
        answer = self.in_owner_mode(
            lambda: self.client.post("/settings/leave/", fields)
        )
        assert not Member.objects.filter(pk=self.member.pk).exists()
        self.world.left.add(self.label)
        self.world.has_owners = False
        return answer

    def asks_to_unseal(self, post: Post) -> None:
        """As a custodian, ask who wrote ``post``, because of danger."""
        fields = {
            "post": post.pk,
            "ground": Ground.DANGER.value,
            "reason": "Iemand schrijft dat er vanavond iets ergs gaat gebeuren. " * 2,
        }
        self._proves("asks to unseal", "/moderation/unsealing/new/", fields)

    def unseals(self, part: str, post: Post) -> None:
        """Do a custodian's ``part`` of the request about ``post``."""
        request = UnsealingRequest.objects.get(post=post)
        self._proves(part, f"/moderation/unsealing/{request.pk}/{part}/", {})

    def _proves(self, verb: str, path: str, fields: dict[str, str]) -> None:
        """Send a form with a recovery code that was not used yet."""
        links = UnsealingLink.objects.count()

        def act() -> Any:
            code = RecoveryCodes.activate(self.member).get_unused_codes()[0]
            return self.client.post(path, {"code": code, **fields})

        self.world.step(f"{self.label} {verb}", self, act)
        last = UnsealingLink.objects.latest("number")
        assert last.number == links + 1
        assert not last.problem

    def recovers(self) -> None:
        """Get back in with the mailbox as the only new proof."""

        def act() -> Any:
            answer = reset_password(Client(), self.member.email, "een nieuwe kamer 12")
            self.member.refresh_from_db()
            self.member.__dict__.pop("_opened_secret", None)
            sign_in(self.client, self.member)
            return answer

        self.world.step(f"{self.label} recovers", self, act)

    def posts_to(self, verb: str, path: str, fields: dict[str, str]) -> None:
        """Send a form to ``path`` as a step of its own."""
        self.world.step(
            f"{self.label} {verb}", self, lambda: self.client.post(path, fields)
        )

    def own_pages(self) -> str:
        """The own anonymous texts; by role this is the same in both worlds."""
        path = "/mine/anonymous/"

        def look() -> list[Any]:
            pages: list[Any] = [self.client.get(path)]
            for post in pages[0].context["posts"]:
                pages += [
                    self.client.get(f"{path}{post.pk}/{page}")
                    for page in ("", "edit/", "withdraw/")
                ]
            return pages

        return "\n".join(map(surfaces.answer_text, self.in_owner_mode(look)))

    def in_owner_mode(self, act: Callable[[], Any]) -> Any:
        """Confirm who this is, ``act``, and let go of that proof."""
        answer = self.client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
        assert owner_mode.COOKIE in answer.cookies
        acted = act()
        del self.client.cookies[owner_mode.COOKIE]
        # The message for the next page is theirs alone, in their own cookie.
        self.client.cookies.pop("messages", None)
        return acted

    def _sends(self, verb: str, path: str, **fields: str) -> None:
        """Send a text; a role does it under an alias."""

        def act() -> Any:
            persona = {"under_alias": "on"} if self.is_role else {}
            form_key = new_form_key()
            return send(self.client, path, {"form_key": form_key, **persona, **fields})

        self.world.step(f"{self.label} {verb}", self, act)

    def _at_own_address(self, verb: str, tail: str, fields: dict[str, str]) -> None:
        if not self.is_role:
            self.posts_to(verb, f"/posts/{tail}", fields)
            return

        def act() -> Any:
            return self.in_owner_mode(
                lambda: send(self.client, f"/mine/anonymous/{tail}", fields)
            )

        self.world.step(f"{self.label} {verb}", self, act)


def _dilemma(source: str) -> dict[str, str]:
    return {
        "title": "Volg ik het besluit, of het gevoel van mijn team?",
        "category": "team",
        "ask": "advice",
        "source": source,
        "is_clean": "on",
    }


def send(client: Client, path: str, fields: dict[str, str]) -> Any:
    """Send a text, and send it again as it is when hints came first."""
    answer: Any = client.post(path, fields)
    hints = answer.context.get("hints") if answer.context else None
    if hints is None:
        return answer
    return client.post(path, {**fields, "seen": hints.seen})


def sign_in(client: Client, member: Member) -> None:
    client.force_login(member)
    # The same for everybody, so that answers can be compared by role.
    client.cookies[settings.CSRF_COOKIE_NAME] = "k" * 32


class World:
    """One of the two, from the first member to the last page."""

    def __init__(self, roles: dict[str, str]) -> None:
        self.roles = roles
        self.records: list[tuple[str, Recorded]] = []
        # What no second world is needed for: an order or a moment that is kept.
        self.kept: set[str] = set()
        self.named_tags: dict[str, str] = {}
        self.chance = Chance(
            {
                f"{act} {name}": role
                for name, role in roles.items()
                for act in ("joins", "leaves")
            }
        )
        self.actors: dict[str, Actor] = {}
        self.seats: dict[tuple[str, str], Seat] = {}
        # Whether the end is looked at through every route, the library's included.
        self.is_thorough = False
        # Whether X and Y can still recognise their texts, with their first password.
        self.has_owners = True
        # Who is no member any more.
        self.left: set[str] = set()
        self.by_role = set(BY_ROLE)
        self._steps = 0
        # Of the last night: its day, and which rows were laid down by their tags.
        self._purged_on = MONDAY.date()
        self._laid_down: dict[str, set[str]] = {}
        self._seen_number = self._first_number = 0

    A = property(lambda self: self.actors["A"])
    B = property(lambda self: self.actors["B"])
    C = property(lambda self: self.actors["C"])
    M = property(lambda self: self.actors["M"])
    O = property(lambda self: self.actors["O"])  # noqa: E741 - one of the people
    X = property(lambda self: self.actors["X"])
    Y = property(lambda self: self.actors["Y"])

    def live(self, scenario: Scenario, *, to_the_end: bool = True) -> None:
        """Begin, play the scenario, and look at everything once more."""
        with ExitStack() as stack:
            empty_the_room()
            self.clock = stack.enter_context(time_machine.travel(BEGINNING, tick=False))
            stack.enter_context(self.chance.replayed())
            self.log = stack.enter_context(surfaces.logged())
            stack.callback(self._stand_up)
            self._begin()
            scenario(self)
            if to_the_end:
                self._end()

    def wait(self, **span: float) -> None:
        """Let time pass, and the worker do what is due."""
        self.clock.shift(dt.timedelta(**span))
        self.step("time passes", None, lambda: None)

    def step(self, name: str, who: Actor | None, act: Callable[[], object]) -> None:
        """Do ``act``, let the worker work, and record what everybody can see."""
        self._steps += 1
        self.clock.shift(dt.timedelta(seconds=61))
        label = who.label if who else "nobody"
        is_named_act = label in self.roles
        before = tags() if is_named_act else {}
        with self.chance.during(f"act {self._steps} {label}"):
            answer = act()
        if is_named_act:
            self._name_tags(before)
        told = {f"answer to {label}": self._by_role(who, answer)} if who else {}
        self._observe(name, told)

    def all_come_back(self) -> None:
        """Everybody signs in again, after so long that their sessions ended."""

        def act() -> None:
            for name in PEOPLE:
                with self.chance.during(f"comes back {name}"):
                    sign_in(self.actors[name].client, self.actors[name].member)

        self.step("everybody comes back", None, act)

    def both_leave(self) -> None:
        """A and B leave, and want their anonymous texts gone.

        In one step: what goes when only one of them left are that member's own texts,
        and everybody who leaves is told so.
        """

        def act() -> None:
            for name in self.roles:
                with self.chance.during(f"leaves {name}"):
                    self.actors[name].goes(anonymous="go")

        self.step("A and B leave", None, act)

    def appoints(self, role: str, *names: str) -> None:
        """Give ``names`` a role: a named act, the same in both worlds."""
        members = [self.actors[name].member for name in names]

        def act() -> None:
            for member in members:
                if not has_second_factor(member):
                    give_second_factor(member)
            by = {"by": "Els de Vries", "with": "Jan Bakker"}
            emails = [member.email for member in members]
            call_command("appoint", role, *emails, stdout=StringIO(), **by)
            for member in members:
                member.refresh_from_db()

        self.step(f"{' and '.join(names)} made {role}", None, act)

    def attempt(self, name: str, who: Actor, act: Callable[[], object]) -> None:
        """Do ``act`` and record what a failing request leaves: answer, log and rows."""
        self._steps += 1
        # So that nobody is refused for sending a lot.
        self.clock.shift(dt.timedelta(minutes=10))
        with self.chance.during(f"act {self._steps} {who.label}"):
            answer = act()
        told = {f"answer to {who.label}": self._by_role(who, answer)}
        self.records.append(
            (f"{self._steps} {name}", told | self._lines() | self._tables())
        )

    def fails_at_each_statement(
        self, who: Actor, path: str, fields: dict[str, str]
    ) -> int:
        """Send a form again and again, with a fault at statement 1, 2, 3 and so on.

        Ends when a request gets through; returns how many failed. The form bears its
        own key each time, as if somebody opened it anew.
        """
        who.client.raise_request_exception = False
        number = 0
        is_through = False
        while not is_through:
            number += 1
            fault = _Fault(number)

            def act(fault: _Fault = fault) -> Any:
                told = {**fields, "form_key": new_form_key()}
                with connection.execute_wrapper(fault):
                    return who.client.post(path, told)

            self.attempt(f"{who.label} fails at {number}", who, act)
            is_through = not fault.has_struck
            for what in half_written():
                self.kept.add(f"{what} after a fault at statement {number}")
        return number - 1

    def _begin(self) -> None:
        cache.clear()
        mail.outbox.clear()
        for name, attributes in PEOPLE.items():
            with self.chance.during(f"joins {name}"):
                member = make_member(**attributes)
                if name in SCHOOLS:
                    school, board = SCHOOLS[name]
                    Application.objects.create(
                        member=member,
                        full_name=f"{member.display_name} de Vries",
                        school=school,
                        board=board,
                        work="director",
                        proof_route="call",
                        is_board_member=False,
                        state=Application.State.ADMITTED,
                        decided_on=member.admitted_on,
                    )
                if member.is_moderator:
                    give_second_factor(member)
                client = Client()
                sign_in(client, member)
            self.actors[name] = Actor(self, name, member, client)
        for name, role in self.roles.items():
            person = self.actors[name]
            self.actors[role] = Actor(self, role, person.member, person.client)
        self._sit_down()
        self._remember()
        self._seen_number = self._first_number = live.room_number()
        self.clock.move_to(MONDAY)
        self._observe("the beginning", {})

    def _remember(self) -> None:
        """What happened before: named acts of A and B, and earlier aliases."""
        before = tags()
        member = {name: actor.member for name, actor in self.actors.items()}
        with self.chance.during("history A"):
            thread = make_thread(member["A"], title="Hoe zeg ik dit tegen mijn team?")
            subscribing.follow(by=member["A"], thread=thread, on=True)
            thread.refresh_from_db()
            subscribing.mark_read(by=member["A"], thread=thread, number=1)
        with self.chance.during("history B"):
            reply = make_reply(member["B"], thread, source="Ik herken dit goed.")
        with self.chance.during("history M"):
            item = ReviewItem.objects.get(post=reply)
            deciding.claim(by=member["M"], item=item)
            deciding.publish(by=member["M"], item=item, version=reply.version)
        self._name_tags(before)
        with self.chance.during("history C"):
            thread = make_thread(member["C"], title="Wie kijkt met mij mee hierin?")
        for role in ("X", "Y"):
            with self.chance.during(f"history {role}"):
                make_reply(member[role], thread, under_alias=True)

    def _name_tags(self, before: dict[str, set[str]]) -> None:
        """Call the tags that a named act left the same in both worlds."""
        for table, found in tags().items():
            for tag in found - before[table]:
                self.named_tags[tag] = f"tag left at step {self._steps}"

    def _by_role(self, who: Actor | None, answer: object) -> str:
        text = answer if isinstance(answer, str) else surfaces.answer_text(answer)
        if who is not None and who.is_role:
            text = text.replace(who.member.display_name, "the author")
            text = re.sub(r"Content-Length: \d+", "Content-Length: -", text)
            # A moderator's menu has one entry more, whatever they wrote.
            text = re.sub(r"\s*<li[^>]*>\s*<a href=\"/moderation/\".*?</li>", "", text)
            text = re.sub(r"\n\s*\n", "\n", text)
            # The words for the next page are signed under the member's own session.
            text = re.sub(r"(messages=[\w:-]*):[\w-]+;", r"\1:-;", text)
        return text

    def _sit_down(self) -> None:
        """Open sockets: everybody follows the room and every thread there is."""
        threads = list(Thread.objects.values_list("pk", flat=True))
        for name in (name for name in PEOPLE if name not in self.left):
            self._seat(name, "room", "room")
            for thread_id in threads:
                self._seat(name, "thread", thread_id)

    def _seat(self, name: str, kind: str, topic_id: str) -> None:
        actor = self.actors[name]
        for language in languages() if name == "C" else [settings.LANGUAGE_CODE]:
            key = (name, f"{kind} {topic_id} {language}")
            if key in self.seats:
                continue
            seat = Seat(actor.member.pk, actor.client.session.session_key or "")
            seat.follow((kind, topic_id, language))
            self.seats[key] = seat

    def _stand_up(self) -> None:
        for seat in self.seats.values():
            seat.stand_up()

    def _observe(self, name: str, told: Recorded) -> None:
        recorded = told | self._tables(" before the worker")
        with self.chance.during(f"worker {self._steps}"):
            self._work()
        recorded |= self._frames() | self._mails()
        for viewer, wanted in LOOKERS.items():
            if self.actors[viewer].member.is_moderator:
                wanted = wanted | QUEUE
            paths = surfaces.addresses(
                wanted.__contains__, since=self._seen_number, with_queries=False
            )
            recorded |= self._looks(viewer, paths)
        self._seen_number = live.room_number()
        recorded["cache"] = surfaces.cache_keys()
        recorded |= self._lines() | self._tables()
        self._sit_down()
        self.records.append((f"{self._steps} {name}", recorded))

    def _work(self) -> None:
        """What the worker does; the nightly round comes once a day."""
        for _every, job in serving.JOBS:
            if job is not serving.purge:
                job()
        if self._purged_on != timezone.localdate():
            self._purged_on = timezone.localdate()
            serving.purge()
            self._laid_down = tags()

    def _end(self) -> None:
        """Everybody looks at everything, and X and Y at their own."""
        self._steps += 1
        recorded: Recorded = {}
        since = 0 if self.is_thorough else self._first_number
        self.O.member.refresh_from_db()
        # An operator without another role sees what every member sees: a short run looks
        # with their eyes in one scenario.
        is_short = "SHORT_RUN" in os.environ
        for viewer in PEOPLE:
            is_plain = not (self.is_thorough or self.O.member.is_custodian)
            if viewer == "O" and is_short and is_plain:
                continue
            paths = surfaces.addresses(self._is_looked_at, since=since)
            recorded |= self._looks(viewer, paths)
        for role in ("X", "Y") if self.has_owners else ():
            with self.chance.during(f"own pages of {role}"):
                actor = self.actors[role]
                recorded[f"own pages of {role}"] = self._by_role(
                    actor, actor.own_pages()
                )
        recorded["cache"] = surfaces.cache_keys()
        recorded |= self._lines() | self._tables()
        self.records.append(("the end", recorded))

    def _is_looked_at(self, route: str) -> bool:
        """Every route in one scenario; else those of ours that have a page."""
        if self.is_thorough:
            return True
        return route.startswith(OURS) and route not in surfaces.WITHOUT_PAGE

    def _looks(self, viewer: str, paths: Iterable[str]) -> Recorded:
        found = {}
        client = self.actors[viewer].client
        for path in paths:
            is_by_role = (
                path in self.by_role and self.has_owners and viewer in self.roles
            )
            looker = self.roles[viewer] if is_by_role else viewer
            with self.chance.during(f"look {self._steps} {looker} {path}"):
                text = surfaces.look(client, path)
            found[f"page of {looker} {path}"] = self._by_role(self.actors[looker], text)
        return found

    def _mails(self) -> Recorded:
        found = {f"mail {n}": text for n, text in enumerate(surfaces.mails())}
        mail.outbox.clear()
        return found

    def _lines(self) -> Recorded:
        lines = "\n".join(self.log.lines)
        self.log.lines.clear()
        return {"log": lines}

    def _frames(self) -> Recorded:
        frames = {}
        for (name, topic), seat in self.seats.items():
            frames[f"frame to {name} {topic}"] = "\n".join(seat.texts)
            seat.texts.clear()
        return frames

    def _tables(self, when: str = "") -> Recorded:
        dump = surfaces.database()
        blinded = surfaces.blinded_tables()
        recorded = {}
        for table, rows in dump.items():
            if table in blinded:
                rows = self._renamed(table, rows)
            self._mask_sealed(table, rows)
            for row in rows:
                self.kept |= {f"{table}.{c}" for c in row if c.endswith("a moment")}
            recorded[f"database {table}{when}"] = "\n".join(map(_row_text, rows))
        return recorded

    def _renamed(self, table: str, rows: list[Row]) -> list[Row]:
        """Rows under tags, with the tags of named acts called by the act.

        What lies in the order of its tags tells no order of arrival, and lies
        elsewhere under another name: on SQLite all of it, on PostgreSQL what the last
        night put in order.
        """
        in_order = self._rows_in_order(table, rows)
        for row in rows:
            if "hidden_rowid" in row:
                self.kept.add(f"{table} keeps the order of arrival")
            if row["tag"] in self.named_tags:
                row["tag"] = self.named_tags[row["tag"]]
                if "sealed" in row:
                    row["sealed"] = len(row["sealed"])
        return sorted(rows[:in_order], key=_row_text) + rows[in_order:]

    def _rows_in_order(self, table: str, rows: list[Row]) -> int:
        """How many rows, from the first on, lie in the order of their tags for good."""
        if connection.vendor == "sqlite":
            return len(rows)
        before = ""
        for number, row in enumerate(rows):
            if row["tag"] not in self._laid_down.get(table, ()) or row["tag"] < before:
                return number
            before = row["tag"]
        return len(rows)

    def _mask_sealed(self, table: str, rows: list[Row]) -> None:
        own = {
            self.actors[name].member.pk for name in self.roles if name in self.actors
        }
        own |= {
            self.actors[name].client.session.session_key or ""
            for name in self.roles
            if name in self.actors
        }
        for sealed_table, whose, column in SEALED:
            if table == sealed_table:
                for row in rows:
                    if row[whose] in own:
                        row[column] = f"{len(row[column])} sealed"


class _Fault:
    """Fails a request at its ``number``-th statement."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.has_struck = False

    def __call__(
        self, execute: Any, sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.left -= 1
        if self.left == 0:
            self.has_struck = True
            raise OperationalError("the disk is full of kanarie")
        return execute(sql, params, many, context)


def half_written() -> Iterator[str]:
    """What a request left half done: a text is there with all that belongs to it."""
    writers = set(Post.objects.values_list("thread_id", "author_id", "alias_id"))
    if IdentityLock.objects.count() != len(writers):
        yield "a lock without a text, or a text without a lock"
    if Once.objects.count() != Post.objects.count():
        yield "a used form without a text, or a text without its form"
    if Alias.objects.filter(posts=None).exists():
        yield "an alias without a text"
    if Thread.objects.filter(posts=None).exists():
        yield "a thread without a text"
    if Post.objects.filter(state="published", was_public=False).exists():
        yield "a text that is online and was never shown"
    held = Post.objects.filter(state="held")
    if held.exclude(review_items__state__in=("open", "claimed")).exists():
        yield "a held text that nobody reviews"


def _blinded_models() -> list[type[BlindedRow]]:
    return sorted(BlindedRow.__subclasses__(), key=lambda model: model.__name__)


def tags() -> dict[str, set[str]]:
    """The tags in every table of rows under a tag."""
    return {
        model._meta.db_table: set(model._default_manager.values_list("tag", flat=True))
        for model in _blinded_models()
    }


def empty_the_room() -> None:
    """The database as it was before the first member, its counters included."""
    call_command(
        "flush",
        interactive=False,
        verbosity=0,
        reset_sequences=True,
        inhibit_post_migrate=True,
    )
    if connection.vendor == "sqlite":
        # Empty rows leave the layers of the index as they grew.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO forum_findable_words (forum_findable_words) "
                "VALUES ('rebuild')"
            )


def _row_text(row: Row) -> str:
    return " | ".join(f"{column}={_value(value)}" for column, value in row.items())


def _value(value: object) -> str:
    if isinstance(value, bytes) and len(value) > 64:
        return f"{len(value)} bytes {hashlib.sha256(value).hexdigest()}"
    return repr(value)


@dataclass(frozen=True)
class Difference:
    """A place where the two worlds are not the same."""

    step: str
    surface: str
    lines: str

    @property
    def is_in_the_database(self) -> bool:
        return self.surface.startswith(("database", "kept"))

    def __str__(self) -> str:
        return f"After {self.step}: {self.surface}\n{self.lines}"


def differences(scenario: Scenario, *, to_the_end: bool = True) -> list[Difference]:
    """What gives the author away when ``scenario`` is played: nothing, if all is well."""
    worlds = [World(roles) for roles in WORLDS]
    for world in worlds:
        world.live(scenario, to_the_end=to_the_end)
    one, two = worlds
    kept = sorted(one.kept | two.kept)
    found = [Difference("any step", f"kept {what}", "") for what in kept]
    for (step, first), (other_step, second) in zip(
        one.records, two.records, strict=False
    ):
        if step != other_step:
            found.append(Difference(step, "steps", other_step))
            break
        for surface in sorted({*first, *second}):
            before, after = first.get(surface, "absent"), second.get(surface, "absent")
            if before != after:
                found.append(Difference(step, surface, _diff(before, after)))
    if len(one.records) != len(two.records):
        found.append(Difference("the end", "steps", "one world took more of them"))
    return found


def _diff(one: str, two: str) -> str:
    lines = difflib.unified_diff(one.split("\n"), two.split("\n"), lineterm="", n=0)
    return "\n".join(line[:400] for line, _n in zip(lines, range(12), strict=False))

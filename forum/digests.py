"""The digest of new threads: plan editions, claim deliveries, compose, send.

An edition is the same for everybody who gets it. What a member wrote or read plays no
part; explicit settings and the clock do.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import smtplib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice, product
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.html import escape

from accounts import links, mail, outbox
from accounts.models import Frequency, Language, Member
from forum import live
from forum.models import Ask, Category, Delivery, Edition, Thread

log = logging.getLogger("kamer.mail")

# Weekdays, Monday first, and the moment on the clock in the Netherlands.
MOMENTS: dict[str, tuple[range, dt.time]] = {
    Frequency.SCHOOL_DAYS: (range(5), dt.time(7)),
    Frequency.WEDNESDAY: (range(2, 3), dt.time(12, 30)),
    Frequency.FRIDAY: (range(4, 5), dt.time(15, 30)),
}
UNFINISHED = (Delivery.State.PENDING, Delivery.State.SENDING)
# Finished rows get this as their due moment: the search for what is due then never
# walks past them, and nothing keeps when a mail went out.
NEVER_DUE = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
BATCH = 500

# What a rendered mail holds in place of the receiver's own words. Random, so that no
# title can contain it.
NAME = secrets.token_hex(16)
LINK = secrets.token_hex(16)


@dataclass(frozen=True)
class Parts:
    """A rendered mail that still lacks the receiver's name and unsubscribe link."""

    subject: str
    text: str
    html: str

    def text_for(self, name: str, link: str) -> str:
        """The plain text for one receiver."""
        return self.text.replace(NAME, name).replace(LINK, link)

    def html_for(self, name: str, link: str) -> str:
        """The HTML for one receiver."""
        return self.html.replace(NAME, escape(name)).replace(LINK, escape(link))


# Mails rendered in one run, by edition and by what they tell.
Rendered = dict[tuple[object, ...], Parts]


@dataclass
class Report:
    """What a run did: editions fixed, and per edition how its deliveries ended."""

    fixed: int = 0
    outcomes: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    @property
    def sent(self) -> int:
        """How many mails went out."""
        return sum(counts[Delivery.State.SENT] for counts in self.outcomes.values())

    def lines(self) -> list[str]:
        """One line per edition that was worked on, and a total."""
        lines = [
            f"{edition}: " + ", ".join(f"{n} {state}" for state, n in counts.items())
            for edition, counts in sorted(self.outcomes.items())
        ]
        return [*lines, f"{self.fixed} editions fixed, {self.sent} digests sent."]


def run(now: dt.datetime | None = None, *, most: int | None = None) -> Report:
    """Plan and send what is due. Safe to run twice, at once, and after a crash.

    ``now`` stands in for the clock; ``most`` ends the run after so many deliveries,
    and the next one goes on from there. Without a key ring nothing goes out.
    """
    report = Report(fixed=plan(now or timezone.now()))
    if not settings.ALIAS_KEYS:
        return report
    rendered: Rendered = {}
    for delivery in islice(_claimed(now), most):
        edition = str(delivery.edition)
        report.outcomes[edition][send(delivery, now, rendered)] += 1
    return report


def plan(now: dt.datetime) -> int:
    """Fix the editions that are due, with a delivery per member; returns how many.

    A period is due from its moment until its local day ends. After that it is left
    out, and its threads come with the next one.
    """
    if not settings.ALIAS_KEYS:
        return 0
    local = timezone.localtime(now, timezone.get_default_timezone())
    until = live.room_number()
    fixed = 0
    for frequency, (weekdays, moment) in MOMENTS.items():
        if local.weekday() not in weekdays or local.time() < moment:
            continue
        for language, variant in product(Language.values, Edition.Variant.values):
            series = Edition.objects.filter(
                frequency=frequency, language=language, variant=variant
            )
            if series.filter(period=local.date()).exists():
                continue
            edition = Edition(
                frequency=frequency,
                language=language,
                variant=variant,
                period=local.date(),
                until=until,
            )
            fixed += _fix(edition, series, now)
    return fixed


def pass_over(now: dt.datetime) -> int:
    """Count what stands there as told: nothing of it is mailed from here on.

    For a room that was restored, which does not know what went out since its backup.
    Unfinished deliveries are skipped; returns how many. A period without an edition
    gets an empty one up to here.
    """
    day = timezone.localtime(now, timezone.get_default_timezone()).date()
    until = live.room_number()
    for frequency, language, variant in product(
        MOMENTS, Language.values, Edition.Variant.values
    ):
        Edition.objects.get_or_create(
            frequency=frequency,
            language=language,
            variant=variant,
            period=day,
            defaults={"after": until, "until": until},
        )
    return Delivery.objects.filter(state__in=UNFINISHED).update(
        state=Delivery.State.SKIPPED, due_at=NEVER_DUE
    )


def _fix(edition: Edition, series: QuerySet[Edition], now: dt.datetime) -> bool:
    """Write the edition and its deliveries, all or nothing; false if it was there.

    Two runs at once: the unique row decides, and the later one waits for the earlier.
    """
    previous = series.filter(period__lt=edition.period).order_by("-period").first()
    edition.after = previous.until if previous else 0
    try:
        with transaction.atomic():
            edition.save(force_insert=True)
            if _threads(edition).exists():
                _address(edition, now)
    except IntegrityError:
        if not series.filter(period=edition.period).exists():
            raise
        return False
    return True


def _address(edition: Edition, now: dt.datetime) -> None:
    members = (
        Member.objects.filter(
            is_active=True,
            admitted_on__isnull=False,
            digest_frequency=edition.frequency,
            digest_has_titles=edition.variant == Edition.Variant.TITLES,
            language=edition.language,
        )
        .values_list("pk", flat=True)
        .iterator(BATCH)
    )
    while batch := list(islice(members, BATCH)):
        Delivery.objects.bulk_create(
            Delivery(edition=edition, member_id=pk, due_at=now) for pk in batch
        )


def _threads(edition: Edition) -> QuerySet[Thread]:
    """The edition's threads as far as they can be read at this moment."""
    return Thread.objects.listed().filter(
        published_number__gt=edition.after, published_number__lte=edition.until
    )


def _claimed(now: dt.datetime | None) -> Iterator[Delivery]:
    """Deliveries that are due and that this run won, until there are none left."""
    while True:
        due = Delivery.objects.filter(
            state__in=UNFINISHED, due_at__lte=now or timezone.now()
        ).select_related("edition")
        batch = list(due.order_by("due_at", "pk")[:BATCH])
        if not batch:
            return
        for delivery in batch:
            if claim(delivery, now):
                yield delivery


def claim(delivery: Delivery, now: dt.datetime | None = None) -> bool:
    """pending → sending under a lease; true when we won.

    A crash leaves the row as sending; it can be claimed again when the lease ends.
    """
    now = now or timezone.now()
    lease = now + outbox.LEASE
    won = Delivery.objects.filter(
        pk=delivery.pk, state__in=UNFINISHED, due_at=delivery.due_at, due_at__lte=now
    ).update(state=Delivery.State.SENDING, due_at=lease, tries=F("tries") + 1)
    if won:
        delivery.state, delivery.due_at = Delivery.State.SENDING, lease
        delivery.tries += 1
    return bool(won)


def compose(
    edition: Edition,
    categories: list[str],
    *,
    has_titles: bool,
    rendered: Rendered | None = None,
) -> Parts | None:
    """What ``edition`` tells now about ``categories`` (all when empty); reads only.

    None when nothing of it can be read any more. Rendered once for everybody to whom
    it tells the same: ``rendered`` keeps that during a run.
    """
    threads = _threads(edition)
    if categories:
        threads = threads.filter(category__in=categories)
    if not threads.exists():
        return None
    told = tuple(
        threads.order_by("published_number").values_list("category", "title", "ask")
        if has_titles
        else ()
    )
    rendered = {} if rendered is None else rendered
    key = (edition.pk, told)
    if key not in rendered:
        context = {
            "name": NAME,
            "unsubscribe": LINK,
            "frequency": edition.frequency,
            "themes": _by_theme(told),
        }
        rendered[key] = Parts(
            *mail.render("forum/emails/digest", context, language=edition.language)
        )
    return rendered[key]


def _by_theme(told: tuple[tuple[str, str, str], ...]) -> list[tuple[object, object]]:
    """Names of themes with what is asked there, in the order of the list of themes."""
    order = list(Category)
    lines = [
        (order.index(Category(category)), {"title": title, "asks": Ask(ask).short})
        for category, title, ask in told
    ]
    lines.sort(key=lambda line: line[0])
    return [
        (order[place].label, [line for _place, line in group])
        for place, group in groupby(lines, key=lambda line: line[0])
    ]


def send(
    delivery: Delivery,
    now: dt.datetime | None = None,
    rendered: Rendered | None = None,
) -> str:
    """Send one claimed delivery; returns the state that it has then.

    The member's settings and the threads are read again here. Nothing to tell, or
    nobody to tell it to: skipped. A server that does not take it: pending again after
    a pause, and failed after eight tries or when the address is refused for good.
    """
    member = Member.objects.filter(pk=delivery.member_id).first()
    edition = delivery.edition
    if delivery.tries > outbox.MOST_TRIES:
        return _finish(delivery, Delivery.State.FAILED)
    if (
        member is None
        or not member.is_admitted
        or member.digest_frequency == Frequency.NEVER
    ):
        return _finish(delivery, Delivery.State.SKIPPED)
    # Who chose against titles after the plan was made gets none.
    has_titles = edition.variant == Edition.Variant.TITLES and member.digest_has_titles
    parts = compose(
        edition, member.digest_categories, has_titles=has_titles, rendered=rendered
    )
    if parts is None:
        return _finish(delivery, Delivery.State.SKIPPED)
    link = links.unsubscribe_address(member.pk)
    name = member.display_name
    try:
        outbox.deliver(
            member.email,
            parts.subject,
            parts.text_for(name, link),
            parts.html_for(name, link),
            _headers(link),
            key=delivery.pk,
        )
    except (OSError, smtplib.SMTPException) as error:
        return _put_back(delivery, error, now or timezone.now())
    return _finish(delivery, Delivery.State.SENT)


def _headers(link: str) -> dict[str, str]:
    """RFC 2369 and 8058 (one-click unsubscribe), RFC 2919 (which list this is)."""
    return {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<digest.{urlsplit(settings.ORIGIN).hostname}>",
    }


def _put_back(delivery: Delivery, error: Exception, now: dt.datetime) -> str:
    log.warning("digest not taken %s", type(error).__name__)
    if delivery.tries >= outbox.MOST_TRIES or outbox.is_permanent(error):
        return _finish(delivery, Delivery.State.FAILED)
    pause = outbox.FIRST_PAUSE * 2**delivery.tries
    return _finish(delivery, Delivery.State.PENDING, now + pause)


def _finish(delivery: Delivery, state: str, due_at: dt.datetime = NEVER_DUE) -> str:
    """sending → ``state``, unless the lease ended and another run has the row."""
    Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.SENDING, due_at=delivery.due_at
    ).update(state=state, due_at=due_at)
    return state

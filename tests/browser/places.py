"""Every page of the room with somebody who sees it, for pictures and for axe.

`furnish` gives the demo what it lacks: something of every state that a page can show.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.conftest import PASSWORD, Room

VISITOR = ""
MEMBER = "lid@voorbeeld.nl"
MODERATOR = "moderator@voorbeeld.nl"
NEWCOMER = "nieuw@voorbeeld.nl"
APPLICANT = "anna@voorbeeld.nl"
WITH_FACTOR = "tjeerd@voorbeeld.nl"
CUSTODIAN = "oscar@voorbeeld.nl"
SEED = "JBSWY3DPEHPK3PXP"  # of the custodian's authenticator
QUIET = "yvonne@voorbeeld.nl"

# Prints the ids that the addresses below need.
FURNISH = """
import datetime as dt, json, secrets, django
django.setup()
from django.utils import timezone
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from accounts import drafts, joining, links
from accounts.models import Application, Member
from accounts.signals import application_sent
from forum import asking, posting, reacting, resting, subscribing
from forum.models import Ask, Post, ReactionWord, Thread
from forum.models.reasons import Reason
from moderation import deciding, record
from moderation.flagging import flag_post
from moderation.models import Ground, ReviewItem, UnsealingLink, UnsealingRequest

def member(name):
    return Member.objects.get(email=name + "@voorbeeld.nl")

lid, moderator, other = member("lid"), member("moderator"), member("moderator2")
# Readers of a narrow screen meet long words and addresses.
LONG = ("Wij hebben een medezeggenschapsraadsverkiezingscommissie, en daarna: "
        "https://www.voorbeeld.nl/een/heel/lang/adres/zonder/een/enkele/rustplaats/"
        "waarover-wij-niet-onderhandelen\\n\\n> Een zin van een ander.\\n\\n"
        "1. Eerst dit\\n2. Dan dat\\n\\n**Vet** en `code`.")

def reply(by, thread, source, kind="experience", under_alias=False, answers=None):
    return posting.add_reply(by=member(by), thread=thread, kind=kind, source=source,
        answers=answers, under_alias=under_alias, form_key=secrets.token_hex(16)).post

def item(post):
    return ReviewItem.objects.exclude(state="closed").get(post=post)

rested = posting.start_thread(by=member("ilse"), title="Laat ik dit rusten?",
    category="self", ask="look_back", source="Het ging over mij. " * 15,
    under_alias=False, form_key=secrets.token_hex(16)).post
Thread.objects.filter(pk=rested.thread_id).update(
    risen_on=timezone.localdate() - dt.timedelta(60))
resting.ask_outcomes(timezone.localdate())
resting.rest_quiet(timezone.localdate())
# A thread of its own, so that nobody wrote there in the other way before.
first = posting.start_thread(by=member("ilse"), title="Zeg ik het mijn bestuur, of "
    "wacht ik op de medezeggenschapsraadsvergadering?", category="board", ask="advice",
    source="Ik geloof er niet in. " * 12, under_alias=True,
    form_key=secrets.token_hex(16)).post.thread
second = posting.start_thread(by=member("ilse"), title="Wie belt de ouders?",
    category="parents", ask="experiences", source="Ik stel het steeds uit. " * 12,
    under_alias=False, form_key=secrets.token_hex(16)).post.thread
told = posting.start_thread(by=member("ilse"), title="Kies ik voor de rust, of voor "
    "dit ene kind?", category="care", ask="listen",
    source="Het begon in de gang, en daarna bleef het stil. " * 6, under_alias=False,
    details={"pull_a": "…wil ik loyaal zijn aan wat we afspraken.",
        "pull_b": "…zie ik dat dit kind **niet** kan wachten.",
        "people": "De kinderen uit de groep, hun leerkracht, en ik.",
        "tried": "- Met drie mensen apart gesproken\\n- Een nacht geslapen",
        "touches": "Ik slaap er slecht van.", "timing": "soon"},
    form_key=secrets.token_hex(16)).post
question = reply("wendy", told.thread, "Wat zou er gebeuren als je wacht?", "question")
asking.change_ask(by=member("ilse"), dilemma=told, ask=Ask.QUESTIONS)
asking.mark_question(by=member("ilse"), dilemma=told, question=question, is_warm=True)
shown = reply("karin", first, LONG, kind="pointer")
owned = reply("lid", first, "Bij mij kostte het een jaar, en het was het waard.",
    under_alias=True)
reply("wendy", first, "Wat kostte het je precies?", kind="question", answers=owned)
for name, word in [("wendy", "recognise"), ("dirk", "recognise"),
    ("petra", "recognise"), ("karin", "feel"), ("yvonne", "feel")]:
    reacting.react(by=member(name), post=owned, word=ReactionWord(word))
changed = reply("saskia", first, "Ik zou het zeggen.")
changed = posting.edit_post(by=member("saskia"), post=changed, version=1,
    source="Ik zou het vandaag zeggen, en wel aan iedereen tegelijk.")
posting.edit_post(by=member("saskia"), post=changed, version=2,
    source="Ik heb het toen gezegd, en dat kostte me een slechte nacht.")
subscribing.mark_unread(by=member("mehmet"), post=owned)
gone = reply("dirk", first, "Dit haal ik zo weg.")
posting.withdraw_post(by=member("dirk"), post=gone)
named = Post.objects.get(author=lid, kind="dilemma")
returned = reply("lid", second, "Jij bent ook gewoon te zacht voor dit vak.", kind="support")
flag_post(by=member("petra"), post=returned, reason=Reason.R01, note="Dit doet pijn.")
sent_back = item(returned)
deciding.claim(by=moderator, item=sent_back)
deciding.return_for_edit(by=moderator, item=sent_back, version=1, reason=Reason.R01,
    message="Dag Marit,\\n\\nJe schrijft over de persoon. Wil je vertellen wat je zag?")
held = reply("nieuw", first, "Ik ben hier net. Dit herken ik van mijn vorige school.")
flagged = Post.objects.filter(kind="perspective", state="published").first()
flag_post(by=lid, post=flagged, reason=Reason.R04, note="Ik herken dit kind.")
flag_post(by=member("petra"), post=shown, reason=Reason.R13)
taken = item(shown)
deciding.claim(by=moderator, item=taken)
followed = Thread.objects.filter(ask="experiences").first()
subscribing.follow(by=lid, thread=followed, on=True)
subscribing.save(by=lid, thread=followed, on=True)
slot = drafts.save_draft(lid, {"thread": "", "title": "Zeg ik het mijn team?",
    "category": "team", "ask": "advice", "source": "Het begon in de gang."}).slot
told_draft = drafts.save_draft(lid, {"thread": "", "title": "Wie belt er eerst?",
    "category": "parents", "ask": "listen", "source": "Ik stel het uit.",
    "tried": "Nog niets."}).slot
drafts.save_draft(lid, {"thread": first.pk, "kind": "support", "source": "Ik leef mee",
    "answers": ""})
applicant = joining.make_member(Member(email="anna@voorbeeld.nl",
    display_name="Anna", password=lid.password))
EmailAddress.objects.create(user=applicant, email=applicant.email, verified=True,
    primary=True)
application = Application.objects.create(member=applicant, full_name="Anna de Vries",
    work="director", proof_route="call", school="De Regenboog", board="Stichting Wit",
    motivation="Ik sta er alleen voor.", is_board_member=False)
application_sent.send(sender=None, application=application)
TOTP.activate(member("tjeerd"), generate_totp_secret())
custodian = member("oscar")
custodian.is_custodian = True
custodian.save()
TOTP.activate(custodian, "JBSWY3DPEHPK3PXP")
asked = UnsealingRequest.objects.create(post=owned, asked_by=member("vincent"),
    ground=Ground.ORDER, reason="De officier van justitie vraagt wie dit schreef. " * 3,
    expires_at=timezone.now() + dt.timedelta(7), ban_until=timezone.localdate())
record.append(UnsealingLink.Kind.ASKED, by=member("vincent"), request=asked)
print(json.dumps({
    "thread": first.pk, "outcome": Thread.objects.filter(has_outcome=True).first().pk,
    "rested": rested.thread_id, "rested_post": rested.pk,
    "own": named.pk, "own_thread": named.thread_id, "returned": returned.pk,
    "changed": changed.pk,
    "told": told_draft, "told_thread": told.thread_id, "told_post": told.pk,
    "question": question.pk, "shown": shown.pk, "owned": owned.pk, "draft": slot,
    "held_item": item(held).pk, "urgent_item": item(flagged).pk, "taken": taken.pk,
    "closed": sent_back.pk, "unsealing": asked.pk,
    "applicant_item": ReviewItem.objects.get(application=application).pk,
    "stop": links.make_token(links.UNSUBSCRIBE, lid.pk),
}))
"""


@dataclass(frozen=True)
class Place:
    """A page: what `address` answers to `who`, after `act` when there is one."""

    name: str
    who: str
    path: str
    act: Callable[[Page], None] | None = None
    # Whether no page before it has this route.
    is_first: bool = True

    def visit(self, page: Page, room: Room) -> None:
        if self.who == CUSTODIAN and "/2fa/authenticate/" in page.url:
            page.fill("input[name=code]", _code_now())
            _send(page)
        page.goto(room.url + self.path)
        if self.act:
            self.act(page)


def furnish(room: Room) -> list[Place]:
    """Every page, each with an address of its own."""
    ids = json.loads(room.python("-c", FURNISH))
    room.manage("invite_member", "gast@voorbeeld.nl")
    mail = room.wait_for_mail("gast@voorbeeld.nl")
    invitation = next(w for w in mail.split() if "/invitations/" in w)
    ids["invitation"] = invitation.rstrip("/").rsplit("/", 1)[1]
    kinds = set()
    places = []
    for name, who, path, act in _PLACES:
        kind = re.sub(r"{\w+}|\?.*", "", path)
        is_first = kind not in kinds
        kinds.add(kind)
        places.append(Place(name, who, path.format(**ids), act, is_first=is_first))
    return places


def _code_now() -> str:
    """What the custodian's authenticator shows (RFC 6238)."""
    counter = int(time.time()) // 30
    digest = hmac.digest(base64.b32decode(SEED), counter.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def _send(page: Page) -> None:
    """Press the page's own button, whatever the fields hold."""
    with page.expect_navigation():
        page.locator("main form :is(.button, .button-danger)").first.click()


def _apply_wrongly(page: Page) -> None:
    page.evaluate("document.querySelector('main form').noValidate = true")
    _send(page)


def _share_wrongly(page: Page) -> None:
    page.fill("input[name=title]", "Kort")
    page.fill("textarea[name=source]", "Te kort.")
    _send(page)


def _look_first(page: Page) -> None:
    page.fill("input[name=title]", "Volg ik het besluit, of het gevoel van mijn team?")
    page.fill("textarea[name=source]", "Het begon in de gang. **Niemand** zei iets.")
    _tell_more(page)
    page.fill("textarea[name=pull_a]", "…wil ik loyaal zijn.")
    page.fill("textarea[name=pull_b]", "…zie ik dat dit kind niet kan wachten.")
    page.fill("textarea[name=tried]", "Met drie mensen apart gesproken.")
    with page.expect_navigation():
        page.locator("button[name=preview]").click()


def _tell_more(page: Page) -> None:
    page.locator(".more-fields summary").click()


def _explain(page: Page) -> None:
    page.locator(".first-time summary").click()


def _look_first_reply(page: Page) -> None:
    page.locator("input[name=kind][value=support]").check()
    page.fill("#composer textarea[name=source]", "Ik leef *met je mee*.")
    with page.expect_navigation():
        page.locator("button[name=preview]").click()


def _ask_first(page: Page) -> None:
    page.locator("button[name=idea]").click()


def _clash(page: Page) -> None:
    """Another window goes on with the draft in between."""
    other = page.context.new_page()
    other.goto(page.url)
    for each, words in ((other, "Daar"), (page, "Hier")):
        each.locator("textarea[name=tried]").fill(words)
        each.locator("textarea[name=source]").focus()
        each.locator("[data-kept]:not(:empty), #conflict:not([hidden])").wait_for()
    other.close()


def _reply(page: Page) -> None:
    page.locator("input[name=kind][value=support]").check()
    page.fill("#composer textarea[name=source]", "Ik leef met je mee.")
    _send_composer(page)


def _send_composer(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#composer button.button").click()


def _select(page: Page) -> None:
    page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('.replies .text p'))"
    )
    page.locator(".quote-button").wait_for()


def _hide_name(page: Page) -> None:
    page.locator("input[name=under_alias]").check()
    page.locator("details.explain summary").click()


def _ask_for_mail(page: Page) -> None:
    page.fill("input[name=email]", "niemand@voorbeeld.nl")
    _send(page)


def _prove(page: Page) -> None:
    """Owner mode and the second factor ask for the password once more."""
    if page.locator("main input[name=password]").count():
        page.fill("main input[name=password]", PASSWORD)
        _send(page)


def _leave_wrongly(page: Page) -> None:
    _prove(page)
    _send(page)


def _with_factor(page: Page) -> None:
    page.fill("input[name=login]", WITH_FACTOR)
    page.fill("input[name=password]", PASSWORD)
    _send(page)


def _wrong_password(page: Page) -> None:
    page.fill("input[name=login]", MEMBER)
    page.fill("input[name=password]", "dat weet ik niet")
    _send(page)


def _reply_with_hints(page: Page) -> None:
    page.locator("#composer input[name=kind][value=support]").check()
    page.locator("#composer textarea[name=source]").fill(
        "Bij ons speelde dit ook, en toen zei juf Nelleke dat ze ermee stopte.\n\n"
        "Je had dit anders moeten aanpakken, denk ik."
    )
    _send_composer(page)


def _share_with_hints(page: Page) -> None:
    page.locator("input[name=title]").fill("Wat doe ik met de klacht?")
    page.locator("select[name=category]").select_option("parents")
    page.locator("input[name=ask][value=advice]").check()
    page.locator("input[name=is_clean]").check()
    page.locator("textarea[name=source]").fill(
        "De school in Zutphen wil hetzelfde. " + "Ik stel het gesprek steeds uit. " * 8
    )
    _send_composer(page)


def _flag(page: Page) -> None:
    page.locator("input[name=reason]").first.check()
    _send(page)


def _open_menu(page: Page) -> None:
    page.locator("details.menu summary").click()


_Row = tuple[str, str, str, Callable[[Page], None] | None]
_PLACES: list[_Row] = [
    ("landing", VISITOR, "/", None),
    ("sign-in", VISITOR, "/accounts/login/", None),
    ("sign-in-wrong", VISITOR, "/accounts/login/", _wrong_password),
    ("second-factor", VISITOR, "/accounts/login/", _with_factor),
    ("apply", VISITOR, "/apply/", None),
    ("apply-wrong", VISITOR, "/apply/", _apply_wrongly),
    ("invitation", VISITOR, "/invitations/{invitation}/", None),
    ("invitation-wrong", VISITOR, "/invitations/{invitation}/", _send),
    ("reset", VISITOR, "/accounts/password/reset/", None),
    ("reset-sent", VISITOR, "/accounts/password/reset/", _ask_for_mail),
    ("reset-over", VISITOR, "/accounts/password/reset/key/1-none/", None),
    ("inactive", VISITOR, "/accounts/inactive/", None),
    ("rules", VISITOR, "/rules/", None),
    ("anonymity", VISITOR, "/anonymity/", None),
    ("help", VISITOR, "/help/", None),
    ("privacy", VISITOR, "/privacy/", None),
    ("away", VISITOR, "/away/", None),
    ("stop-digest", VISITOR, "/mail/unsubscribe/{stop}/", None),
    ("demo-mail", VISITOR, "/demo/mail/", None),
    ("not-found", VISITOR, "/niets/", None),
    ("application", APPLICANT, "/application/", None),
    ("room", MEMBER, "/", None),
    ("room-menu", MEMBER, "/", _open_menu),
    ("room-theme", MEMBER, "/?theme=safety", None),
    ("room-unanswered", MEMBER, "/?view=unanswered", None),
    ("room-followed", MEMBER, "/?view=followed", None),
    ("room-mine", MEMBER, "/?view=mine", None),
    ("empty-followed", QUIET, "/?view=followed", None),
    ("empty-saved", QUIET, "/?view=saved", None),
    ("empty-theme", QUIET, "/?theme=equity&view=saved", None),
    ("search", MEMBER, "/search/", None),
    ("search-found", MEMBER, "/search/?q=ouders", None),
    ("search-nothing", QUIET, "/search/?q=kwikstaart", None),
    ("search-narrowed", QUIET, "/search/?q=kwikstaart&theme=money", None),
    ("search-too-common", QUIET, "/search/?q=de+het+een", None),
    ("search-too-long", QUIET, f"/search/?q={'vertel+' * 40}", None),
    ("thread", MEMBER, "/dilemmas/{thread}/", None),
    ("thread-alias", MEMBER, "/dilemmas/{thread}/", _hide_name),
    ("thread-answer", QUIET, "/dilemmas/{thread}/?answer={shown}", None),
    ("thread-unread", "mehmet@voorbeeld.nl", "/dilemmas/{thread}/", None),
    ("thread-quote", QUIET, "/dilemmas/{thread}/?quote={owned}", None),
    ("thread-selected", QUIET, "/dilemmas/{thread}/", _select),
    ("thread-preview", QUIET, "/dilemmas/{thread}/", _look_first_reply),
    ("thread-told", QUIET, "/dilemmas/{told_thread}/", None),
    ("thread-ask-first", QUIET, "/dilemmas/{told_thread}/", _ask_first),
    ("thread-outcome", MEMBER, "/dilemmas/{outcome}/", None),
    ("thread-rested", QUIET, "/dilemmas/{rested}/", None),
    ("thread-own", MEMBER, "/dilemmas/{own_thread}/", None),
    ("thread-wrong", QUIET, "/dilemmas/{thread}/", _send_composer),
    ("thread-hints", QUIET, "/dilemmas/{thread}/", _reply_with_hints),
    ("thread-sent", "esther@voorbeeld.nl", "/dilemmas/{outcome}/", _reply),
    ("thread-held", NEWCOMER, "/dilemmas/{outcome}/", _reply),
    ("share", MEMBER, "/dilemmas/new/", None),
    ("share-explained", QUIET, "/dilemmas/new/", _explain),
    ("share-more", QUIET, "/dilemmas/new/", _tell_more),
    ("share-preview", QUIET, "/dilemmas/new/", _look_first),
    ("share-wrong", MEMBER, "/dilemmas/new/", _share_wrongly),
    ("share-hints", MEMBER, "/dilemmas/new/", _share_with_hints),
    ("share-draft", MEMBER, "/dilemmas/new/?draft={draft}", None),
    ("share-conflict", MEMBER, "/dilemmas/new/?draft={told}", _clash),
    ("post", QUIET, "/posts/{shown}/", None),
    ("post-chosen", QUIET, "/posts/{owned}/", None),
    ("post-history", MEMBER, "/posts/{changed}/history/", None),
    ("post-history-empty", MEMBER, "/posts/{shown}/history/", None),
    ("post-alias", MEMBER, "/posts/{owned}/", None),
    ("post-own", MEMBER, "/posts/{own}/", None),
    ("post-returned", MEMBER, "/posts/{returned}/", None),
    ("post-edit", MEMBER, "/posts/{own}/edit/", None),
    ("post-asking", "ilse@voorbeeld.nl", "/posts/{told_post}/", None),
    ("post-edit-told", "ilse@voorbeeld.nl", "/posts/{told_post}/edit/", None),
    ("post-rested", "ilse@voorbeeld.nl", "/posts/{rested_post}/", None),
    ("outcome", "ilse@voorbeeld.nl", "/dilemmas/{rested}/outcome/", None),
    ("outcome-wrong", "ilse@voorbeeld.nl", "/dilemmas/{rested}/outcome/", _send),
    ("messages-asked", "ilse@voorbeeld.nl", "/notifications/", None),
    ("post-warm", "wendy@voorbeeld.nl", "/posts/{question}/", None),
    ("post-edit-returned", MEMBER, "/posts/{returned}/edit/", None),
    ("post-withdraw", MEMBER, "/posts/{own}/withdraw/", None),
    ("flag", QUIET, "/posts/{own}/flag/", None),
    ("flag-wrong", QUIET, "/posts/{own}/flag/", _send),
    ("flag-sent", "rachid@voorbeeld.nl", "/posts/{own}/flag/", _flag),
    ("mine", MEMBER, "/mine/", None),
    ("mine-empty", QUIET, "/mine/", None),
    ("flags", MEMBER, "/mine/flags/", None),
    ("flags-empty", QUIET, "/mine/flags/", None),
    ("drafts", MEMBER, "/drafts/", None),
    ("drafts-empty", QUIET, "/drafts/", None),
    ("messages", MEMBER, "/notifications/", None),
    ("messages-empty", QUIET, "/notifications/", None),
    ("confirm", QUIET, "/mine/anonymous/", None),
    ("confirm-wrong", QUIET, "/mine/anonymous/", _send),
    ("owned-empty", QUIET, "/mine/anonymous/", _prove),
    ("owned", MEMBER, "/mine/anonymous/", _prove),
    ("owned-post", MEMBER, "/mine/anonymous/{owned}/", _prove),
    ("owned-edit", MEMBER, "/mine/anonymous/{owned}/edit/", _prove),
    ("owned-withdraw", MEMBER, "/mine/anonymous/{owned}/withdraw/", _prove),
    ("owned-export", MEMBER, "/mine/anonymous/export/", _prove),
    ("detach", MEMBER, "/mine/anonymous/detach/", _prove),
    ("profile", MEMBER, "/settings/profile/", None),
    ("export", MEMBER, "/settings/export/", None),
    ("leave", MEMBER, "/settings/leave/", _prove),
    ("leave-wrong", MEMBER, "/settings/leave/", _leave_wrongly),
    ("hints", MEMBER, "/settings/hints/", None),
    ("mail", MEMBER, "/settings/mail/", None),
    ("address", MEMBER, "/accounts/email/", _prove),
    ("password", MEMBER, "/accounts/password/change/", _prove),
    ("password-wrong", MEMBER, "/accounts/password/change/", _apply_wrongly),
    ("security", MEMBER, "/accounts/2fa/", _prove),
    ("authenticator", MEMBER, "/accounts/2fa/totp/activate/", _prove),
    ("passkeys", MEMBER, "/accounts/2fa/webauthn/", _prove),
    ("passkey-add", MEMBER, "/accounts/2fa/webauthn/add/", _prove),
    ("again", MEMBER, "/accounts/reauthenticate/", None),
    ("sign-out", MEMBER, "/accounts/logout/", None),
    ("member-help", MEMBER, "/help/", None),
    ("member-not-found", MEMBER, "/dilemmas/aaaaaaaaaaaaaaaaaaaa/", None),
    ("member-forbidden", MEMBER, "/moderation/", None),
    ("queue", MODERATOR, "/moderation/", None),
    ("item-open", MODERATOR, "/moderation/items/{held_item}/", None),
    ("item-urgent", MODERATOR, "/moderation/items/{urgent_item}/", None),
    ("item-taken", MODERATOR, "/moderation/items/{taken}/", None),
    (
        "item-message",
        MODERATOR,
        "/moderation/items/{taken}/?act=return&reason=R13",
        None,
    ),
    (
        "item-warning",
        MODERATOR,
        "/moderation/items/{taken}/?act=warn&reason=R01",
        None,
    ),
    ("item-no-reason", MODERATOR, "/moderation/items/{taken}/?act=hide", None),
    ("item-colleague", "moderator2@voorbeeld.nl", "/moderation/items/{taken}/", None),
    ("item-closed", MODERATOR, "/moderation/items/{closed}/", None),
    ("item-application", MODERATOR, "/moderation/items/{applicant_item}/", None),
    ("decisions", MODERATOR, "/moderation/decisions/", None),
    ("factor-on", CUSTODIAN, "/accounts/2fa/", None),
    ("factor-off", CUSTODIAN, "/accounts/2fa/totp/deactivate/", _prove),
    ("recovery-new", CUSTODIAN, "/accounts/2fa/recovery-codes/generate/", _prove),
    ("recovery", CUSTODIAN, "/accounts/2fa/recovery-codes/generate/", _send),
    ("unsealing", CUSTODIAN, "/moderation/unsealing/", None),
    ("unsealing-record", CUSTODIAN, "/moderation/unsealing/record/", None),
    ("unsealing-request", CUSTODIAN, "/moderation/unsealing/{unsealing}/", None),
    ("unsealing-new", CUSTODIAN, "/moderation/unsealing/new/", None),
    ("unsealing-wrong", CUSTODIAN, "/moderation/unsealing/new/", _send),
    ("moderator-room", MODERATOR, "/", None),
]

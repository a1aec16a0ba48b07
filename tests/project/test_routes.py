from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from accounts.ids import random_id
from accounts.models import Member
from forum.models import Post
from moderation.models import Ground, ReviewItem, UnsealingRequest
from tests.accounts.database import everything
from tests.accounts.entering import Answer, give_second_factor
from tests.factories import PASSWORD, make_member, make_thread
from tests.people import ClientFor

PEOPLE = ("visitor", "applicant", "member", "moderator", "operator", "custodian")
Answers = tuple[str, str, str, str, str, str]
Places = dict[str, str]


def everybody(answer: str) -> Answers:
    return (answer, answer, answer, answer, answer, answer)


def signed_in(answer: str) -> Answers:
    """Whoever has an account, admitted or not."""
    return ("login", answer, answer, answer, answer, answer)


def guests(answer: str, else_to: str = "/") -> Answers:
    """Who is not signed in; others are sent on."""
    away = f"to {else_to}"
    return (answer, away, away, away, away, away)


def members(answer: str) -> Answers:
    return ("login", "application", answer, answer, answer, answer)


def author(answer: str) -> Answers:
    """The member who wrote it by name; for others it does not exist."""
    return ("login", "application", answer, "absent", "absent", "absent")


def moderators(answer: str) -> Answers:
    return ("login", "application", "forbidden", answer, "forbidden", "forbidden")


def custodians(answer: str) -> Answers:
    return ("login", "application", "forbidden", "forbidden", "forbidden", answer)


# What a GET of every route answers, in the order of PEOPLE. `page` is 200, `proof` is
# being asked for the password once more, `method` is 405: the route takes POST only.
ROUTES: dict[str, tuple[str, Answers]] = {
    "forum:thread_list": (
        "/",
        ("page", "application", "page", "page", "page", "page"),
    ),
    "forum:room_changes": ("/changes/", members("page")),
    "forum:thread_create": ("/dilemmas/new/", members("page")),
    "forum:thread_detail": ("/dilemmas/{thread}/", members("page")),
    "forum:thread_changes": ("/dilemmas/{thread}/changes/", members("page")),
    "forum:reply_create": (
        "/dilemmas/{thread}/replies/",
        members("to /dilemmas/{thread}/"),
    ),
    "forum:subscription": ("/dilemmas/{thread}/subscription/", members("method")),
    "forum:mute": ("/dilemmas/{thread}/mute/", members("method")),
    "forum:theme_subscription": ("/themes/team/subscription/", members("method")),
    "forum:bookmark": ("/dilemmas/{thread}/bookmark/", members("method")),
    "forum:read_mark": ("/dilemmas/{thread}/read/", members("method")),
    "forum:thread_ask": ("/dilemmas/{thread}/ask/", members("method")),
    "forum:thread_outcome": ("/dilemmas/{thread}/outcome/", author("page")),
    "forum:thread_wake": ("/dilemmas/{thread}/wake/", members("method")),
    "forum:owned_outcome": ("/mine/anonymous/{post}/outcome/", members("proof")),
    "forum:owned_wake": ("/mine/anonymous/{post}/wake/", members("proof")),
    "forum:post_marks": ("/posts/{post}/marks/", members("method")),
    "forum:owned_ask": ("/mine/anonymous/{post}/ask/", members("proof")),
    "forum:owned_marks": ("/mine/anonymous/{post}/marks/", members("proof")),
    "forum:post_detail": ("/posts/{post}/", members("page")),
    "forum:unread_mark": ("/posts/{post}/unread/", members("method")),
    "forum:post_history": ("/posts/{post}/history/", members("page")),
    "forum:reaction": ("/posts/{post}/reaction/", members("method")),
    "forum:post_edit": ("/posts/{post}/edit/", author("page")),
    "forum:post_withdraw": ("/posts/{post}/withdraw/", author("page")),
    "forum:mine_list": ("/mine/", members("page")),
    "forum:owned_list": ("/mine/anonymous/", members("proof")),
    "forum:owned_detail": ("/mine/anonymous/{post}/", members("proof")),
    "forum:owned_edit": ("/mine/anonymous/{post}/edit/", members("proof")),
    "forum:owned_withdraw": ("/mine/anonymous/{post}/withdraw/", members("proof")),
    "forum:notification_list": ("/notifications/", members("page")),
    "forum:hint_list": ("/settings/hints/", members("page")),
    "forum:search_results": ("/search/", members("page")),
    "forum:draft_list": ("/drafts/", members("page")),
    "forum:draft_save": ("/drafts/save/", members("method")),
    "forum:draft_delete": ("/drafts/1/delete/", members("method")),
    "moderation:review_item_list": ("/moderation/", moderators("page")),
    "moderation:queue_changes": ("/moderation/changes/", moderators("page")),
    "moderation:review_item_detail": ("/moderation/items/{item}/", moderators("page")),
    "moderation:claim_create": (
        "/moderation/items/{item}/claim/",
        moderators("method"),
    ),
    "moderation:decision_create": (
        "/moderation/items/{item}/decision/",
        moderators("method"),
    ),
    "moderation:decision_list": ("/moderation/decisions/", moderators("page")),
    "moderation:flag_create": ("/posts/{post}/flag/", members("page")),
    "moderation:flag_list": ("/mine/flags/", members("page")),
    "moderation:unsealing_list": ("/moderation/unsealing/", custodians("page")),
    "moderation:unsealing_create": ("/moderation/unsealing/new/", custodians("page")),
    "moderation:unsealing_record": (
        "/moderation/unsealing/record/",
        custodians("page"),
    ),
    "moderation:unsealing_detail": (
        "/moderation/unsealing/{request}/",
        custodians("page"),
    ),
    "moderation:unsealing_confirmation": (
        "/moderation/unsealing/{request}/confirmation/",
        custodians("method"),
    ),
    "moderation:unsealing_approval": (
        "/moderation/unsealing/{request}/approval/",
        custodians("method"),
    ),
    "moderation:unsealing_refusal": (
        "/moderation/unsealing/{request}/refusal/",
        custodians("method"),
    ),
    "moderation:unsealing_opening": (
        "/moderation/unsealing/{request}/opening/",
        custodians("method"),
    ),
    "moderation:unsealing_showing": (
        "/moderation/unsealing/{request}/showing/",
        custodians("method"),
    ),
    "moderation:notice_detail": ("/mine/unsealings/{request}/", members("proof")),
    "moderation:notice_create": ("/mine/unsealings/{request}/read/", members("method")),
    "accounts:application_create": ("/apply/", guests("page")),
    "accounts:application_detail": (
        "/application/",
        ("login", "page", "to /", "to /", "to /", "to /"),
    ),
    "accounts:invitation_detail": ("/invitations/{absent}/", everybody("absent")),
    "accounts:owner_confirm": ("/mine/anonymous/confirm/", members("page")),
    "accounts:detach": ("/mine/anonymous/detach/", members("proof")),
    "own:owned_export": ("/mine/anonymous/export/", members("proof")),
    "own:export": ("/settings/export/", members("page")),
    "own:leave": ("/settings/leave/", members("proof")),
    "accounts:settings_profile": ("/settings/profile/", members("page")),
    "accounts:settings_mail": ("/settings/mail/", members("page")),
    "accounts:unsubscribe": ("/mail/unsubscribe/{absent}/", everybody("absent")),
    # A page that says the link does not work.
    "accounts:password_reset_from_key": (
        "/accounts/password/reset/key/{absent}-key/",
        everybody("page"),
    ),
    "pages:rules": ("/rules/", everybody("page")),
    "pages:anonymity": ("/anonymity/", everybody("page")),
    "pages:help": ("/help/", everybody("page")),
    "pages:privacy": ("/privacy/", everybody("page")),
    "pages:away": ("/away/", everybody("page")),
    "set_language": ("/language/", everybody("method")),
    "healthz": ("/healthz/", everybody("page")),
    # The demo's alone.
    "demo_mail": ("/demo/mail/", everybody("absent")),
    "account_login": ("/accounts/login/", guests("page")),
    "account_logout": (
        "/accounts/logout/",
        ("to /", "page", "page", "page", "page", "page"),
    ),
    "account_inactive": ("/accounts/inactive/", everybody("page")),
    "account_reauthenticate": ("/accounts/reauthenticate/", signed_in("page")),
    "account_email": ("/accounts/email/", signed_in("page")),
    "account_email_verification_sent": (
        "/accounts/confirm-email/",
        guests("login", "/accounts/email/"),
    ),
    "account_change_password": ("/accounts/password/change/", signed_in("page")),
    "account_set_password": (
        "/accounts/password/set/",
        signed_in("to /accounts/password/change/"),
    ),
    "account_reset_password": ("/accounts/password/reset/", everybody("page")),
    "account_reset_password_done": (
        "/accounts/password/reset/done/",
        everybody("page"),
    ),
    "account_reset_password_from_key_done": (
        "/accounts/password/reset/key/done/",
        everybody("page"),
    ),
    "account_confirm_login_code": ("/accounts/login/code/confirm/", guests("login")),
    "mfa_index": ("/accounts/2fa/", signed_in("page")),
    "mfa_authenticate": ("/accounts/2fa/authenticate/", guests("login")),
    # Whoever has no authenticator proves it by password.
    "mfa_reauthenticate": (
        "/accounts/2fa/reauthenticate/",
        ("login", "proof", "proof", "page", "proof", "page"),
    ),
    "mfa_activate_totp": ("/accounts/2fa/totp/activate/", signed_in("proof")),
    "mfa_deactivate_totp": (
        "/accounts/2fa/totp/deactivate/",
        ("login", "absent", "absent", "proof", "absent", "proof"),
    ),
    "mfa_view_recovery_codes": ("/accounts/2fa/recovery-codes/", signed_in("absent")),
    "mfa_generate_recovery_codes": (
        "/accounts/2fa/recovery-codes/generate/",
        signed_in("proof"),
    ),
    "mfa_download_recovery_codes": (
        "/accounts/2fa/recovery-codes/download/",
        signed_in("absent"),
    ),
    "mfa_list_webauthn": ("/accounts/2fa/webauthn/", signed_in("page")),
    "mfa_add_webauthn": ("/accounts/2fa/webauthn/add/", signed_in("proof")),
    "mfa_reauthenticate_webauthn": (
        "/accounts/2fa/webauthn/reauthenticate/",
        signed_in("proof"),
    ),
    "mfa_remove_webauthn": (
        "/accounts/2fa/webauthn/keys/1/remove/",
        signed_in("proof"),
    ),
    "mfa_edit_webauthn": ("/accounts/2fa/webauthn/keys/1/edit/", signed_in("proof")),
    "mfa_login_webauthn": ("/accounts/2fa/webauthn/login/", guests("login")),
}
# Routes of the library that stand behind one of ours at the same address.
SHADOWED = {
    "account_signup": "/accounts/signup/",
    "account_reset_password_from_key": "/accounts/password/reset/key/{absent}-key/",
}
# A mail program sends its POST without a cookie; the token in it is the proof.
WITHOUT_FORM_TOKEN = {"accounts:unsubscribe"}


def all_routes(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[str]:
    """The names of all routes, those of django-allauth included."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from all_routes(pattern.url_patterns, inner)
        else:
            yield prefix + (pattern.name or str(pattern.pattern))


def answer_of(response: Answer) -> str:
    """The class of an answer, in the words of the table."""
    words = {200: "page", 403: "forbidden", 404: "absent", 405: "method"}
    if response.status_code != 302:
        return words.get(response.status_code, str(response.status_code))
    path = urlsplit(response["Location"]).path
    known = {
        "/accounts/login/": "login",
        "/application/": "application",
        "/mine/anonymous/confirm/": "proof",
        "/accounts/reauthenticate/": "proof",
        "/accounts/2fa/reauthenticate/": "proof",
    }
    return known.get(path, f"to {path}")


@pytest.fixture
def post(member: Member) -> Post:
    """A named text of the member, in a thread of their own."""
    return make_thread(member).posts.get()


@pytest.fixture
def places(post: Post, newcomer: Member) -> Places:
    """What stands in the addresses of the table."""
    make_thread(newcomer)  # Held, so that there is something to review.
    unsealing_request = UnsealingRequest.objects.create(
        post=make_thread(newcomer, under_alias=True).posts.get(),
        ground=Ground.ORDER,
        reason="Een bevel.",
        expires_at=timezone.now() + dt.timedelta(days=7),
    )
    return {
        "request": unsealing_request.pk,
        "thread": post.thread_id,
        "post": post.pk,
        "item": ReviewItem.objects.get().pk,
        "absent": random_id(),
    }


@pytest.fixture
def people(applicant: Member, member: Member, moderator: Member) -> dict[str, Member]:
    give_second_factor(moderator)
    custodian = make_member(display_name="Carla", is_custodian=True)
    give_second_factor(custodian)
    return {
        "applicant": applicant,
        "member": member,
        "moderator": moderator,
        "operator": make_member(display_name="Omar", is_operator=True),
        "custodian": custodian,
    }


def test_every_route_is_in_the_table() -> None:
    found = list(all_routes())

    assert set(found) - {"accounts/signup/"} == {*ROUTES, *SHADOWED}
    assert len(found) == len(set(found))


def test_every_address_of_the_table_leads_to_its_route(places: Places) -> None:
    for name, (path, _answers) in ROUTES.items():
        assert resolve(path.format(**places)).view_name == name


@pytest.mark.parametrize("who", PEOPLE)
def test_route_answers_as_the_table_says(
    places: Places, people: dict[str, Member], client_for: ClientFor, who: str
) -> None:
    expected, found = {}, {}
    for name, (path, answers) in ROUTES.items():
        client = client_for(people[who]) if who in people else Client()
        expected[name] = answers[PEOPLE.index(who)].format(**places)
        found[name] = answer_of(client.get(path.format(**places)))

    assert found == expected


def test_old_name_of_applying_leads_everybody_to_the_application(
    member: Member, client_for: ClientFor
) -> None:
    for client in (Client(), client_for(member)):
        assert client.get(SHADOWED["account_signup"])["Location"] == "/apply/"


def test_library_does_not_answer_where_ours_stands(places: Places) -> None:
    for path in SHADOWED.values():
        match = resolve(path.format(**places))
        assert not match.func.__module__.startswith("allauth.")


def closed_routes(places: Places) -> Iterator[tuple[str, str]]:
    """Routes that send a visitor to the sign-in page, with their address."""
    for name, (path, answers) in ROUTES.items():
        if answers[0] == "login" and answers[1] != "to /":
            yield name, path.format(**places)


def test_visitor_who_sends_something_is_refused_and_nothing_is_written(
    places: Places,
) -> None:
    routes = dict(closed_routes(places))
    del routes["account_email_verification_sent"]  # Open while a code is awaited.
    before = everything()

    found = {name: Client().post(path).status_code for name, path in routes.items()}

    assert len(routes) > 30
    assert found == dict.fromkeys(routes, 403)
    assert everything() == before


def test_applicant_who_sends_something_is_shown_the_application(
    places: Places, applicant: Member, client_for: ClientFor
) -> None:
    routes = {
        name: path
        for name, path in closed_routes(places)
        if ROUTES[name][1][1] == "application"
    }
    client = client_for(applicant)
    before = everything()

    found = {name: answer_of(client.post(path)) for name, path in routes.items()}

    assert len(routes) > 20
    assert found == dict.fromkeys(routes, "application")
    assert everything() == before


def test_form_without_its_token_is_refused_everywhere(
    places: Places, member: Member
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    before = everything()

    accepted = {
        name
        for name, (path, _answers) in ROUTES.items()
        if client.post(path.format(**places)).status_code != 403
    }

    assert accepted == WITHOUT_FORM_TOKEN
    assert everything() == before


@pytest.mark.parametrize("who", ["member", "moderator"])
def test_unknown_id_is_absent_where_a_known_one_is_found(
    places: Places, people: dict[str, Member], client_for: ClientFor, who: str
) -> None:
    unknown = dict.fromkeys(places, places["absent"])
    client = client_for(people[who])
    checked = 0
    for path, answers in ROUTES.values():
        if "{" in path and answers[PEOPLE.index(who)] == "page":
            answer = answer_of(client.get(path.format(**unknown)))
            checked += 1
            # A link that does not work any more is said on a page of its own.
            assert answer == ("page" if "reset" in path else "absent"), path

    assert checked >= 5


def test_public_addresses_of_an_anonymous_text_are_absent_for_its_author_too(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    hidden = make_thread(member, under_alias=True).posts.get()

    for who in (member, other_member):
        client = client_for(who)
        assert client.get(f"/posts/{hidden.pk}/").status_code == 200
        for page in ("edit", "withdraw"):
            assert client.get(f"/posts/{hidden.pk}/{page}/").status_code == 404


def test_moderator_without_a_second_factor_is_sent_to_make_one(
    places: Places, moderator: Member, client_for: ClientFor
) -> None:
    client = client_for(moderator)

    for path, answers in ROUTES.values():
        if answers == moderators(answers[3]):
            answer = answer_of(client.get(path.format(**places)))
            assert answer == "to /accounts/2fa/", path


def test_custodian_without_a_second_factor_is_sent_to_make_one(
    places: Places, client_for: ClientFor
) -> None:
    client = client_for(make_member(is_custodian=True))
    checked = 0

    for path, answers in ROUTES.values():
        if answers == custodians(answers[5]):
            checked += 1
            answer = answer_of(client.get(path.format(**places)))
            assert answer == "to /accounts/2fa/", path

    assert checked == 9


def test_closed_account_finds_every_door_shut(
    places: Places, member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    member.is_active = False
    member.save()

    found = {name: answer_of(client.get(path)) for name, path in closed_routes(places)}

    assert found == dict.fromkeys(found, "login")


def test_pages_behind_a_proof_open_after_it(
    places: Places, member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    found = {
        name: answer_of(client.get(path))
        for name, path in closed_routes(places)
        if name.startswith("mfa_") and ROUTES[name][1][2] == "proof"
    }

    assert found == {
        "mfa_reauthenticate": "proof",
        "mfa_reauthenticate_webauthn": "proof",
        "mfa_activate_totp": "page",
        "mfa_add_webauthn": "page",
        "mfa_generate_recovery_codes": "page",
        # The member has no key yet.
        "mfa_remove_webauthn": "absent",
        "mfa_edit_webauthn": "absent",
    }


def test_nobody_signs_in_with_a_mailed_code() -> None:
    assert "account_request_login_code" not in set(all_routes())

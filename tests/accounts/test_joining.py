from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from accounts import joining
from accounts.models import Application, Invitation, Member, Outgoing
from moderation.models import ReviewItem
from tests.accounts.entering import APPLICATION, apply, mailed, without_tokens
from tests.factories import PASSWORD
from tests.people import ClientFor

EMAIL = APPLICATION["email"]
CODE_PAGE = "/accounts/confirm-email/"
CODE = r"(?m)^([A-Z0-9][A-Z0-9-]{4,})$"
WELCOME = {"display_name": "Nadia", "password": PASSWORD, "keeps_rules": "on"}

pytestmark = pytest.mark.django_db


def confirm(client: Client) -> str:
    """Fill in the mailed code; returns where that leads."""
    answer = client.post(CODE_PAGE, {"code": mailed(EMAIL, CODE)})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_application_with_its_code_leads_to_the_page_that_shows_its_state(
    client: Client,
) -> None:
    assert apply(client)["Location"] == CODE_PAGE
    assert client.get(CODE_PAGE).status_code == 200

    assert confirm(client) == "/application/"

    page = client.get("/application/")
    assert page.status_code == 200
    assert page.context["application"].state == Application.State.OPEN


def test_application_keeps_what_was_told(client: Client) -> None:
    apply(client, board="Stichting Noord", motivation="Een stille kamer.")

    application = Application.objects.get()
    assert application.full_name == "Anna de Vries"
    assert application.school == "De Regenboog"
    assert application.board == "Stichting Noord"
    assert application.motivation == "Een stille kamer."
    assert not application.is_board_member
    assert application.member.display_name == "Anna"
    assert application.member.region == "north"
    assert application.member.admitted_on is None


def test_applicant_without_the_code_is_not_signed_in(client: Client) -> None:
    apply(client)

    client.post(CODE_PAGE, {"code": "WRONG1"})

    assert client.get("/application/").status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "missing",
    [
        "full_name",
        "display_name",
        "email",
        "password1",
        "work",
        "proof_route",
        "school",
        "region",
        "is_board_member",
        "keeps_rules",
        "read_privacy",
    ],
)
def test_missing_field_is_said_on_the_page_and_the_text_is_kept(
    client: Client, missing: str
) -> None:
    answer = apply(client, **{missing: None, "motivation": "Een stille kamer."})

    page = answer.content.decode()
    assert answer.status_code in {200, 422}
    assert set(answer.context["form"].errors) == {missing}
    assert answer.context["form"].errors[missing][0] in page
    assert "Een stille kamer." in page
    assert not Member.objects.exists()
    assert not Outgoing.objects.exists()


def test_too_simple_password_is_said_on_the_page(client: Client) -> None:
    answer = apply(client, password1="kort")

    assert "password1" in answer.context["form"].errors
    assert not Member.objects.exists()


def test_known_address_is_answered_like_an_unknown_one(
    client: Client, member: Member
) -> None:
    elsewhere = Client()
    pairs = [
        (apply(client), apply(elsewhere, email=member.email)),
        (client.get(CODE_PAGE), elsewhere.get(CODE_PAGE)),
        (
            client.post(CODE_PAGE, {"code": "WRONG1"}),
            elsewhere.post(CODE_PAGE, {"code": "WRONG1"}),
        ),
    ]

    for unknown, known in pairs:
        assert known.status_code == unknown.status_code
        assert known.headers.get("Location") == unknown.headers.get("Location")
        theirs = without_tokens(known).replace(member.email, EMAIL)
        assert theirs == without_tokens(unknown)


def test_application_with_a_known_address_changes_nothing_for_its_member(
    client: Client, member: Member
) -> None:
    apply(client, email=member.email, password1="een heel ander wachtwoord")

    assert Member.objects.get().check_password(PASSWORD)
    assert not Application.objects.exists()
    assert Outgoing.objects.get().recipient == member.email


def test_forgotten_password_is_answered_alike_for_known_and_unknown_addresses(
    client: Client, member: Member
) -> None:
    known, unknown = (
        client.post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in (member.email, "niemand@school.example")
    )

    assert known.redirect_chain == unknown.redirect_chain
    assert without_tokens(known) == without_tokens(unknown)
    assert Outgoing.objects.get().recipient == member.email


@pytest.mark.parametrize(
    "path",
    ["/", "/dilemmas/new/", "/changes/", "/mine/", "/drafts/", "/settings/mail/"],
)
def test_applicant_is_shown_the_application_instead_of_the_room(
    applicant: Member, client_for: ClientFor, path: str
) -> None:
    answer = client_for(applicant).get(path)

    assert answer.status_code == 302
    assert answer["Location"] == "/application/"


def test_admitted_applicant_comes_in_and_gets_one_mail(client: Client) -> None:
    apply(client)
    confirm(client)
    assert client.get("/")["Location"] == "/application/"
    Outgoing.objects.all().delete()

    joining.admit(application=Application.objects.get())

    assert client.get("/").status_code == 200
    assert client.get("/application/")["Location"] == "/"
    assert Outgoing.objects.get().recipient == EMAIL


def test_refused_applicant_stays_outside_and_gets_one_mail(client: Client) -> None:
    apply(client)
    confirm(client)
    Outgoing.objects.all().delete()

    joining.refuse(application=Application.objects.get(), message="Wij zochten verder.")

    assert client.get("/")["Location"] == "/application/"
    assert client.get("/application/").context["application"].state == "refused"
    assert "Wij zochten verder." in Outgoing.objects.get().text


def test_application_is_decided_once(client: Client) -> None:
    apply(client)
    first, second = Application.objects.get(), Application.objects.get()
    joining.refuse(application=first, message="Nee.")
    mails = Outgoing.objects.count()

    with pytest.raises(ValidationError):
        joining.admit(application=second)

    assert Member.objects.get().admitted_on is None
    assert Outgoing.objects.count() == mails


def invite(*emails: str) -> str:
    said = StringIO()
    call_command("invite_member", *emails, stdout=said)
    return said.getvalue()


def invitation_page(email: str = EMAIL) -> str:
    return mailed(email, r"http://testserver(/invitations/\S+)")


def test_command_invites_and_says_what_it_did(member: Member) -> None:
    said = invite(EMAIL, member.email, "geen adres")

    assert said.splitlines() == [
        f"{EMAIL}: invited.",
        f"{member.email}: has an account already.",
        "geen adres: not an address.",
        "1 invited.",
    ]
    assert [mail.recipient for mail in Outgoing.objects.all()] == [EMAIL]


def test_invited_person_is_a_member_after_one_page(client: Client) -> None:
    invite(EMAIL)
    page = client.get(invitation_page())
    assert page.status_code == 200
    assert EMAIL in page.content.decode()

    answer = client.post(invitation_page(), WELCOME)

    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200
    joined = Member.objects.get(email=EMAIL)
    assert joined.is_admitted
    assert joined.check_password(PASSWORD)


@pytest.mark.parametrize("missing", sorted(WELCOME))
def test_invitation_with_a_missing_field_says_so(client: Client, missing: str) -> None:
    invite(EMAIL)
    told = {name: value for name, value in WELCOME.items() if name != missing}

    answer = client.post(invitation_page(), told)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {missing}
    assert not Member.objects.exists()


def test_invitation_works_once(client: Client) -> None:
    invite(EMAIL)
    address = invitation_page()
    client.post(address, WELCOME)

    second = Client().post(address, {**WELCOME, "display_name": "Iemand anders"})

    assert second.status_code == 404
    assert Member.objects.get().display_name == "Nadia"
    with pytest.raises(ValidationError):
        joining.accept(
            token=address.split("/")[2], display_name="Nog iemand", password=PASSWORD
        )


@pytest.mark.parametrize(("days", "status"), [(30, 200), (31, 404)])
def test_invitation_ends_after_thirty_days(
    client: Client, days: int, status: int
) -> None:
    invite(EMAIL)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days)

    with time_machine.travel(later, tick=False):
        assert client.get(invitation_page()).status_code == status
        client.post(invitation_page(), WELCOME)

    assert Member.objects.exists() == (status == 200)


def test_second_invitation_closes_the_door_of_the_first(client: Client) -> None:
    invite(EMAIL)
    first = invitation_page()
    Outgoing.objects.all().delete()
    invite(EMAIL)

    assert client.get(first).status_code == 404
    assert client.get(invitation_page()).status_code == 200
    assert Invitation.objects.count() == 1


def test_invitation_for_an_address_that_applied_meanwhile_says_so(
    client: Client,
) -> None:
    invite(EMAIL)
    apply(Client())

    answer = client.post(invitation_page(), WELCOME)

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert not Member.objects.get().is_admitted


def test_token_stands_in_the_mail_and_not_in_the_invitation(client: Client) -> None:
    invite(EMAIL)
    token = invitation_page().split("/")[2]

    stored = Invitation.objects.values_list().get()

    assert token not in repr(stored)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_chosen_language_is_kept_for_pages_and_mail(
    client: Client, member: Member, language: str
) -> None:
    client.force_login(member)

    answer = client.post("/language/", {"language": language, "next": "/rules/"})

    page = client.get(answer["Location"])
    assert answer["Location"] == "/rules/"
    assert f'<html lang="{language}"' in page.content.decode()
    assert page["Content-Language"] == language
    assert Member.objects.get().language == language


def test_language_chosen_in_the_settings_is_kept_like_elsewhere(
    member: Member, client_for: ClientFor
) -> None:
    first, second = client_for(member), client_for(member)
    first.post("/language/", {"language": "en"})

    second.post("/settings/profile/", {"language": "en", "region": "north"})

    cookies = [client.cookies["django_language"] for client in (first, second)]
    assert str(cookies[0]) == str(cookies[1])
    assert cookies[0]["httponly"]


def test_unknown_language_and_foreign_address_are_ignored(client: Client) -> None:
    answer = client.post(
        "/language/", {"language": "tlh", "next": "https://elders.example/"}
    )

    assert answer["Location"] == "/"
    assert '<html lang="nl"' in client.get("/rules/").content.decode()


def test_moderators_see_an_application_when_its_address_is_proven(
    client: Client,
) -> None:
    apply(client)
    assert not ReviewItem.objects.exists()

    confirm(client)

    application = ReviewItem.objects.get().application
    assert application
    assert application.member.email == EMAIL

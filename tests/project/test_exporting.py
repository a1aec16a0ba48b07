from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.drafts import save_draft
from accounts.models import Application, Member
from directeurskamer import exporting
from forum import subscribing
from forum.models import Post
from moderation.flagging import flag_post
from tests.anonymity.test_traces import owner_client
from tests.factories import make_reply, make_thread
from tests.people import ClientFor

OWN_WORDS = "Dit schreef ik onder mijn eigen naam."
ANONYMOUS_WORDS = "Dit schreef ik zonder dat iemand het weet."


def opened(content: bytes) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["index.html", "data.json"]
        data: dict[str, Any] = json.loads(archive.read("data.json"))
        return data, archive.read("index.html").decode()


@pytest.fixture
def own(member: Member, other_member: Member) -> Post:
    """A named reply; beside it a shelf, a draft, a flag and an application."""
    thread = make_thread(other_member, title="Een dilemma van een ander?")
    post = make_reply(member, thread, source=OWN_WORDS)
    subscribing.follow(by=member, thread=thread, on=True)
    subscribing.save(by=member, thread=thread, on=True)
    save_draft(member, {"source": "Later afmaken.", "thread": ""})
    dilemma = thread.posts.get(kind="dilemma")
    flag_post(by=member, post=dilemma, reason="R03", note="Kijk eens.")  # type: ignore[arg-type]
    Application.objects.create(
        member=member,
        full_name="Marit de Vries",
        work="director",
        proof_route="call",
        school="De Regenboog",
        is_board_member=False,
    )
    return post


def test_export_holds_what_is_the_members_own(
    member: Member, own: Post, client_for: ClientFor
) -> None:
    answer = client_for(member).post("/settings/export/")

    data, page = opened(answer.content)
    assert data["profile"]["address"] == member.email
    assert data["settings"]["digest_has_titles"] is False
    assert data["application"]["school"] == "De Regenboog"
    assert [text["text"] for text in data["texts"]] == [OWN_WORDS]
    assert data["followed"] == data["saved"]
    assert data["followed"][0]["title"] == "Een dilemma van een ander?"
    assert data["drafts"][0]["fields"]["source"] == "Later afmaken."
    assert data["flags"][0]["note"] == "Kijk eens."
    for word in (member.email, OWN_WORDS, "De Regenboog", "Later afmaken."):
        assert word in page


def test_export_is_a_neutral_download_that_nothing_keeps(
    member: Member, client_for: ClientFor
) -> None:
    client = owner_client(client_for(member))

    for address in ("/settings/export/", "/mine/anonymous/export/"):
        answer = client.post(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/zip"
        assert answer["Content-Disposition"] == 'attachment; filename="export.zip"'
        assert answer["Cache-Control"] == "private, no-store"


def test_standard_export_does_not_depend_on_anonymous_writing(
    member: Member, other_member: Member, own: Post
) -> None:
    before = exporting.standard(member)

    make_thread(member, under_alias=True, source=ANONYMOUS_WORDS * 10)
    make_reply(member, make_thread(other_member), under_alias=True)

    assert exporting.standard(Member.objects.get(pk=member.pk)) == before


def test_standard_export_says_nothing_of_others(
    member: Member, other_member: Member, own: Post
) -> None:
    make_reply(other_member, make_thread(member), source="Van een ander.")
    save_draft(other_member, {"source": "Een andere tekst.", "thread": ""})

    data, page = opened(exporting.standard(member))

    for word in (other_member.email, "Van een ander.", "Een andere tekst."):
        assert word not in json.dumps(data)
        assert word not in page


def test_own_anonymous_texts_are_in_the_other_file_only(
    member: Member, other_member: Member, own: Post, client_for: ClientFor
) -> None:
    thread = make_thread(other_member, title="Waar ik iets bij zei?")
    post = make_reply(member, thread, under_alias=True, source=ANONYMOUS_WORDS)
    make_reply(other_member, make_thread(member), under_alias=True, source="Niet mijn.")
    assert post.alias

    answer = owner_client(client_for(member)).post("/mine/anonymous/export/")

    data, page = opened(answer.content)
    (text,) = data["anonymous_texts"]
    assert text["alias"] == post.alias.name
    assert text["title"] == "Waar ik iets bij zei?"
    assert text["text"] == ANONYMOUS_WORDS
    assert text["day"] == timezone.localdate().isoformat()
    assert text["state"]
    assert set(data) == {"anonymous_texts"}
    assert OWN_WORDS not in page
    assert "Niet mijn." not in page


def test_anonymous_export_asks_for_the_password_first(
    member: Member, client_for: ClientFor
) -> None:
    for method in ("get", "post"):
        answer = getattr(client_for(member), method)("/mine/anonymous/export/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/mine/anonymous/confirm/")


def test_archive_needs_no_script_and_no_other_place(member: Member, own: Post) -> None:
    hostile = "<script>alert(1)</script><img src=x>"
    make_reply(member, make_thread(member), source=hostile)

    _data, page = opened(exporting.standard(member))

    assert "&lt;script&gt;" in page
    assert not re.search(r"<(script|img|link|style|iframe)|\b(src|href)=\"", page)


def test_export_is_closed_without_a_key_ring(
    member: Member, client_for: ClientFor, settings: Any
) -> None:
    client = owner_client(client_for(member))
    settings.ALIAS_KEYS = ()

    for address in (
        "/settings/export/",
        "/mine/anonymous/export/",
        "/mine/anonymous/detach/",
        "/settings/leave/",
    ):
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 503, address


def test_entries_bear_no_moment(member: Member) -> None:
    with zipfile.ZipFile(io.BytesIO(exporting.standard(member))) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_export_of_a_visitor_is_refused() -> None:
    assert Client().post("/settings/export/").status_code == 403

from __future__ import annotations

import re

import pytest

from accounts.models import Member
from forum.models import Post
from tests.accounts.database import everything
from tests.factories import make_thread
from tests.forum.test_details import TOLD, fields
from tests.people import ClientFor


def test_preview_shows_the_text_keeps_the_form_and_stores_nothing(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    form = {**fields(**TOLD), "under_alias": "on"}
    before = everything()

    answer = client.post("/dilemmas/new/", {**form, "preview": "1"})

    page = answer.content.decode()
    shown, composer = page.split('id="composer"')
    assert answer.status_code == 200
    assert "dit kind <strong>niet</strong> kan wachten" in shown
    assert form["title"] in composer
    assert TOLD["tried"] in composer
    assert f'value="{form["form_key"]}"' in composer
    assert re.search(r'name="under_alias"[^>]*checked', composer)
    assert everything() == before
    assert client.post("/dilemmas/new/", form).status_code == 200
    assert Post.objects.count() == 1


def test_preview_of_a_half_written_dilemma_complains_of_nothing(
    member: Member, client_for: ClientFor
) -> None:
    answer = client_for(member).post(
        "/dilemmas/new/", {"source": "Half af.", "timing": "never", "preview": "1"}
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<p>Half af.</p>" in page
    assert 'id="errors"' not in page


def test_preview_of_nothing_says_so(member: Member, client_for: ClientFor) -> None:
    answer = client_for(member).post("/dilemmas/new/", {"preview": "1"})

    assert answer.status_code == 200
    assert 'id="preview"' in answer.content.decode()


def test_preview_of_a_reply_stands_in_the_composer_and_is_not_sent(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)
    before = everything()

    answer = client.post(
        f"/dilemmas/{thread.pk}/replies/",
        {"kind": "support", "source": "Ik leef **mee**.", "preview": "1"},
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Ik leef <strong>mee</strong>." in page
    assert re.search(r'value="support"\s+checked', page)
    assert everything() == before


@pytest.mark.parametrize("payload", ["<script>1</script>", "<img src=x onerror=1>"])
def test_preview_runs_nothing(
    member: Member, client_for: ClientFor, payload: str
) -> None:
    answer = client_for(member).post(
        "/dilemmas/new/",
        {"title": payload, "source": payload, "tried": payload, "preview": "1"},
    )

    assert payload not in answer.content.decode()


def test_first_time_is_explained_to_everybody_alike(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    make_thread(member, under_alias=True)
    make_thread(other_member)

    pages = [
        client_for(each).get("/dilemmas/new/").content.decode()
        for each in (member, other_member)
    ]

    told = [
        re.findall(r'(?s)<details class="explain first-time">.*?</details>', page)
        for page in pages
    ]
    assert len(told[0]) == 1
    assert told[0] == told[1]

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext

from accounts.drafts import list_drafts, save_draft
from accounts.models import Draft, Member
from forum.forms import new_form_key
from forum.models.details import OF_DILEMMA
from tests.accounts.database import everything
from tests.factories import SITUATION, make_thread
from tests.people import ClientFor

WORDS = "Ik twijfel over de nieuwe adjunct."
TURN = "0123456789abcdef"
OTHER_TURN = "fedcba9876543210"
OFFER = "Go on with it"


def save(client: Client, **told: str) -> Any:
    return client.post("/drafts/save/", {"turn": TURN, **told})


def page_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_words_are_kept_and_the_answer_tells_where(
    member: Member, client_for: ClientFor
) -> None:
    answer = save(client_for(member), source=WORDS, tried="Nog niets.")

    (draft,) = list_drafts(member)
    assert answer.status_code == 200
    assert answer.json()["ref"] == draft.ref
    assert re.search(r"\d\d:\d\d", answer.json()["told"])
    assert draft.fields["tried"] == "Nog niets."


def test_next_save_goes_to_the_same_draft(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    ref = save(client, source="Ik").json()["ref"]

    answer = save(client, source=WORDS, draft=ref)

    assert answer.status_code == 200
    (draft,) = list_drafts(member)
    assert draft.fields["source"] == WORDS


def test_neither_persona_nor_form_key_nor_tick_is_kept(
    member: Member, client_for: ClientFor
) -> None:
    save(
        client_for(member),
        source=WORDS,
        under_alias="on",
        is_delayed="on",
        is_clean="on",
        form_key=new_form_key(),
        anything="else",
    )

    (draft,) = list_drafts(member)
    assert set(draft.fields) == {
        *("title", "category", "ask", "source", "thread"),
        *OF_DILEMMA,
    }


def test_save_with_an_old_ref_answers_409_and_overwrites_nothing(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    ref = save_draft(member, {"source": "old"}).ref
    save(client, source="from one tab", draft=ref)

    answer = client.post(
        "/drafts/save/", {"turn": OTHER_TURN, "source": "from two", "draft": ref}
    )

    assert answer.status_code == 409
    (draft,) = list_drafts(member)
    assert draft.fields["source"] == "from one tab"


def test_signed_in_anew_the_draft_has_to_be_the_own_one(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    ref = save_draft(member, {"source": "old"}).ref

    stranger = save(client_for(other_member), source=WORDS, draft=ref, again="1")
    owner = save(client_for(member), source=WORDS, draft=ref, again="1")

    assert (stranger.status_code, owner.status_code) == (409, 200)
    assert list_drafts(other_member) == []


def test_full_drafts_are_told_and_nothing_is_overwritten(
    member: Member, client_for: ClientFor
) -> None:
    for number in range(10):
        save_draft(member, {"source": str(number)})
    before = everything()

    answer = save(client_for(member), source=WORDS)

    assert answer.status_code == 422
    assert answer.json()["told"] == gettext(
        "You have ten drafts. Take one away, then this one fits."
    )
    assert everything()["accounts_draft"] == before["accounts_draft"]


def test_far_too_long_a_text_is_told(member: Member, client_for: ClientFor) -> None:
    answer = save(client_for(member), source="x" * 70_000)

    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_without_a_ring_nothing_is_kept_and_that_is_told(
    member: Member, client_for: ClientFor, settings: Any
) -> None:
    client = client_for(member)
    settings.ALIAS_KEYS = ()

    assert save(client, source=WORDS).status_code == 503


def test_draft_for_a_conversation_that_is_not_there_is_absent(
    member: Member, newcomer: Member, client_for: ClientFor
) -> None:
    held = make_thread(newcomer)
    client = client_for(member)

    found = [
        save(client, source=WORDS, thread=pk).status_code for pk in (held.pk, "0" * 20)
    ]

    assert found == [404, 404]
    assert not Draft.objects.exists()


def test_draft_of_a_dilemma_is_offered_and_not_put_into_the_form(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    save_draft(member, {"source": WORDS, "thread": ""})

    page = page_of(client_for(member), "/dilemmas/new/")
    other = page_of(client_for(other_member), "/dilemmas/new/")

    assert gettext(OFFER) in page
    assert WORDS not in page
    assert gettext(OFFER) not in other


def test_offer_stands_beside_the_composer_which_is_the_same_for_everybody(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    third = make_thread(other_member)
    save_draft(member, {"source": WORDS, "thread": thread.pk})
    client = client_for(member)

    page, without = (
        page_of(client, f"/dilemmas/{each.pk}/") for each in (thread, third)
    )

    assert gettext(OFFER) in page
    assert gettext(OFFER) not in without
    composers = [
        re.sub(r'csrfmiddlewaretoken[^>]*>|name="form_key"[^>]*>', "", found[0])
        for each in (page, without)
        if (found := re.findall(r'(?s)<form class="composer.*?</form>', each))
    ]
    assert len(composers) == 2
    assert composers[0].replace(thread.pk, third.pk) == composers[1]


def test_opened_draft_is_not_offered_again(
    member: Member, client_for: ClientFor
) -> None:
    slot = save_draft(member, {"source": WORDS, "thread": ""}).slot

    page = page_of(client_for(member), f"/dilemmas/new/?draft={slot}")

    assert WORDS in page
    assert gettext(OFFER) not in page


def test_change_to_an_anonymous_text_is_offered_nowhere(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)
    save_draft(member, {"source": WORDS, "owned": thread.posts.get().pk})
    client = client_for(member)

    for path in ("/dilemmas/new/", f"/dilemmas/{thread.pk}/"):
        assert gettext(OFFER) not in page_of(client, path)


@pytest.mark.parametrize("persona", [{}, {"under_alias": "on"}])
def test_sent_text_drops_its_draft(
    member: Member, client_for: ClientFor, persona: dict[str, str]
) -> None:
    client = client_for(member)
    ref = save(client, source=SITUATION).json()["ref"]

    client.post(
        "/dilemmas/new/",
        {
            "title": "Volg ik het besluit of mijn team?",
            "category": "team",
            "ask": "advice",
            "source": SITUATION,
            "is_clean": "on",
            "form_key": new_form_key(),
            "draft": ref,
            **persona,
        },
    )

    assert list_drafts(member) == []
    assert gettext(OFFER) not in page_of(client, "/dilemmas/new/")


def test_button_without_script_tells_of_the_other_window_and_keeps_both(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    ref = save_draft(member, {"source": "old", "thread": ""}).ref
    save_draft(member, {"source": "newer", "thread": ""}, ref)
    form = {"source": WORDS, "draft": ref}

    told = client.post("/dilemmas/new/", {**form, "keep": "1"})
    both = client.post("/dilemmas/new/", {**form, "both": "1"})

    page = told.content.decode()
    assert told.status_code == 409
    assert WORDS in page
    assert re.search(r'<div class="notice" id="conflict"[^>]*data-conflict>', page)
    assert both.status_code == 302
    assert {draft.fields["source"] for draft in list_drafts(member)} == {"newer", WORDS}


def test_list_throws_away_only_what_it_showed(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    draft = save_draft(member, {"source": "old", "thread": ""})
    mark = f"{draft.mark}-{draft.turn}"
    assert f'value="{mark}"' in page_of(client, "/drafts/")
    save_draft(member, {"source": "newer", "thread": ""}, draft.ref)

    client.post(f"/drafts/{draft.slot}/delete/", {"mark": mark})

    assert [each.fields["source"] for each in list_drafts(member)] == ["newer"]

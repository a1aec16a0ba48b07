from __future__ import annotations

import re
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils.translation import gettext
from pytest_django import Settings

from accounts.drafts import (
    SLOTS,
    DraftChanged,
    drop_draft,
    get_draft,
    list_drafts,
    save_draft,
)
from accounts.models import Draft, Member
from forum.forms import new_form_key
from forum.models.details import OF_DILEMMA
from tests.accounts.database import rows_of
from tests.factories import make_member, make_thread
from tests.people import ClientFor

WORDS = "Ik twijfel over de nieuwe adjunct."
TURN = "0123456789abcdef"


def keep(client: Client, **fields: str) -> None:
    answer = client.post("/dilemmas/new/", {"keep": "1", **fields})
    assert answer.status_code == 302


def test_draft_is_read_as_it_was_kept(member: Member) -> None:
    slot = save_draft(member, {"source": WORDS, "thread": ""}).slot

    found = get_draft(Member.objects.get(pk=member.pk), slot)

    assert found is not None
    assert found.fields == {"source": WORDS, "thread": ""}


def test_an_32_row_shows_neither_words_nor_member_nor_moment(member: Member) -> None:
    save_draft(member, {"source": WORDS})

    row = repr(rows_of("accounts_draft"))

    assert "twijfel" not in row
    assert member.pk not in row
    assert not re.search(r"20\d\d-\d\d", row)


def test_short_and_long_drafts_have_the_same_length(member: Member) -> None:
    save_draft(member, {"source": ""})
    save_draft(member, {"source": WORDS * 100})

    assert len({len(draft.sealed) for draft in Draft.objects.all()}) == 1


def test_draft_of_one_member_is_not_seen_by_another(
    member: Member, other_member: Member
) -> None:
    draft = save_draft(member, {"source": WORDS})

    assert list_drafts(other_member) == []
    assert get_draft(other_member, draft.slot) is None
    drop_draft(other_member, draft.ref)
    assert get_draft(member, draft.slot) is not None


def test_ten_drafts_fit_and_the_eleventh_is_refused_with_a_sentence(
    member: Member,
) -> None:
    slots = [save_draft(member, {"source": str(number)}).slot for number in range(10)]

    with pytest.raises(ValidationError) as refusal:
        save_draft(member, {"source": "eleven"})

    assert slots == list(SLOTS)
    assert refusal.value.messages == [
        gettext("You have ten drafts. Take one away, then this one fits.")
    ]
    assert {draft.fields["source"] for draft in list_drafts(member)} == set(
        "0123456789"
    )


def test_eleventh_draft_stays_in_its_form(
    member: Member, client_for: ClientFor
) -> None:
    for number in range(10):
        save_draft(member, {"source": str(number), "thread": ""})

    answer = client_for(member).post("/dilemmas/new/", {"keep": "1", "source": WORDS})

    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert Draft.objects.count() == 10


def test_slot_that_was_freed_is_used_again(member: Member) -> None:
    drafts = [save_draft(member, {"source": str(number)}) for number in range(10)]

    drop_draft(member, drafts[3].ref)

    assert save_draft(member, {"source": "new"}).slot == 4


def test_draft_saved_in_its_slot_replaces_the_older_text(member: Member) -> None:
    draft = save_draft(member, {"source": "old"})

    save_draft(member, {"source": "new"}, draft.ref)

    assert [draft.fields["source"] for draft in list_drafts(member)] == ["new"]


@pytest.mark.parametrize("persona", ["0", "1"])
def test_no_persona_is_kept_with_a_draft(
    member: Member, client_for: ClientFor, persona: str
) -> None:
    keep(client_for(member), source=WORDS, title="Wat nu?", under_alias=persona)

    (draft,) = list_drafts(member)
    assert set(draft.fields) == {
        "title",
        "category",
        "ask",
        "source",
        "thread",
        *OF_DILEMMA,
    }


def test_restored_draft_brings_words_back_and_chooses_no_persona(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    keep(client, source=WORDS, under_alias="1")
    slot = list_drafts(member)[0].slot

    page = client.get(f"/dilemmas/new/?draft={slot}").content.decode()

    choices = re.findall(r'<input[^>]*name="under_alias"[^>]*>', page)
    assert WORDS in page
    assert choices
    assert not [choice for choice in choices if "checked" in choice]


def test_there_are_no_drafts_without_a_ring(member: Member, settings: Settings) -> None:
    slot = save_draft(member, {"source": WORDS}).slot
    settings.ALIAS_KEYS = ()
    fresh = Member.objects.get(pk=member.pk)

    assert list_drafts(fresh) == []
    assert get_draft(fresh, slot) is None


def test_form_of_a_draft_that_is_gone_touches_no_other_draft(member: Member) -> None:
    gone = save_draft(member, {"source": "first"})
    drop_draft(member, gone.ref)
    other = save_draft(member, {"source": "second"})
    assert other.slot == gone.slot

    drop_draft(member, gone.ref)
    kept = save_draft(member, {"source": "first, again"}, gone.ref)

    assert kept.slot != other.slot
    assert {draft.fields["source"] for draft in list_drafts(member)} == {
        "second",
        "first, again",
    }


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_keep_at_once_get_two_slots() -> None:
    member = make_member()
    gate = threading.Barrier(4)

    def keep_one(number: int) -> None:
        gate.wait()
        save_draft(Member.objects.get(pk=member.pk), {"source": str(number)})
        connection.close()

    tabs = [threading.Thread(target=keep_one, args=[number]) for number in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    assert {draft.fields["source"] for draft in list_drafts(member)} == set("0123")


def test_sending_again_leaves_a_later_draft_alone(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)
    draft = save_draft(member, {"source": WORDS, "thread": thread.pk})
    form = {
        "kind": "question",
        "source": WORDS,
        "draft": draft.ref,
        "form_key": new_form_key(),
    }
    client.post(f"/dilemmas/{thread.pk}/replies/", form)
    assert list_drafts(member) == []
    save_draft(member, {"source": "another"})

    client.post(f"/dilemmas/{thread.pk}/replies/", form)

    assert [one.fields["source"] for one in list_drafts(member)] == ["another"]


def test_old_ref_overwrites_nothing_that_another_page_kept(member: Member) -> None:
    opened = save_draft(member, {"source": "old"})
    newer = save_draft(member, {"source": "newer"}, opened.ref)

    with pytest.raises(DraftChanged):
        save_draft(member, {"source": "from the other tab"}, opened.ref)

    assert [draft.fields["source"] for draft in list_drafts(member)] == ["newer"]
    assert save_draft(member, {"source": "newest"}, newer.ref).place == newer.place


def test_page_goes_on_with_what_it_kept_itself_though_no_answer_came(
    member: Member,
) -> None:
    opened = save_draft(member, {"source": "old"})

    save_draft(member, {"source": "first"}, opened.ref, turn=TURN)
    save_draft(member, {"source": "second"}, opened.ref, turn=TURN)

    assert [draft.fields["source"] for draft in list_drafts(member)] == ["second"]


def test_same_words_again_write_nothing(member: Member) -> None:
    draft = save_draft(member, {"source": WORDS})
    before = rows_of("accounts_draft")

    again = save_draft(member, {"source": WORDS}, draft.ref, turn=TURN)

    assert again.ref == draft.ref
    assert rows_of("accounts_draft") == before


def test_draft_that_has_to_be_there_is_not_made_for_somebody_else(
    member: Member, other_member: Member
) -> None:
    draft = save_draft(member, {"source": WORDS})

    with pytest.raises(DraftChanged):
        save_draft(other_member, {"source": WORDS}, draft.ref, must_exist=True)

    assert list_drafts(other_member) == []


def test_old_ref_takes_no_newer_words_away(member: Member) -> None:
    opened = save_draft(member, {"source": "old"})
    save_draft(member, {"source": "newer"}, opened.ref)

    assert drop_draft(member, opened.ref) is False

    assert [draft.fields["source"] for draft in list_drafts(member)] == ["newer"]


@pytest.mark.django_db(transaction=True)
def test_of_two_pages_that_keep_at_once_one_wins_and_the_other_is_told() -> None:
    member = make_member()
    ref = save_draft(member, {"source": "old"}).ref
    gate = threading.Barrier(4)
    told: list[str] = []

    def keep_one(number: int) -> None:
        gate.wait()
        try:
            save_draft(Member.objects.get(pk=member.pk), {"source": str(number)}, ref)
            told.append(str(number))
        except DraftChanged:
            told.append("changed")
        connection.close()

    tabs = [threading.Thread(target=keep_one, args=[number]) for number in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    (draft,) = list_drafts(member)
    assert sorted(told) == sorted([draft.fields["source"], *["changed"] * 3])

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Application, Member
from accounts.shelf import read_shelf
from forum.forms import new_form_key
from forum.models import Post, PostState, Thread
from moderation.models import ReviewItem
from moderation.queue import text_findings
from tests.factories import SITUATION, make_reply, make_thread
from tests.people import ClientFor

JUDGING = "Je had dit anders moeten aanpakken."
KIND = "Wat maakt dat dit je zo raakt?"
NAMED_PERSON = "Wat zei juf Nelleke daarvan?"


@pytest.fixture
def thread(other_member: Member) -> Thread:
    return make_thread(other_member)


@pytest.fixture
def client(client_for: ClientFor, member: Member) -> Client:
    return client_for(member)


def send(client: Client, thread: Thread, source: str, **told: str) -> Any:
    fields = {"kind": "support", "source": source, "form_key": new_form_key(), **told}
    return client.post(f"/dilemmas/{thread.pk}/replies/", fields)


def seen(answer: Any) -> str:
    return str(answer.context["hints"].seen)


def replies(thread: Thread) -> list[Post]:
    return list(thread.posts.exclude(kind="dilemma"))


def test_first_sending_shows_hints_and_keeps_the_text(
    client: Client, thread: Thread
) -> None:
    answer = send(client, thread, JUDGING, under_alias="on")

    page = answer.content.decode()
    assert "<mark>Je had dit anders moeten</mark> aanpakken." in page
    assert f">\r\n{JUDGING}</textarea>" in page or f">\n{JUDGING}</textarea>" in page
    assert answer.context["form"]["under_alias"].value()
    assert answer.status_code == 200
    assert replies(thread) == []


def test_second_sending_posts(client: Client, thread: Thread) -> None:
    first = send(client, thread, JUDGING)

    send(client, thread, JUDGING, seen=seen(first))

    (post,) = replies(thread)
    assert post.state == PostState.PUBLISHED


def test_kind_text_posts_at_once(client: Client, thread: Thread) -> None:
    send(client, thread, KIND)

    assert len(replies(thread)) == 1


def test_new_finding_is_shown_once_more(client: Client, thread: Thread) -> None:
    first = send(client, thread, JUDGING)
    changed = f"{JUDGING} Kop op."

    second = send(client, thread, changed, seen=seen(first))
    assert [hint.code for hint in second.context["hints"].shown] == ["D5"]

    send(client, thread, changed, seen=seen(second))
    assert len(replies(thread)) == 1


def test_two_hints_at_most_and_the_heaviest_first(
    client: Client, thread: Thread
) -> None:
    text = f"Wat een onzin. {JUDGING} {NAMED_PERSON} Dat is in Zwolle ook zo."

    answer = send(client, thread, text)

    assert [hint.code for hint in answer.context["hints"].shown] == ["I8", "G3"]
    assert answer.context["hints"].is_read_first


@pytest.mark.parametrize("persona", [{}, {"under_alias": "on"}])
def test_strong_finding_waits_for_a_moderator_by_name_and_under_an_alias(
    client: Client, thread: Thread, persona: dict[str, str]
) -> None:
    first = send(client, thread, NAMED_PERSON, **persona)
    send(client, thread, NAMED_PERSON, seen=seen(first), **persona)

    (post,) = replies(thread)
    assert post.state == PostState.HELD
    assert ReviewItem.objects.get(post=post).findings == ["I8"]


def test_quoted_and_english_judgements_give_no_hint(
    client: Client, thread: Thread
) -> None:
    send(client, thread, f"> {JUDGING}\n\nWat deed dat met je?")
    send(client, thread, 'Zij zei: "je had dit anders moeten doen". Wat dacht je toen?')
    send(client, thread, "What would you have done if they had asked for kul or onzin?")

    assert len(replies(thread)) == 3


def test_dilemma_is_checked_with_its_title_and_not_for_its_tone(
    client: Client,
) -> None:
    fields = {
        "title": "Wat doe ik met juf Nelleke?",
        "category": "team",
        "ask": "advice",
        "source": f"{SITUATION} {JUDGING}",
        "is_clean": "on",
        "form_key": new_form_key(),
    }

    answer = client.post("/dilemmas/new/", fields)
    assert [hint.code for hint in answer.context["hints"].shown] == ["I8"]

    client.post("/dilemmas/new/", {**fields, "seen": seen(answer)})
    assert Post.objects.get().state == PostState.HELD


def test_own_school_is_told_to_the_writer_and_to_nobody_else(
    client: Client, member: Member, thread: Thread
) -> None:
    Application.objects.create(
        member=member, school="obs De Duinroos", is_board_member=False
    )
    text = "Hier bij Duinroos ging dat anders."

    first = send(client, thread, text, under_alias="on")
    assert [hint.code for hint in first.context["hints"].shown] == ["O1"]
    assert not first.context["hints"].is_read_first

    send(client, thread, text, under_alias="on", seen=seen(first))
    (post,) = replies(thread)
    assert post.state == PostState.PUBLISHED
    assert not ReviewItem.objects.exists()
    assert text_findings(post) == []


def test_school_of_somebody_else_is_not_known(
    client: Client, other_member: Member, thread: Thread
) -> None:
    Application.objects.create(
        member=other_member, school="obs De Duinroos", is_board_member=False
    )

    send(client, thread, "Hier bij Duinroos ging dat anders.")

    assert len(replies(thread)) == 1


def test_own_name_counts_under_an_alias_only(client: Client, thread: Thread) -> None:
    answer = send(client, thread, "Groet van Marit", under_alias="on")
    assert [hint.code for hint in answer.context["hints"].shown] == ["O4"]

    by_name = send(client, thread, "Groet van Marit")
    assert "O4" not in [hint.code for hint in by_name.context["hints"].shown]


def test_an_29_word_of_two_scripts_is_shown_to_the_writer(
    client: Client, thread: Thread
) -> None:
    answer = send(client, thread, "Bij ons op sch\u043eol ging dat anders.")

    assert [hint.code for hint in answer.context["hints"].shown] == ["I23"]


def test_hint_is_switched_off_without_sending(
    client: Client, member: Member, thread: Thread
) -> None:
    first = send(client, thread, JUDGING)

    answer = send(client, thread, JUDGING, seen=seen(first), quiet="B1")

    assert JUDGING in answer.content.decode()
    assert answer.context["hints"] is None
    assert replies(thread) == []
    assert read_shelf(member).quiet == {"B1"}
    send(client, thread, JUDGING)
    assert len(replies(thread)) == 1


def test_other_hint_stays_when_one_is_switched_off(
    client: Client, thread: Thread
) -> None:
    text = f"{JUDGING} Wat een onzin."
    first = send(client, thread, text)
    assert [hint.code for hint in first.context["hints"].shown] == ["B1", "G3"]

    answer = send(client, thread, text, seen=seen(first), quiet="B1")

    assert [hint.code for hint in answer.context["hints"].shown] == ["G3"]
    send(client, thread, text, seen=seen(answer))
    assert len(replies(thread)) == 1


def test_text_stands_in_sight_when_its_only_hint_is_switched_off(
    client: Client, thread: Thread
) -> None:
    page = send(client, thread, JUDGING, quiet="B1").content.decode()

    assert page.count('id="answer"') == 1
    assert page.index('id="answer"') < page.index(JUDGING)


def test_an_05_switching_off_under_an_alias_sends_nothing(
    client: Client, thread: Thread
) -> None:
    send(client, thread, KIND, under_alias="on", quiet="B1")

    assert replies(thread) == []


def test_switched_off_hint_still_leads_to_a_moderator(
    client: Client, thread: Thread
) -> None:
    send(client, thread, NAMED_PERSON, quiet="I8")

    send(client, thread, NAMED_PERSON)

    (post,) = replies(thread)
    assert post.state == PostState.HELD


def test_hint_comes_back_on_the_settings_page(client: Client, thread: Thread) -> None:
    send(client, thread, JUDGING, quiet="B1")
    assert 'value="B1"' in client.get("/settings/hints/").content.decode()

    client.post("/settings/hints/", {"on": "B1"})

    assert 'value="B1"' not in client.get("/settings/hints/").content.decode()
    assert send(client, thread, JUDGING).context["hints"]


def test_unknown_hint_is_not_kept(
    client: Client, member: Member, thread: Thread
) -> None:
    send(client, thread, JUDGING, quiet="anything at all")

    assert read_shelf(member).quiet == frozenset()


def test_change_is_checked_too(client: Client, member: Member, thread: Thread) -> None:
    post = make_reply(member, thread)
    fields = {"source": JUDGING, "version": str(post.version)}

    answer = client.post(f"/posts/{post.pk}/edit/", fields)
    post.refresh_from_db()
    assert post.source == KIND

    client.post(f"/posts/{post.pk}/edit/", {**fields, "seen": seen(answer)})
    post.refresh_from_db()
    assert post.source == JUDGING


def test_moderator_does_not_see_judging_words(member: Member, thread: Thread) -> None:
    post = make_reply(member, thread, source=JUDGING)

    assert text_findings(post) == []

from __future__ import annotations

import datetime as dt
import secrets
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Member
from forum import curating, delaying, live, posting, search
from forum.models import Findable, Post, Thread
from forum.models.posts import hour_of
from tests.accounts.database import rows_of
from tests.anonymity.surfaces import database
from tests.factories import make_member, make_outcome, make_reply, make_thread

TEXT = (
    "Een leerkracht van mijn school is al weken ziek. De ouders vragen wanneer zij terug "
    "is, en het team vangt de klas zo goed mogelijk op. Dat houdt niemand lang vol, en "
    "ik weet niet wat ik de ouders en de kinderen nu eerlijk kan zeggen over de groep."
)


def found(member: Member, asked: str, **where: object) -> list[str]:
    """Titles and texts of what is found, in order: the first words of each."""
    page = search.find(member, search.read_question(asked), **where)  # type: ignore[arg-type]
    return [hit.post.source.split(".")[0] for hit in page.hits]


def state_of_index() -> list[tuple[object, ...]]:
    return rows_of("forum_findable")


@pytest.fixture
def reader(db: None) -> Member:
    return make_member()


@pytest.fixture
def room(member: Member, other_member: Member) -> list[Thread]:
    """Three dilemmas, oldest first, the last one with replies."""
    threads = [
        make_thread(member, title="Wie vervangt de juf?", source=f"Eerste. {TEXT}"),
        make_thread(
            member,
            title="Hoe vertel ik dit de oudergeleding?",
            source=f"Tweede. {TEXT.replace('ziek', 'boos')} Het schoolplan is klaar.",
            category="parents",
        ),
        make_thread(
            member,
            title="Mag de café-middag doorgaan?",
            source=f"Derde. {TEXT.replace('ouders', 'collega')}",
            under_alias=True,
        ),
    ]
    make_reply(other_member, threads[2], source="Vierde. Heb je ideeën voor de ouders?")
    make_reply(
        other_member, threads[2], source="Vijfde. Wat maakt het ouderwets voor je?"
    )
    return threads


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("ouders", ["Vierde", "Tweede", "Eerste"]),
        ("ouder", ["Vierde", "Vijfde", "Tweede", "Eerste"]),
        ("oude", ["Vierde", "Vijfde", "Tweede", "Eerste"]),
        ("ouders ziek", ["Eerste"]),
        ("ziek ouders", ["Eerste"]),
        ("zieken", ["Derde", "Eerste"]),
        ("scholen", ["Derde", "Tweede", "Eerste"]),
        ("schoolp", ["Tweede"]),
        ("schoolp ouders", []),
        ("sc", []),
        ("cafe", ["Derde"]),
        ("CAFÉ", ["Derde"]),
        ("idee", ["Vierde"]),
        ('"school is al weken ziek"', ["Derde", "Eerste"]),
        ('"weken boos"', ["Tweede"]),
        ('"ziek weken"', []),
        ('"weken" ziek', ["Derde", "Eerste"]),
        ("\u201cweken boos\u201d school", ["Tweede"]),
        ('ouders "ziek', ["Eerste"]),
        ('"ouder"', ["Vierde", "Tweede", "Eerste"]),
        # A phrase does not run on from the title into the text.
        ('"doorgaan derde"', []),
        ('"vervangt de juf"', ["Eerste"]),
        ("de het een", []),
        ("wat is de ziekte", ["Derde", "Eerste"]),
        ("kanarie", []),
    ],
)
def test_question_finds_the_same_in_the_same_order_on_both_databases(
    reader: Member, room: list[Thread], asked: str, expected: list[str]
) -> None:
    assert found(reader, asked) == expected


def test_theme_and_outcome_narrow_what_is_found(
    reader: Member, room: list[Thread]
) -> None:
    author = room[0].posts.get(kind="dilemma").author
    assert author is not None
    make_outcome(author, room[0], source="Het is goed afgelopen met een invaller.")

    assert found(reader, "school", theme="parents") == ["Tweede"]
    assert found(reader, "school", has_outcome=True) == ["Eerste"]
    assert found(reader, "school", has_outcome=False) == ["Derde", "Tweede"]
    assert found(reader, "invaller") == ["Het is goed afgelopen met een invaller"]


@pytest.fixture(autouse=True)
def _in_a_transaction(db: None) -> None:
    """`select_for_update` wants one, and a test has one."""


def test_pages_by_key_hold_everything_once(reader: Member, member: Member) -> None:
    thread = make_thread(member, title="Een lang gesprek over verlof?", source=TEXT)
    for number in range(45):
        make_numbered(member, thread, number)

    pages = []
    before = None
    while True:
        page = search.find(reader, search.read_question("verlof"), before=before)
        pages.append([hit.post.published_number for hit in page.hits])
        if page.older is None:
            break
        before = page.older

    assert [len(page) for page in pages] == [20, 20, 6]
    assert list(chain(*pages)) == list(range(1, 47))


def make_numbered(member: Member, thread: Thread, number: int) -> None:
    """A reply without its flood counter."""
    post = Post.objects.create(
        thread=thread,
        author=member,
        kind="answer",
        source=f"Verlof {number}",
        html=f"<p>Verlof {number}</p>",
        rendering_version=1,
        lang="nl",
        state="published",
    )
    live.change(live.lock_thread(thread), posts=[post])


def test_applicant_finds_nothing(room: list[Thread], applicant: Member) -> None:
    assert found(applicant, "school") == []


def test_name_of_an_author_is_not_found_by_or_under_an_alias(
    reader: Member, room: list[Thread]
) -> None:
    alias = room[2].posts.get(kind="dilemma").alias
    assert alias is not None

    for name in ("Marit", "Joost", *alias.name.split()):
        assert found(reader, f'"{name}"') == []


@pytest.mark.parametrize("act", ["hide", "remove", "send_back"])
def test_moderated_text_goes_at_once_and_comes_back_in_its_place(
    reader: Member, room: list[Thread], act: str
) -> None:
    post = room[2].posts.get(source__startswith="Vierde")
    before = state_of_index()

    getattr(curating, act)(post, version=post.version, reason="R01", message="")
    assert found(reader, "ideeën") == []
    assert Findable.objects.filter(post=post).count() == 0

    Post.objects.filter(pk=post.pk).update(state="held")
    post.refresh_from_db()
    curating.release(post, version=post.version)
    assert found(reader, "ouder") == ["Vierde", "Vijfde", "Tweede", "Eerste"]
    assert state_of_index() == before


def test_replies_of_a_hidden_dilemma_are_not_found_until_it_is_back(
    reader: Member, room: list[Thread]
) -> None:
    dilemma = room[2].posts.get(kind="dilemma")
    before = state_of_index()

    curating.hide(dilemma, version=dilemma.version, reason="R01", message="")
    assert found(reader, "ouder") == ["Tweede", "Eerste"]

    dilemma.refresh_from_db()
    curating.release(dilemma, version=dilemma.version)
    assert found(reader, "ouder") == ["Vierde", "Vijfde", "Tweede", "Eerste"]
    assert state_of_index() == before


def test_edited_text_is_found_by_its_new_words_only(
    reader: Member, member: Member, room: list[Thread]
) -> None:
    dilemma = room[0].posts.get()

    posting.edit_post(
        by=member,
        post=dilemma,
        version=dilemma.version,
        title="Wie vervangt de meester?",
        category="shortage",
        source=TEXT.replace("ziek", "afwezig"),
    )

    assert found(reader, "juf") == found(reader, "ziek", theme="team")[1:] == []
    assert found(reader, "meester afwezig", theme="shortage") == [
        TEXT.replace("ziek", "afwezig").split(".")[0]
    ]


def test_new_theme_of_a_dilemma_holds_for_its_replies(
    reader: Member, member: Member, room: list[Thread]
) -> None:
    dilemma = room[2].posts.get(kind="dilemma")

    posting.edit_post(
        by=member,
        post=dilemma,
        version=dilemma.version,
        title=room[2].title,
        category="quality",
        source=dilemma.source,
    )

    assert found(reader, "ouderwets", theme="quality") == ["Vijfde"]
    assert found(reader, "ouderwets", theme="team") == []


def test_held_text_is_found_when_it_is_published(
    reader: Member, newcomer: Member
) -> None:
    post = make_thread(newcomer, title="Hoe pak ik dit aan?", source=TEXT).posts.get()
    assert found(reader, "aanpak") == found(reader, "ziek") == []

    curating.release(post, version=post.version)

    assert len(found(reader, "ziek")) == 1


def test_an_33_delayed_text_is_in_no_index_before_its_tick_and_leaves_no_trace_of_when(
    reader: Member, member: Member, room: list[Thread]
) -> None:
    tick = delaying.draw_tick(timezone.now())
    delayed = make_reply(member, room[0], source="Zesde. Een kanarie.", release_at=tick)
    make_thread(member, title="Wat kwam er daarna nog?", source=TEXT)
    before = Findable.objects.order_by("-number").first()
    assert before is not None
    assert found(reader, "kanarie") == []
    assert "kanarie" not in repr(indexed())

    delaying.release_due(tick + dt.timedelta(minutes=1))

    assert found(reader, "kanarie") == ["Zesde"]
    post = Post.objects.get(pk=delayed.pk)
    assert post.written_at == hour_of(tick + dt.timedelta(minutes=1))


def indexed() -> dict[str, object]:
    return {
        table: rows
        for table, rows in database().items()
        if table.startswith("forum_findable")
    }


def test_an_27_withdrawn_text_is_in_no_row_of_the_index_at_once(
    reader: Member, member: Member, room: list[Thread]
) -> None:
    posting.withdraw_post(by=member, post=room[1].posts.get())

    assert found(reader, "schoolplan") == found(reader, "oudergeleding") == []
    assert "schoolplan" not in repr(state_of_index())


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_27_words_of_a_withdrawn_text_are_not_in_the_file_after_purge(
    tmp_path: Path,
) -> None:
    member, other = make_member(), make_member()
    for number in range(4):
        text = f"{TEXT} Kwikstaartnummer{number}."
        thread = make_thread(member, under_alias=True, source=text)
        make_reply(other, thread, source="Wat een kwikstaartvraag is dit zeg")
    assert b"wikstaart" in raw_files().lower()

    for post in Post.objects.all():
        posting.withdraw_post(by=other if post.author_id else member, post=post)
    call_command("purge", stdout=StringIO())

    assert b"wikstaart" not in raw_files().lower()


def raw_files() -> bytes:
    file = str(connection.settings_dict["NAME"])
    parts = [Path(file), Path(f"{file}-wal")]
    return b"".join(part.read_bytes() for part in parts if part.exists())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_27_keys_of_the_index_go_with_purge_on_postgresql(member: Member) -> None:
    pieces = "SELECT pg_relation_size('forum_findable_stems')"
    words = " ".join(secrets.token_hex(8) for _n in range(160))
    for _round in range(8):
        post = make_thread(member, source=words).posts.get()
        posting.withdraw_post(by=member, post=post)
    grown = one(pieces)

    call_command("purge", stdout=StringIO())

    assert one(pieces) < grown


def one(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def test_index_made_anew_is_the_one_that_was_kept(
    reader: Member, room: list[Thread]
) -> None:
    before = state_of_index()
    Findable.objects.filter(stems__isnull=False).delete()
    assert found(reader, "school") == []

    for _twice in range(2):
        lines = StringIO()
        call_command("rebuild_search", stdout=lines)

        assert lines.getvalue() == "5 texts can be found.\n"
        assert state_of_index() == before
        assert found(reader, "school") == ["Derde", "Tweede", "Eerste"]


def test_index_holds_stems_and_public_numbers_only(room: list[Thread]) -> None:
    columns = {field.column for field in Findable._meta.concrete_fields}

    assert columns == {"number", "post_id", "stems", "category", "has_outcome"}
    for row in Findable.objects.select_related("post__thread"):
        thread = row.post.thread
        assert row.number >> search.BITS == thread.published_number
        assert search.LAST - row.number % (1 << search.BITS) == (
            row.post.published_number
        )


@pytest.mark.parametrize(
    "asked",
    [
        '"',
        '"""" "" """',
        "' OR 1=1 --",
        "a:* & !b | (c <-> d)",
        "NEAR(school ouders, 2) AND NOT stems:x OR *",
        'stems : "school" *',
        "^school -ouders +team {category}",
        "school\\' & '",
        "\x00school\x00",
        "\ud800school",
        "% _ %%s %(a)s",
        "½ ﬁ \U0001d400 \u017f ß İ \u0301",
        "x" * 20_000,
        "xyz " * 5_000,
        '"a b' * 4_000,
        "🙂 日本語 مدرسة",
    ],
)
def test_hostile_question_is_harmless(
    reader: Member, room: list[Thread], asked: str
) -> None:
    search.find(reader, search.read_question(asked[: search.LONGEST_QUESTION]))
    search.find(reader, search.read_question(asked[:2000]), theme="team")


def marked(text: str, asked: str) -> str:
    pieces = search._snippet(text, search.read_question(asked))
    return "".join(f"[{p.text}]" if p.is_hit else p.text for p in pieces)


def test_snippet_marks_every_form_of_the_word_as_it_was_written() -> None:
    text = "De Scholen en het schoolplan; één café."

    assert marked(text, "school") == "De [Scholen] en het [schoolplan]; één café."
    assert marked(text, '"school"') == "De [Scholen] en het schoolplan; één café."
    assert marked(text, "cafe") == "De Scholen en het schoolplan; één [café]."


def test_snippet_shows_the_place_with_most_of_what_was_asked() -> None:
    text = f"Ouders. {'Iets anders. ' * 60}De ouders zijn boos. {'Nog iets. ' * 60}"

    found = marked(text, '"ouders" boos')

    assert found.startswith("\u2026 ")
    assert found.endswith("\u00a0\u2026")
    assert "De [ouders] zijn [boos]." in found
    assert len(found) < search.SNIPPET + 20


def test_snippet_of_a_hit_elsewhere_is_the_beginning() -> None:
    assert marked("Kort van stof.", "kanarie") == "Kort van stof."


def test_snippet_of_a_text_that_is_all_hits_is_bounded() -> None:
    assert len(marked("team " * 4_000, "team")) < 2 * search.SNIPPET
    assert len(marked("x" * 20_000, "xxx")) <= search.SNIPPET + 5


def test_what_a_dilemma_tells_beside_its_text_is_found(member: Member) -> None:
    told = {"tried": "Eerst belde ik de kwartiermaker."}
    thread = make_thread(member, details=told)

    page = search.find(member, search.read_question("kwartiermaker"))

    assert [hit.post.thread_id for hit in page.hits] == [thread.pk]

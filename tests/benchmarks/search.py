"""How long a page of search takes, on SQLite and on PostgreSQL, side by side.

    python -m tests.benchmarks.search [threads posts]

Fills a database of each kind with the same made texts, then asks the same questions in
turn: everything that the page does between its form and its template. Both must find
the same. Beside the time on the clock stands the time of the processor, our process and
PostgreSQL's together: on a machine that does other things too, only that one tells.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from tests import services

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 40
# What is asked: a question, and where.
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    # How fast the machine is at this moment: a query that looks for nothing.
    "nothing but the way there": ("", {}),
    "common word": ("school", {}),
    "two common words": ("school ouders", {}),
    "common and rare": ("school {rare}", {}),
    "rare word": ("{rare}", {}),
    "no such word": ("kanarievogelnest", {}),
    "phrase": ('"{pair}"', {}),
    "beginning of three letters": ("ver", {}),
    "word and beginning": ("team ouder", {}),
    "word in a theme": ("team", {"theme": "money"}),
    "rare word in a theme": ("{middle}", {"theme": "money"}),
    "with outcome": ("ouders", {"has_outcome": True}),
    "page 50": ("school", {"before": "50"}),
    "eight words": ("school ouders team klas gesprek werk kind leerkracht", {}),
    "hostile": (
        " ".join(f"{letter}a" for letter in "bcdfghjklmnpqrstvwxz") + " ver",
        {},
    ),
}


def vocabulary() -> list[str]:
    """Words of the demo, most used first, then made ones: 30,000 in all."""
    content = (ROOT / "forum" / "demo" / "content.json").read_text()
    text = " ".join(_strings(json.loads(content))).lower()
    known = [word for word in text.split() if word.isalpha()]
    ranked = sorted(set(known), key=lambda word: (-known.count(word), word))
    first = [
        "school",
        "ouders",
        "team",
        "klas",
        "gesprek",
        "werk",
        "kind",
        "leerkracht",
    ]
    ranked = [*ranked[:10], *first, *(w for w in ranked[10:] if w not in first)]
    dice = random.Random(7)  # noqa: S311 - figures, not secrets
    parts = [word for word in ranked if 3 < len(word) < 9]
    made = {dice.choice(parts) + dice.choice(parts) for _n in range(40_000)}
    return [*ranked, *sorted(made - set(ranked))][:30_000]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def texts(words: list[str]) -> Iterator[str]:
    """Texts of 40 to 200 words, each word as often as in real language (Zipf)."""
    dice = random.Random(11)  # noqa: S311 - the same
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    while True:
        length = dice.randint(40, 200)
        yield " ".join(dice.choices(words, cum_weights=weights, k=length))


def fill(threads: int, posts: int) -> None:
    """Write the rows that posting would leave."""
    from django.core.management import call_command
    from django.db import transaction

    from forum import search
    from forum.models import Category, Findable, Post, Thread
    from tests.factories import make_member

    call_command("migrate", verbosity=0)
    author = make_member("lid@voorbeeld.nl")
    source = texts(vocabulary())
    each, extra = divmod(posts, threads)
    dice = random.Random(3)  # noqa: S311 - the same
    themes = Category.values
    for first in range(0, threads, 500):
        some = []
        written = []
        for number in range(first, min(first + 500, threads)):
            title = " ".join(next(source).split()[:9])[:120]
            thread = Thread(
                title=title,
                category=dice.choice(themes),
                ask="advice",
                has_outcome=dice.random() < 0.3,
                was_public=True,
                is_listed=True,
                published_number=number * 12 + 1,
            )
            some.append(thread)
            for place in range(each + (number < extra)):
                text = next(source)
                written.append(
                    Post(
                        thread=thread,
                        author=author,
                        kind="question" if place else "dilemma",
                        source=text,
                        html=f"<p>{text}</p>",
                        rendering_version=1,
                        lang="nl",
                        state="published",
                        was_public=True,
                        published_number=place + 1,
                    )
                )
        with transaction.atomic():
            Thread.objects.bulk_create(some)
            Post.objects.bulk_create(written, batch_size=500)
            rows = [search._row(post.thread, post) for post in written]
            Findable.objects.bulk_create(rows, batch_size=500)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(**what: Any) -> None:
    say(json.dumps(what))


def serve(threads: int, posts: int) -> None:
    """One database: fill it, then answer each line of questions with its figures."""
    import django

    django.setup()
    from django.db import connection

    from accounts.models import Member
    from forum import search

    fill(threads, posts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    search.tidy()
    tell(tidied=time.perf_counter() - began)
    member = Member.objects.get()

    def ask(asked: str, where: dict[str, Any]) -> list[str]:
        if not asked:
            return [str(Member.objects.get().pk)]
        question = search.read_question(asked)
        found = search.find(member, question, **where)
        return [f"{hit.post.pk} {hit.snippet}" for hit in found.hits]

    for line in sys.stdin:
        asked, where = json.loads(line)
        if where.get("before") == "50":
            where["before"] = fiftieth(asked, search)
        tell(**measured(partial(ask, asked, where), search, asked, where))


def fiftieth(asked: str, search: Any) -> int | None:
    """The number below which the fiftieth page starts."""
    before = None
    for _page in range(49):
        question = search.read_question(asked)
        numbers = search._numbers(question, "", None, before)
        before = numbers[-2] if len(numbers) > search.PAGE_SIZE else before
    return before


def measured(
    act: Callable[[], list[str]], search: Any, asked: str, where: dict[str, Any]
) -> dict[str, Any]:
    """Milliseconds of each round, of the processor per round, and what was found."""
    spent = []
    act()
    worked = processor()
    for _round in range(ROUNDS):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    worked = (processor() - worked) * 1000 / ROUNDS
    numbers = asked and search._numbers(
        search.read_question(asked),
        where.get("theme", ""),
        where.get("has_outcome"),
        where.get("before"),
    )
    return {"spent": spent, "worked": worked, "numbers": numbers}


def processor() -> float:
    """Seconds that this process and its server process have worked (Linux, proc(5))."""
    from django.db import connection

    theirs = 0.0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
        user, system = stat.rsplit(")", 1)[1].split()[11:13]
        theirs = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return time.process_time() + theirs


def main(threads: int, posts: int) -> None:
    """Start a process for each database and ask both in turn."""
    words = vocabulary()
    known = {
        "rare": words[25_000],
        "middle": words[600],
        "pair": " ".join(islice(texts(words), 1, 2).__next__().split()[4:6]),
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(services.postgres())
        urls = {
            "SQLite": f"sqlite:///{folder / 'search.sqlite3'}",
            "PostgreSQL": server.url,
        }
        sides = {}
        for name, url in urls.items():
            side = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.benchmarks.search",
                    str(threads),
                    str(posts),
                ],
                cwd=ROOT,
                env={**os.environ, **ENVIRONMENT, "DK_DATABASE_URL": url},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(side.wait)
            assert side.stdin
            stack.callback(side.stdin.close)
            sides[name] = side
        report(sides, known, threads, posts)


# The children's settings, and the mark by which they know what they are.
ENVIRONMENT = {
    "SEARCH_BENCHMARK": "1",
    "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
    "DK_SECRET_KEY": "only-for-figures-" * 4,
    "DK_ALIAS_KEYS": "A" * 43,
    "DK_ORIGIN": "http://127.0.0.1:8000",
    "DK_CONTACT_EMAIL": "contact@voorbeeld.nl",
    "DK_EMAIL_URL": "smtp://127.0.0.1:1",
}


def report(
    sides: dict[str, Any], known: dict[str, str], threads: int, posts: int
) -> None:
    """Print a line per question, and one for all of them together."""
    say(f"{threads} threads, {posts} posts; milliseconds, {ROUNDS} rounds each")
    for name, side in sides.items():
        tidied = json.loads(side.stdout.readline())["tidied"]
        say(f"{name}: index put in order in {tidied:.1f} s")
    say(f"{'':28}" + "".join(f"{name:>14} p50   p95 processor" for name in sides))
    everything: dict[str, list[float]] = {name: [] for name in sides}
    work: dict[str, list[float]] = {name: [] for name in sides}
    for label, (asked, where) in QUESTIONS.items():
        line, found = f"{label:28}", []
        for name, side in sides.items():
            side.stdin.write(json.dumps([asked.format(**known), where]) + "\n")
            side.stdin.flush()
            told = json.loads(side.stdout.readline())
            if asked:
                everything[name] += told["spent"]
                work[name].append(told["worked"])
            found.append(told["numbers"])
            line += columns(told["spent"], told["worked"])
        is_same = "the same" if found[0] == found[1] else "NOT THE SAME"
        say(f"{line}   {len(found[0])} hits, {is_same}")
    line = f"{'all questions':28}"
    for name, spent in everything.items():
        line += columns(spent, statistics.mean(work[name]))
    say(line)


def columns(spent: list[float], worked: float) -> str:
    return f"{statistics.median(spent):18.1f}{p95(spent):6.1f}{worked:10.1f}"


def p95(spent: list[float]) -> float:
    return sorted(spent)[int(len(spent) * 0.95)]


if __name__ == "__main__":
    wanted = [int(word) for word in sys.argv[1:3]] or [20_000, 200_000]
    run = serve if os.environ.get("SEARCH_BENCHMARK") else main
    run(*wanted)

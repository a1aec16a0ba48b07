"""The finished HTML of a post, a thread's head and foot, and a card in the list.

Rendered once per change and language, the same for every reader; the page, the socket
and the catch-up address reuse the bytes. What is the reader's own never goes in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from forum.models import (
    Ask,
    Post,
    PostRevision,
    PostState,
    Reaction,
    ReplyKind,
    Thread,
)
from forum.models.details import WORDS
from forum.permissions import allowed_kinds
from forum.rendering import excerpt, render

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Raise this when a template of a fragment changes; rerender_posts looks at it.
FRAGMENT_VERSION = 3
QUOTE_LENGTH = 60


class ThreadFragments(TypedDict):
    head: str
    foot: str
    card: str


@dataclass(frozen=True)
class Told:
    """What a dilemma tells beside its situation, finished like a text."""

    heading: StrOrPromise
    html: str
    is_pull: bool
    is_ending: bool
    is_own_words: bool


@dataclass(frozen=True)
class Words:
    """Everything that a dilemma tells, in the order of the page."""

    told: list[Told]

    @property
    def pulls(self) -> list[Told]:
        """The two sides."""
        return [each for each in self.told if each.is_pull]

    @property
    def endings(self) -> list[Told]:
        """Where it stands, in a list of one; empty of a dilemma."""
        return [each for each in self.told if each.is_ending]

    @property
    def rest(self) -> list[Told]:
        """What follows the text."""
        return [each for each in self.told if not (each.is_pull or each.is_ending)]


def words_of(post: Post | PostRevision) -> Words:
    """What a text tells beside itself, through the same cleaners."""
    return Words(
        [
            Told(
                detail.heading,
                render(str(detail.text)),
                is_pull=detail.is_pull,
                is_ending=detail.is_ending,
                is_own_words=detail.name in WORDS,
            )
            for detail in post.told
        ]
    )


def languages() -> list[str]:
    """The codes of the languages that a fragment is rendered in."""
    return [code for code, _name in settings.LANGUAGES]


def post_fragments(post: Post) -> dict[str, str]:
    """The post as everybody sees it, by language; an empty text where it left nothing.

    ``post`` comes with its thread, author, alias and what it answers.
    """
    fragments = {}
    is_outcome = post.is_outcome and post.is_online
    template = "forum/_outcome.html" if is_outcome else "forum/_post.html"
    quoted = post.answers
    has_history = post.is_online and post.version > 1 and post.revisions.exists()
    felt = Reaction.objects.shown_under(post) if post.is_online else {}
    for language in languages():
        with translation.override(language):
            context = {
                "post": post,
                "quote": excerpt(quoted.source, QUOTE_LENGTH)
                if quoted and quoted.is_online
                else "",
                "has_history": has_history,
                "felt": [word.sentence(is_many=many) for word, many in felt.items()],
                "words": words_of(post),
                "states": PostState,
            }
            fragments[language] = render_to_string(template, context).strip()
    return fragments


def thread_fragments(thread: Thread, dilemma: Post) -> dict[str, ThreadFragments]:
    """Head, foot and card of ``thread``, by language; its outcome stands in the foot."""
    fragments: dict[str, ThreadFragments] = {}
    shown = thread.posts.filter(kind=ReplyKind.OUTCOME, was_public=True)
    outcomes = list(shown.order_by("published_number")) if dilemma.is_online else []
    for language in languages():
        with translation.override(language):
            context = {
                "thread": thread,
                "dilemma": dilemma,
                "ask": Ask(thread.ask),
                "kinds": " ".join(allowed_kinds(thread.ask)),
                "excerpt": excerpt(dilemma.source),
                "outcomes": [
                    finished(post.fragments.get(language, "")) for post in outcomes
                ],
            }
            fragments[language] = {
                "head": render_to_string("forum/_head.html", context).strip(),
                "foot": render_to_string("forum/_foot.html", context).strip(),
                "card": render_to_string("forum/_card.html", context).strip(),
            }
    return fragments


def finished(stored: str) -> SafeString:
    """Stored bytes of a fragment, for a template: they were escaped when rendered."""
    return mark_safe(stored)  # noqa: S308 - made by our own templates only


def empty_part(part_id: str) -> str:
    """What stands in the place of something that is no longer in the list."""
    return f'<div id="{escape(part_id)}" hidden></div>'

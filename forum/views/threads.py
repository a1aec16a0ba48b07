"""The room, a thread, and the dilemma form."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import group
from accounts.drafts import (
    DraftChanged,
    OpenDraft,
    drop_draft,
    get_draft,
    list_drafts,
    save_draft,
)
from accounts.http import MemberRequest
from accounts.ids import is_id
from accounts.limits import TooFast
from accounts.models import Member
from accounts.readiness import KeyRingMissing
from accounts.shelf import Shelved, read_shelf
from forum import live, posting, subscribing
from forum.delaying import draw_tick
from forum.forms import DilemmaForm, OnceForm, ReplyForm
from forum.fragments import Words, finished, words_of
from forum.hinting import Hints
from forum.models import Ask, Category, Post, PostState, ReplyKind, Thread, Timing
from forum.models.details import OF_DILEMMA, TIMING
from forum.models.posts import OFFERED, REPLIES_PER_PAGE, page_address
from forum.permissions import allowed_kinds, get_thread, may_reply
from forum.posting import Sent
from forum.reading import read_numbers
from forum.rendering import quote
from forum.views.hints import hints_before, is_about_hints, switch_off_asked

PAGE_SIZE = 20
VIEWS = ("active", "new", "unanswered", "followed", "saved", "mine", "muted")
# What was muted is left out of these.
CALM = {"active", "new", "unanswered"}


@dataclass(frozen=True)
class Row:
    """A card, and beside it what only this reader sees."""

    thread: Thread
    card: str
    is_new: bool
    has_news: bool


@login_not_required
@require_safe
def thread_list(request: HttpRequest) -> HttpResponse:
    """Visitor: the landing page. Member: the room."""
    member = request.user
    if not isinstance(member, Member):
        return render(request, "pages/landing.html")
    if not member.is_admitted:
        return redirect("accounts:application_detail")
    shelf = read_shelf(member)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "active"
    theme = request.GET.get("theme", "")
    theme = theme if theme in Category.values else ""
    number = live.room_number()
    threads, older = _page(request, member, shelf, view, theme)
    marks = read_numbers(member, threads)
    return render(
        request,
        "forum/thread_list.html",
        {
            "rows": [_row(thread, marks) for thread in threads],
            "older": older,
            "view": view,
            "views": _view_names(),
            "theme": theme,
            "categories": Category,
            "category": Category(theme) if theme else None,
            "theme_wish": _theme_wish(shelf, theme),
            "wishes": subscribing.ThemeWish,
            "has_muted": bool(shelf.muted or shelf.muted_themes),
            "number": number,
        },
    )


def _view_names() -> list[tuple[str, str]]:
    return [
        ("active", _("All")),
        ("new", _("New")),
        ("unanswered", _("Waits for a first reply")),
        ("followed", _("Followed")),
        ("saved", _("Saved")),
        ("mine", _("Mine")),
    ]


def _page(
    request: HttpRequest, member: Member, shelf: Shelved, view: str, theme: str
) -> tuple[list[Thread], int | None]:
    """One page by key, and the key that the older page starts after."""
    threads = Thread.objects.visible_to(member).listed()
    if theme:
        threads = threads.filter(category=theme)
    if view in CALM:
        # Whoever opens a theme wants to see it, muted or not.
        themes = shelf.muted_themes - {theme}
        threads = threads.exclude(pk__in=shelf.muted).exclude(category__in=themes)
    if view == "unanswered":
        threads = threads.filter(has_replies=False)
    elif view == "followed":
        threads = threads.filter(
            Q(pk__in=shelf.followed) | Q(category__in=shelf.followed_themes)
        ).exclude(pk__in=shelf.muted)
    elif view == "muted":
        threads = threads.filter(
            Q(pk__in=shelf.muted) | Q(category__in=shelf.muted_themes)
        )
    elif view == "saved":
        threads = threads.among(shelf.saved)
    elif view == "mine":
        threads = threads.filter(posts__kind=ReplyKind.DILEMMA, posts__author=member)
    order = "published_number" if view == "new" else "risen_number"
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        threads = threads.filter(**{f"{order}__lt": int(before)})
    page = list(threads.order_by(f"-{order}")[: PAGE_SIZE + 1])
    older = getattr(page[PAGE_SIZE - 1], order) if len(page) > PAGE_SIZE else None
    return page[:PAGE_SIZE], older


def _theme_wish(shelf: Shelved, theme: str) -> subscribing.ThemeWish:
    if theme in shelf.followed_themes:
        return subscribing.ThemeWish.FOLLOW
    is_muted = theme in shelf.muted_themes
    return subscribing.ThemeWish.MUTE if is_muted else subscribing.ThemeWish.NOTHING


def _row(thread: Thread, marks: dict[str, int]) -> Row:
    read_to = marks.get(thread.pk, 0)
    return Row(
        thread,
        finished(thread.fragments[get_language() or "nl"]["card"]),
        is_new=not read_to,
        has_news=bool(read_to) and read_to < thread.news_number,
    )


@require_safe
def room_changes(request: MemberRequest) -> JsonResponse:
    return JsonResponse(
        live.room_changes(changes_after(request), get_language() or "nl")
    )


@require_safe
def thread_changes(request: MemberRequest, thread_id: str) -> JsonResponse:
    thread = get_thread(request.user, thread_id)
    frame = live.thread_changes(thread, changes_after(request), get_language() or "nl")
    return JsonResponse(frame)


def changes_after(request: HttpRequest) -> int:
    """The change number that a page says it has; 0 for anything else."""
    after = request.GET.get("after", "")
    return int(after) if after.isdecimal() and len(after) < 18 else 0


@require_safe
def thread_detail(request: MemberRequest, thread_id: str) -> HttpResponse:
    thread = get_thread(request.user, thread_id)
    draft = _opened_draft(request, thread.pk)
    initial: dict[str, Any] = {
        "answers": request.GET.get("answer", ""),
        "source": _quote(request, thread),
    }
    form = ReplyForm(initial=draft or initial)
    wish = request.GET.get("page", "")
    number = int(wish[:9]) if wish.isdecimal() else 1
    return render_thread(request, thread, form, number=number)


def render_thread(
    request: MemberRequest,
    thread: Thread,
    form: ReplyForm,
    *,
    number: int | None = None,
    sent: Sent | None = None,
    hints: Hints | None = None,
    preview: Preview | None = None,
    has_conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page of the thread nearest to ``number``, the last without, and a composer.

    ``sent`` and ``hints`` are what the author's own POST tells. Else the composer is
    the same for everybody, whatever they wrote here before.
    """
    member = request.user
    language = get_language() or "nl"
    pages = Paginator(range(thread.reply_count), REPLIES_PER_PAGE)
    last = pages.num_pages
    page = pages.page(last if number is None else min(max(number, 1), last))
    posts = _posts_on(thread, page)
    pieces = {p.pk: finished(p.fragments.get(language, "")) for p in posts}
    shelf = read_shelf(member)
    read_to = read_numbers(member, [thread]).get(thread.pk, 0)
    answered = _answered(member, thread, str(form["answers"].value() or ""))
    allowed = allowed_kinds(thread.ask)
    dilemma = next(post for post in posts if post.is_dilemma)
    # By name: of an anonymous one the page is the same for its author too.
    is_own = thread.is_listed and dilemma.author_id == member.pk
    unread = _first_unread(thread, page, posts, read_to)
    return render(
        request,
        "forum/thread_detail.html",
        {
            "thread": thread,
            "head": finished(thread.fragments[language]["head"]),
            "foot": finished(thread.fragments[language]["foot"]),
            "dilemma": pieces[dilemma.pk],
            "own_dilemma": dilemma.pk if is_own else "",
            "replies": [(post.pk, pieces[post.pk]) for post in posts if post.is_reply],
            "page": page,
            "numbers": _numbers(page),
            "first_new": unread.pk if unread else "",
            "unread": _address_of_unread(page, unread),
            "marks_read": _marks_read(page, unread, read_to),
            "category": Category(thread.category),
            "ask": Ask(thread.ask),
            "kinds": [(kind, kind in allowed) for kind in OFFERED],
            "form": form,
            "answered": answered,
            "may_reply": may_reply(member, thread),
            "is_followed": thread.pk in shelf.followed,
            "is_saved": thread.pk in shelf.saved,
            "is_muted": thread.pk in shelf.muted,
            "sent": sent,
            "hints": hints,
            "preview": preview,
            "has_conflict": has_conflict,
            "drafts_here": [] if sent else _drafts_here(member, form, thread.pk),
            "is_group_small": group.is_small(),
        },
        status=status,
    )


def _posts_on(thread: Thread, page: Page[int]) -> list[Post]:
    """The dilemma, then the replies of ``page``, in order.

    Also those that appeared since ``thread`` was read, as far as they belong there.
    """
    first = (page.number - 1) * REPLIES_PER_PAGE + 1
    places = [0, *range(first, first + REPLIES_PER_PAGE)]
    return list(
        thread.posts.filter(was_public=True, place__in=places)
        # How it turned out stands in the foot.
        .exclude(kind=ReplyKind.OUTCOME)
        .order_by("place")
        .only(
            "pk",
            "kind",
            "place",
            "published_number",
            "fragments",
            "thread_id",
            "author_id",
        )
    )


def _numbers(page: Page[int]) -> list[int | None]:
    """The first page, those around this one, and the last; None where some lack."""
    near = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [each if isinstance(each, int) else None for each in near]


def _first_unread(
    thread: Thread, page: Page[int], posts: list[Post], read_to: int
) -> Post | None:
    """The first reply since the last visit, on any page; none at a first visit."""
    if not read_to or thread.news_number <= read_to:
        return None
    if not page.has_other_pages():
        new = (p for p in posts if p.is_reply and p.published_number > read_to)
        return next(new, None)
    return (
        Post.objects.replies()
        .filter(thread=thread, published_number__gt=read_to)
        .order_by("published_number")
        .only("pk", "place", "thread_id")
        .first()
    )


def _address_of_unread(page: Page[int], unread: Post | None) -> str:
    if unread is None:
        return ""
    is_here = unread.page == page.number
    path = "" if is_here else page_address(unread.thread_id, unread.page)
    return f"{path}#since"


def _marks_read(page: Page[int], unread: Post | None, read_to: int) -> bool:
    """Whether to look at ``page`` is to have read up to it: no page was left out."""
    if not read_to:
        return page.number == 1
    return unread is None or unread.page >= page.number


def _answered(member: Member, thread: Thread, post_id: str) -> Post | None:
    """The reply that is being answered, if it stands in this thread."""
    if not is_id(post_id):
        return None
    return (
        Post.objects.visible_to(member)
        .filter(pk=post_id, thread=thread, state="published")
        .exclude(kind__in=(ReplyKind.DILEMMA, ReplyKind.OUTCOME))
        .select_related("author", "alias")
        .first()
    )


def _quote(request: HttpRequest, thread: Thread) -> str:
    """The text that `?quote=` names, as a quote, if it stands in this thread."""
    post_id = request.GET.get("quote", "")
    online = thread.posts.filter(state=PostState.PUBLISHED)
    post = (
        online.select_related("author", "alias").filter(pk=post_id).first()
        if is_id(post_id)
        else None
    )
    return quote(post.byline.name, post.source) if post else ""


def _opened_draft(request: MemberRequest, thread_id: str) -> dict[str, Any] | None:
    """The fields of the draft that `?draft=` names, when it belongs here."""
    slot = request.GET.get("draft", "")
    if not (slot.isdecimal() and len(slot) < 3):
        return None
    draft = get_draft(request.user, int(slot))
    if draft is None or draft.is_owned or draft.fields.get("thread", "") != thread_id:
        return None
    return {**draft.fields, "draft": draft.ref}


def _drafts_here(member: Member, form: OnceForm, thread_id: str) -> list[OpenDraft]:
    """The member's drafts for this form, but for the one that is in it.

    They are offered beside the composer and put into it only when their writer asks:
    the composer is the same for everybody. A draft keeps no persona and goes when its
    text is sent, so that an offer tells of no text that stands in the room.
    """
    if form.is_bound:
        return []
    opened = form["draft"].value()
    return [
        draft
        for draft in list_drafts(member)
        if not draft.is_owned
        and draft.fields.get("thread", "") == thread_id
        and draft.ref != opened
    ]


def keep_draft(request: MemberRequest, form: OnceForm, thread_id: str) -> HttpResponse:
    """Keep what is in ``form`` as a draft and show where it lies.

    When another window went on with it the form says so and keeps the text: pressed
    there, the button keeps both.
    """
    ref = "" if "both" in request.POST else form.data.get("draft", "")
    try:
        save_draft(request.user, {**form.texts(), "thread": thread_id}, ref)
    except ValidationError as error:
        form.full_clean()
        form.errors.clear()
        has_conflict = isinstance(error, DraftChanged)
        status = 409 if has_conflict else 422
        if not has_conflict:
            form.add_error(None, error)
        if isinstance(form, ReplyForm):
            thread = get_thread(request.user, thread_id)
            return render_thread(
                request, thread, form, has_conflict=has_conflict, status=status
            )
        return render_dilemma_form(
            request, form, has_conflict=has_conflict, status=status
        )
    messages.success(request, _("Kept as a draft. Only you can read it."))
    return redirect("forum:draft_list")


def refusal_status(error: ValidationError) -> int:
    """The status that goes with a refusal."""
    if isinstance(error, TooFast):
        return 429
    return 503 if isinstance(error, KeyRingMissing) else 422


def thread_create(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return render_dilemma_form(
            request, DilemmaForm(initial=_opened_draft(request, ""))
        )
    form = DilemmaForm(request.POST)
    if {"keep", "both"} & request.POST.keys():
        return keep_draft(request, form, "")
    switch_off_asked(request)
    if "preview" in request.POST:
        return render_dilemma_form(request, form, preview=_preview(form))
    if not form.is_valid():
        return render_dilemma_form(request, form, status=422)
    hints = hints_before(request, form, ReplyKind.DILEMMA)
    if hints or is_about_hints(request):
        return render_dilemma_form(request, form, hints=hints)
    told = form.cleaned_data
    try:
        sent = posting.start_thread(
            by=request.user,
            title=told["title"],
            category=told["category"],
            ask=told["ask"],
            source=told["source"],
            details=form.details(),
            under_alias=told["under_alias"],
            form_key=told["form_key"],
            release_at=tick(form),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return render_dilemma_form(request, form, status=refusal_status(error))
    if told["draft"] and not sent.is_resend:
        drop_draft(request.user, told["draft"])
    return render(request, "forum/thread_sent.html", {"sent": sent})


def _asking_first(form: OnceForm) -> ReplyForm:
    """The form with a question in place of the advice that is not asked for.

    What was typed already stays, below the question.
    """
    typed = form.data.get("source", "")
    told = {name: form.data[name] for name in form.data}
    words = f"{_('May I share an idea?')}\n\n{typed}".strip()
    return ReplyForm({**told, "kind": ReplyKind.QUESTION.value, "source": words})


def tick(form: OnceForm) -> dt.datetime | None:
    """When the text appears, if its author chose a random moment."""
    return draw_tick(timezone.now()) if form.cleaned_data["is_delayed"] else None


@dataclass(frozen=True)
class Preview:
    """A text as it would stand; ``post`` is None while there are no words."""

    post: Post | None
    words: Words | None
    title: str
    is_anonymous: bool


def _preview(form: OnceForm) -> Preview:
    """What ``form`` holds, right or wrong: nothing is refused, kept or counted."""
    form.full_clean()
    form.errors.clear()
    under_alias = bool(form["under_alias"].value())
    details = {name: form.data.get(name, "") for name in OF_DILEMMA}
    if details[TIMING] not in Timing.values:
        del details[TIMING]
    post = posting.preview_post(
        source=form.data.get("source", ""),
        details=details if isinstance(form, DilemmaForm) else {},
        under_alias=under_alias,
    )
    return Preview(
        post,
        words=words_of(post) if post else None,
        title=form.data.get("title", ""),
        is_anonymous=under_alias,
    )


def render_dilemma_form(
    request: MemberRequest,
    form: OnceForm,
    *,
    hints: Hints | None = None,
    preview: Preview | None = None,
    has_conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The dilemma form; the same for everybody, nothing chosen beforehand."""
    return render(
        request,
        "forum/thread_form.html",
        {
            "form": form,
            "asks": list(Ask),
            "hints": hints,
            "preview": preview,
            "has_conflict": has_conflict,
            "drafts_here": _drafts_here(request.user, form, ""),
            "is_group_small": group.is_small(),
        },
        status=status,
    )


def reply_create(request: MemberRequest, thread_id: str) -> HttpResponse:
    """The composer's own address; asked with GET it leads to the thread."""
    thread = get_thread(request.user, thread_id)
    if request.method != "POST":
        return redirect("forum:thread_detail", thread_id)
    form = ReplyForm(request.POST)
    if {"keep", "both"} & request.POST.keys():
        return keep_draft(request, form, thread.pk)
    switch_off_asked(request)
    if "idea" in request.POST:
        return render_thread(request, thread, _asking_first(form))
    if "preview" in request.POST:
        return render_thread(request, thread, form, preview=_preview(form))
    if not form.is_valid():
        return render_thread(request, thread, form, status=422)
    hints = hints_before(request, form, form.cleaned_data["kind"])
    if hints or is_about_hints(request):
        return render_thread(request, thread, form, hints=hints)
    told = form.cleaned_data
    answers = _answered(request.user, thread, told["answers"])
    try:
        sent = posting.add_reply(
            by=request.user,
            thread=thread,
            kind=told["kind"],
            source=told["source"],
            answers=answers,
            under_alias=told["under_alias"],
            form_key=told["form_key"],
            release_at=tick(form),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return render_thread(request, thread, form, status=refusal_status(error))
    if told["draft"] and not sent.is_resend:
        drop_draft(request.user, told["draft"])
    thread.refresh_from_db()
    return render_thread(request, thread, ReplyForm(), sent=sent)

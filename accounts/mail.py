"""The one way to write a mail: three templates in, one row of the outbox out."""

from __future__ import annotations

from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Outgoing

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def write(
    recipient: str,
    name: str,
    context: dict[str, Any],
    *,
    language: str,
    headers: dict[str, str] | None = None,
) -> Outgoing:
    """Render `<name>.subject.txt`, `.txt` and `.html` and put the mail in the outbox.

    Runs in the transaction of the change that causes the mail, so that both happen
    or neither. ``context`` holds words, never a Member.
    """
    subject, text, html = render(name, context, language=language)
    return Outgoing.objects.create(
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        headers=headers or {},
    )


def render(
    name: str, context: dict[str, Any], *, language: str
) -> tuple[str, str, str]:
    """Subject, plain text and HTML with its CSS inlined, in ``language``."""
    context = {"site_name": settings.SITE_NAME, "origin": settings.ORIGIN, **context}
    with translation.override(language):
        subject = " ".join(render_to_string(f"{name}.subject.txt", context).split())
        text = render_to_string(f"{name}.txt", context).strip() + "\n"
        html = _inliner.inline(render_to_string(f"{name}.html", context))
    return subject, text, html

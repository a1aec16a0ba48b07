"""A member's own data as one file: one function per app, made within the request.

Two files that never meet: the standard one holds nothing anonymous, and its size and
shape do not depend on anonymous writing; the other one is made in owner mode.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.template.loader import render_to_string

from accounts.exporting import own_account
from accounts.models import Member
from forum.exporting import own_anonymous_texts, own_texts
from moderation.exporting import own_moderation


def standard(member: Member) -> bytes:
    """A zip of everything that is the member's by name, and what only they can read."""
    return _pack({**own_account(member), **own_texts(member), **own_moderation(member)})


def anonymous(member: Member) -> bytes:
    """A zip of the texts under the member's aliases; asked in owner mode only."""
    return _pack({"anonymous_texts": own_anonymous_texts(member)})


def _pack(content: dict[str, Any]) -> bytes:
    """JSON for programs and a page for people; the same content gives the same bytes."""
    # A copy: a template may put names of its own beside what it was given.
    page = render_to_string("own/archive.html", dict(content))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in (
            ("index.html", page),
            ("data.json", json.dumps(content, ensure_ascii=False, indent=2)),
        ):
            # A ZipInfo of one's own keeps no moment: it says 1980.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return packed.getvalue()

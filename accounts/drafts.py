"""Sealed drafts: ten slots per member, each a row under a tag that only they know.

A draft keeps text and never the persona: by name or under an alias is chosen anew.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import readiness
from accounts.models import Draft, Member
from accounts.shelf import seal, unseal
from accounts.tags import Domain, own_tag

SLOTS = range(1, 11)


@dataclass(frozen=True)
class OpenDraft:
    """A draft as its writer sees it."""

    slot: int
    fields: dict[str, str]
    saved_at: dt.datetime


def _tags(member: Member) -> dict[str, int]:
    return {own_tag(member, Domain.DRAFT, str(slot)): slot for slot in SLOTS}


def _opened(member: Member, row: Draft, slot: int) -> OpenDraft:
    content: dict[str, Any] = unseal(member, "draft", row.tag, bytes(row.sealed))
    saved_at = dt.datetime.fromisoformat(content["saved_at"])
    return OpenDraft(slot, content["fields"], saved_at)


def list_drafts(member: Member) -> list[OpenDraft]:
    """The member's drafts, newest first; none without a key ring."""
    if not readiness.is_ready():
        return []
    slots = _tags(member)
    rows = Draft.objects.filter(tag__in=slots)
    drafts = [_opened(member, row, slots[row.tag]) for row in rows]
    return sorted(drafts, key=lambda draft: draft.saved_at, reverse=True)


def get_draft(member: Member, slot: int) -> OpenDraft | None:
    """The draft in ``slot``, or None."""
    return next((d for d in list_drafts(member) if d.slot == slot), None)


def save_draft(member: Member, fields: dict[str, str], slot: int | None = None) -> int:
    """Keep ``fields`` in ``slot`` or in a free one; returns the slot.

    Raises ValidationError when all ten are taken, or when the text is too long.
    """
    taken = {draft.slot for draft in list_drafts(member)}
    if slot not in SLOTS:
        slot = next((free for free in SLOTS if free not in taken), None)
    if slot is None:
        raise ValidationError(
            _("You have ten drafts. Take one away, then this one fits.")
        )
    tag = own_tag(member, Domain.DRAFT, str(slot))
    content = {"fields": fields, "saved_at": timezone.now().isoformat()}
    sealed = seal(member, "draft", tag, content)
    Draft.objects.update_or_create(tag=tag, defaults={"sealed": sealed})
    return slot


def drop_draft(member: Member, slot: int) -> None:
    """Take the draft in ``slot`` away; no draft there is no error."""
    if slot in SLOTS:
        tag = own_tag(member, Domain.DRAFT, str(slot))
        Draft.objects.filter(tag=tag).delete()

"""Sealed drafts: ten slots per member, each a row under a tag that only they know.

A draft keeps text and never the persona: by name or under an alias is chosen anew.
"""

from __future__ import annotations

import datetime as dt
import secrets as random_source
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import readiness
from accounts.models import Draft, Member
from accounts.shelf import seal, unseal
from accounts.tags import Domain, own_tag

SLOTS = range(1, 11)


@dataclass(frozen=True)
class OpenDraft:
    """A draft as its writer sees it. The mark tells it from a later one in its slot."""

    slot: int
    mark: str
    fields: dict[str, str]
    saved_at: dt.datetime

    @property
    def ref(self) -> str:
        """What a form remembers: this draft and no other one."""
        return f"{self.slot}-{self.mark}"

    @property
    def is_owned(self) -> bool:
        """A change to an anonymous text: shown in owner mode only."""
        return "owned" in self.fields


def _tags(member: Member) -> dict[str, int]:
    return {own_tag(member, Domain.DRAFT, str(slot)): slot for slot in SLOTS}


def _opened(member: Member, row: Draft, slot: int) -> OpenDraft:
    content: dict[str, Any] = unseal(member, "draft", row.tag, bytes(row.sealed))
    saved_at = dt.datetime.fromisoformat(content["saved_at"])
    return OpenDraft(slot, content["mark"], content["fields"], saved_at)


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


def save_draft(member: Member, fields: dict[str, str], ref: str = "") -> OpenDraft:
    """Keep ``fields`` in the draft that ``ref`` names, or in a free slot.

    Two tabs that keep at once get two slots. Raises ValidationError when all ten are
    taken, or when the text is too long.
    """
    drafts = list_drafts(member)
    here = next((draft for draft in drafts if draft.ref == ref), None)
    mark = here.mark if here else random_source.token_hex(8)
    taken = {draft.slot for draft in drafts}
    for slot in [here.slot] if here else [s for s in SLOTS if s not in taken]:
        draft = OpenDraft(slot, mark, fields, timezone.now())
        try:
            with transaction.atomic():
                put_draft(member, draft, is_new=here is None)
        except IntegrityError:
            continue
        return draft
    raise ValidationError(_("You have ten drafts. Take one away, then this one fits."))


def put_draft(member: Member, draft: OpenDraft, *, is_new: bool) -> None:
    """Seal ``draft`` into its slot; raises IntegrityError when a new one is not free."""
    tag = own_tag(member, Domain.DRAFT, str(draft.slot))
    content = {
        "mark": draft.mark,
        "fields": draft.fields,
        "saved_at": draft.saved_at.isoformat(),
    }
    row = Draft(tag=tag, sealed=seal(member, "draft", tag, content))
    row.save(force_insert=is_new)


def drop_draft(member: Member, ref: str) -> None:
    """Take the draft that ``ref`` names away; if it is gone, nothing happens."""
    for draft in list_drafts(member):
        if draft.ref == ref:
            tag = own_tag(member, Domain.DRAFT, str(draft.slot))
            Draft.objects.filter(tag=tag).delete()

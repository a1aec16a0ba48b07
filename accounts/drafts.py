"""Sealed drafts: ten slots per member, each a row under a tag that only they know.

A draft keeps text and never the persona: by name or under an alias is chosen anew.
"""

from __future__ import annotations

import datetime as dt
import secrets as random_source
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import readiness
from accounts.models import Draft, Member
from accounts.shelf import seal, unseal
from accounts.tags import Domain, own_tag

SLOTS = range(1, 11)
TRIES = 5


class DraftChanged(ValidationError):
    """Somebody went on with this draft elsewhere, or it is not there any more."""

    def __init__(self) -> None:
        super().__init__(
            _("This draft was changed in another window. Nothing was lost."),
            code="draft_changed",
        )


@dataclass(frozen=True)
class OpenDraft:
    """A draft as its writer sees it.

    The mark tells it from a later one in its slot; the turn is new whenever another
    page goes on with it, so that a page that lags overwrites nothing.
    """

    slot: int
    mark: str
    fields: dict[str, str]
    saved_at: dt.datetime
    turn: str = ""
    sealed: bytes = field(default=b"", repr=False, compare=False)

    @property
    def place(self) -> str:
        """This draft and no other one."""
        return f"{self.slot}-{self.mark}"

    @property
    def ref(self) -> str:
        """What a form remembers: this draft as it is now."""
        return f"{self.place}-{self.turn}"

    @property
    def is_owned(self) -> bool:
        """A change to an anonymous text: shown in owner mode only."""
        return "owned" in self.fields


def _tags(member: Member) -> dict[str, int]:
    return {own_tag(member, Domain.DRAFT, str(slot)): slot for slot in SLOTS}


def _opened(member: Member, row: Draft, slot: int) -> OpenDraft:
    sealed = bytes(row.sealed)
    content: dict[str, Any] = unseal(member, "draft", row.tag, sealed)
    return OpenDraft(
        slot,
        content["mark"],
        content["fields"],
        dt.datetime.fromisoformat(content["saved_at"]),
        content.get("turn", ""),
        sealed,
    )


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


def save_draft(
    member: Member,
    fields: dict[str, str],
    ref: str = "",
    *,
    turn: str = "",
    must_exist: bool = False,
) -> OpenDraft:
    """Keep ``fields`` in the draft that ``ref`` names, or in a free slot.

    ``turn`` is the page that keeps: it may go on as long as no other did. Compare-and-
    set: raises DraftChanged when the draft is not as ``ref`` says, and with
    ``must_exist`` also when it is gone. The same words again write nothing. Two tabs
    that keep at once get two slots. Raises ValidationError when all ten are taken, or
    when the text is too long.
    """
    place, _dash, known = ref.rpartition("-")
    for _try in range(TRIES):
        drafts = list_drafts(member)
        here = next((draft for draft in drafts if draft.place == place), None)
        if here is None:
            if must_exist:
                raise DraftChanged
            return _save_new(member, fields, turn, {draft.slot for draft in drafts})
        if here.fields == fields:
            return here
        if here.turn not in {known, turn}:
            raise DraftChanged
        draft = replace(
            here, fields=fields, saved_at=timezone.now(), turn=turn or _token()
        )
        if _rows_as(member, here).update(sealed=_sealed(member, draft)):
            return draft
    raise DraftChanged


def _save_new(
    member: Member, fields: dict[str, str], turn: str, taken: set[int]
) -> OpenDraft:
    for slot in SLOTS:
        if slot in taken:
            continue
        draft = OpenDraft(slot, _token(), fields, timezone.now(), turn or _token())
        try:
            with transaction.atomic():
                put_draft(member, draft)
        except IntegrityError:
            continue
        return draft
    raise ValidationError(_("You have ten drafts. Take one away, then this one fits."))


def put_draft(member: Member, draft: OpenDraft) -> None:
    """Seal ``draft`` into its slot; raises IntegrityError when that is not free."""
    tag = own_tag(member, Domain.DRAFT, str(draft.slot))
    row = Draft(tag=tag, sealed=_sealed(member, draft))
    row.save(force_insert=True)


def drop_draft(member: Member, ref: str) -> bool:
    """Take the draft away that ``ref`` names; returns whether it was still like that.

    If it is gone or was changed elsewhere, nothing happens.
    """
    for draft in list_drafts(member):
        if draft.ref == ref:
            return bool(_rows_as(member, draft).delete()[0])
    return False


def _token() -> str:
    return random_source.token_hex(8)


def _sealed(member: Member, draft: OpenDraft) -> bytes:
    tag = own_tag(member, Domain.DRAFT, str(draft.slot))
    content = {
        "mark": draft.mark,
        "turn": draft.turn,
        "fields": draft.fields,
        "saved_at": draft.saved_at.isoformat(),
    }
    return seal(member, "draft", tag, content)


def _rows_as(member: Member, draft: OpenDraft) -> models.QuerySet[Draft]:
    """The draft's row, on the condition that it is as it was read."""
    tag = own_tag(member, Domain.DRAFT, str(draft.slot))
    return Draft.objects.filter(tag=tag, sealed=draft.sealed)

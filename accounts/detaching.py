"""Replaces a member's secret: the member stays, the tie to anonymous texts goes.

Getting back in with control of a mailbox as the only new proof must not hand over
what somebody wrote under an alias: an employer may open a work mailbox.
"""

from __future__ import annotations

from django.db import transaction

from accounts import sanctions, tombstones
from accounts.drafts import list_drafts, put_draft
from accounts.models import Draft, Member, Shelf
from accounts.secrets import replace_secret
from accounts.shelf import read_shelf, reseal_shelf
from accounts.tags import Domain, own_tag


def detach(member: Member) -> None:
    """Give the member a new secret; shelf, drafts and sanctions are sealed anew.

    Everything under old tags (aliases, locks, read marks) belongs to nobody after
    it. Sanctions go on: the member's own get the tag under the new secret, and those
    of all others are written again too, so that none stands out. A tombstone bears
    the mark of the old secret, should an older backup bring it back. One transaction.
    Raises KeyRingMissing without a key ring.
    """
    with transaction.atomic():
        # What another tab is putting on the shelf waits for this, or is carried over.
        Shelf.objects.select_for_update().get(member=member)
        shelved = read_shelf(member)
        drafts = list_drafts(member)
        old_tags = [own_tag(member, Domain.DRAFT, str(d.slot)) for d in drafts]
        # A change to an anonymous text would tell whose it was.
        kept = [draft for draft in drafts if not draft.is_owned]
        Draft.objects.filter(tag__in=old_tags).delete()
        sanctioned = sanctions.open_all()
        own = sanctions.own_among(member, sanctioned)
        mark = own_tag(member, Domain.MARK, member.pk)
        tombstones.write(tombstones.Kind.DETACHED, member.pk, mark)
        replace_secret(member)
        for sanction in own:
            tag = own_tag(member, Domain.AUTHOR, sanction.scope)
            sanctioned[sanction] = tag
        sanctions.seal_all(sanctioned)
        reseal_shelf(member, shelved)
        for draft in kept:
            put_draft(member, draft)


def detach_again(member: Member, mark: str) -> bool:
    """Detach the member if a backup brought back the secret with that ``mark``.

    Returns whether it did: a secret that came later stays.
    """
    if own_tag(member, Domain.MARK, member.pk) != mark:
        return False
    detach(member)
    return True

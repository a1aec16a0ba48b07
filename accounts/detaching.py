"""Replaces a member's secret: the member stays, the tie to anonymous texts goes.

Getting back in with control of a mailbox as the only new proof must not hand over
what somebody wrote under an alias: an employer may open a work mailbox.
"""

from __future__ import annotations

from django.db import transaction

from accounts.drafts import list_drafts, put_draft
from accounts.models import Draft, Member, Shelf
from accounts.secrets import replace_secret
from accounts.shelf import read_shelf, reseal_shelf
from accounts.tags import Domain, own_tag


def detach(member: Member) -> None:
    """Give the member a new secret; shelf and drafts are sealed anew.

    Everything under old tags (aliases, locks, read marks) belongs to nobody after
    it. One transaction. Raises KeyRingMissing without a key ring.
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
        replace_secret(member)
        reseal_shelf(member, shelved)
        for draft in kept:
            put_draft(member, draft, is_new=True)

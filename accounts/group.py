"""How large the room is, as far as anybody may know: small, or not."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Member

SMALL = 25
SETTLED_DAYS = 30


def is_small() -> bool:
    """Whether fewer than 25 members were admitted at least 30 days ago.

    In a small group an anonymous text is guessed sooner; every composer says so. The
    query stops at 25, and the number itself goes nowhere.
    """
    until = timezone.localdate() - dt.timedelta(SETTLED_DAYS)
    settled = Member.objects.filter(is_active=True, admitted_on__lte=until)
    return len(settled.values_list("pk")[:SMALL]) < SMALL

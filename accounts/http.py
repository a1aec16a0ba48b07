"""A request that passed the first door: its user is a Member."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Member


class MemberRequest(HttpRequest):
    user: Member

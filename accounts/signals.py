"""What accounts tells the apps above."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `member_id` and, when only one session ended, `session_key`.
access_ended = Signal()
# Sent with `application`, when its address was proven.
application_sent = Signal()

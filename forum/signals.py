"""What the forum tells the app above. Receivers run in the sender's transaction."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `post` and `findings` (codes): a moderator should read it first.
post_held = Signal()
# Sent with `post`: the author took it away; nothing is left to decide.
post_withdrawn = Signal()

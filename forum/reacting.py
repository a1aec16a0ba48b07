"""A word about a text, without a name and without a number."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.limits import count_reaction, require_may_write
from accounts.models import Member
from accounts.permissions import require
from accounts.tags import Domain, own_tag
from forum import live
from forum.models import Post, Reaction, ReactionWord
from forum.permissions import may_write


def react(*, by: Member, post: Post, word: ReactionWord | None) -> None:
    """Put ``word`` under ``post`` in the place of an earlier one; None takes it away.

    The row is under the member's own tag for this post, so that no two rows show that
    they are of one member. The writer of the text may do it too, and it looks like
    anybody's. Readers are told only when the sentences under the text change. A second
    call changes nothing. Raises ValidationError when the text is no longer in the room
    or the member's writing is paused, TooFast, or KeyRingMissing.
    """
    require(may_write(by))
    require_may_write(by)
    count_reaction(by)
    tag = own_tag(by, Domain.REACT, post.scope)
    with transaction.atomic():
        # Reactors stand in line, so that the third of them is always seen as the third.
        thread = live.lock_thread(post.thread)
        post = Post.objects.select_related("author", "alias", "answers").get(pk=post.pk)
        if not post.is_online:
            raise ValidationError(_("This text is no longer in the room."))
        before = Reaction.objects.shown_under(post)
        if word is None:
            Reaction.objects.filter(tag=tag).delete()
        else:
            Reaction.objects.update_or_create(
                tag=tag, defaults={"post": post, "word": word}
            )
        if Reaction.objects.shown_under(post) != before:
            live.change_reactions(thread, post)

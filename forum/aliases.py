"""Who is behind a byline, as far as the process may know: from member to alias only."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.row_numbers import forget_arrival
from accounts.tags import Domain, own_tag, own_tags
from forum.models import Alias, Post, Thread

# Neutral words: none for age, sex, place, faith or mood. All nouns take "de", so that
# the ending of the adjective is always right.
ADJECTIVES = """
    Stille Zachte Rustige Warme Kalme Heldere Groene Blauwe Grijze Zilveren Witte
    Vroege Lichte Ruime Open Brede Hoge Verre Milde Frisse Diepe Wijde Ronde Koele
    Luwe Vrije Gouden Nieuwe
"""
NOUNS = """
    Wilg Linde Beuk Eik Berk Iep Den Meidoorn Vlier Oever Beek Rivier Brug Haven Kade
    Dijk Akker Wei Tuin Bank Lamp Deur Kamer Kaars Merel Reiger Zwaluw Vink Wolk Maan
    Ster Zon
"""
NAMES = tuple(
    f"{adjective} {noun}" for adjective in ADJECTIVES.split() for noun in NOUNS.split()
)


def alias_for(member: Member, thread: Thread) -> Alias:
    """The member's alias in ``thread``, made at the first anonymous post there.

    The name comes from the system's random source and from nothing else. Runs in the
    transaction of the post. Raises ValidationError when every name is taken.
    """
    tag = own_tag(member, Domain.AUTHOR, thread.scope)
    alias = Alias.objects.filter(thread=thread, tag=tag).first()
    if alias is not None:
        return alias
    taken = set(Alias.objects.filter(thread=thread).values_list("name", flat=True))
    free = [name for name in NAMES if name not in taken]
    if not free:
        raise ValidationError(_("No alias is left in this conversation."))
    alias = Alias.objects.create(thread=thread, tag=tag, name=secrets.choice(free))
    # The first text under it may be one that keeps its moment to itself.
    forget_arrival(alias)
    return alias


def is_own(member: Member, post: Post) -> bool:
    """Whether ``post`` is the member's, by name or under an alias."""
    if post.alias is None:
        return post.author_id == member.pk
    return post.alias.tag == own_tag(member, Domain.AUTHOR, post.thread.scope)


def own_aliases(member: Member) -> list[str]:
    """Ids of the aliases that are the member's: asked for this one member only.

    Every scope and every tag there is goes by, each read from an index alone: a join
    would fetch the rows of all threads, with their texts.
    """
    scopes = Thread.objects.values_list("scope", flat=True)
    tags = Alias.objects.values_list("tag", flat=True)
    own = own_tags(member, Domain.AUTHOR, scopes).keys() & set(tags)
    return list(Alias.objects.filter(tag__in=own).values_list("pk", flat=True))

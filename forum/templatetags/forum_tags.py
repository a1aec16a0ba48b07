"""Small words for templates of the conversation."""

from __future__ import annotations

from django import template

from forum.models import Post
from forum.rendering import excerpt as plain_excerpt

register = template.Library()


@register.filter
def excerpt(post: Post) -> str:
    """The beginning of a post as plain text, 80 characters at most."""
    return plain_excerpt(post.source, 80)

"""Earlier versions of a text, as they stood in the room; nobody who changed them."""

from __future__ import annotations

from django.db import models

from accounts.ids import random_id
from forum.models.details import Detail, details_of
from forum.models.posts import Post, PostState, this_hour


class PostRevisionQuerySet(models.QuerySet["PostRevision"]):
    def keep_shown(self, post: Post, version: int) -> None:
        """Keep what everybody reads of ``post`` now, if that is ``version``.

        Runs in the transaction of the change, before it, behind the thread's row.
        """
        online = Post.objects.filter(state=PostState.PUBLISHED, version=version)
        shown = online.select_related("thread").filter(pk=post.pk).first()
        if shown is not None:
            self.create(
                post=shown,
                number=version,
                title=shown.thread.title if shown.is_dilemma else "",
                source=shown.source,
                html=shown.html,
                lang=shown.lang,
                details=shown.details,
            )


class PostRevision(models.Model):
    """What a post said before its author changed it; never what was not public."""

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    post = models.ForeignKey(Post, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    # Of a dilemma, whose title stands with the thread.
    title = models.CharField(max_length=120, blank=True)
    source = models.TextField()
    html = models.TextField()
    lang = models.CharField(max_length=2)
    details = models.JSONField(default=dict, blank=True)
    replaced_at = models.DateTimeField(default=this_hour)

    objects = PostRevisionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["post", "number"], name="revision_once_per_version"
            ),
        )

    def __str__(self) -> str:
        return self.pk

    @property
    def told(self) -> list[Detail]:
        """What it told beside its text."""
        return details_of(self.details)

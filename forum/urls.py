"""Addresses of the conversation."""

from __future__ import annotations

from django.urls import path

from forum.views import (
    drafts,
    hints,
    notifications,
    outcomes,
    posts,
    search,
    subscriptions,
    threads,
)

app_name = "forum"
urlpatterns = [
    path("", threads.thread_list, name="thread_list"),
    path("changes/", threads.room_changes, name="room_changes"),
    path("dilemmas/new/", threads.thread_create, name="thread_create"),
    path("dilemmas/<id:thread_id>/", threads.thread_detail, name="thread_detail"),
    path(
        "dilemmas/<id:thread_id>/changes/",
        threads.thread_changes,
        name="thread_changes",
    ),
    path("dilemmas/<id:thread_id>/replies/", threads.reply_create, name="reply_create"),
    path(
        "dilemmas/<id:thread_id>/subscription/",
        subscriptions.subscription,
        name="subscription",
    ),
    path("dilemmas/<id:thread_id>/mute/", subscriptions.mute, name="mute"),
    path(
        "themes/<slug:category>/subscription/",
        subscriptions.theme_subscription,
        name="theme_subscription",
    ),
    path("dilemmas/<id:thread_id>/bookmark/", subscriptions.bookmark, name="bookmark"),
    path("dilemmas/<id:thread_id>/ask/", posts.thread_ask, name="thread_ask"),
    path(
        "dilemmas/<id:thread_id>/outcome/",
        outcomes.thread_outcome,
        name="thread_outcome",
    ),
    path("dilemmas/<id:thread_id>/wake/", outcomes.thread_wake, name="thread_wake"),
    path("dilemmas/<id:thread_id>/read/", subscriptions.read_mark, name="read_mark"),
    path("posts/<id:post_id>/", posts.post_detail, name="post_detail"),
    path("posts/<id:post_id>/history/", posts.post_history, name="post_history"),
    path("posts/<id:post_id>/reaction/", subscriptions.reaction, name="reaction"),
    path("posts/<id:post_id>/unread/", subscriptions.unread_mark, name="unread_mark"),
    path("posts/<id:post_id>/edit/", posts.post_edit, name="post_edit"),
    path("posts/<id:post_id>/withdraw/", posts.post_withdraw, name="post_withdraw"),
    path("posts/<id:post_id>/marks/", posts.post_marks, name="post_marks"),
    path("mine/", notifications.mine_list, name="mine_list"),
    path("mine/anonymous/", posts.owned_list, name="owned_list"),
    path("mine/anonymous/<id:post_id>/", posts.owned_detail, name="owned_detail"),
    path("mine/anonymous/<id:post_id>/edit/", posts.owned_edit, name="owned_edit"),
    path(
        "mine/anonymous/<id:post_id>/withdraw/",
        posts.owned_withdraw,
        name="owned_withdraw",
    ),
    path("mine/anonymous/<id:post_id>/ask/", posts.owned_ask, name="owned_ask"),
    path(
        "mine/anonymous/<id:post_id>/outcome/",
        outcomes.owned_outcome,
        name="owned_outcome",
    ),
    path("mine/anonymous/<id:post_id>/wake/", outcomes.owned_wake, name="owned_wake"),
    path("mine/anonymous/<id:post_id>/marks/", posts.owned_marks, name="owned_marks"),
    path("notifications/", notifications.notification_list, name="notification_list"),
    path("settings/hints/", hints.hint_list, name="hint_list"),
    path("search/", search.search_results, name="search_results"),
    path("drafts/", notifications.draft_list, name="draft_list"),
    path("drafts/save/", drafts.draft_save, name="draft_save"),
    path("drafts/<int:slot>/delete/", notifications.draft_delete, name="draft_delete"),
]

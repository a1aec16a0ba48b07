"""Addresses of the review queue, of flagging and of unsealing."""

from __future__ import annotations

from django.urls import path

from moderation import views, views_unsealing

app_name = "moderation"
urlpatterns = [
    path("moderation/", views.review_item_list, name="review_item_list"),
    path("moderation/changes/", views.queue_changes, name="queue_changes"),
    path(
        "moderation/items/<id:item_id>/",
        views.review_item_detail,
        name="review_item_detail",
    ),
    path(
        "moderation/items/<id:item_id>/claim/",
        views.claim_create,
        name="claim_create",
    ),
    path(
        "moderation/items/<id:item_id>/decision/",
        views.decision_create,
        name="decision_create",
    ),
    path("moderation/decisions/", views.decision_list, name="decision_list"),
    path("posts/<id:post_id>/flag/", views.flag_create, name="flag_create"),
    path("mine/flags/", views.flag_list, name="flag_list"),
    path(
        "moderation/unsealing/", views_unsealing.unsealing_list, name="unsealing_list"
    ),
    path(
        "moderation/unsealing/new/",
        views_unsealing.unsealing_create,
        name="unsealing_create",
    ),
    path(
        "moderation/unsealing/record/",
        views_unsealing.unsealing_record,
        name="unsealing_record",
    ),
    path(
        "moderation/unsealing/<id:request_id>/",
        views_unsealing.unsealing_detail,
        name="unsealing_detail",
    ),
    path(
        "moderation/unsealing/<id:request_id>/confirmation/",
        views_unsealing.unsealing_confirmation,
        name="unsealing_confirmation",
    ),
    path(
        "moderation/unsealing/<id:request_id>/approval/",
        views_unsealing.unsealing_approval,
        name="unsealing_approval",
    ),
    path(
        "moderation/unsealing/<id:request_id>/refusal/",
        views_unsealing.unsealing_refusal,
        name="unsealing_refusal",
    ),
    path(
        "moderation/unsealing/<id:request_id>/opening/",
        views_unsealing.unsealing_opening,
        name="unsealing_opening",
    ),
    path(
        "moderation/unsealing/<id:request_id>/showing/",
        views_unsealing.unsealing_showing,
        name="unsealing_showing",
    ),
    path(
        "mine/unsealings/<id:request_id>/",
        views_unsealing.notice_detail,
        name="notice_detail",
    ),
    path(
        "mine/unsealings/<id:request_id>/read/",
        views_unsealing.notice_create,
        name="notice_create",
    ),
]

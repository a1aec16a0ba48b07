"""Addresses of the review queue and of flagging."""

from __future__ import annotations

from django.urls import path

from moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderation/", views.review_item_list, name="review_item_list"),
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
]

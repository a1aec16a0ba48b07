"""Addresses of our own account pages."""

from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("apply/", views.application_create, name="application_create"),
    path("application/", views.application_detail, name="application_detail"),
    path("invitations/<str:token>/", views.invitation_detail, name="invitation_detail"),
    path("mine/anonymous/confirm/", views.owner_confirm, name="owner_confirm"),
    path("settings/profile/", views.settings_profile, name="settings_profile"),
    path("settings/mail/", views.settings_mail, name="settings_mail"),
]

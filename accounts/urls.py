"""Addresses of our own account pages."""

from __future__ import annotations

from django.urls import path, re_path

from accounts import views, views_mail

app_name = "accounts"
urlpatterns = [
    path("apply/", views.application_create, name="application_create"),
    path("application/", views.application_detail, name="application_detail"),
    path("invitations/<str:token>/", views.invitation_detail, name="invitation_detail"),
    # Stands before the library's page at the same address.
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="password_reset_from_key",
    ),
    path("mine/anonymous/confirm/", views.owner_confirm, name="owner_confirm"),
    path("mine/anonymous/detach/", views.detach, name="detach"),
    path("settings/profile/", views.settings_profile, name="settings_profile"),
    path("settings/mail/", views.settings_mail, name="settings_mail"),
    path("mail/unsubscribe/<str:token>/", views_mail.unsubscribe, name="unsubscribe"),
]

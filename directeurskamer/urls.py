"""Mounts sign-in, the three apps and the pages that belong to none of them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from directeurskamer import views, views_own

pages = (
    [
        path("rules/", views.rules, name="rules"),
        path("anonymity/", views.anonymity, name="anonymity"),
        path("help/", views.help_lines, name="help"),
        path("privacy/", views.privacy, name="privacy"),
        path("away/", views.away, name="away"),
    ],
    "pages",
)
own = (
    [
        path("settings/export/", views_own.export, name="export"),
        path("settings/leave/", views_own.leave, name="leave"),
        path("mine/anonymous/export/", views_own.owned_export, name="owned_export"),
    ],
    "own",
)
urlpatterns = [
    path("", include("forum.urls")),
    path("", include("accounts.urls")),
    path("", include("moderation.urls")),
    path("", include(pages)),
    path("", include(own)),
    # Signing up is applying; the library's own name for it must exist.
    path(
        "accounts/signup/",
        login_not_required(
            RedirectView.as_view(pattern_name="accounts:application_create")
        ),
    ),
    path("accounts/", include("allauth.urls")),
    path("language/", views.language, name="set_language"),
    path("healthz/", views.healthz, name="healthz"),
    path("demo/mail/", views.demo_mail, name="demo_mail"),
]
handler404 = "directeurskamer.views.not_found"

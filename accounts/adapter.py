"""Our answers to django-allauth: sign-up is an application, mail goes to the outbox."""

from __future__ import annotations

import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.signing import b64_encode
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse

from accounts import joining
from accounts.models import Member, Outgoing


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return joining.is_open()

    def save_user(
        self, request: HttpRequest, user: Member, form: BaseForm, commit: bool = True
    ) -> Member:
        user.language = getattr(request, "LANGUAGE_CODE", user.language)
        user.display_name = form.cleaned_data["display_name"]
        user.region = form.cleaned_data["region"]
        super().save_user(request, user, form, commit=False)
        return joining.make_member(user)

    def send_mail(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        context = {"site_name": settings.SITE_NAME, **context}
        message = self.render_mail(template_prefix, email, context)
        Outgoing.objects.create(
            recipient=email, subject=message.subject, text=message.body
        )

    def send_account_already_exists_mail(self, email: str) -> None:
        """As slow as making an account, so that time does not tell who has one."""
        make_password(secrets.token_hex(16))
        self.send_mail(
            "account/email/account_already_exists",
            email,
            {
                "signup_url": f"{settings.ORIGIN}{reverse('account_signup')}",
                "password_reset_url": (
                    f"{settings.ORIGIN}{reverse('account_reset_password')}"
                ),
            },
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """A keyed hash: it becomes the name of a counter in memory or in Redis."""
        address = truncate_ip(super().get_client_ip(request))
        key = settings.SECRET_KEY.encode()
        return hmac.digest(key, b"address\0" + address.encode(), "sha256").hex()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured origin, whatever host the request claimed."""
        url = urlsplit(super().get_reset_password_from_key_url(key))
        return f"{settings.ORIGIN}{url.path}"


class FactorAdapter(DefaultMFAAdapter):
    """Second factors, with the seed of an authenticator sealed in the database."""

    def _cipher(self) -> Fernet:
        kdf = HKDF(SHA256(), 32, salt=None, info=b"second factor")
        return Fernet(b64_encode(kdf.derive(settings.SECRET_KEY.encode())) + b"=")

    def encrypt(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()

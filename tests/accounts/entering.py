"""Coming in through the real pages: applying, mailed codes and links, a new password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.models import Member, Outgoing
from tests.factories import PASSWORD

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

# What a test client answers: a response with the context of its templates.
Answer: TypeAlias = "_MonkeyPatchedWSGIResponse"

APPLICATION = {
    "full_name": "Anna de Vries",
    "display_name": "Anna",
    "email": "anna@school.example",
    "password1": PASSWORD,
    "work": "director",
    "proof_route": "call",
    "school": "De Regenboog",
    "region": "north",
    "is_board_member": "no",
    "keeps_rules": "on",
    "read_privacy": "on",
}


def apply(client: Client, **told: Any) -> Answer:
    """Send the application form; a field that is None is left out."""
    fields = {**APPLICATION, **told}
    given = {name: value for name, value in fields.items() if value is not None}
    return client.post("/apply/", given)


def mailed(email: str, pattern: str) -> str:
    """The last thing like ``pattern`` in the mails that wait for ``email``."""
    texts = Outgoing.objects.filter(recipient=email).values_list("text", flat=True)
    found = re.findall(pattern, "\n".join(texts.order_by("due_at")))
    assert found, "no such mail"
    return str(found[-1])


def reset_password(client: Client, email: str, password: str) -> Answer:
    """Ask for a mail, follow its link, choose ``password``."""
    client.post("/accounts/password/reset/", {"email": email})
    link = mailed(email, r"http://testserver(/accounts/password/reset/key/\S+)")
    page = client.get(link, follow=True)
    form = page.request["PATH_INFO"]
    fields = {"password1": password, "password2": password}
    return client.post(form, fields)


def give_second_factor(member: Member) -> None:
    TOTP.activate(member, generate_totp_secret())


def without_tokens(answer: Answer) -> str:
    """The page without what is new in every form: the token and the form key."""
    tokens = r'name="(?:csrfmiddlewaretoken|form_key)" value="[^"]*"'
    return re.sub(tokens, "", answer.content.decode())

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models

from accounts.blinded import BlindedRow
from accounts.models import Member

# Which tables outside `accounts` may name a member, and why.
NAMES_A_MEMBER = {
    "account.EmailAddress.user": "the addresses of an account",
    "mfa.Authenticator.user": "the second factors of an account",
    "forum.Post.author": "a named text is its author's, in the open",
    "forum.Delivery.member": "who gets an edition, which is the same for everybody",
    "moderation.ReviewItem.claimed_by": "an act of a moderator",
    "moderation.Decision.decided_by": "an act of a moderator",
    "moderation.UnsealingRequest.asked_by": "an act of a custodian",
    "moderation.UnsealingRequest.approved_by": "an act of a custodian",
}
# What may stand beside a tag: words and numbers of what was done, never who or when.
PLAIN = (
    models.BinaryField,
    models.CharField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.TextField,
)


def all_models() -> Iterator[type[models.Model]]:
    """Every table's model, those of many-to-many relations included."""
    yield from apps.get_models(include_auto_created=True)


def blinded_models() -> list[type[BlindedRow]]:
    return [model for model in all_models() if issubclass(model, BlindedRow)]


def leads_to(field: models.Field[object, object]) -> type[models.Model] | None:
    target = field.related_model
    return target if isinstance(target, type) else None


def test_there_are_blinded_rows_to_look_at() -> None:
    names = {model.__name__ for model in blinded_models()}

    assert names >= {"Draft", "ReadMark", "IdentityLock", "Once", "Flag", "Notice"}


@pytest.mark.sqlite
def test_an_35_tables_of_blinded_rows_have_no_hidden_row_number(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'")
        without_rowid = dict(cursor.fetchall())

    found = {model._meta.db_table: 1 for model in blinded_models()}
    assert found
    assert {name: without_rowid[name] for name in found} == found


def test_an_35_blinded_rows_hold_no_time_no_serial_and_no_member() -> None:
    for model in blinded_models():
        assert model._meta.pk.name == "tag"
        for field in model._meta.get_fields():
            if not isinstance(field, models.Field):
                continue
            assert leads_to(field) is not Member, field
            is_plain = isinstance(field, PLAIN)
            assert is_plain or isinstance(field, models.ForeignKey), field
            assert not isinstance(field, models.AutoField), field


def test_database_gives_blinded_tables_no_other_column_than_their_model(
    db: None,
) -> None:
    with connection.cursor() as cursor:
        for model in blinded_models():
            table = model._meta.db_table
            columns = connection.introspection.get_table_description(cursor, table)
            assert {column.name for column in columns} == {
                field.column for field in model._meta.concrete_fields
            }


def test_an_06_only_named_tables_outside_accounts_lead_to_a_member() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in all_models()
        if model._meta.app_label != "accounts"
        for field in model._meta.local_fields
        if leads_to(field) is Member
    }

    assert found == set(NAMES_A_MEMBER)


def test_no_column_of_the_forum_is_named_like_a_member() -> None:
    suspicious = ("member", "user", "email", "author", "session", "_by")
    allowed = {name.rsplit(".", 1)[-1] for name in NAMES_A_MEMBER}

    found = {
        f"{model._meta.label}.{field.name}"
        for model in all_models()
        if model._meta.app_label in {"forum", "moderation"}
        for field in model._meta.local_fields
        if any(word in field.name for word in suspicious) and field.name not in allowed
    }

    assert found == set()


def test_an_06_tables_of_accounts_do_not_lead_to_the_conversation() -> None:
    for model in apps.get_app_config("accounts").get_models():
        for field in model._meta.local_fields:
            target = leads_to(field)
            assert target is None or target._meta.app_label == "accounts", field

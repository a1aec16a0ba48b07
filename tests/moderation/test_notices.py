from __future__ import annotations

import pytest

from accounts.models import Member
from forum.models import Post, Thread
from forum.models.reasons import Reason
from moderation.forms import NEEDS_STATEMENT, TEXT_REASONS
from moderation.models import Act
from moderation.notices import message_to_author
from moderation.queue import text_findings
from tests.factories import make_reply


@pytest.mark.parametrize("act", sorted(NEEDS_STATEMENT))
@pytest.mark.parametrize("reason", [reason for reason, _label in TEXT_REASONS])
def test_every_act_and_reason_has_words_to_begin_with(
    act: Act, reason: str, held: Post
) -> None:
    words = message_to_author(
        held,
        Act(act),
        Reason(reason),
        findings=text_findings(held),
        is_from_flag=False,
    )

    assert 100 < len(words) < 3000
    assert "%(" not in words


def test_message_about_an_anonymous_text_speaks_to_the_alias(
    other_member: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread, under_alias=True)

    words = message_to_author(
        post, Act.RETURN, Reason.R01, findings=[], is_from_flag=True
    )

    assert post.alias is not None
    assert post.alias.name in words
    assert other_member.display_name not in words


def test_message_is_in_the_language_of_the_text(held: Post) -> None:
    said = {}
    for language in ("nl", "en"):
        held.lang = language
        said[language] = message_to_author(
            held, Act.HIDE, Reason.R10, findings=[], is_from_flag=False
        )

    assert said["en"].startswith("Thank you for daring to share this.")
    assert all("0800-2000" in words for words in said.values())


def test_facts_say_how_we_came_to_it(held: Post) -> None:
    held.lang = "en"
    findings = text_findings(held)

    by_check = message_to_author(
        held, Act.HIDE, Reason.R06, findings=findings, is_from_flag=False
    )
    by_flag = message_to_author(
        held, Act.HIDE, Reason.R06, findings=findings, is_from_flag=True
    )

    assert findings[0].fragment in by_check
    assert "A check of the words pointed it out to us." in by_check
    assert "A member pointed it out to us." in by_flag
    assert "house rule 6" in by_flag

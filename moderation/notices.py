"""Statements of reasons and messages: the words that a moderator starts from.

Nothing is sent here. A message waits on the page for the author of the text; only the
refusal of an application goes by mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Application
from forum.models import Post
from forum.models.reasons import Reason
from forum.text_checks.findings import Finding
from moderation.models import SANCTIONS, Act

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Per reason: what we saw, and an idea. R10 has a message of its own.
EXPLANATIONS: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    Reason.R01: (
        gettext_lazy("It sounds like a judgment of the person, not of what happened."),
        gettext_lazy("Write what you saw or felt, without saying what the other is."),
    ),
    Reason.R02: (
        gettext_lazy("This is advice. The writer did not ask for it."),
        gettext_lazy("Make it an open question, or tell how it went with you."),
    ),
    Reason.R03: (
        gettext_lazy("A reader can see which school this is, or who wrote it."),
        gettext_lazy("Write “our school” or “a village”. Leave out names and dates."),
    ),
    Reason.R04: (
        gettext_lazy("A child can be recognised."),
        gettext_lazy(
            "Leave out age and details. “A child in the middle years” will do."
        ),
    ),
    Reason.R05: (
        gettext_lazy("Somebody else can be recognised, or can be harmed by this."),
        gettext_lazy("Name the role only, and tell what you weighed up yourself."),
    ),
    Reason.R06: (
        gettext_lazy("This is about who somebody is. We do not guess at that here."),
        gettext_lazy("Leave out that part. The rest can stay."),
    ),
    Reason.R07: (
        gettext_lazy("This threatens, hates or intimidates."),
        gettext_lazy("Tell what it does to you, without threatening."),
    ),
    Reason.R08: (
        gettext_lazy("This reads like advertising, recruiting or a campaign."),
        gettext_lazy("You may say what helped you. Leave out the name and the link."),
    ),
    Reason.R09: (
        gettext_lazy("This comes from outside the room, or takes something outside."),
        gettext_lazy("Tell what you went through, and not whom you heard it from."),
    ),
    Reason.R11: (
        gettext_lazy("This does not fit in this conversation, or it is here already."),
        gettext_lazy("Start a dilemma of your own, or look where it does fit."),
    ),
    Reason.R12: (
        gettext_lazy("The law does not allow this."),
        gettext_lazy("Leave out the part that this is about."),
    ),
    Reason.R13: (
        gettext_lazy("There is a link or an attachment in it."),
        gettext_lazy("Leave out the link, and tell in your own words what it says."),
    ),
}
# What a check can have found, by the letter of its codes.
QUOTES: dict[str, str] = {
    Reason.R03: "I",
    Reason.R04: "I",
    Reason.R05: "I",
    Reason.R08: "I",
    Reason.R13: "I",
    Reason.R06: "W",
    Reason.R07: "W",
    Reason.R09: "W",
}


def message_to_author(
    post: Post,
    act: Act,
    reason: Reason,
    *,
    findings: list[Finding],
    is_from_flag: bool,
) -> str:
    """The message to begin with for ``act`` and ``reason``, in the post's language.

    It follows the list of the Digital Services Act, article 17: what was done and for
    how long, on which facts, how we came to it, which rule, and what the author can
    do. The moderator reads and changes it before it counts.
    """
    with translation.override(post.lang):
        if reason == Reason.R10:
            return _another_route()
        fragment = _fragment(reason, findings)
        if act == Act.RETURN:
            return _return(post, reason, fragment)
        facts = [
            _("What we saw: %(why)s") % {"why": EXPLANATIONS[reason][0]},
            _("It is about: “%(fragment)s”.") % {"fragment": fragment}
            if fragment
            else "",
            _how_we_came_to_it(is_from_flag, is_from_software=bool(fragment)),
            _("A person decided this."),
        ]
        said = " ".join(filter(None, facts))
        if act in SANCTIONS:
            return (
                _warn(post, reason, said) if act == Act.WARN else _pause(reason, said)
            )
        return (
            _hide(post, reason, said)
            if act == Act.HIDE
            else _remove(post, reason, said)
        )


def reason_for_applicant(application: Application) -> str:
    """Why we cannot let somebody in, to begin with, in the applicant's language."""
    with translation.override(application.member.language):
        if application.is_board_member:
            return _("You also work as a board member.")
        return _("We could not check that you lead a school.")


def _return(post: Post, reason: Reason, fragment: str) -> str:
    why, idea = EXPLANATIONS[reason]
    about = [
        _("It is about: “%(fragment)s”") % {"fragment": fragment} if fragment else "",
        _("Why: %(why)s (%(rule)s)") % {"why": why, "rule": _rule(reason)},
        _("An idea: %(idea)s") % {"idea": idea},
    ]
    return _paragraphs(
        _("Hello %(name)s,") % {"name": post.byline.name},
        _("Thank you for your text. We think one piece of it can be better.")
        + " "
        + (
            _("It is not online for a moment.")
            if post.was_public
            else _("It is not online yet.")
        ),
        "\n".join(filter(None, about)),
        _("You can change it and send it again. Your text is kept."),
    )


def _hide(post: Post, reason: Reason, facts: str) -> str:
    done = (
        _("Your dilemma “%(title)s” is hidden now.")
        if post.is_dilemma
        else _("Your reply in “%(title)s” is hidden now.")
    )
    return _paragraphs(
        done % {"title": post.thread.title}
        + " "
        + _("Only you and the moderators can still read it."),
        facts,
        _("Why: %(rule)s.") % {"rule": _rule(reason)},
        _("How long: until you change it. Then a moderator looks again."),
        _("What you can do: change it, or take it away.") + " " + _objection(),
    )


def _remove(post: Post, reason: Reason, facts: str) -> str:
    done = (
        _("We removed your dilemma “%(title)s”.")
        if post.is_dilemma
        else _("We removed your reply in “%(title)s”.")
    )
    return _paragraphs(
        done % {"title": post.thread.title} + " " + _("We do not do that lightly."),
        facts,
        _("Why this cannot be: %(rule)s.") % {"rule": _rule(reason)},
        _("How long: this is for good."),
        _("What you can do: you may tell the story in another way. We like to help.")
        + " "
        + _objection(),
    )


def _warn(post: Post, reason: Reason, facts: str) -> str:
    about = _("We want to talk over what you wrote in “%(title)s”.")
    return _paragraphs(
        _("Hello %(name)s,") % {"name": post.byline.name},
        about % {"title": post.thread.title},
        facts,
        _(
            "We do not think that you mean any harm. Still, somebody else feels less "
            "free because of it."
        ),
        _("What we ask of you: %(idea)s") % {"idea": EXPLANATIONS[reason][1]},
        _("Why: %(rule)s.") % {"rule": _rule(reason)},
        _("What this means: it is a warning. You can go on writing.")
        + " "
        + _objection(),
    )


def _pause(reason: Reason, facts: str) -> str:
    """The day itself stands above the message: there it cannot contradict the pause."""
    return _paragraphs(
        _("You can read along, and you can take away what you wrote."),
        facts,
        _("Why: %(rule)s.") % {"rule": _rule(reason)},
        _("How long: until the day above this message. Then you can write again."),
        _objection(),
    )


def _objection() -> str:
    """The way to object, as far as it exists; it must not ask who an alias is."""
    return _(
        "Do you not agree? You can object within six months. Somebody who did not "
        "decide on this before looks again. The place for that is still being made: "
        "it will be with this message. You can also go to court."
    )


def _another_route() -> str:
    return _paragraphs(
        _(
            "Thank you for daring to share this. Your text is not online. That is not "
            "because you did anything wrong. It may be about the safety of a child. "
            "Then it must not wait for replies here."
        ),
        "\n".join(
            [
                _("Danger right now? Call 112."),
                _(
                    "Worries about home? Follow your school's reporting code. Call "
                    "Veilig Thuis: 0800-2000, day and night, free. You may talk it "
                    "over without giving the name."
                ),
                _(
                    "Is it about somebody who works at school? Tell your board at "
                    "once. Your board consults the confidential inspector: "
                    "0900 111 3 111, on working days from 8 to 17."
                ),
            ]
        ),
        _(
            "Have you taken that step already? Let us know. Then there is room here "
            "for what it does to you."
        ),
    )


def _rule(reason: Reason) -> str:
    if not reason.rules:
        return str(reason.label)
    return _("house rule %(rules)s: %(name)s") % {
        "rules": reason.rules,
        "name": reason.label,
    }


def _fragment(reason: Reason, findings: list[Finding]) -> str:
    letter = QUOTES.get(reason)
    if letter is None:
        return ""
    found = (each.fragment for each in findings if each.code.startswith(letter))
    return " … ".join(dict.fromkeys(" ".join(fragment.split()) for fragment in found))


def _how_we_came_to_it(is_from_flag: bool, *, is_from_software: bool) -> str:
    if is_from_flag:
        return _("A member pointed it out to us.")
    if is_from_software:
        return _("A check of the words pointed it out to us.")
    return _("We saw it ourselves.")


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)

"""What is said about a finding: per code a hint, and other words that are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_JUDGEMENT = _("This can sound like a judgement.")

# Per code: the hint, and the other wording that is offered ("" where there is none).
WORDS: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "I1": (_("There is an e-mail address in your text. Take it out."), ""),
    "I2": (_("There is a phone number in your text. Help lines are fine."), ""),
    "I3": (_("There is a postcode in your text."), ""),
    "I4": (_("This looks like a BRIN number. It points to one school."), ""),
    "I5": (
        _(
            "There is a link or an account name in your text. "
            "Could somebody find your school with it?"
        ),
        "",
    ),
    "I6": (_("This looks like the name of a school."), _("our school")),
    "I7": (_("This looks like the name of a school board."), _("our board")),
    "I8": (
        _("There is a name beside a role. The role alone is enough."),
        _("a teacher, a parent, a pupil"),
    ),
    "I9": (
        _("This looks like somebody's name."),
        _("a colleague, a parent, an official"),
    ),
    "I10": (
        _("A precise number makes a school recognisable."),
        _("a small, an ordinary or a large school"),
    ),
    "I12": (
        _("This looks like the name of a place."),
        _("a village, a town, our neighbourhood"),
    ),
    "I13": (
        _("The age of a child is seldom needed."),
        _("a child from the middle years"),
    ),
    "I16": (_("There are not many schools like that."), _("a school in a village")),
    "I17": (
        _("How long you have led a school can give you away."),
        _("for a long time, not so long yet"),
    ),
    "I19": (
        _("This looks like somebody's personal number (BSN). Take it out."),
        "",
    ),
    "I20": (_("There is a bank account number in your text. Take it out."), ""),
    "I21": (
        _("This looks like a first name."),
        _("a pupil, a colleague, a mother"),
    ),
    "I22": (_("This looks like an address."), _("our building")),
    "I23": (
        _(
            "Letters of two alphabets stand in one word. That can mark a copy of your "
            "text: type the word once more."
        ),
        "",
    ),
    "I24": (_("There is a date of birth in your text. Take it out."), ""),
    "O1": (
        _("This looks like your own school. It points to you."),
        _("our school"),
    ),
    "O2": (
        _("This looks like the place where you work. It points to you."),
        _("a village, a town, our neighbourhood"),
    ),
    "O3": (
        _("This looks like your own school board. It points to you."),
        _("our board"),
    ),
    "O4": (_("This looks like your own name."), ""),
    "W1": (
        _("This can read as guessing who somebody is."),
        _("Who somebody is stays out of this room, even if you think you know."),
    ),
    "W2": (
        _("This can read as a threat, or as passing on what was said here."),
        _("Are you worried? Use the button to flag it to the moderators."),
    ),
    "A1": (_JUDGEMENT, _("It helped me to…")),
    "A2": (_JUDGEMENT, _("What would happen if you…?")),
    "A3": (_JUDGEMENT, _("An idea, see whether it fits: …")),
    "A5": (_JUDGEMENT, _("I would find that hard myself, because…")),
    "A6": (_JUDGEMENT, _("How do you see your own role in this?")),
    "B1": (_JUDGEMENT, _("What did you know then? And what do you know now?")),
    "B2": (_JUDGEMENT, _("How do you look back on it yourself?")),
    "B3": (_JUDGEMENT, _("What made you choose this?")),
    "B5": (_JUDGEMENT, _("What went through you?")),
    "B6": (_JUDGEMENT, _("When did you notice that it went another way?")),
    "B7": (_JUDGEMENT, _("This seems heavy to me. What do you need now?")),
    "B8": (_JUDGEMENT, _("What was in your hands, and what was not?")),
    "B11": (_JUDGEMENT, _("What would you like to go differently another time?")),
    "C2": (_JUDGEMENT, _("This rubs with me, because…")),
    "D3": (_JUDGEMENT, _("I read that this touches you. What touches you most?")),
    "D5": (_JUDGEMENT, _("This asks a lot of you. Who stands beside you?")),
    "E1": (_JUDGEMENT, _("I see what you did: … How was that for you?")),
    "E3": (_JUDGEMENT, _("What would help you to take the next step?")),
    "E4": (_JUDGEMENT, _("What went differently from what you hoped?")),
    "E5": (_JUDGEMENT, _("I wonder what makes this conversation tense.")),
    "E7": (_JUDGEMENT, _("Which part of this is yours, and which is not?")),
    "E12": (_JUDGEMENT, _("I would like to understand. What was going on for you?")),
    "F3": (_JUDGEMENT, _("How do you look at this?")),
    "F6": (_JUDGEMENT, _("How do you look back on it now?")),
    "G2": (_JUDGEMENT, _("My experience is… It may be different with you.")),
    "G3": (_JUDGEMENT, _("I see it differently. May I explain how?")),
    "H2": (
        _("This can sound like a label on somebody else."),
        _("Tell what somebody did or said, not what somebody is."),
    ),
}

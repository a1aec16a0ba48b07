"""What happens in both worlds: short functions over X and Y, who write under an alias.

A, B, C and M act by name, and do the same in both worlds. A new scenario is one more
function here and its name in EVERY.
"""

from __future__ import annotations

from django.test import override_settings

from forum.models import Ask, Post, PostState, ReactionWord, ReplyKind
from forum.models.reasons import Reason
from moderation.models import Act
from tests.anonymity.worlds import Scenario, World
from tests.factories import SITUATION

GUESS = "Volgens mij weet ik wie je bent, jij werkt op een school in Zwolle."


def start(w: World) -> None:
    w.is_thorough = True
    w.X.starts()


def reply(w: World) -> None:
    thread = w.C.starts()
    w.X.replies(thread)


def several_voices(w: World) -> None:
    thread = w.X.starts()
    w.Y.replies(thread)
    w.C.replies(thread)
    w.X.replies(thread, "Dank. Het is vooral de stilte daarna.")


def edit(w: World) -> None:
    post = w.X.starts().posts.get()
    w.X.edits(post, SITUATION + " Ondertussen is er meer gebeurd.")


def withdraw(w: World) -> None:
    thread = w.C.starts()
    post = w.X.replies(thread)
    w.X.withdraws(post)
    dilemma = w.Y.starts().posts.get()
    w.Y.withdraws(dilemma)


def flag(w: World) -> None:
    w.X.flags(w.C.starts().posts.get())


def be_flagged(w: World) -> None:
    post = w.X.starts().posts.get()
    w.C.flags(post)
    w.M.decides(post, Act.KEEP)


def held(w: World) -> None:
    thread = w.C.starts()
    post = w.X.replies(thread, GUESS)
    w.M.decides(post, Act.PUBLISH)


def own_school_named(w: World) -> None:
    """A held text names the school of A: whoever wrote it, the queue says the same."""
    thread = w.C.starts()
    post = w.X.replies(thread, f"{GUESS} Ook bij Zonnewijzer hoorde ik dat.")
    w.M.decides(post, Act.PUBLISH)


def all_read_first(w: World) -> None:
    with override_settings(PREMODERATE="anonymous"):
        w.X.starts()


def returned(w: World) -> None:
    thread = w.C.starts()
    post = w.X.replies(thread, GUESS)
    w.M.decides(post, Act.RETURN)
    w.X.edits(post, "Wat maakt dat dit je zo raakt?")


def hidden(w: World) -> None:
    post = w.X.starts().posts.get()
    w.C.flags(post)
    w.M.decides(post, Act.HIDE)


def removed(w: World) -> None:
    thread = w.C.starts()
    post = w.X.replies(thread)
    w.C.flags(post)
    w.M.decides(post, Act.REMOVE)


def sanctioned(w: World) -> None:
    """Who wrote as X cannot write until the day, in this thread or elsewhere."""
    thread = w.C.starts()
    post = w.X.replies(thread)
    w.C.flags(post)
    w.M.pauses_author_of(post, days=2)
    w.X.is_refused(thread)
    w.X.is_refused()
    w.Y.replies(thread, "Wat heb je zelf al geprobeerd?")
    w.wait(days=2)
    w.X.replies(thread, "Wat maakt het nu anders?")


def messages(w: World) -> None:
    """A moderator warns X and gives the text back; X reads why."""
    post = w.X.replies(w.C.starts())
    w.C.flags(post)
    w.M.decides(post, Act.WARN, Reason.R01)
    w.M.decides(post, Act.RETURN, Reason.R01)


def quoted(w: World) -> None:
    thread = w.C.starts()
    post = w.X.replies(thread)
    w.C.replies(thread, "Dat vraag ik me ook af.", answers=post)
    w.X.edits(post, "Wat maakt dat dit jou zo raakt?")
    w.X.withdraws(post)


def moderator_writes(w: World) -> None:
    """A is a moderator: X writes, and nobody who moderates sees more of it."""
    w.appoints("moderator", "A")
    thread = w.C.starts()
    post = w.X.replies(thread, GUESS)
    w.M.decides(post, Act.PUBLISH)


def by_name_elsewhere(w: World) -> None:
    """A writes by name in the same minute, and once in the same conversation as Y."""
    thread = w.X.starts()
    w.A.starts(title="Hoe zeg ik dit tegen de ouders?")
    other = w.C.starts()
    w.A.replies(other, "Bij mij ging dat anders.", kind=ReplyKind.EXPERIENCE)
    w.C.replies(thread)
    w.A.follows(other)
    w.A.reads(other)


def delayed(w: World) -> None:
    """Of two texts for later one may not appear any more, and goes back to X."""
    dilemma = w.X.starts(is_delayed="on").posts.get()
    thread = w.C.starts()
    post = w.X.replies(thread, is_delayed="on")
    w.C.withdraws(thread.posts.get(kind=ReplyKind.DILEMMA))
    w.wait(hours=3)
    w.wait(hours=3)
    after = Post.objects.in_bulk([dilemma.pk, post.pk])
    assert after[dilemma.pk].state == PostState.PUBLISHED
    assert after[post.pk].state == PostState.RETURNED


def suspended(w: World) -> None:
    """A cannot write for a while, because of a text by name; anonymous ones stay."""
    w.X.starts()
    post = Post.objects.get(author=w.A.member)
    w.C.flags(post)
    w.M.pauses_author_of(post, days=2)
    w.A.is_refused()


def leaves(w: World) -> None:
    """A leaves, and so do the names at A's texts; X and Y are as they were."""
    thread = w.X.starts()
    w.Y.replies(thread)
    w.A.leaves()
    w.C.starts()


def leave_and_remove(w: World) -> None:
    """A and B leave; what was written under an alias goes within thirty days."""
    thread = w.X.starts()
    w.Y.replies(thread)
    w.both_leave()
    w.wait(days=15)
    w.wait(days=16)


def exports(w: World) -> None:
    post = w.X.starts().posts.get()
    w.A.follows(post.thread)
    w.A.exports()
    w.X.exports()
    w.Y.exports()


def unsealed_elsewhere(w: World) -> None:
    """Two custodians learn who C is, in a conversation of X: nothing of X and Y."""
    thread = w.X.starts()
    post = w.C.replies(thread, under_alias="on")
    w.appoints("custodian", "M", "O")
    w.M.asks_to_unseal(post)
    w.O.unseals("approval", post)
    w.M.unseals("confirmation", post)
    w.O.unseals("opening", post)


def recover_by_mailbox(w: World) -> None:
    w.X.starts()
    w.A.recovers()
    w.has_owners = False
    w.C.starts()


def week_of_digests(w: World) -> None:
    w.X.starts()
    for _day in range(7):
        w.wait(days=1)
    w.X.starts(title="Wat doe ik met deze klacht van ouders?")
    w.wait(days=1)


def failing_start(w: World) -> None:
    """A fault at every statement of starting a dilemma (AN-28)."""
    fields = {
        "title": "Volg ik het besluit, of het gevoel van mijn team?",
        "category": "team",
        "ask": "advice",
        "source": SITUATION,
        "is_clean": "on",
        "under_alias": "on",
    }
    w.fails_at_each_statement(w.X, "/dilemmas/new/", fields)


def failing_reply(w: World) -> None:
    """A fault at every statement of replying (AN-28)."""
    thread = w.C.starts()
    fields = {"kind": "question", "source": "Wat vind je zelf?", "under_alias": "on"}
    w.fails_at_each_statement(w.X, f"/dilemmas/{thread.pk}/replies/", fields)


def react(w: World) -> None:
    """X says a word about a text of C and about an own one, and takes one back."""
    post = w.C.starts().posts.get()
    own = w.X.starts().posts.get()
    w.X.reacts(post)
    w.X.reacts(own)
    w.Y.reacts(own)
    w.C.reacts(own)
    w.X.reacts(post, ReactionWord.HELP)
    w.X.reacts(own, None)
    w.A.reacts(w.C.starts().posts.get(), ReactionWord.FEEL)


def asked_anew(w: World) -> None:
    """X asks for something else and marks questions, of C by name and of Y."""
    dilemma = w.X.starts().posts.get()
    named = w.C.replies(dilemma.thread)
    other = w.Y.replies(dilemma.thread, "Wat zou je het liefst willen?")
    w.X.asks(dilemma, Ask.LISTEN)
    w.X.marks(dilemma, named)
    w.X.marks(dilemma, other)
    w.X.marks(dilemma, named, on=False)
    w.X.asks(dilemma, Ask.ADVICE)


def outcome(w: World) -> None:
    """X tells how it turned out, changes it, and Y says a word about it."""
    dilemma = w.X.starts().posts.get()
    w.C.replies(dilemma.thread)
    told = w.X.tells(dilemma)
    w.Y.reacts(told, ReactionWord.HELP)
    w.C.flags(told)
    w.X.edits(told, "Het is nog niet over, maar ik slaap weer.")
    later = w.Y.starts(title="Hoe zeg ik dit tegen de ouders?").posts.get()
    w.Y.tells(later, is_delayed="on")
    w.wait(hours=6)
    w.X.withdraws(told)


def rests(w: World) -> None:
    """Nobody writes for long: X is asked, and the conversation rests and is woken."""
    dilemma = w.X.starts().posts.get()
    other = w.Y.starts(title="Hoe zeg ik dit tegen de ouders?").posts.get()
    w.wait(days=22)
    w.all_come_back()
    w.X.declines(dilemma)
    w.wait(days=39)
    w.all_come_back()
    w.X.is_refused(dilemma.thread)
    w.X.wakes(dilemma)
    w.C.replies(dilemma.thread)
    w.Y.tells(other)


EVERY: tuple[Scenario, ...] = (
    start,
    reply,
    several_voices,
    edit,
    withdraw,
    flag,
    be_flagged,
    held,
    own_school_named,
    all_read_first,
    returned,
    hidden,
    removed,
    sanctioned,
    messages,
    quoted,
    moderator_writes,
    by_name_elsewhere,
    delayed,
    suspended,
    leaves,
    leave_and_remove,
    exports,
    unsealed_elsewhere,
    recover_by_mailbox,
    week_of_digests,
    failing_start,
    failing_reply,
    react,
    asked_anew,
    outcome,
    rests,
)

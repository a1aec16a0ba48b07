"""Brings a text to one form before it is stored; tells its language and odd letters.

Anonymous texts lose whatever could mark a copy without being seen.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit


def normalise_plain(text: str) -> str:
    """Return the text with tidy lines; for every text that a member sends.

    Control characters other than newline and tab go, and so do half characters that no
    database can store. Lines end in a newline only, without spaces before it, and at
    most two of them in a row are empty. A second call changes nothing.
    """
    text = re.sub("\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    text = re.sub("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "", text)
    lines = [line.rstrip(" \t") for line in text.split("\n")]
    text = re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines))
    return text.strip("\n").rstrip()


def normalise_anonymous(text: str) -> str:
    """Return the text without marks that a reader does not see (AN-29).

    One Unicode form, one kind of space, quotation mark, dash and ellipsis; no format,
    direction or other invisible characters but those inside an emoji; one space
    between words, at most one empty line, indentation in lists only; links without
    known tracking parameters. What somebody sees may change in type, never in words.
    A second call changes nothing.
    """
    text = unicodedata.normalize("NFC", normalise_plain(text))
    # In this order: a joiner may lean on an emoji sign that stayed.
    for stray in (_INVISIBLE, _STRAY_EMOJI_SIGN, _STRAY_JOINER):
        text = stray.sub("", text)
    text = unicodedata.normalize("NFC", text.translate(_LOOKALIKES))
    text = _without_tracking(text)
    text = re.sub(r"\n{3,}", "\n\n", normalise_plain(text))
    return normalise_plain(_with_one_spacing(text))


def mixed_script_words(text: str) -> list[str]:
    """Return the words with letters of more than one script, each once, in order.

    Such a word can look like another one or mark a copy; it is shown to the writer and
    not changed (AN-29).
    """
    words = dict.fromkeys(re.findall(r"\w+", text))
    return [word for word in words if len({*map(_script, word)} - {""}) > 1]


def language_of(text: str) -> str:
    """Return "en" for a text with more English than Dutch function words, else "nl"."""
    words = re.findall(r"[a-z]+", text.lower())
    english = sum(word in _ENGLISH for word in words)
    dutch = sum(word in _DUTCH for word in words)
    return "en" if english >= 2 and english > dutch else "nl"


def _characters(ranges: str) -> str:
    """Turn "A9 2190-2199" (hexadecimal) into the inside of a character class."""
    return "".join(
        "-".join(f"\\U{int(end, 16):08x}" for end in part.split("-"))
        for part in ranges.split()
    )


# Unicode's format characters and default ignorable code points, blank letters
# (Hangul fillers, the empty Braille cell) and private use; without U+200D and U+FE0F.
_INVISIBLE = re.compile(
    "["
    + _characters(
        "AD 34F 600-605 61C 6DD 70F 890-891 8E2 115F-1160 17B4-17B5 180B-180F "
        "200B-200C 200E-200F 202A-202E 2060-206F 2800 3164 E000-F8FF FE00-FE0E FEFF "
        "FFA0 FFF0-FFFB 110BD 110CD 13430-1343F 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF "
        "F0000-10FFFF"
    )
    + "]"
)

# The joiner stays between two pictographs, and the emoji sign (U+FE0F) stays after a
# character that is text by default or in a keycap; elsewhere both are invisible.
_TEXT_BY_DEFAULT = _characters(
    "A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 2328 23CF 23ED-23EF 23F1-23F2 "
    "23F8-23FA 24C2 25AA-25AB 25B6 25C0 25FB-25FC 2600-2604 260E 2611 2618 261D 2620 "
    "2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 265F-2660 2663 2665-2666 2668 "
    "267B 267E 2692 2694-2697 2699 269B-269C 26A0 26A7 26B0-26B1 26C8 26CF 26D1 26D3 "
    "26E9 26F0-26F1 26F4 26F7-26F9 2702 2708-2709 270C-270D 270F 2712 2714 2716 271D "
    "2721 2733-2734 2744 2747 2763-2764 27A1 2934-2935 2B05-2B07 3030 303D 3297 3299 "
    "1F170-1F171 1F17E-1F17F 1F202 1F237 1F321 1F324-1F32C 1F336 1F37D 1F396-1F397 "
    "1F399-1F39B 1F39E-1F39F 1F3CB-1F3CE 1F3D4-1F3DF 1F3F3 1F3F5 1F3F7 1F43F 1F441 "
    "1F4FD 1F549-1F54A 1F56F-1F570 1F573-1F579 1F587 1F58A-1F58D 1F590 1F5A5 1F5A8 "
    "1F5B1-1F5B2 1F5BC 1F5C2-1F5C4 1F5D1-1F5D3 1F5DC-1F5DE 1F5E1 1F5E3 1F5E8 1F5EF "
    "1F5F3 1F5FA 1F6CB 1F6CD-1F6CF 1F6E0-1F6E5 1F6E9 1F6F0 1F6F3"
)
_PICTOGRAPH = _TEXT_BY_DEFAULT + _characters("2B1B 1F300-1FAFF")
_STRAY_EMOJI_SIGN = re.compile(
    f"(?<![{_TEXT_BY_DEFAULT}])\ufe0f(?!\u20e3)|(?<![{_TEXT_BY_DEFAULT}0-9#*])\ufe0f"
)
_STRAY_JOINER = re.compile(
    f"\u200d(?![{_PICTOGRAPH}])|(?<![{_PICTOGRAPH}\ufe0f])\u200d"
)

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\uff07", "'"),
        **dict.fromkeys("\u2039\u203a", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212", "-"),
        **dict.fromkeys("\u2e3a\u2e3b\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        "\t": "    ",
        "\u2026": "...",
        "\u0132": "IJ",
        "\u0133": "ij",
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
    }
)

_LIST_ITEM = re.compile(r" *(?:[-*+]|\d{1,9}[.)]) ")


def _with_one_spacing(text: str) -> str:
    """One space between words; even indentation, and only inside a list."""
    lines = []
    is_in_list = False
    for line in text.split("\n"):
        words = re.sub(" {2,}", " ", line.lstrip(" "))
        indent = len(line) - len(line.lstrip(" "))
        is_in_list = bool(_LIST_ITEM.match(line)) or (
            is_in_list and (indent > 1 or not words)
        )
        # Three becomes four, so that what hangs under "1. " stays there.
        even = 4 if indent == 3 else min(indent, 8) // 2 * 2
        lines.append(" " * even * is_in_list + words)
    return "\n".join(lines)


_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
# The mail system of many school boards puts the receiver's address into every link.
_WRAPPED_LINK = re.compile(
    r"https?://[a-z0-9.-]{1,100}\.safelinks\.protection\.outlook\.com/[^\s<>\"'()\[\]]*",
    re.IGNORECASE,
)
# "si", "rcm" and "lipi" name the person who shared a video or a post.
_TRACKING_NAME = (
    r"(?:utm_\w{1,40}|mtm_\w{1,40}|pk_(?:campaign|kwd|source|medium|content)|fbclid"
    r"|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid"
    r"|igsh|mc_eid|mc_cid|mkt_tok|_hsenc|_hsmi|__hs\w{1,10}|hsctatracking|vero_id"
    r"|vero_conv|oly_enc_id|oly_anon_id|_openstat|wickedid|rb_clickid|s_cid"
    r"|ml_subscriber(?:_hash)?|_ga|_gl|_kx|sc_cid|ref_src|trk|trackingid|lipi|rcm|si"
    r"|share_id|smid|xtor|cmpid|at_\w{1,20})"
)
_TRACKING_PAIR = rf"{_TRACKING_NAME}(?:=[^\s&#()\[\]]*)?(?![^\s&#()\[\]])"
_TRACKING = re.compile(
    rf"([?&#])(?:amp;)?({_TRACKING_PAIR}(?:&(?:amp;)?{_TRACKING_PAIR})*)(&(?:amp;)?)?",
    re.IGNORECASE,
)


def _without_tracking(text: str) -> str:
    text = _WRAPPED_LINK.sub(_unwrapped, text)
    return _LINK.sub(lambda link: _TRACKING.sub(_kept, link[0]), text)


def _unwrapped(link: re.Match[str]) -> str:
    query = urlsplit(link[0].replace("&amp;", "&")).query
    inner = parse_qs(query).get("url", [""])[0]
    return inner if re.fullmatch(r"https?://[^\s<>\"'()\[\]]+", inner) else link[0]


def _kept(found: re.Match[str]) -> str:
    """What stays of tracking parameters: the sign before what follows, a full stop."""
    if found[3]:
        return found[1]
    return found[2][len(found[2].rstrip(".,;:!?*_")) :]


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """The first word of a letter's Unicode name, "" for what belongs to no script."""
    if not character.isalpha() or unicodedata.category(character) == "Lm":
        return ""
    script = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    if script in {"FEMININE", "MASCULINE", "MICRO"}:
        return ""
    return "EAST ASIAN" if script in _EAST_ASIAN else script


# Japanese and Korean mix these within one word.
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}

# Words that occur in one of the two languages only.
_DUTCH = frozenset(
    re.findall(
        r"\w+",
        """
        aan als bij dat de deze dit dan door een eens er en geen haar heb hebben heeft
        het hij hoe ik je jij jouw kan maar mijn moet naar niet nog nu om ons onze ook
        op te toch uit van veel voor waar wat weer wel werd wij wie wil zich zij zijn zo
        zou
        """,
    )
)
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
        about and are at be been but by can could do does for from has have how i if it
        its just my not on our she should than that the their them then there they this
        to what when which who why will with would you your
        """,
    )
)

"""Markdown in, safe HTML or a plain excerpt out; the only importer of the parser and of
the cleaners. Rendering happens when a text is written, and depends on the text alone.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Raise this whenever the same source would give other HTML; rerender_posts looks at it.
RENDERING_VERSION = 1

# Nothing that loads, and nothing that could imitate a part of the page.
_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "a"),
    *("ul", "ol", "li", "blockquote", "code", "pre"),
}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https"}
_LINK_REL = "ugc nofollow noopener noreferrer"


def render(source: str) -> str:
    """Return the HTML of a post, safe to be put into a page as it is.

    Paragraphs, emphasis, lists, quotes, code, rules and links to http and https
    addresses are kept; a heading becomes a bold paragraph; everything else, raw HTML,
    entities and images included, is shown as the text that was typed. There are no
    attributes but the address of a link, its rel, and the first number of a list: the
    element around the post carries dir="auto". Bleach cleans, and nh3, which is
    maintained, is the last gate with the same short list. The forms bound the length:
    lists and quotes nested in turn cost the parser four times as much at twice the
    length (a second at 10,000 characters).
    """
    html = _MARKDOWN.render(_storable(source))
    html = bleach.clean(
        html,
        tags=_TAGS,
        attributes={tag: list(names) for tag, names in _ATTRIBUTES.items()},
        protocols=_SCHEMES,
        strip=True,
    )
    html = nh3.clean(
        html,
        tags=_TAGS,
        # "*" replaces the attributes that nh3 would otherwise keep on every tag.
        attributes={**_ATTRIBUTES, "*": set()},
        url_schemes=_SCHEMES,
        url_relative="deny",
        link_rel=_LINK_REL,
    )
    return html.strip()


def excerpt(source: str, length: int = 160) -> str:
    """Return the beginning of a post as plain text of at most length characters.

    It has no markup and no line breaks; where it is cut, after a word if possible, it
    ends in an ellipsis. It is text, not HTML: a template escapes it.
    """
    words = []
    for token in _MARKDOWN.parse(_storable(source)):
        if token.type in ("fence", "code_block"):
            words.append(token.content)
        elif token.children:
            words.append("".join(_text_of(child) for child in token.children))
    text = " ".join(" ".join(words).split())
    if len(text) <= length:
        return text
    cut = text[:length]
    if " " in cut:
        cut = cut[: cut.rindex(" ")]
    return cut[: length - 1].rstrip(" ,;:.-") + "\u2026"


def quote(name: str, source: str, length: int = 600) -> str:
    """Return a post as the source of a quote: its author's shown name, then its lines.

    What it quoted itself is left out; it is cut after a word.
    """
    lines = [line.rstrip() for line in source.splitlines()]
    text = "\n".join(line for line in lines if not line.lstrip().startswith(">"))
    text = re.sub(r"\n{3,}", "\n\n", text.strip())
    if len(text) > length:
        text = text[:length].rsplit(maxsplit=1)[0].rstrip(" ,;:.-") + "\u2026"
    quoted = (f"> {line}".rstrip() for line in [f"{name}:", *text.split("\n")])
    return "\n".join(quoted) + "\n\n" if text else ""


_WITHIN_WORDS = re.compile(r"</?(?:strong|em|s|a|code)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def plain_text(html: str) -> str:
    """Return the words of what `render` made, on one line: text, not HTML."""
    text = _TAG.sub(" ", _WITHIN_WORDS.sub("", html))
    return " ".join(unescape(text).split())


_HOST = re.compile(r"(?!.*xn--)(?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62}\.?")


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Accept absolute http and https addresses with a domain name only.

        What is refused stays text: a mail address, a script, a file, "//host", a host
        with letters that can imitate others ("xn--"), and
        "https://bank.example@other.example", which shows one host and opens another.
        """
        try:
            parts = urlsplit(url)
            return (
                parts.scheme in _SCHEMES
                and _HOST.fullmatch(parts.hostname or "") is not None
                and "@" not in parts.netloc
                and parts.port != 0
            )
        except ValueError:
            return False


def _bold_headings(state: StateCore) -> None:
    """Turn headings into bold paragraphs: a post has no place in a page's outline."""
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            token.type, token.tag, token.markup = "paragraph_open", "p", ""
            inline = state.tokens[index + 1]
            inline.children = [
                Token("strong_open", "strong", 1),
                *(inline.children or []),
                Token("strong_close", "strong", -1),
            ]
        elif token.type == "heading_close":
            token.type, token.tag, token.markup = "paragraph_close", "p", ""


def _no_empty_links(state: StateCore) -> None:
    """Take away links without an address, "[text]()": they would do nothing."""
    for token in state.tokens:
        kept = []
        is_empty = False
        for child in token.children or []:
            if child.type == "link_open":
                is_empty = not child.attrGet("href")
            if not (is_empty and child.type in ("link_open", "link_close")):
                kept.append(child)
        if token.children is not None:
            token.children = kept


def _text_of(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content if token.type in ("text", "code_inline") else ""


def _storable(source: str) -> str:
    """Drop half characters, which no encoder accepts."""
    return source.encode("utf-8", "ignore").decode("utf-8")


def _make_parser() -> MarkdownIt:
    parser = _Markdown(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "maxNesting": 20},
    )
    parser.enable(["linkify", "strikethrough"])
    # Entities could smuggle in the invisible characters that normalising takes out;
    # indentation and a line of dashes under a text mean nothing to our writers.
    parser.disable(["image", "entity", "code", "lheading", "html_block", "html_inline"])
    # The rule within lines looks back over the whole line at each "://": 20,000
    # characters of them took seconds. The rule that runs after it finds the addresses.
    parser.inline.ruler.disable("linkify")
    # Only whole addresses become links: "De klas.Er waren" is no domain name.
    if parser.linkify is not None:
        parser.linkify.set(
            {"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False}
        )
    parser.core.ruler.after("inline", "bold_headings", _bold_headings)
    parser.core.ruler.after("inline", "no_empty_links", _no_empty_links)
    return parser


_MARKDOWN = _make_parser()

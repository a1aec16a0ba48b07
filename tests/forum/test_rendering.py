from __future__ import annotations

import random
import time
from html.parser import HTMLParser

import pytest

from forum.rendering import RENDERING_VERSION, excerpt, render
from forum.text_checks.findings import check

REL = "ugc nofollow noopener noreferrer"
TAGS = {*("p", "br", "hr", "strong", "em", "s", "a", "ul", "ol", "li")} | {
    *("blockquote", "code", "pre")
}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=https://x.nl/a.js></sCrIpT>",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://x.nl/a.png)",
    "![x](javascript:alert(1))",
    '![x](https://x.nl/a.png"onerror="alert(1))',
    "[![x](https://x.nl/a.png)](javascript:alert(1))",
    "![x][y]\n\n[y]: https://x.nl/a.png",
    "<svg/onload=alert(1)>",
    "<svg><animate xlink:href=#x attributeName=href values=javascript:alert(1) />",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=https://x.nl></iframe>",
    "<object data=https://x.nl></object><embed src=https://x.nl>",
    "<form action=https://x.nl><input name=a autofocus onfocus=alert(1)></form>",
    "<style>*{background:url(https://x.nl)}</style>",
    "<p style=position:fixed;top:0>x</p>",
    "<link rel=stylesheet href=https://x.nl><meta http-equiv=refresh content=0>",
    "<base href=https://x.nl>",
    "<a href=javascript:alert(1)>x</a>",
    "<b onmouseover=alert(1)>x</b>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<template><script>alert(1)</script></template>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](\u3000javascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/png;base64,AAAA)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://x.nl/1)",
    "[x](//x.nl/a)",
    "[x](/accounts/logout/)",
    "[x](?a=b)",
    "[x](#top)",
    "[x]()",
    "https://a\u200b.nl HTTPS://A.NL",
    "https://sch\u043eol.nl [x](https://xn--schol-6ve.nl)",
    "[x](<>) [y](https://y.nl) [z]()",
    "[x](\\\\x.nl)",
    "[x](https:x.nl)",
    "[x](mailto:jan@x.nl)",
    "[x](tel:0612345678)",
    "[x](https://school.nl@x.nl)",
    "[x](https://)",
    "[x](http://[::1)",
    "[x](http://127.0.0.1/)",
    "[x](https://x.nl:99999/)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<jan@x.nl>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://x.nl "onmouseover=alert(1)")',
    '[x](https://x.nl "\\" onmouseover=alert(1) x=\\"")',
    "[x](https://x.nl/'onmouseover='alert(1))",
    '[x](<https://x.nl/" onmouseover="alert(1)>)',
    'https://x.nl/"onmouseover="alert(1)',
    "https://x.nl/<script>alert(1)</script>",
    '```"onmouseover=alert(1)\n<script>alert(1)</script>\n```',
    "```html style=x\n<img src=x onerror=alert(1)>\n```",
    "`<img src=x onerror=alert(1)>`",
    "# <img src=x onerror=alert(1)>",
    "> - > <iframe src=https://x.nl>",
    "**<script>**alert(1)</script>",
    "|a|b|\n|-|-|\n|<img src=x onerror=alert(1)>|c|",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<scr\u200bipt>alert(1)</script>",
    "\u202e<img src=x onerror=alert(1)>",
    "<img src=x onerror=\u2028alert(1)>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\ud800<script>alert(1)</script>",
    "<x y='&quot;><img src=x onerror=alert(1)>'>",
]

HOSTILE = [
    *("a", ">", "> ", "- ", "1. ", "*", "**a", "_", "~~", "`", "``` ", "[", "![", "]("),
    *("[a](", "<", "<a ", "</", "<!--", "&", "&#", "\\", "\n", "#", "# ", "* a\n "),
    *("https://a.nl ", "https://", "://", "a://", ";a", "http://a.", "www.", "@", "-"),
    *("|", "|a", "~", "\t", "[a]: b\n", "[a]\n", "<script>", "<b>", "(", "[](", "\x00"),
    *("![a](b", "*a_b", "a**b", "\u0301", "\u202e", "\U0001f469\u200d", "=\n", "-\n"),
]


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Page(html).tags:
        assert tag in TAGS
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert (
                (attributes["href"] or "").lower().startswith(("http://", "https://"))
            )
            assert attributes["rel"] == REL
        else:
            assert set(attributes) <= ({"start"} if tag == "ol" else set())


@pytest.mark.parametrize("source", PAYLOADS)
def test_an_30_payload_leaves_nothing_that_acts_or_loads(source: str) -> None:
    assert_harmless(render(source))


def test_random_mixtures_of_payloads_leave_nothing_that_acts_or_loads() -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable mixture

    for _ in range(500):
        pieces = chance.choices([*PAYLOADS, *HOSTILE], k=4)
        glue = chance.choice(["", " ", "\n", "\n\n", "\n> "])
        assert_harmless(render(glue.join(pieces)))


def test_every_link_is_a_finding() -> None:
    chance = random.Random(13)  # noqa: S311 - a repeatable mixture
    pieces: list[str] = [
        *(
            "https://",
            "http://",
            "HTTPS://",
            "ht&#116;ps://",
            "https\\://",
            "h&#x74;tps",
        ),
        *("&colon;//", ":", "//", "a.nl", "[x](", ")", "<", ">", "\n[x]: ", "[x]", " "),
        *("\n", "`", "\\", "a", "*", "(", "http&#58;//", "&#104;ttps://", "- ", "> "),
    ]

    for _ in range(1_500):
        source = "".join(chance.choices(pieces, k=8))
        if "<a " in render(source):
            assert "I5" in {each.code for each in check(source, is_reply=False)}, source


def test_raw_html_is_shown_as_typed() -> None:
    assert render("Een <b>woord</b> & meer") == (
        "<p>Een &lt;b&gt;woord&lt;/b&gt; &amp; meer</p>"
    )


def test_entity_is_shown_as_typed() -> None:
    assert Page(render("R&amp;D &lt; &nbsp;")).text == "R&amp;D &lt; &nbsp;"


def test_emphasis_lists_quotes_and_code_are_kept() -> None:
    html = render("**vet** *nadruk* ~~weg~~ `code`\n\n- een\n- twee\n\n> citaat\n\n---")

    for part in ("strong", "em", "s", "code", "ul", "li", "blockquote", "hr"):
        assert f"<{part}>" in html


def test_list_keeps_its_first_number() -> None:
    assert '<ol start="3">' in render("3. derde\n4. vierde")


def test_line_break_is_kept() -> None:
    assert render("een\ntwee") == "<p>een<br>\ntwee</p>"


def test_heading_becomes_a_bold_paragraph() -> None:
    assert render("# Mijn *vraag*\nen meer") == (
        "<p><strong>Mijn <em>vraag</em></strong></p>\n<p>en meer</p>"
    )


def test_dashes_under_a_text_make_no_heading() -> None:
    assert render("Mijn vraag\n---") == "<p>Mijn vraag</p>\n<hr>"


def test_indented_text_is_no_code() -> None:
    assert render("een\n\n    twee") == "<p>een</p>\n<p>twee</p>"


def test_table_is_no_table() -> None:
    assert "<table" not in render("|a|b|\n|-|-|\n|c|d|")


def test_written_address_becomes_a_marked_link() -> None:
    assert render("Zie https://voorbeeld.nl/a.") == (
        f'<p>Zie <a href="https://voorbeeld.nl/a" rel="{REL}">'
        "https://voorbeeld.nl/a</a>.</p>"
    )


@pytest.mark.parametrize(
    "link",
    ["https://a.nl/b_c_d", "https://a.nl/b-c/?d=e&f=g_h#i", "http://a.b.nl:8000"],
)
def test_address_with_signs_becomes_a_whole_link(link: str) -> None:
    (paragraph, anchor) = Page(render(f"Zie {link}, dank.")).tags

    assert paragraph == ("p", {})
    assert anchor == ("a", {"href": link, "rel": REL})


def test_markdown_link_is_marked() -> None:
    html = render('[tekst](http://voorbeeld.nl/?a=1&b=2 "titel")')

    assert html == (
        f'<p><a href="http://voorbeeld.nl/?a=1&amp;b=2" rel="{REL}">tekst</a></p>'
    )


@pytest.mark.parametrize(
    "source",
    ["De klas.Er waren drie", "groep 7.nl", "www.voorbeeld.nl", "jan@voorbeeld.nl"],
)
def test_what_only_looks_like_an_address_stays_text(source: str) -> None:
    assert render(source) == f"<p>{source}</p>"


def test_an_30_image_becomes_no_image() -> None:
    assert "<img" not in render("![foto](https://voorbeeld.nl/foto.png)")


@pytest.mark.parametrize("source", ["", " \n\t\n "])
def test_empty_source_gives_empty_html(source: str) -> None:
    assert render(source) == ""
    assert excerpt(source) == ""


def test_same_source_gives_same_html() -> None:
    source = "\n\n".join(PAYLOADS)

    assert render(source) == render(source)
    assert RENDERING_VERSION >= 1


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_does_not_run_away(piece: str) -> None:
    source = (piece * 20_000)[:20_000]
    started = time.process_time()

    html = render(source)
    excerpt(source)

    # Ordinary texts take milliseconds; a runaway parser takes minutes.
    assert time.process_time() - started < 5
    assert_harmless(html)


def test_excerpt_has_no_markup() -> None:
    source = "# Vraag\n\n**Wat** ik [zie](https://a.nl) is `x`:\n\n- een\n- twee <b>\n"

    assert excerpt(source) == "Vraag Wat ik zie is x: een twee <b>"


def test_excerpt_is_cut_after_a_word() -> None:
    assert excerpt("Een zin, met een paar woorden", length=12) == "Een zin\u2026"


def test_excerpt_of_one_endless_word_is_cut_inside_it() -> None:
    assert excerpt("a" * 50, length=10) == "a" * 9 + "\u2026"


@pytest.mark.parametrize("length", [1, 2, 7, 40, 160])
def test_excerpt_is_never_longer_than_asked(length: int) -> None:
    assert len(excerpt("Dit is een tekst van gewone lengte. " * 20, length)) <= length


def test_short_text_is_its_own_excerpt() -> None:
    assert excerpt("Een zin.\nNog een.") == "Een zin. Nog een."

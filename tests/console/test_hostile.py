"""Hostile mail on pages, byte by byte: what leaves the console is ours alone."""

import re
import time

import pytest
from console_server import Served
from hostile_mails import OUTSIDE

from lymer.console.opening import Opened
from lymer.console.viewing import safe_view

# Every tag that the safe view may hold.
_ALLOWED = set(
    "a abbr p div span b i u strong em small big font center table tbody thead tfoot tr td th ul "  # noqa: SIM905
    "ol li h1 h2 h3 h4 h5 h6 blockquote pre code sub sup dl dt dd s strike br hr img".split()
)


def view(html: str) -> str:
    """The safe view of some markup."""
    return str(safe_view(Opened(html=html), ""))


def tags_of(markup: str) -> set[str]:
    return {tag.lower() for tag in re.findall(r"</?([a-zA-Z!?][\w-]*)", markup)}


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//x.example></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
        "<p style='background:url(//x.example)'>x</p>",
        "<td background=//x.example>x",
        "<font color='red;background:url(//x.example)'>x</font>",
        '<table width="1" onmouseover=\'x\'><tr><td width="\'><script>">',
        "<div <p <script>alert(1)</script>",
        "<!--><script>alert(1)</script>-->",
        "<style><!--</style><script>alert(1)</script>-->",
        "<noscript><p title='</noscript><script>alert(1)</script>'>",
        "<textarea></textarea><script>alert(1)</script>",
        "<base href=//x.example><link rel=stylesheet href=//x.example>",
        "<meta http-equiv=refresh content='0;url=//x.example'>",
        '<p title="</p><script>alert(1)</script>">',
        "\x00<\x00script>alert(1)</script>",
        "<form action=//x.example><button formaction=javascript:alert(1)>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    ],
)
def test_the_safe_view_holds_nothing_live(html: str) -> None:
    shown = view(html + "<p>the end</p>")
    assert tags_of(shown) <= _ALLOWED, shown
    assert not re.search(r"<[^>]*\s(?:on\w+|href|src|style|background|action)\s*=", shown), shown
    assert "//x.example" not in shown


def test_what_a_reader_sees_is_kept() -> None:
    shown = view(
        "<h1>Offer</h1><table border=1 bgcolor=#ffcc00><tr><td align=center width=50%>one &amp; two"
        "</td></tr></table><font color=red size=5>now</font> <a href='http://a.example/x'>here</a>"
        "<img src='http://a.example/p.gif'><b>unclosed"
    )
    assert "<h1>Offer</h1>" in shown
    assert '<table border="1" bgcolor="#ffcc00">' in shown
    assert '<td align="center" width="50%">one &amp; two</td>' in shown
    assert '<font color="red" size="5">now</font>' in shown
    assert "[link: hxxp://a[.]example/x]" in shown
    assert "[picture: hxxp://a[.]example/p[.]gif]" in shown
    assert shown.endswith("<b>unclosed</b>")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 400_000,
        "<" * 400_000,
        "<a " * 200_000,
        "<!--" * 100_000,
        "<b></b>" * 60_000,
        "</b>" * 100_000,
        "<p title='" + "x" * 400_000,
        "<td " + "width=1 " * 50_000 + ">",
        "&" * 400_000,
    ],
)
def test_the_safe_view_is_quick_whatever_comes(html: str) -> None:
    begun = time.perf_counter()
    view(html)
    assert time.perf_counter() - begun < 4


def test_pages_of_hostile_mail_hold_only_our_own_markup(hostile: Served) -> None:
    ids = [row["message_id"] for row in hostile.sql("SELECT message_id FROM messages ORDER BY 1")]
    for one in ids:
        begun = time.perf_counter()
        page = hostile.client.get(f"/messages/{one}")
        assert page.status_code == 200
        assert time.perf_counter() - begun < 5, one
        assert len(page.content) < 2_000_000
        assert "<script>" not in page.text
        assert (
            f"//{OUTSIDE}" not in page.text.replace("[.]", ".") or f"//{OUTSIDE}" not in page.text
        )
        shown = hostile.client.get(f"/messages/{one}/view")
        assert shown.status_code == 200
        assert "sandbox" in shown.headers["content-security-policy"]
        assert "'unsafe" not in shown.headers["content-security-policy"]
        assert shown.headers["x-frame-options"] == "SAMEORIGIN"
        body = shown.text.partition("<body>")[2].partition("</body>")[0]
        assert tags_of(body) <= _ALLOWED
        assert hostile.client.get(f"/messages/{one}.json").status_code == 200


def test_templates_of_a_mail_are_not_ours(hostile: Served) -> None:
    message = hostile.one("SELECT message_id FROM messages WHERE subject LIKE '{{%'")
    page = hostile.client.get(f"/messages/{message}").text
    assert "{{ 7*7 }}" in page
    assert "<h1><bdi>49" not in page


def test_a_subject_of_megabytes_is_cut_on_every_page(hostile: Served) -> None:
    message = hostile.one("SELECT message_id FROM messages ORDER BY length_bytes DESC LIMIT 1")
    for path in ("/messages?sort=largest", f"/messages/{message}", "/campaigns", "/"):
        assert len(hostile.client.get(path).content) < 300_000, path
    raw = hostile.client.get(f"/messages/{message}/raw.json?offset=4000000").json()
    assert raw["text"] == "x" * raw["length_bytes"]


def test_pictures_are_drawn_anew_and_bombs_are_not(hostile: Served) -> None:
    def shown(number: int) -> str:
        message = hostile.one(f"SELECT message_id FROM messages WHERE subject = 'picture {number}'")
        return hostile.client.get(f"/messages/{message}/view").text

    assert 'src="data:image/png;base64,' in shown(904)
    assert "data:image" not in shown(903)

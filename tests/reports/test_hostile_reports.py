"""Nothing that a mail or a server says can run, fetch, open or hide anything in a report."""

import re

import pytest
from report_cases import HOSTILE, inflated
from selectolax.lexbor import LexborHTMLParser

from lymer.case import Case
from lymer.reports.compose import compose
from lymer.reports.document import Document
from lymer.reports.fonts import choose
from lymer.reports.harmless import TEXT_LENGTH, defanged, harmless, lines, steerless
from lymer.reports.html import to_html
from lymer.reports.pdf import to_pdf

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066\u2067]")
TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "span", "nav", "main", "header", "h1",
    "h2", "h3", "h4", "p", "b", "ol", "ul", "li", "a", "dl", "dt", "dd", "section", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "code", "pre", "figure", "figcaption", "footer",
    "svg", "line", "circle", "rect", "path", "text",
}  # fmt: skip
ATTRIBUTES = {
    "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "role",
    "aria-label", "lang", "xmlns", "viewBox", "width", "height", "x", "y", "x1", "x2", "y1", "y2",
    "cx", "cy", "r", "rx", "d", "fill", "fill-opacity", "stroke", "stroke-width", "font-weight",
    "stroke-dasharray", "font-family", "font-size", "text-anchor",
}  # fmt: skip


@pytest.fixture(scope="module")
def document(hostile_case: Case) -> Document:
    return compose(hostile_case)


def test_html_holds_only_what_we_wrote(document: Document) -> None:
    html = to_html(document).decode()
    assert not STEERING.search(html)
    page = LexborHTMLParser(html)
    for node in page.css("*"):
        assert node.tag in TAGS, node.tag
        assert set(node.attributes) <= ATTRIBUTES, node.attributes
        target = node.attributes.get("href")
        if target is not None:
            assert page.css_first(f'[id="{target[1:]}"]') is not None, target
            assert target.startswith("#")
    policy = page.css_first("meta[http-equiv]").attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    # What was hostile is still there to be read.
    assert "<script>alert(1)</script>" in page.body.text()


def test_no_program_finds_a_link_of_the_mail(document: Document) -> None:
    text = LexborHTMLParser(to_html(document).decode()).body.text()
    campaigns = text[text.index("Campaigns") :]
    assert "hxxp://evil[.]example[.]com" in campaigns
    table = campaigns[campaigns.index("its commonest subject") : campaigns.index("Operations")]
    assert "http://" not in table
    assert "evil.example.com" not in table


def test_pdf_runs_and_opens_nothing(document: Document) -> None:
    # `#panic` and `#read` in a subject would have stopped it, had they been markup.
    pdf = inflated(to_pdf(document))
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction",
                 b"/SubmitForm", b"/GoToR", b"root:x:0"):  # fmt: skip
        assert word not in pdf, word
    assert b"pdfaid" in pdf
    assert b"pdfuaid" in pdf


def test_a_report_stays_small_whatever_a_mail_says(hostile_case: Case) -> None:
    assert len(to_html(compose(hostile_case))) < 300_000
    assert len(to_pdf(compose(hostile_case))) < 2_000_000


@pytest.mark.parametrize("words", HOSTILE)
def test_text_is_one_short_line_without_controls(words: str) -> None:
    told = harmless(words)
    assert not STEERING.search(told)
    assert "\n" not in told
    assert len(told) < TEXT_LENGTH + 60
    assert steerless(told) == told


def test_cuts_and_escapes_are_said() -> None:
    assert harmless("a\nb\x00") == "a\\u{a}b\\u{0}"
    assert harmless("y" * 5000, 10) == "y" * 10 + " … (5,000 characters)"
    assert harmless(None) == ""
    assert lines("a\nb\nc", 2) == "a\nb\n… (cut here)"
    # What runs from right to left is held together, and moves nothing around it.
    assert harmless("שלום") == "\u2068שלום\u2069"
    assert harmless("e" + "\u0301" * 9).count("\u0301") == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("see http://a.example/x?y=1 now", "see hxxp://a[.]example/x?y=1 now"),
        ("HTTPS://A.example", "HxxPS://A[.]example"),
        ("mail joe@a.example, b.test", "mail joe[@]a[.]example, b[.]test"),
        ("p 0.05 of 1.5 and 192.0.2.1", "p 0.05 of 1.5 and 192.0.2.1"),
        ("ftp://a.example", "ftp://a[.]example"),
    ],
)
def test_links_are_defanged_and_numbers_are_not(words: str, told: str) -> None:
    assert defanged(words) == told


def test_latin_greek_and_cyrillic_need_no_font_of_the_system() -> None:
    setting = choose("Ångström ő ł “x” – € ελληνικά кириллица")
    assert not setting.lacking
    assert "Libertinus Serif" in setting.fonts.families()
    own = {font.path for font in setting.fonts.fonts()}
    assert own <= {None, ""}


def test_what_no_font_has_is_written_as_its_code_point(hostile_case: Case) -> None:
    # U+0378 is no character at all, so no font has it.
    assert choose("a\u0378").lacking == {"\u0378"}
    document = compose(hostile_case)
    odd = type(document)(**{f: getattr(document, f) for f in document.__slots__} | {
        "title": "of \u0378 and हिन्दी, 中文, العربية"
    })  # fmt: skip
    assert to_pdf(odd) == to_pdf(odd)

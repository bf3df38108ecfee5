"""HTML: what a reader sees of it, what it hides, where it links to, how it is built.

The tree is that of the HTML standard (Lexbor). Its parser is quadratic in the depth of a
document and in unclosed formatting elements, so such documents are read by plain searches.
"""

import re
import string
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from lymer.messages.hiding import Veil, find_hidden
from lymer.messages.layout import bucket, write_runs
from lymer.messages.links import LinkCollector

# Below this number of tags no document is a burden.
_CALM_TAGS = 2000
_TAG_COUNT = 20_000
_OPEN_TAGS = 1000
_FORMATTING_COPIES = 1_000_000
_ATTRIBUTE_CHARACTERS = 1 << 15


def _either_case(pattern: str) -> str:
    """Letters as classes of both cases: several times faster than IGNORECASE."""
    return re.sub(r"(?<!\\)[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", pattern)


# Elements that begin a line, by their first letter so that others are passed over at once.
_BREAK = re.compile(
    _either_case(
        r"<(?=/?(?:p(?:re)?|t(?:r|able|itle)|b(?:r|lockquote)|d(?:iv|l|t|d)|l(?:i)|h(?:r|_)|center"
        r"|ul|o(?:l|ption)|form|a(?:ddress|rticle)|section)[\s>/])"
    ).replace("_", "[1-6]")
)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_CELL = re.compile(r"<(?=[tT][dDhH][\s>])")
_ANY_TAG = re.compile(r"<[^<>]*>")
_OPENING = re.compile(r"<[a-zA-Z][^<>]*")
_CLOSING = re.compile(r"</([a-zA-Z][^\s/<>]*)")
_REFERENCE = re.compile(r"\b(href|src|action)\s*=\s*[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_PRE = re.compile(r"<pre\b|</pre\b", re.IGNORECASE)
_REFRESH = re.compile(r"url\s*=\s*[\"']?([^\"'>]+)", re.IGNORECASE)

_FORMATTING = frozenset(
    "a b big code em font i nobr s small strike strong tt u".split()  # noqa: SIM905
)
# Elements without an end, or that the next of their kind ends.
_SELF_ENDING = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li dt dd option tr td"  # noqa: SIM905
    " th tbody thead tfoot colgroup html head body".split()
)
_LINK_NODES = "a[href],area[href],base[href],[src],form[action],[background],meta[content]"
_UNSEEN = "script,style,title,noscript,template,noframes,object,xml"
_UNSEEN_TEXTS = frozenset({"title", "noscript", "noframes"})
_WHERE = {"a": "href", "area": "href", "form": "form"}
_LEVEL_CHILDREN = 40
_LEVEL_PARENTS = 8


@dataclass(slots=True)
class Markup:
    """What one HTML part says. `tags` is its structure, for the layout."""

    text: str = ""
    hidden: list[str] = field(default_factory=list)
    tags: str = ""
    defects: list[str] = field(default_factory=list)


def read_markup(html: str, links: LinkCollector) -> Markup:
    """Visible and hidden text of an HTML part; its links go to `links`.

    Defects: `html_damaged` (made to exhaust a parser, read by plain searches).
    """
    lowered = html.lower()
    if len(lowered) != len(html):
        # A few letters change their length: then offsets would not agree.
        lowered = html.translate(_LOWER)
    end = lowered.rfind("</html")
    behind = html[end:].partition(">")[2] if end >= 0 else ""
    if not behind or behind.isspace():
        return _read_document(html, lowered, links)
    markup = _read_document(html[:end], lowered[:end], links)
    _hide(markup, _strip_tags(behind))
    # Without any markup it is what a list, a provider or a scanner wrote under a finished document.
    links.add_text(behind, "text" if _OPENING.search(behind) else "hidden")
    return markup


def _read_document(html: str, lowered: str, links: LinkCollector) -> Markup:
    markup = Markup()
    if _is_exhausting(html):
        markup.defects.append("html_damaged")
        _read_plainly(html, links, markup)
        return markup
    if "<!--" in html:
        _hide_comments(html, markup)
    tree = LexborHTMLParser(_mark_breaks(html, lowered), options=LexborDocumentOptions.WO_EVENTS)
    body = tree.body
    if body is None:
        _read_plainly(html, links, markup)
        return markup
    veil = find_hidden(tree, lowered)
    counts = _collect_links(tree, lowered, links, veil)
    if veil is not None:
        for text in veil.lift():
            _hide(markup, text)
    _take_unseen(tree, markup)
    markup.text = _tidy(body.text())
    counts["table"] = lowered.count("<table")
    markup.tags = _describe_tags(body, counts)
    return markup


def _hide(markup: Markup, text: str) -> None:
    text = " ".join(text.split())
    if text:
        markup.hidden.append(text)


def _mark_breaks(html: str, lowered: str) -> str:
    """Put a form feed where a reader sees a line break.

    A form feed is white space to the standard, so that it moves nothing, not even in a table.
    """
    if "\f" in html:
        html = html.replace("\f", " ")
    if "<pre" in lowered:
        pieces = _PRE.split(html)
        marks = _PRE.findall(html)
        html = pieces[0] + "".join(
            mark + (piece if mark[1] == "/" else piece.replace("\n", "\f"))
            for mark, piece in zip(marks, pieces[1:], strict=True)
        )
    html = _BREAK.sub("\f<", html)
    if "<td" in lowered or "<th" in lowered:
        html = _CELL.sub(" <", html)
    return html


def _tidy(text: str) -> str:
    """Lines of visible text, white space as a reader sees it, at most one blank line in a row."""
    lines = [" ".join(line.split()) for line in text.split("\f")]
    kept = [line for line, before in zip(lines, ["", *lines[:-1]], strict=True) if line or before]
    return "\n".join(kept).strip("\n")


def _is_exhausting(html: str) -> bool:
    """Would the parser take more than linear time or room?"""
    count = html.count("<")
    if len(html) > _ATTRIBUTE_CHARACTERS:
        # Thousands of attributes in one tag, each compared to all before it.
        longest = max(map(len, html.split("<")))
        if longest > _ATTRIBUTE_CHARACTERS:
            return True
    if count < _CALM_TAGS:
        return False
    if count > _TAG_COUNT:
        return True
    opened = Counter[str]()
    formatting = 0
    for tag, times in Counter(_OPENING.findall(html)).items():
        name = tag[1:].split(None, 1)[0].rstrip("/").lower()
        opened[name] += times
        if name in _FORMATTING and name != "a":
            # Every new block opens the unclosed ones again, equal ones at most three times.
            formatting += min(times, 3)
    if formatting * count > _FORMATTING_COPIES:
        return True
    closed = Counter(map(str.lower, _CLOSING.findall(html)))
    left = sum(
        max(0, times - closed[name]) for name, times in opened.items() if name not in _SELF_ENDING
    )
    return left > _OPEN_TAGS


def _read_plainly(html: str, links: LinkCollector, markup: Markup) -> None:
    for name, url in _REFERENCE.findall(html):
        where = {"href": "href", "src": "src"}.get(name.lower(), "form")
        links.add(unescape(url), where)
    markup.text = _tidy(_strip_tags(_BREAK.sub("\f<", html)))


def _strip_tags(html: str) -> str:
    return unescape(_ANY_TAG.sub("", html))


def _hide_comments(html: str, markup: Markup) -> None:
    """Words in comments; what looks like markup, style or script is no text."""
    start = html.find("<!--")
    while start >= 0:
        end = html.find("-->", start + 4)
        if end < 0:
            return
        comment = html[start + 4 : end]
        if "<" not in comment and "{" not in comment and not comment.startswith("["):
            _hide(markup, comment)
        start = html.find("<!--", end + 3)


def _collect_links(
    tree: LexborHTMLParser, lowered: str, links: LinkCollector, veil: Veil | None
) -> dict[str, int]:
    """All links of the tree in document order; gives the number of links and pictures."""
    counts = {"a": 0, "img": 0}
    base = None
    for node in tree.css(_LINK_NODES):
        tag = node.tag or ""
        attributes = node.attributes
        if tag == "a":
            counts["a"] += 1
        elif tag == "img":
            counts["img"] += 1
        elif tag == "base":
            base = base or attributes.get("href")
            continue
        elif tag == "meta":
            refresh = _REFRESH.search((attributes.get("content") or "")[:4000])
            if refresh and (attributes.get("http-equiv") or "").lower() == "refresh":
                links.add(refresh.group(1), "href", base)
            continue
        where = _WHERE.get(tag, "src")
        if veil is not None and veil.covers(node):
            where = "hidden"
        url = attributes.get("href") if where == "href" or tag in _WHERE else None
        if url is None:
            url = attributes.get("action") if tag == "form" else attributes.get("src")
        if url:
            links.add(url, where, base)
        background = attributes.get("background")
        if background:
            links.add(background, "src", base)
    if "url(" in lowered:
        for node in tree.css("[style*='url(' i],style"):
            style = node.text() if node.tag == "style" else node.attributes.get("style") or ""
            links.add_style(style, "style", base)
    return counts


def _take_unseen(tree: LexborHTMLParser, markup: Markup) -> None:
    """Move what no reader shows out of the tree; words in it are hidden text."""
    present: set[str] = set()
    for node in tree.css(_UNSEEN):
        tag = node.tag or ""
        present.add(tag)
        if tag == "style":
            # Words between the rules, or instead of them.
            for piece in node.text().replace("<!--", "").replace("-->", "").split("}"):
                if "{" not in piece and "@import" not in piece:
                    _hide(markup, piece)
        elif tag in _UNSEEN_TEXTS:
            _hide(markup, node.text(separator=" "))
    if present:
        tree.strip_tags(sorted(present), recursive=True)


def _describe_tags(body: LexborNode, counts: dict[str, int]) -> str:
    """The first two levels under body, and how many links, pictures and tables there are."""
    children = list(islice(body.iter(), _LEVEL_CHILDREN))
    first = write_runs(_name(child) for child in children)
    second = ";".join(
        inner
        for child in children[:_LEVEL_PARENTS]
        if (inner := write_runs(_name(node) for node in islice(child.iter(), _LEVEL_CHILDREN)))
    )
    numbers = " ".join(f"{name}{bucket(count)}" for name, count in counts.items() if count)
    return f"{first}/{second}/{numbers}"


def _name(node: LexborNode) -> str:
    return (node.tag or "")[:20]

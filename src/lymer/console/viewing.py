"""The safe view of a mail: rebuilt from nothing but words, a few tags and sizes.

Nothing of the mail's own markup is passed on. A tag of the list is written anew with attributes
whose values are checked; everything else goes, and what goes with a word is told. No link leads
anywhere and no picture is fetched: pictures that the mail carries are drawn anew as small PNGs.
The frame's policy (no script, no request, sandbox) would stop all of it even so.
"""

import base64
import io
import re
import warnings
from collections.abc import Iterator
from html import unescape

from markupsafe import Markup, escape
from PIL import Image

from lymer.case import defang
from lymer.console.opening import Opened
from lymer.console.showing import plain

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})([^<>]{0,4000})>")
_ANY_TAG = re.compile(r"<[!/?A-Za-z][^<>]*>?")
_ATTRIBUTE = re.compile(r"([a-zA-Z]{1,12})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_VALUES = {
    "align": re.compile(r"(?:left|right|center|justify)\Z", re.IGNORECASE),
    "valign": re.compile(r"(?:top|middle|bottom|baseline)\Z", re.IGNORECASE),
    "color": re.compile(r"(?:#[0-9a-f]{3,6}|[a-z]{3,20})\Z", re.IGNORECASE),
    "bgcolor": re.compile(r"(?:#[0-9a-f]{3,6}|[a-z]{3,20})\Z", re.IGNORECASE),
    "size": re.compile(r"[+-]?[1-7]\Z"),
    "width": re.compile(r"\d{1,3}%?\Z"),
    "height": re.compile(r"\d{1,3}\Z"),
    "colspan": re.compile(r"[1-9]\d?\Z"),
    "rowspan": re.compile(r"[1-9]\d?\Z"),
    "border": re.compile(r"\d\Z"),
    "cellpadding": re.compile(r"\d{1,2}\Z"),
    "cellspacing": re.compile(r"\d{1,2}\Z"),
}
_SINGLE = frozenset({"br", "hr"})
_PAIRED = frozenset(
    "p div span b i u strong em small big font center table tbody thead tfoot tr td th ul ol li "  # noqa: SIM905
    "h1 h2 h3 h4 h5 h6 blockquote pre code sub sup dl dt dd s strike".split()
)
# Their content is not text that a reader sees.
_SILENT = frozenset(
    "script style title noscript template svg math iframe object applet select "  # noqa: SIM905
    "textarea head".split()
)
_DEPTH = 60
_CHARACTERS = 400_000
_PICTURES = 6
_PICTURE_PIXELS = 20_000_000
_PICTURE_SIDE = 480


def safe_view(opened: Opened, text: str) -> Markup:
    """The mail as markup for the sandboxed frame."""
    if opened.html is not None:
        body = Markup("").join(_rebuild(opened.html[:_CHARACTERS]))
    else:
        body = Markup('<pre class="text">{}</pre>').format(_words(text[:_CHARACTERS]))
    shown = [picture for data in opened.pictures[:_PICTURES] for picture in _draw(data)]
    if not shown:
        return body
    return Markup('{}<div class="pictures">{}</div>').format(body, Markup("").join(shown))


def _rebuild(html: str) -> Iterator[Markup]:
    """Our own markup for the tags of a mail; every open one is closed at the end."""
    stack: list[str] = []
    silent = ""
    for kind, piece, attributes in _tokens(html):
        if kind == "text":
            if not silent:
                yield _words(unescape(piece))
            continue
        tag, is_end = piece, kind == "end"
        if silent:
            if is_end and tag == silent:
                silent = ""
        elif tag in _SILENT and not is_end:
            silent = tag
            if tag in ("script", "svg", "iframe", "object", "applet"):
                yield Markup('<span class="gone">[{} left out]</span>').format(tag)
        elif is_end:
            if tag in stack:
                while True:
                    last = stack.pop()
                    yield Markup("</{}>").format(last)
                    if last == tag:
                        break
        elif tag == "a":
            yield _told("link", attributes, "href")
        elif tag in ("img", "image", "video", "audio", "embed", "input"):
            yield _told("picture" if tag in ("img", "image") else tag, attributes, "src")
        elif tag in ("meta", "link", "base", "form"):
            yield Markup('<span class="gone">[{} left out]</span>').format(tag)
        elif tag in _SINGLE:
            yield Markup("<{}>").format(tag)
        elif tag in _PAIRED and len(stack) < _DEPTH:
            stack.append(tag)
            yield Markup("<{}{}>").format(tag, _checked(attributes))
    for tag in reversed(stack):
        yield Markup("</{}>").format(tag)


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """(text | start | end, the text or the tag's name, attributes), in one pass."""
    at = 0
    while at < len(html):
        opened = html.find("<", at)
        if opened < 0:
            yield "text", html[at:], ""
            return
        if opened > at:
            yield "text", html[at:opened], ""
        if html.startswith("<!--", opened):
            end = html.find("-->", opened + 4)
            at = len(html) if end < 0 else end + 3
            continue
        tag = _TAG.match(html, opened)
        if tag is not None:
            yield ("end" if tag[1] else "start"), tag[2].lower(), tag[3]
            at = tag.end()
            continue
        other = _ANY_TAG.match(html, opened)
        if other is None:
            yield "text", "<", ""
        at = other.end() if other is not None else opened + 1


def _checked(attributes: str) -> Markup:
    kept = Markup("")
    seen: set[str] = set()
    for found in _ATTRIBUTE.finditer(attributes):
        name = found[1].lower()
        value = (found[2] or found[3] or found[4] or "").strip()
        rule = _VALUES.get(name)
        if rule is not None and rule.match(value) and name not in seen:
            seen.add(name)
            kept += Markup(' {}="{}"').format(name, value)
    return kept


def _told(what: str, attributes: str, source: str) -> Markup:
    """Where a link or picture would lead, as words."""
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == source:
            url = unescape((found[2] or found[3] or found[4] or "").strip())
            if url.lower().startswith("data:"):
                url = "data:…"
            elif url.lower().startswith("cid:"):
                url = "carried by the mail"
            shown = plain(defang(url), 120)
            return Markup('<span class="gone">[{}: {}]</span> ').format(what, shown)
    return Markup("")


def _words(text: str) -> Markup:
    return escape(plain(text, _CHARACTERS))


def _draw(data: bytes) -> Iterator[Markup]:
    """A picture drawn anew, small; nothing for what is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP")) as picture:
                if picture.width * picture.height > _PICTURE_PIXELS:
                    yield Markup('<span class="gone">[a picture of {} by {} pixels]</span>').format(
                        picture.width, picture.height
                    )
                    return
                small = picture.convert("RGB")
        small.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
        out = io.BytesIO()
        small.save(out, "PNG")
    # Pillow's readers raise nearly anything at hostile files.
    except Exception:
        yield Markup('<span class="gone">[a damaged picture]</span>')
        return
    yield Markup('<img alt="picture" src="data:image/png;base64,{}">').format(
        base64.b64encode(out.getvalue()).decode("ascii")
    )

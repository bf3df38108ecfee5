"""What HTML hides by style, size or colour."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

Colour = tuple[int, int, int]

# Sum over the three channels: #efefef on white is not read by anyone.
_COLOUR_DISTANCE = 48
_STYLE_CHARACTERS = 1000
_ANCESTORS = 100
_CLASSES = 20
_CLASS_ELEMENTS = 50
_NO_TEXT = frozenset({"style", "script", "title", "noscript", "noframes"})
_WHOLE = frozenset({"html", "head", "body"})
_STYLED = "[style],[hidden]"
_PAINTED = "[style],[hidden],[color],[bgcolor],[background],body[text]"
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)

_HIDES = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0?(?:\.0*)?(?=;|$|!)"
    r"|(?:left|top|right|margin-left|margin-top|text-indent):-\d{3,}"
    r"|clip:rect\((?:0|1)(?:px)?,?(?:0|1)(?:px)?,?(?:0|1)(?:px)?,?(?:0|1)(?:px)?\))"
)
_NO_HEIGHT = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt|em|%)?(?=;|$|!)")
_FONT_SIZE = re.compile(r"(?:^|;)font-size:([^;!]*)")
_TINY = re.compile(r"0*(?:\.0*)?(?:px|pt|em|rem|%)?|(?:0*1?(?:\.\d+)?)(?:px|pt)")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]*)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]*)")
_RULE = re.compile(r"\.([a-z_][\w-]{0,60})\s{0,20}\{([^{}]{0,1000})\}")
_CHANNELS = re.compile(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})[,)]")
_HEX = re.compile(r"#?([0-9a-f]{6})")
_SHORT_HEX = re.compile(r"#([0-9a-f]{3})")
_NAMED: dict[str, Colour] = {
    "white": _WHITE, "black": _BLACK, "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245), "mintcream": (245, 255, 250),
    "floralwhite": (255, 250, 240), "azure": (240, 255, 255), "seashell": (255, 245, 238),
    "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0),
    "lime": (0, 255, 0), "aqua": (0, 255, 255), "cyan": (0, 255, 255), "fuchsia": (255, 0, 255),
    "magenta": (255, 0, 255), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "silver": (192, 192, 192), "maroon": (128, 0, 0), "navy": (0, 0, 128),
    "olive": (128, 128, 0), "purple": (128, 0, 128), "teal": (0, 128, 128),
    "orange": (255, 165, 0), "lightgrey": (211, 211, 211), "lightyellow": (255, 255, 224),
}  # fmt: skip
# One of these stands in every style that hides. Plain searches: patterns cost more here than
# looking at the elements.
_HIDING_WORDS = (
    *("none", "visibility", "font-size", "opacity", "mso-hide", "overflow"),
    *("indent", "absolute", "margin", "clip", "left", "top"),
)


def _may_hide(lowered: str) -> bool:
    """Can a style or attribute in the document (in lower case) hide anything? Never wrongly no."""
    if " hidden" in lowered:
        return True
    return "style" in lowered and any(word in lowered for word in _HIDING_WORDS)


@dataclass(slots=True)
class _Paint:
    """What an element says of its own text colour and of what lies behind it."""

    node: LexborNode
    ink: Colour | None
    paper: Colour | None
    is_pictured: bool


class Veil:
    """The hidden elements and texts of one tree."""

    def __init__(self) -> None:
        self.elements: dict[int, LexborNode] = {}
        self.texts: dict[int, LexborNode] = {}
        self._covered: set[int] = set()
        self._dimmed: set[int] = set()

    def covers(self, node: LexborNode) -> bool:
        """Is the element hidden, or in one that is?"""
        place = node.mem_id
        return place in self._covered or place in self._dimmed or place in self.elements

    def add(self, node: LexborNode) -> None:
        """Hide an element with all that is in it."""
        place = node.mem_id
        if place not in self._covered and place not in self.elements:
            self.elements[place] = node
            self._covered.update(inner.mem_id for inner in node.css("*"))
            self._covered.discard(place)

    def add_texts(self, node: LexborNode, others: set[int]) -> None:
        """Hide the text in an element, but not that in the elements of `others`."""
        stack = [node]
        while stack:
            for child in stack.pop().iter(include_text=True):
                place = child.mem_id
                if child.is_text_node:
                    self.texts[place] = child
                elif place not in others and child.tag not in _NO_TEXT:
                    stack.append(child)
                    self._dimmed.add(place)

    def lift(self) -> Iterator[str]:
        """Take what is hidden out of the tree and give its text.

        A node is gone with the one around it and must not be touched again: texts go first, then
        elements that are in no other.
        """
        words = [text.text_content or "" for text in self.texts.values()]
        for text in self.texts.values():
            text.decompose()
        if words:
            yield " ".join(words)
        for place, element in self.elements.items():
            if place not in self._covered:
                yield element.text(separator=" ")
                element.decompose()


def find_hidden(tree: LexborHTMLParser, lowered: str) -> Veil | None:
    """What of the tree a reader does not see; None when nothing is hidden."""
    is_painted = "color" in lowered or "text=" in lowered
    if not is_painted and not _may_hide(lowered):
        return None
    veil = Veil()
    if "<style" in lowered:
        _apply_rules(tree, veil)
    painted: list[_Paint] = []
    sized: list[tuple[LexborNode, bool]] = []
    for node in tree.css(_PAINTED if is_painted else _STYLED):
        attributes = node.attributes
        style = _squeeze(attributes.get("style"))
        if ((style and _is_hiding(style)) or "hidden" in attributes) and node.tag not in _WHOLE:
            veil.add(node)
            continue
        if "font-size:" in style:
            size = _FONT_SIZE.search(style)
            if size is not None:
                sized.append((node, _TINY.fullmatch(size.group(1)) is not None))
        if is_painted:
            paint = _paint_of(node, attributes, style)
            if paint is not None:
                painted.append(paint)
    if any(is_tiny for _, is_tiny in sized):
        others = {node.mem_id for node, _ in sized}
        for node, is_tiny in sized:
            if is_tiny:
                veil.add_texts(node, others)
    _hide_blended(painted, veil)
    return veil if veil.elements or veil.texts else None


def _apply_rules(tree: LexborHTMLParser, veil: Veil) -> None:
    """Classes that a style sheet hides, whatever the screen."""
    for sheet in tree.css("style")[:_CLASSES]:
        rules = sheet.text().lower().partition("@media")[0]
        hiding = [name for name, body in _RULE.findall(rules) if _is_hiding("".join(body.split()))]
        for name in hiding[:_CLASSES]:
            for node in tree.css(f".{name}")[:_CLASS_ELEMENTS]:
                if len(veil.elements) < _CLASS_ELEMENTS and node.tag not in (
                    "html",
                    "body",
                    "head",
                ):
                    veil.add(node)


@lru_cache(maxsize=4096)
def _squeeze(style: str | None) -> str:
    return "".join(style[:_STYLE_CHARACTERS].lower().split()) if style else ""


@lru_cache(maxsize=4096)
def _is_hiding(style: str) -> bool:
    if _HIDES.search(style) is not None:
        return True
    return "overflow:hidden" in style and _NO_HEIGHT.search(style) is not None


def _paint_of(node: LexborNode, attributes: dict[str, str | None], style: str) -> _Paint | None:
    """What the element sets; None when it sets nothing."""
    colour = attributes.get("color") or attributes.get("text")
    ink = read_colour(colour) if colour else None
    colour = attributes.get("bgcolor")
    paper = read_colour(colour) if colour else None
    is_pictured = "background" in attributes
    if style:
        if "color:" in style or "background:" in style:
            found = _COLOUR.search(style)
            if found is not None:
                ink = read_colour(found.group(1)) or ink
            found = _BACKGROUND.search(style)
            if found is not None:
                paper = read_colour(found.group(1)) or paper
        is_pictured = is_pictured or "url(" in style
    if ink is None and paper is None and not is_pictured:
        return None
    return _Paint(node, ink, paper, is_pictured)


@lru_cache(maxsize=4096)
def read_colour(text: str) -> Colour | None:
    """A colour as HTML 3.2 or CSS writes it."""
    text = "".join(text[:40].lower().split())
    named = _NAMED.get(text)
    if named is not None:
        return named
    if text.startswith("rgb"):
        channels = _CHANNELS.match(text)
        if channels is None:
            return None
        red, green, blue = (min(255, int(channel)) for channel in channels.groups())
        return red, green, blue
    found = _HEX.fullmatch(text)
    if found is None:
        short = _SHORT_HEX.fullmatch(text)
        if short is None:
            return None
        digits = "".join(digit * 2 for digit in short.group(1))
    else:
        digits = found.group(1)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _is_near(one: Colour, other: Colour) -> bool:
    distance = abs(one[0] - other[0]) + abs(one[1] - other[1]) + abs(one[2] - other[2])
    return distance <= _COLOUR_DISTANCE


def _hide_blended(painted: list[_Paint], veil: Veil) -> None:
    """Hide text whose colour is that of what lies behind it.

    Only an element that sets a colour near one that the document sets for the other side can
    begin such a text, so only for those the ancestors are asked.
    """
    inks = {paint.ink for paint in painted if paint.ink is not None} | {_BLACK}
    papers = {paint.paper for paint in painted if paint.paper is not None} | {_WHITE}
    doubtful = [(ink, paper) for ink in inks for paper in papers if _is_near(ink, paper)]
    if not doubtful:
        return
    bad_inks = {ink for ink, _ in doubtful}
    bad_papers = {paper for _, paper in doubtful}
    own = {paint.node.mem_id: paint for paint in painted}
    others = set(own)
    for paint in painted:
        if paint.ink in bad_inks or paint.paper in bad_papers:
            behind = _effective(paint.node, own)
            if behind is not None and _is_near(*behind):
                veil.add_texts(paint.node, others)


def _effective(node: LexborNode, own: dict[int, _Paint]) -> tuple[Colour, Colour] | None:
    """Text colour and background of an element; None where a picture lies behind."""
    ink: Colour | None = None
    paper: Colour | None = None
    here: LexborNode | None = node
    for _ in range(_ANCESTORS):
        if here is None:
            break
        paint = own.get(here.mem_id)
        if paint is not None:
            if paper is None and paint.is_pictured and paint.paper is None:
                return None
            ink = ink if ink is not None else paint.ink
            paper = paper if paper is not None else paint.paper
            if ink is not None and paper is not None:
                break
        here = here.parent
    return ink or _BLACK, paper or _WHITE

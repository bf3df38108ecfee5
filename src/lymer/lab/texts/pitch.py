"""A campaign's template: subject, text, HTML, picture and links, in one of many manners.

Manners follow what the field shows: prose with rotating synonyms, sentences in any order, three
words and a link, a picture under random words, one text with noisy pictures, split and look-alike
words, chaff, a drop box instead of a link, no text at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lymer.lab.draws import Draw
from lymer.lab.names import Names
from lymer.lab.pictures import Picture, draw_code, draw_picture
from lymer.lab.texts.lexicon import ENGLISH, LANGUAGES
from lymer.lab.texts.macros import Macros
from lymer.lab.texts.sentences import Speaker
from lymer.lab.texts.template import (
    Choice,
    Context,
    Node,
    Noise,
    Renderer,
    Seq,
    Shuffle,
    Slot,
    compile_node,
    slots_of,
)

MANNERS = (
    "prose", "prose", "prose", "rotate", "rotate", "short", "picture salad", "picture text",
    "html", "html", "lookalike", "split", "dropbox", "ticker", "empty", "chaff", "both",
    "attachment",
)  # fmt: skip
"""Repeated entries are more frequent."""

UNSEEN_MANNERS = ("spaced", "entities")
"""Manners that only seeds for unseen styles use: letters set apart, letters written as numbers."""

MODERN_MANNERS = (
    "html", "html", "html", "both", "both", "phish", "phish", "phish", "code", "prose", "dropbox",
    "short", "chaff", "attachment", "rotate",
)  # fmt: skip


@dataclass
class Links:
    """Where the links of a campaign point: domains in rotation and a path grammar."""

    domains: Sequence[str]
    live: int
    """How many of the domains are advertised at a time."""
    days: int
    """Days until the next ones are advertised."""
    form: Renderer
    """Renders the link once `ctx.host` is set."""
    prefix: Renderer | None = None

    def set(self, ctx: Context, day: int) -> None:
        """Choose host and link of one message."""
        start = (day // self.days) * self.live % len(self.domains)
        pick = start + int(ctx.random.random() * self.live)
        domain = self.domains[pick % len(self.domains)]
        ctx.host = f"{self.prefix(ctx)}.{domain}" if self.prefix else domain
        ctx.link = self.form(ctx)


@dataclass
class Template:
    """One version of a campaign's template, compiled."""

    template_id: str
    version: int
    manner: str
    charset: str
    subject: Renderer
    text: Renderer | None
    html: Renderer | None
    picture: Picture | None
    subject_source: str
    body_source: str
    slots: list[Slot]
    breakable: list[str]
    """Kinds of its slots that an engine may fail to expand."""
    reply_box: list[str]
    nodes: tuple[Node, Node | None, Node | None]
    """Subject, text and HTML before they were compiled."""
    dates: str


def draw_links(draw: Draw, noise: Noise, domains: Sequence[str], *, tracking: bool) -> Links:
    """A path grammar over the domains."""
    words = [draw.letters(draw.whole(2, 7)) for _ in range(6)]
    path: list[Node]
    kind = draw.style(range(8), range(8, 11))
    if tracking:
        path = [
            "/",
            draw.pick(words),
            "?",
            draw.letters(1),
            "=",
            Slot("hex", 0, draw.whole(16, 40)),
        ]
        if draw.chance(0.5):
            path += ["&e=", Slot("user")]
    elif kind in (0, 1):
        path = ["/"] if kind else []
    elif kind == 2:
        path = ["/", draw.pick(words), "/"]
    elif kind == 3:
        path = ["/?", Slot("alpha", 3, 9)]
    elif kind == 4:
        path = ["/", draw.pick(words), ".php?", draw.letters(2), "=", Slot("digits", 3, 8)]
    elif kind == 5:
        path = ["/", Slot("alpha", 4, 12), ".html"]
    elif kind == 6:
        path = ["/", draw.pick(words), "/index.html"]
    elif kind == 7:
        path = ["/", Choice(tuple(words[:4])), "/"]
    elif kind == 8:
        path = ["/", Slot("hex", 0, 8), "/", Slot("alpha", 2, 4)]
    elif kind == 9:
        path = ["/~", Slot("alpha", 5, 8), "/;", Slot("number", 10, 99)]
    else:
        path = ["/#", Slot("upper", 4, 9)]
    scheme = draw.pick(("http://", "http://", "http://www.")) if not tracking else "https://"
    prefix = compile_node(Slot("alpha", 3, 8), noise) if draw.chance(0.15) else None
    if prefix and scheme.endswith("www."):
        scheme = "http://"
    return Links(
        domains=domains,
        live=min(len(domains), draw.pick((1, 1, 2, 5, 20))),
        days=draw.pick((1, 2, 3, 7, 30)),
        form=compile_node(Seq((scheme, Slot("host"), *path)), noise),
        prefix=prefix,
    )


_LOOK_ALIKES = {"a": "@4", "e": "3", "i": "1!|", "o": "0", "s": "5$", "l": "1|", "t": "+",
                "а": "a", "е": "e", "о": "o", "с": "c", "р": "p", "х": "x"}  # fmt: skip
"""Signs that look like a letter; for Cyrillic letters, Latin ones."""


def _look_alike(draw: Draw, word: str) -> Node:
    """Spellings of a word that read the same."""
    spellings = {word}
    for _ in range(5):
        letters = [
            draw.pick(_LOOK_ALIKES[c]) if c in _LOOK_ALIKES and draw.chance(0.5) else c
            for c in word
        ]
        if draw.chance(0.3):
            letters.insert(draw.whole(1, len(letters)), draw.pick(" *-_"))
        spellings.add("".join(letters))
    return Choice(tuple(sorted(spellings)))


def _disguise(draw: Draw, sentence: str) -> Node:
    """A sentence with some of its words in look-alike spellings."""
    parts: list[Node] = []
    for word in sentence.split(" "):
        parts.append(_look_alike(draw, word) if len(word) > 4 and draw.chance(0.5) else word)
        parts.append(" ")
    return Seq(tuple(parts[:-1]))


def _spaced(draw: Draw, node: Node) -> Node:
    """Some words with their letters set apart."""
    if isinstance(node, Seq):
        return Seq(tuple(_spaced(draw, part) for part in node.parts))
    if not isinstance(node, str):
        return node
    mark = draw.pick((" ", ".", "-", "_"))
    return " ".join(
        mark.join(word) if len(word) > 3 and word.isalpha() and draw.chance(0.35) else word
        for word in node.split(" ")
    )


def _entities(draw: Draw, node: Node) -> Node:
    """Some letters as numeric character references."""
    if isinstance(node, Seq):
        return Seq(tuple(_entities(draw, part) for part in node.parts))
    if not isinstance(node, str):
        return node
    # Only plain words: a name of a host or mailbox stays one.
    return " ".join(
        "".join(f"&#{ord(c)};" if draw.chance(0.4) else c for c in word) if word.isalpha() else word
        for word in node.split(" ")
    )


def _split(draw: Draw, node: Node, share: float) -> Node:
    """Comments inside words, so that a reader of raw HTML does not see them."""
    if isinstance(node, Seq):
        return Seq(tuple(_split(draw, part, share) for part in node.parts))
    if not isinstance(node, str):
        return node
    parts: list[Node] = []
    for word in node.split(" "):
        if len(word) > 3 and word.isalpha() and draw.chance(share):
            at = draw.whole(1, len(word) - 1)
            parts += [word[:at], Slot("split"), word[at:], " "]
        else:
            parts += [word, " "]
    return Seq(tuple(parts[:-1]))


class Writer:
    """Draws the templates of one campaign. Versions share the pitch and differ in wording."""

    def __init__(
        self,
        draw: Draw,
        names: Names,
        noise: Noise,
        *,
        theme: str,
        brand: str,
        manner: str,
        language: str,
        salad: str,
        boxes: Sequence[str],
        macros: Macros,
        footer: str = "",
        lines: Sequence[str] = (),
        name_words: Sequence[str] = (),
    ) -> None:
        """`salad` names the pool of chaff; `boxes` are drop boxes; `lines` must appear."""
        self._draw = draw
        self._noise = noise
        self._names = names
        self._language = LANGUAGES.get(language, ENGLISH)
        self._speaker = Speaker(draw.child("words"), names, self._language, theme, brand)
        self._manner = manner
        self._brand = brand
        self._salad = salad
        self._boxes = boxes
        self._macros = macros
        self._footer = footer
        self._lines = lines
        self._charset = draw.pick(self._language.charsets)
        self._html_layout = _draw_layout(draw.child("layout"), names)
        self._picture: Picture | None = None
        self._ticker = draw.letters(4, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        self._dates = draw.pick(("%d.%m.%Y", "%B %d, %Y", "%Y-%m-%d", "%m/%d/%y"))
        self._word_list = list(name_words) or names.words

    # Each of these gives the plain-text lines of one manner.

    def _prose(self, synonyms: int, share: float) -> list[Node]:
        draw, speaker = self._draw, self._speaker
        lines: list[Node] = []
        if draw.chance(0.6):
            hello = draw.pick(self._language.greetings)
            tail: Node = draw.pick((",", "!", ""))
            if draw.chance(0.3):
                tail = Seq((" ", Slot("user"), ","))
            lines += [Seq((hello, tail)), ""]
        for _ in range(draw.whole(2, 7)):
            lines.append(speaker.sentence_node(synonyms, share))
            if draw.chance(0.25):
                lines.append("")
        return lines

    def _call(self) -> list[Node]:
        draw = self._draw
        call: Node = draw.pick(self._language.calls)
        if draw.chance(0.4):
            call = Choice(tuple(draw.some(self._language.calls, 3)))
        glue = draw.pick((": ", "\n", " ", " - ", " >> "))
        return ["", Seq((call, glue, Slot("link")))]

    def _closing(self) -> list[Node]:
        draw = self._draw
        if not draw.chance(0.5):
            return []
        return [
            "",
            draw.pick(self._language.closings),
            draw.pick((Slot("name"), Slot("firstname"))),
        ]

    def _text_lines(self) -> list[Node]:
        draw, speaker, manner = self._draw, self._speaker, self._manner
        synonyms = draw.pick((1, 2, 4, 6))
        share = draw.pick((0.3, 0.7, 1.0))
        if manner == "short":
            # Without the article that nouns have in some languages: three words are three words.
            words = [
                Choice(tuple(speaker.plain("{noun}").split()[-1] for _ in range(5)))
                for _ in range(2)
            ]
            return [Seq((words[0], " ", words[1], " ", self._brand)), Slot("link")]
        if manner == "receipt":
            return self._receipt()
        if manner == "spaced":
            return [*(_spaced(draw, line) for line in self._prose(synonyms, share)), *self._call()]
        if manner == "empty":
            return []
        if manner == "rotate":
            sentences = tuple(
                Choice(tuple(speaker.sentence() for _ in range(draw.whole(3, 6))))
                for _ in range(draw.whole(4, 7))
            )
            keep = draw.whole(max(2, len(sentences) - 2), len(sentences))
            glue = draw.pick((" ", "\n"))
            return [Shuffle(sentences, keep, glue), *self._call()]
        if manner == "picture salad":
            return ["", Slot("pool", 3, 9, self._salad)]
        if manner == "picture text":
            return self._prose(1, 0)
        if manner == "lookalike":
            lines: list[Node] = [_disguise(draw, speaker.sentence()) for _ in range(3)]
            return [*lines, *self._call()]
        if manner == "dropbox":
            box: Node = Choice(tuple(self._boxes)) if len(self._boxes) > 1 else self._boxes[0]
            ask = draw.pick(self._language.calls)
            return [*self._prose(synonyms, share), "", Seq((ask, ": ", box)), *self._closing()]
        if manner == "ticker":
            figures = Seq(
                (
                    draw.pick(("Symbol: ", "Ticker: ", "Look up ", "SYM - ")), self._ticker, "\n",
                    draw.pick(("Price: $", "Last: $", "Now at $")), Slot("price", 0, 4, "42"), "\n",
                    draw.pick(("5 day target: $", "Expected: $")), Slot("number", 2, 9),
                )
            )  # fmt: skip
            return [figures, "", *self._prose(synonyms, share)]
        if manner in {"chaff", "html", "both"} and draw.chance(0.4):
            return [*self._prose(synonyms, share), *self._call(), "", "", *self._chaff()]
        if manner == "attachment":
            return self._prose(synonyms, share)
        if manner == "code":
            return self._prose(1, 0)
        return [*self._prose(synonyms, share), *self._call(), *self._closing()]

    def _receipt(self) -> list[Node]:
        """What a shop writes by itself: an order, its sum, where it is."""
        draw, speaker = self._draw, self._speaker
        lines: list[Node] = [
            Seq((draw.pick(self._language.greetings), " ", Slot("user"), ",")), "",
            speaker.sentence(),
            Seq((f"{self._brand} # ", Slot("digits", 6, 9), "   ", Slot("date"))),
        ]  # fmt: skip
        goods = Choice(tuple({speaker.plain("{noun}"): None for _ in range(12)}))
        row = Seq((Slot("number", 1, 4), " x ", goods, "  ", Slot("price", 3, 240)))
        lines += [row] * draw.whole(1, 3)
        lines += ["", speaker.sentence(), Slot("link"), "", draw.pick(self._language.closings)]
        return [*lines, self._brand]

    def _chaff(self) -> list[Node]:
        low = self._draw.whole(2, 5)
        return [Slot("pool", low, low + 4, self._salad)]

    def _subject(self) -> Node:
        draw, speaker = self._draw, self._speaker
        how = draw.whole(0, 5)
        if self._manner == "receipt":
            return Seq((speaker.subject(), " #", Slot("digits", 6, 9)))
        if how == 0:
            return speaker.subject()
        if how == 1:
            return Choice(tuple({speaker.subject(): None for _ in range(draw.whole(3, 40))}))
        if how == 2:
            return speaker.rotating(draw.pick(self._language.subjects), 4, 0.8)
        if how == 3:
            return Seq((speaker.subject(), " ", Slot("digits", 2, 6)))
        if how == 4:
            return Slot("pool", 1, 1, self._salad + " words")
        return Seq((Choice(("", "", "Re: ", "Fwd: ", "FW: ")), speaker.subject()))

    def version(self, template_id: str, number: int) -> Template:
        """The next version of the template."""
        draw = self._draw
        lines = self._text_lines()
        if self._lines:
            lines = [*self._lines, "", *lines]
        if self._footer:
            lines = [*lines, "", self._footer]
        subject = self._subject()
        glue = draw.pick(("\n", "\n", "\n\n"))
        text: Node | None = Seq(tuple(part for line in lines for part in (line, glue)))
        html: Node | None = None
        if self._manner in {
            "html",
            "both",
            "chaff",
            "phish",
            "code",
            "split",
            "entities",
            "picture salad",
            "picture text",
        }:
            shown = lines
            pictured = self._manner.startswith("picture")
            if self._manner == "split" or (not pictured and draw.chance(0.15)):
                shown = [_split(draw, line, 0.4) for line in lines]
            if self._manner == "entities":
                shown = [_entities(draw, line) for line in lines]
            html = self._html_layout(shown, pictured or self._manner == "code", self._salad)
            if pictured and draw.chance(0.3):
                html = None
            elif self._manner in {"html", "chaff", "phish", "split", "entities"} or draw.chance(
                0.3
            ):
                text = None
        if self._manner == "empty":
            text = Seq(()) if draw.chance(0.5) else None
        if self._picture is None:
            self._picture = self._draw_picture()
        return _template(
            (subject, text, html), self._noise, self._macros,
            template_id=template_id, version=number, manner=self._manner, charset=self._charset,
            picture=self._picture, dates=self._dates,
            reply_box=list(self._boxes) if self._manner == "dropbox" else [],
        )  # fmt: skip

    def _draw_picture(self) -> Picture | None:
        draw, manner = self._draw.child("picture"), self._manner
        lines = [self._brand.upper(), *(self._speaker.plain("{noun} {tail}") for _ in range(3))]
        if manner == "picture salad":
            return draw_picture(draw, lines, self._word_list, noisy=False)
        if manner == "picture text":
            return draw_picture(draw, lines, self._word_list, noisy=True)
        if manner == "code":
            return draw_code(draw, self._word_list)
        if manner == "empty" and draw.chance(0.6):
            return draw_picture(draw, lines, self._word_list, noisy=draw.chance(0.7))
        if manner == "attachment":
            size = draw.whole(600, 4000)
            body = draw.random.randbytes(size)
            media = draw.pick(
                (("application/octet-stream", "exe"), ("application/pdf", "pdf"),
                 ("application/msword", "doc"), ("application/x-zip-compressed", "arc"))
            )  # fmt: skip
            return Picture(
                [body], False, "constant", f"{self._brand.lower()}.{media[1]}", media=media[0]
            )
        return None


def _template(
    nodes: tuple[Node, Node | None, Node | None],
    noise: Noise,
    macros: Macros,
    *,
    template_id: str,
    version: int,
    manner: str,
    charset: str,
    picture: Picture | None,
    dates: str,
    reply_box: list[str],
) -> Template:
    """The nodes compiled, and written in a macro language."""
    subject, text, html = nodes
    ready = [
        None if node is None else compile_node(node, noise, macros.slot, dates) for node in nodes
    ]
    assert ready[0] is not None
    slots = [slot for node in nodes if node is not None for slot in slots_of(node)]
    return Template(
        template_id=template_id,
        version=version,
        manner=manner,
        charset=charset,
        subject=ready[0],
        text=ready[1],
        html=ready[2],
        picture=picture,
        subject_source=macros.write(subject),
        body_source="\n".join(macros.write(node) for node in (text, html) if node is not None),
        slots=slots,
        breakable=sorted({slot.kind for slot in slots} - {"var", "pool", "split"}),
        reply_box=reply_box,
        nodes=nodes,
        dates=dates,
    )


def rewrite(template: Template, template_id: str, noise: Noise, macros: Macros) -> Template:
    """The same template, written anew in the macro language of another application."""
    return _template(
        template.nodes, noise, macros,
        template_id=template_id, version=1, manner=template.manner, charset=template.charset,
        picture=template.picture, dates=template.dates, reply_box=template.reply_box,
    )  # fmt: skip


HtmlLayout = Callable[[Sequence[Node], bool, str], Node]


def _draw_layout(draw: Draw, names: Names) -> HtmlLayout:
    """An HTML style: wrapper, line tags, link form, chaff and where it hides."""
    upper = draw.chance(0.35)
    block = draw.pick(("p", "div", "tr", "br", "font", "li", "td"))
    doctype = draw.pick(
        (
            "",
            "",
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">\n',
            "<!doctype html>\n",
        )
    )
    generator = draw.pick(
        ("", "", f'<META content="MSHTML 6.00.2900.{draw.whole(2000, 3600)}" name=GENERATOR>\n')
    )
    body_tag = draw.pick(
        (
            "<body>",
            '<body bgcolor="#ffffff">',
            f"<body text={draw.hex(6)}>",
            "<body style='margin:0'>",
        )
    )
    wrap = draw.pick((("", ""), ("<center>", "</center>"), ("<table><tr><td>", "</td></tr></table>"),
                      ("<div align=center>", "</div>"), ("<blockquote>", "</blockquote>"),
                      ("<table width=600 border=0><tr><td>\n<table><tr><td>", "</td></tr></table></td></tr></table>")))  # fmt: skip
    face = draw.pick(("Arial", "Verdana", "Times", "Tahoma"))
    hide = draw.style(
        ("none", "none", "white", "display", "comment", "title", "style"), ("alt", "noscript")
    )
    words = draw.some(names.words, 30)
    css = f".{words[0]}{{color:#{draw.hex(6)}}} #{words[1]}{{margin:{draw.whole(0, 20)}px}}"

    def tags(text: str) -> str:
        return text.upper() if upper else text

    def layout(lines: Sequence[Node], picture: bool, salad: str) -> Node:
        chaff = Slot("pool", 2, 6, salad)
        parts: list[Node] = [doctype, tags("<html><head>"), "\n", generator]
        if hide == "title":
            parts += [tags("<title>"), chaff, tags("</title>"), "\n"]
        if hide == "style":
            parts += ["<style>\n", css, "\n", chaff, "\n</style>\n"]
        parts += [tags("</head>"), "\n", tags(body_tag), "\n", wrap[0], "\n"]
        if picture:
            parts += [
                f'{tags("<img")} src="cid:',
                Slot("var", 0, 0, "cid"),
                '" border=0>',
                "<br>\n",
            ]
        for line in lines:
            if line == "":
                parts.append(tags("<br>") + "\n")
                continue
            shown = _linked(line, tags)
            if block == "br":
                parts += [shown, tags("<br>"), "\n"]
            elif block == "font":
                parts += [f"<font face={face} size=2>", shown, "</font><br>\n"]
            elif block == "tr":
                parts += ["<table><tr><td>", shown, "</td></tr></table>\n"]
            elif block == "td":
                parts += [f"<span class={words[0]}>", shown, "</span><br/>\n"]
            else:
                parts += [tags(f"<{block}>"), shown, tags(f"</{block}>"), "\n"]
        parts += [wrap[1], "\n"]
        if hide == "white":
            parts += ["<font color=#fffffe>", chaff, "</font>\n"]
        elif hide == "display":
            parts += ['<div style="display:none">', chaff, "</div>\n"]
        elif hide == "comment":
            parts += ["<!-- ", chaff, " -->\n"]
        elif hide == "alt":
            parts += ['<img width=1 height=1 alt="', Slot("alpha", 20, 60), '">\n']
        elif hide == "noscript":
            parts += ["<noscript>", chaff, "</noscript>\n"]
        parts += [tags("</body></html>")]
        return Seq(tuple(parts))

    return layout


def _linked(node: Node, tags: Callable[[str], str]) -> Node:
    """The node with its bare links made into anchors."""
    if isinstance(node, Slot) and node.kind == "link":
        return Seq((tags("<a href="), '"', node, '">', node, tags("</a>")))
    if isinstance(node, Seq):
        return Seq(tuple(_linked(part, tags) for part in node.parts))
    return node

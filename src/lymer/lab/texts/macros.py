"""Macro languages of mailing applications: drawn from parts, never from a list of known ones.

A language has its own brackets, names, argument style and way to write alternatives, so a
template file of one application reads like nothing a reader has seen before.
"""

from dataclasses import dataclass

from lymer.lab.draws import Draw
from lymer.lab.names import Names
from lymer.lab.texts.template import SLOT_KINDS, Choice, Node, Seq, Slot

_BRACKETS = (("{", "}"), ("%", "%"), ("[[", "]]"), ("$", "$"), ("<%", "%>"), ("##", "##"),
             ("{%", "%}"), ("@@", "@@"), ("^", "^"), ("[", "]"), ("&lt;", "&gt;"))  # fmt: skip
_UNSEEN_BRACKETS = (("~(", ")~"), ("|:", ":|"), ("\\{", "\\}"), ("!!", "!!"), ("=>", "<="))
_ARGUMENTS = (":{a}-{b}", "({a},{b})", "_{a}_{b}", " {a} {b}", "[{a}..{b}]", ";{a};{b}")
_UNSEEN_ARGUMENTS = ("~{a}~{b}", " min={a} max={b}", "'{a}'{b}", "#{b}#{a}")
_CHOICES = (("{", "|", "}"), ("[spin]", "/", "[/spin]"), ("%OR(", "^", ")%"), ("<<", "||", ">>"),
            ("{rnd:", ";", "}"), ("$alt{", "~", "}"), ("(*", "|", "*)"))  # fmt: skip
_UNSEEN_CHOICES = (("`", " ` ", "``"), ("{{#", "##", "#}}"), ("one-of<", "><", ">!"))
_WORDS = {
    "alpha": ("rndabc", "alpha", "rand_text", "str", "rl", "chars"),
    "upper": ("rndABC", "ALPHA", "RAND_CAPS", "ustr", "ru"),
    "digits": ("rnddig", "num", "rand_digits", "d", "rn", "cif"),
    "hex": ("hex", "rndhex", "h16", "rand_hex", "id"),
    "number": ("between", "int", "rand_int", "n"),
    "date": ("date", "now", "today", "dt", "curdate"),
    "user": ("user", "to_user", "login", "mbox", "lhs"),
    "rcpt": ("email", "to", "rcpt", "mailto", "addr"),
    "rdomain": ("domain", "to_dom", "rhs", "mxdom"),
    "name": ("name", "fromname", "fullname", "person"),
    "firstname": ("fname", "first", "given", "nick"),
    "link": ("link", "url", "href", "site", "go"),
    "host": ("host", "dom", "linkdom", "www"),
    "pool": ("line", "file", "rndline", "dict", "base"),
    "price": ("price", "usd", "cost", "sum"),
    "phone": ("phone", "tel", "fone"),
    "split": ("cmt", "junk", "hide", "brk"),
    "var": ("var", "macro", "field", "set"),
}


@dataclass(frozen=True)
class Macros:
    """One macro language."""

    opening: str
    closing: str
    arguments: str
    choice: tuple[str, str, str]
    shuffle: str
    words: dict[str, str]

    def slot(self, slot: Slot) -> str:
        """The macro that stands for the slot."""
        text = self.words[slot.kind]
        if slot.name and slot.kind in {"pool", "var"}:
            text += f".{slot.name}"
        if slot.high:
            text += self.arguments.format(a=slot.low, b=slot.high)
        return f"{self.opening}{text}{self.closing}"

    def write(self, node: Node) -> str:
        """The node as the application's operator would have typed it."""
        if isinstance(node, str):
            return node
        if isinstance(node, Slot):
            return self.slot(node)
        if isinstance(node, Seq):
            return "".join(self.write(part) for part in node.parts)
        start, between, end = self.choice
        if isinstance(node, Choice):
            return start + between.join(self.write(option) for option in node.options) + end
        name = f"{self.opening}{self.shuffle}{self.arguments.format(a=node.keep, b=node.keep)}"
        lines = "\n".join(self.write(part) for part in node.parts)
        return f"{name}{self.closing}\n{lines}\n{self.opening}/{self.shuffle}{self.closing}"


def draw_macros(draw: Draw, names: Names) -> Macros:
    """A macro language of the application's own."""
    opening, closing = draw.style(_BRACKETS, _UNSEEN_BRACKETS)
    prefix = draw.pick(("", "", "", f"{names.word(1, 1)}_", "x", "$", "!"))
    invented = draw.chance(0.3)
    case = draw.pick((str.lower, str.upper, str.lower, str.capitalize))
    words: dict[str, str] = {}
    for kind in SLOT_KINDS:
        word = names.fresh(1, 2) if invented else draw.pick(_WORDS[kind])
        while prefix + case(word) in words.values():
            word = names.fresh(1, 2)
        words[kind] = prefix + case(word)
    return Macros(
        opening=opening,
        closing=closing,
        arguments=draw.style(_ARGUMENTS, _UNSEEN_ARGUMENTS),
        choice=draw.style(_CHOICES, _UNSEEN_CHOICES),
        shuffle=case(draw.pick(("mix", "shuffle", "anyorder", "lines", names.word(1, 2)))),
        words=words,
    )

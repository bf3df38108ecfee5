"""SQL dumps of any make: INSERT and REPLACE statements, PostgreSQL's COPY, CREATE TABLE.

Tolerant: what is not understood is left out up to the next statement. Nothing is executed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lymer.servers.limits import ReadingLimits

_NAME = r"(?:[`\"\[]?[\w$-]+[`\"\]]?\s*\.\s*)*[`\"\[]?(?P<name>[^`\"\]\s(]+)[`\"\]]?"
_INSERT = re.compile(
    rf"(?:INSERT|REPLACE)\s+(?:(?:IGNORE|DELAYED|LOW_PRIORITY|OR\s+\w+)\s+)*INTO\s+(?:ONLY\s+)?{_NAME}"
    r"\s*(?:\((?P<columns>[^()]*)\)\s*)?(?:OVERRIDING\s+\w+\s+VALUE\s+)?VALUES\s*",
    re.IGNORECASE,
)
_COPY = re.compile(
    rf"COPY\s+{_NAME}\s*(?:\((?P<columns>[^()]*)\)\s*)?FROM\s+stdin[^;\n]*;[^\n]*\n", re.IGNORECASE
)
_CREATE = re.compile(
    rf"CREATE\s+(?:\w+\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*\(", re.IGNORECASE
)
START = re.compile(
    r"^[ \t]*(?:(?:INSERT|REPLACE)\s+(?:\w+\s+){0,3}INTO\s|COPY\s[^;\n]+\sFROM\s+stdin|"
    r"CREATE\s+(?:\w+\s+)?TABLE\s)",
    re.IGNORECASE | re.MULTILINE,
)
_VALUE = re.compile(
    r"\s*(?:(?:[NEBX]|_\w+)?\s*(?P<string>'(?:[^'\\]|\\.|'')*')"
    r"|(?P<double>\"(?:[^\"\\]|\\.|\"\")*\")"
    r"|(?P<plain>[^\s,()'\"][^,()'\"]*(?:\([^()]*\))?))\s*(?:::[\w ]+)?\s*",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "", "b": "", "Z": ""}
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_COPY_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "", "v": "", "\\": "\\"}
_STATEMENT_CHARS = 4096


@dataclass(slots=True)
class DumpRow:
    """A row of a dump's table; `columns` once they are known."""

    table: str
    columns: list[str] | None
    values: list[str | None]


class _Window:
    """Text that is read as it is needed."""

    def __init__(self, pieces: Iterator[str], most: int) -> None:
        self.text = ""
        self.at = 0
        self.is_ended = False
        self._pieces = pieces
        self._most = most

    def grow(self) -> bool:
        """More text, if there is any and there is room."""
        if self.is_ended or len(self.text) - self.at > self._most:
            return False
        self.text, self.at = self.text[self.at :], 0
        piece = next(self._pieces, None)
        if piece is None:
            self.is_ended = True
            return False
        self.text += piece
        return True

    def ahead(self, count: int) -> None:
        """Have `count` characters at hand, if there are so many."""
        while len(self.text) - self.at < count and self.grow():
            pass


def dump_rows(
    pieces: Iterator[str], limits: ReadingLimits, defects: list[str]
) -> Iterator[DumpRow]:
    """The rows of a dump, in order."""
    window = _Window(pieces, 4 * limits.cell_chars)
    known: dict[str, list[str]] = {}
    while True:
        window.ahead(_STATEMENT_CHARS)
        if window.at >= len(window.text):
            return
        found = START.search(window.text, window.at)
        if found is None:
            # A statement may begin in what is left of the last line.
            end = window.text.rfind("\n") + 1
            window.at = max(window.at, end)
            if not window.grow():
                if window.is_ended:
                    return
                window.at = len(window.text)
            continue
        window.at = found.start() + len(found[0]) - len(found[0].lstrip())
        window.ahead(_STATEMENT_CHARS)
        if inserted := _INSERT.match(window.text, window.at):
            window.at = inserted.end()
            name = inserted["name"]
            columns = _names(inserted["columns"]) or known.get(name)
            for values in _tuples(window, limits, defects):
                yield DumpRow(name, columns, values)
        elif copied := _COPY.match(window.text, window.at):
            window.at = copied.end()
            name = copied["name"]
            columns = _names(copied["columns"]) or known.get(name)
            for values in _copied(window, limits):
                yield DumpRow(name, columns, values)
        elif created := _CREATE.match(window.text, window.at):
            window.at = created.end()
            if columns := _created(window):
                known[created["name"]] = columns
        else:
            window.at += 1


def _names(listed: str | None) -> list[str] | None:
    if not listed or not listed.strip():
        return None
    return [name.strip().strip('`"[]') for name in listed.split(",")]


def _created(window: _Window) -> list[str]:
    """The columns of a table: the first word of every part at the first level."""
    window.ahead(_STATEMENT_CHARS * 4)
    text, at, depth, start = window.text, window.at, 1, window.at
    parts: list[str] = []
    quoted = ""
    while at < len(text) and at - window.at < _STATEMENT_CHARS * 4:
        char = text[at]
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in "'\"`":
            quoted = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        if not quoted and ((char == "," and depth == 1) or depth == 0):
            parts.append(text[start:at])
            start = at + 1
            if depth == 0:
                break
        at += 1
    window.at = at
    names = []
    for part in parts:
        found = re.match(r"\s*(?:[`\"\[]([^`\"\]]+)[`\"\]]|([\w$]+))", part)
        word = (found[1] or found[2]) if found else ""
        is_rule = found is not None and found[2] and word.upper() in (
            "PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "FOREIGN", "INDEX", "CHECK", "FULLTEXT",
        )  # fmt: skip
        if word and not is_rule:
            names.append(word)
    return names


def _tuples(
    window: _Window, limits: ReadingLimits, defects: list[str]
) -> Iterator[list[str | None]]:
    while True:
        char = _next(window, skipped=" \t\r\n,")
        if char != "(":
            return
        window.at += 1
        values: list[str | None] = []
        while True:
            value = _value(window)
            if value is None:
                _note(defects, "bad_statement")
                return
            values.append(_unquoted(value, limits.cell_chars))
            if len(values) > limits.columns:
                _note(defects, "too_many_columns")
                return
            char = _next(window, skipped=" \t\r\n")
            window.at += 1
            if char == ")":
                break
            if char != ",":
                _note(defects, "bad_statement")
                return
        yield values


def _value(window: _Window) -> re.Match[str] | None:
    """The next value, with as much text as it takes."""
    while True:
        found = _VALUE.match(window.text, window.at)
        # A value at the end of what is at hand may go on.
        if found is not None and found.end() < len(window.text):
            window.at = found.end()
            return found
        if not window.grow():
            if found is None:
                return None
            window.at = found.end()
            return found


def _next(window: _Window, skipped: str) -> str:
    while True:
        while window.at < len(window.text) and window.text[window.at] in skipped:
            window.at += 1
        if window.at < len(window.text):
            return window.text[window.at]
        if not window.grow():
            return ""


def _unquoted(found: re.Match[str], cell_chars: int) -> str | None:
    quoted = found["string"] or found["double"]
    if quoted is not None:
        inner = quoted[1 : cell_chars + 1] if len(quoted) > cell_chars + 2 else quoted[1:-1]
        if "\\" in inner or "''" in inner:
            inner = _ESCAPE.sub(lambda m: "'" if m[1] is None else _ESCAPES.get(m[1], m[1]), inner)
        return inner
    plain = found["plain"].strip()
    return None if plain.upper() == "NULL" else plain


def _copied(window: _Window, limits: ReadingLimits) -> Iterator[list[str | None]]:
    while True:
        end = window.text.find("\n", window.at)
        if end < 0:
            if window.grow():
                continue
            return
        line, window.at = window.text[window.at : end].rstrip("\r"), end + 1
        if line == "\\.":
            return
        yield [_copy_field(field, limits.cell_chars) for field in line.split("\t")][
            : limits.columns
        ]


def _copy_field(field: str, cell_chars: int) -> str | None:
    if field == "\\N":
        return None
    if "\\" in field:
        field = re.sub(r"\\(.)", lambda m: _COPY_ESCAPES.get(m[1], m[1]), field)
    return field[:cell_chars]


def _note(defects: list[str], defect: str) -> None:
    if defect not in defects:
        defects.append(defect)

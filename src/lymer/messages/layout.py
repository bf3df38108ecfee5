"""The structure of a body in one string, made so that changed slots do not change it."""

from collections.abc import Iterable

RUN_COUNT = 40
TREE_CHARACTERS = 500
_SCAN_LINES = 2000
_NUMERIC = "0123456789 \t$+-.,:/()#%*=_"
# How a line of digits or a quoted line may begin.
_MARKS = frozenset(_NUMERIC + ">")
# So long a line is never of three words only, or it is no less a text.
_LONG = 50
_BUCKETS = "0 1 2 3 3 3 6 6 6 6 6 11 11 11 11 11 11 11 11 11 11".split()  # noqa: SIM905


def write_layout(mime_tree: str, text: str, tags: str) -> str:
    """`mime_tree|lines|tags`."""
    return f"{mime_tree[:TREE_CHARACTERS]}|{classify_lines(text)}|{tags}"


def classify_lines(text: str) -> str:
    """Runs of line classes, such as `T3 B1 L1`.

    T text, S at most three words, L with a link, B blank, N mostly digits, Q quoted. A run's
    length is given as its bucket's lower end: 1, 2, 3 (3 to 5), 6 (6 to 10), 11 (11 to 20), 21.
    """
    runs: list[str] = []
    last, length = "", 0
    has_link = "://" in text or "www." in text
    for line in map(str.strip, text.split("\n", _SCAN_LINES)[:_SCAN_LINES]):
        if not line:
            kind = "B"
        elif has_link and ("://" in line or "www." in line):
            kind = "L"
        elif len(line) >= _LONG and line[0] not in _MARKS:
            kind = "T"
        elif line[0] == ">":
            kind = "Q"
        elif line[0] in _MARKS and len(line.strip(_NUMERIC)) * 2 < len(line):
            kind = "N"
        elif line.count(" ") < 3:
            kind = "S"
        else:
            kind = "T"
        if kind == last:
            length += 1
            continue
        if last:
            runs.append(last + (_BUCKETS[length] if length < 21 else "21"))
            if len(runs) == RUN_COUNT:
                return " ".join(runs)
        last, length = kind, 1
    # Blank lines at the end are the transport's.
    if last and last != "B":
        runs.append(last + bucket(length))
    return " ".join(runs)


def bucket(count: int) -> str:
    """Lower end of the bucket of a run length or count."""
    return _BUCKETS[count] if count < 21 else "21"


def write_runs(names: Iterable[str]) -> str:
    """Names with the bucket of their run length, `td br*3 td`."""
    runs: list[str] = []
    last, length = "", 0
    for name in names:
        if name == last:
            length += 1
            continue
        if last:
            runs.append(last if length == 1 else f"{last}*{bucket(length)}")
        last, length = name, 1
    if last:
        runs.append(last if length == 1 else f"{last}*{bucket(length)}")
    return " ".join(runs)

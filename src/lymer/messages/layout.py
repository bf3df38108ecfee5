"""The structure of a body in one string, made so that changed slots do not change it."""

from collections.abc import Iterable

RUN_COUNT = 40
TREE_CHARACTERS = 500
_SCAN_LINES = 2000
_NUMERIC = "0123456789 \t$+-.,:/()#%*=_"


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
    for line in text.split("\n", _SCAN_LINES)[:_SCAN_LINES]:
        line = line.strip()
        if not line:
            kind = "B"
        elif line[0] == ">":
            kind = "Q"
        elif "://" in line or "www." in line:
            kind = "L"
        elif len(line.strip(_NUMERIC)) * 2 < len(line):
            kind = "N"
        elif line.count(" ") < 3:
            kind = "S"
        else:
            kind = "T"
        if kind == last:
            length += 1
            continue
        if last:
            runs.append(last + bucket(length))
            if len(runs) == RUN_COUNT:
                return " ".join(runs)
        last, length = kind, 1
    # Blank lines at the end are the transport's.
    if last and last != "B":
        runs.append(last + bucket(length))
    return " ".join(runs)


def bucket(count: int) -> str:
    """Lower end of the bucket of a run length or count."""
    if count < 3:
        return str(count)
    return "3" if count < 6 else "6" if count < 11 else "11" if count < 21 else "21"


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

"""The forms in which flows are written, told apart by content, and which column is what.

Zeek: the Book of Zeek, "conn.log". nfdump: nfdump(1), `-o csv` (the long names since 1.7).
binetflow: Argus' ra(1) as the CTU-13 captures have it.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lymer.errors import UsageError

MAPPED = (
    "started_at",
    "source_ip",
    "source_port",
    "ip",
    "port",
    "protocol",
    "sent_bytes",
    "received_bytes",
    "total_bytes",
    "direction",
)
"""What a column may be. `total_bytes` is of both directions; `direction` is an arrow (ra(1))."""

NEEDED = ("started_at", "source_ip", "ip")

_ZEEK = {
    "ts": "started_at",
    "id.orig_h": "source_ip",
    "id.orig_p": "source_port",
    "id.resp_h": "ip",
    "id.resp_p": "port",
    "proto": "protocol",
    "orig_bytes": "sent_bytes",
    "resp_bytes": "received_bytes",
}
_NFDUMP = {
    "ts": "started_at",
    "sa": "source_ip",
    "sp": "source_port",
    "da": "ip",
    "dp": "port",
    "pr": "protocol",
    "ibyt": "sent_bytes",
}
_NFDUMP_LONG = {
    "firstseen": "started_at",
    "srcaddr": "source_ip",
    "srcport": "source_port",
    "dstaddr": "ip",
    "dstport": "port",
    "proto": "protocol",
    "bytes": "sent_bytes",
}
_BINETFLOW = {
    "starttime": "started_at",
    "srcaddr": "source_ip",
    "sport": "source_port",
    "dir": "direction",
    "dstaddr": "ip",
    "dport": "port",
    "proto": "protocol",
    "totbytes": "total_bytes",
    "srcbytes": "sent_bytes",
}
_HEAD_LINES = 64


@dataclass(frozen=True)
class Form:
    """How one file is written."""

    name: str
    delimiter: str
    columns: tuple[str, ...]
    """The header as it stands; empty for JSON."""
    mapping: Mapping[str, str]
    """Header name (lower case) to one of MAPPED."""
    is_one_way: bool = False
    """Each direction of a conversation is a line of its own."""

    def field_of(self, column: str) -> str | None:
        """What a column of the header is."""
        return self.mapping.get(column.strip().lower())


ZEEK_JSON = Form("zeek_json", "", (), _ZEEK)


def recognise(head: bytes, mapping: Mapping[str, str] | None) -> Form | None:
    """The form of a file by its first bytes, or None. `mapping` is for CSV of other makes."""
    lines = head.decode("utf-8", "replace").lstrip("\ufeff").splitlines()[:_HEAD_LINES]
    filled = [line for line in lines if line.strip()]
    if not filled:
        return None
    if filled[0].startswith("#"):
        fields = next((line for line in filled if line.startswith("#fields")), None)
        return zeek(fields) if fields is not None else None
    if filled[0].startswith("{"):
        return ZEEK_JSON
    return _csv(filled[0], mapping)


def zeek(line: str) -> Form:
    """The form that a `#fields` line announces."""
    return Form("zeek", "\t", tuple(line.rstrip("\r\n").split("\t")[1:]), _ZEEK)


def _csv(header: str, mapping: Mapping[str, str] | None) -> Form | None:
    for delimiter in (",", "\t", ";", "|"):
        columns = _split(header, delimiter)
        names = {column.strip().lower() for column in columns}
        if mapping and names >= mapping.keys():
            return Form("csv", delimiter, columns, mapping)
        if names >= {"starttime", "srcaddr", "dstaddr"}:
            return Form("binetflow", delimiter, columns, _BINETFLOW)
        if names >= {"ts", "sa", "da"}:
            return Form("nfdump", delimiter, columns, _NFDUMP, is_one_way=True)
        if names >= {"firstseen", "srcaddr", "dstaddr"}:
            return Form("nfdump", delimiter, columns, _NFDUMP_LONG, is_one_way=True)
        if set(NEEDED) <= names:
            return Form("csv", delimiter, columns, {name: name for name in MAPPED})
    return None


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(next(csv.reader([line], delimiter=delimiter), ()))


def parse_mapping(words: Sequence[str]) -> dict[str, str]:
    """`NAME=COLUMN` words as a mapping from header names (lower case) to MAPPED names."""
    mapping: dict[str, str] = {}
    for word in words:
        name, _, column = word.partition("=")
        if name not in MAPPED or not column:
            raise UsageError(
                f"{word!r} maps no column. Write NAME=COLUMN with a name of: {', '.join(MAPPED)}."
            )
        mapping[column.strip().lower()] = name
    missing = [name for name in NEEDED if mapping and name not in mapping.values()]
    if missing:
        raise UsageError(f"the mapping names no column for {', '.join(missing)}.")
    return mapping

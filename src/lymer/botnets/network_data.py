"""A file of networks, and the looking up of addresses in it."""

import hashlib
import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from lymer.botnets.tables import CLIENT_NETWORKS
from lymer.errors import UsageError

_WANTED = ("start", "end", "country", "asn", "name")
_NAME_LENGTH = 200
_VERSION_LENGTH = 300
_MOST_BYTES = 1 << 30
_CODE = re.compile("[A-Z]{2}")
# IPv4 is looked up as IPv6 that means it (RFC 4291 section 2.5.5.2): one order for both.
_MAPPED = bytes(10) + b"\xff\xff"
_SIZE = 16
_NOTHING = -1

Numbers = npt.NDArray[Any]


class NetworkData:
    """Networks in memory.

    `path` is a CSV (UTF-8) with a header line: start and end, addresses of IPv4 or IPv6 that both
    belong to the network, and any of country (ISO 3166-1 alpha-2), asn and name. Lines before the
    header that begin with # say which data it is and of when. Ranges may overlap, and some may
    name the country and others the holder (asn, name): for each the innermost that says it counts.
    Raises UsageError for a file that is none.
    """

    def __init__(self, path: Path) -> None:
        said, skipped, mark = _open(path)
        self.version = f"{said or path.name}, sha256 {mark[:12]}"
        self._table = _read(path, skipped)
        starts, ends = (_packed(path, self._table[name], skipped) for name in ("start", "end"))
        if (starts > ends).any():
            line = int(np.argmax(starts > ends)) + skipped + 2
            raise UsageError(f"{path}, line {line}: the network ends before it starts.")
        self._countries = _Ranges(starts, ends, self._says("country"))
        self._holders = _Ranges(starts, ends, self._says("asn") | self._says("name"))

    def look_up(self, clients: Sequence[str]) -> pa.Table:
        """CLIENT_NETWORKS for those of `clients` that lie in a network, in their order."""
        known = [(client, packed) for client in clients if (packed := _pack(client))]
        addresses = np.frombuffer(b"".join(packed for _, packed in known), f"S{_SIZE}")
        holding, placing = self._holders.find(addresses), self._countries.find(addresses)
        columns = zip(
            known,
            np.where(holding != _NOTHING, holding, placing).tolist(),
            self._take("asn", holding),
            self._take("name", holding),
            self._take("country", placing),
            strict=True,
        )
        rows = (
            (
                client,
                self._prefix(packed, at),
                _number(asn),
                " ".join((name or "").split())[:_NAME_LENGTH] or None,
                _country(country),
                self.version,
            )
            for (client, packed), at, asn, name, country in columns
            if at != _NOTHING
        )
        return pa.Table.from_batches([CLIENT_NETWORKS.batch(rows)])

    def _says(self, name: str) -> Numbers:
        """The rows that have a value in a column."""
        if name not in self._table.column_names:
            return np.zeros(self._table.num_rows, bool)
        filled = pc.fill_null(pc.greater(pc.utf8_length(self._table[name]), 0), False)
        return np.asarray(filled.to_numpy(), bool)

    def _take(self, name: str, rows: Numbers) -> list[str | None]:
        """The values of a column at `rows`; null for no row."""
        if name not in self._table.column_names:
            return [None] * len(rows)
        at = pa.array(rows, mask=rows == _NOTHING)
        return list(self._table[name].take(at).to_pylist())

    def _prefix(self, address: bytes, row: int) -> str:
        ends = (_pack(str(self._table[name][row])) for name in ("start", "end"))
        return _prefix(address, *ends)


class _Ranges:
    """Ranges of addresses that may overlap, to find the innermost one around an address."""

    def __init__(self, starts: Numbers, ends: Numbers, wanted: Numbers) -> None:
        rows = np.flatnonzero(wanted)
        # By rising start; of two that start together the one that reaches further comes first.
        # Two sorts, each keeping ties: strings cannot be turned around.
        rows = rows[np.argsort(ends[rows], kind="stable")[::-1]]
        self._rows = rows[np.argsort(starts[rows], kind="stable")]
        self._starts, self._ends = starts[self._rows], ends[self._rows]
        self._around = _enclosing(self._starts, self._ends)

    def find(self, addresses: Numbers) -> Numbers:
        """For each address the row of the range; -1: none."""
        at: Numbers = np.searchsorted(self._starts, addresses, side="right") - 1
        while True:
            outside = at != _NOTHING
            outside[outside] = self._ends[at[outside]] < addresses[outside]
            if not outside.any():
                break
            at[outside] = self._around[at[outside]]
        rows = np.full(len(at), _NOTHING)
        rows[at != _NOTHING] = self._rows[at[at != _NOTHING]]
        return rows


def _open(path: Path) -> tuple[str, int, str]:
    """What the file says of itself, how many lines that takes, and its SHA-256."""
    said: list[str] = []
    mark = hashlib.sha256()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is larger than a file of networks can be (1 GiB).")
        with path.open("rb") as file:
            while (line := file.readline(10_000)).startswith(b"#"):
                said.append(line.decode("utf-8", "replace").strip("# \r\n"))
            file.seek(0)
            while block := file.read(1 << 20):
                mark.update(block)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    return "; ".join(filter(None, said))[:_VERSION_LENGTH], len(said), mark.hexdigest()


def _read(path: Path, skipped: int) -> pa.Table:
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(skip_rows=skipped),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(_WANTED, pa.string()), strings_can_be_null=True
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no CSV of networks: {error}") from error
    if not {"start", "end"} <= set(table.column_names):
        raise UsageError(
            f"{path} needs a header line with start and end, and any of country, asn and name: "
            f"start,end,country,asn,name. It has {', '.join(table.column_names)[:200]}."
        )
    return table.select([name for name in _WANTED if name in table.column_names])


def _packed(path: Path, column: pa.ChunkedArray, skipped: int) -> Numbers:
    parts = [np.empty(0, f"S{_SIZE}")]
    line = skipped + 2
    # Chunk by chunk: a million addresses at once would be a million Python objects.
    for chunk in column.chunks:
        packed = [_pack(text or "") for text in chunk.to_pylist()]
        if not all(packed):
            at = packed.index(b"")
            raise UsageError(
                f"{path}, line {line + at}: {str(chunk[at].as_py())[:60]!r} is no address."
            )
        parts.append(np.frombuffer(b"".join(packed), f"S{_SIZE}"))
        line += len(packed)
    return np.concatenate(parts)


def _pack(address: str) -> bytes:
    """16 bytes; none for what is no address."""
    try:
        if ":" in address:
            return socket.inet_pton(socket.AF_INET6, address)
        return _MAPPED + socket.inet_pton(socket.AF_INET, address)
    except (OSError, ValueError):
        return b""


def _enclosing(starts: Numbers, ends: Numbers) -> Numbers:
    """For each range the nearest before it that reaches further; -1: none."""
    around = np.full(len(ends), _NOTHING)
    if len(ends) < 2 or bool((starts[1:] > ends[:-1]).all()):
        return around
    open_ones: list[int] = []
    for at, end in enumerate(ends.tolist()):
        while open_ones and ends[open_ones[-1]] <= end:
            open_ones.pop()
        around[at] = open_ones[-1] if open_ones else _NOTHING
        open_ones.append(at)
    return around


def _prefix(address: bytes, start: bytes, end: bytes) -> str:
    """The largest block with `address` that lies within the network, as in 192.0.2.0/24."""
    whole, low, high = (int.from_bytes(packed) for packed in (address, start, end))
    bits = 0
    while bits < 128:
        base = whole >> (bits + 1) << (bits + 1)
        if base < low or base + (2 << bits) - 1 > high:
            break
        bits += 1
    base = whole >> bits << bits
    if address.startswith(_MAPPED) and bits <= 32:
        return f"{IPv4Address(base & 0xFFFFFFFF)}/{32 - bits}"
    return f"{IPv6Address(base)}/{128 - bits}"


def _number(asn: str | None) -> int | None:
    digits = (asn or "").strip().upper().removeprefix("AS")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 10
    return int(digits) if is_number and 0 < int(digits) < 1 << 32 else None


def _country(code: str | None) -> str | None:
    told = (code or "").strip().upper()
    return told if _CODE.fullmatch(told) and told != "ZZ" else None

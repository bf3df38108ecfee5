"""Who holds which network, in which country: a table as registries have it, all of it made up.

The networks are the reserved ones of a world. The countries are real codes, drawn by chance, so
that a map has something to show; nothing about a country follows from them.
"""

import csv
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

from lymer.lab.addresses import BENCHMARK, BENCHMARK_SIZE, CLASS_E, CLASS_E_SIZE
from lymer.lab.draws import Draw
from lymer.lab.names import Names

# Drawn with falling weight, as machines are spread over the world.
COUNTRIES = (
    "US", "CN", "IN", "BR", "RU", "DE", "TR", "ID", "VN", "MX", "FR", "GB", "IT", "JP", "KR", "PL",
    "ES", "UA", "AR", "TH", "EG", "NG", "ZA", "CO", "PH", "PK", "IR", "RO", "NL", "CA", "AU", "SA",
    "MY", "CL", "PE", "GR", "CZ", "PT", "HU", "KZ", "DZ", "MA", "KE", "BD", "SE", "CH", "NZ", "IS",
)  # fmt: skip
HOLDERS = 160
UNLISTED = 0.03
"""Share of the networks that the table does not have, as real tables lack some."""

FIRST_ASN = 4_200_000_000
"""Private use (RFC 6996): nobody's."""

_ENDINGS = ("Telecom", "Net", "Cable", "Online", "Broadband", "Mobile", "Hosting", "Data")

Row = tuple[str, str, str, int, str]


def write_networks(draw: Draw, names: Names, about: str, path: Path) -> None:
    """Write start, end, country, asn and name of the world's networks, by rising address."""
    holders = [
        (
            _country(draw),
            FIRST_ASN + number,
            f"{names.fresh(2, 3).capitalize()} {draw.pick(_ENDINGS)}",
        )
        for number in range(HOLDERS)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {about}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("start", "end", "country", "asn", "name"))
        for start, end in _networks(draw):
            if not draw.chance(UNLISTED):
                writer.writerow((start, end, *draw.pick(holders)))


def _country(draw: Draw) -> str:
    return COUNTRIES[int(len(COUNTRIES) * draw.random.random() ** 2)]


def _networks(draw: Draw) -> Iterator[tuple[str, str]]:
    yield "192.0.2.0", "192.0.2.255"
    yield from _parts(draw, BENCHMARK, BENCHMARK_SIZE, 8, 11)
    yield "198.51.100.0", "198.51.100.255"
    yield "203.0.113.0", "203.0.113.255"
    # Never smaller than what an access provider of the lab has.
    yield from _parts(draw, CLASS_E, CLASS_E_SIZE, 14, 19)
    yield "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"


def _parts(draw: Draw, base: int, size: int, low: int, high: int) -> Iterator[tuple[str, str]]:
    """A block in parts of 2^low to 2^high addresses, each where a part of its size may begin."""
    at, end = base, base + size
    while at < end:
        bits = draw.whole(low, high)
        while at % (1 << bits) or at + (1 << bits) > end:
            bits -= 1
        yield str(IPv4Address(at)), str(IPv4Address(at + (1 << bits) - 1))
        at += 1 << bits

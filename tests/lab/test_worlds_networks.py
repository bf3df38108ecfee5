"""A world's table of networks: made up, in order, and fit for the world's addresses."""

import csv
from collections.abc import Callable
from ipaddress import ip_address, ip_network

import pytest
from lab_worlds import World

from lymer.lab.networks.holders import COUNTRIES, FIRST_ASN
from lymer.lab.worlds import SHAPES

Maker = Callable[..., World]

RESERVED = [
    ip_network(n)
    for n in ("192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
              "2001:db8::/32")
]  # fmt: skip


def rows(world: World) -> list[dict[str, str]]:
    with (world.path / "networks.csv").open(encoding="utf-8") as file:
        assert file.readline().startswith("# made-up networks of world")
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_networks_are_reserved_ones_in_order_and_lie_nowhere_on_each_other(
    world: Maker, name: str
) -> None:
    last = -1
    for row in rows(world(name)):
        start, end = ip_address(row["start"]), ip_address(row["end"])
        assert last < int(start) <= int(end)
        last = int(end)
        assert any(start in network and end in network for network in RESERVED)
        assert row["country"] in COUNTRIES
        assert int(row["asn"]) >= FIRST_ASN
        assert row["name"]


def test_most_clients_are_listed_but_not_all(world: Maker) -> None:
    mixed = world("mixed")
    listed = [(int(ip_address(r["start"])), int(ip_address(r["end"]))) for r in rows(mixed)]
    clients = {
        int(ip_address(ip)) for ip in (row["client_ip"] for row in mixed.rows("messages")) if ip
    }
    held = sum(any(low <= ip <= high for low, high in listed) for ip in clients)
    assert 0.85 < held / len(clients) < 1

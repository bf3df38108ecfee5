"""Clients find the innermost network around them, whatever their kind, and bots are counted."""

import io
import subprocess
import sys
import tarfile
from ipaddress import ip_address, ip_network
from pathlib import Path
from random import Random

import pytest
from botnet_tables import open_tables

from lymer.botnets import BOTNET_NETWORKS, CLIENT_NETWORKS, NetworkData, place_clients
from lymer.errors import UsageError

HEAD = "# invented networks of 1 May 2007\nstart,end,country,asn,name\n"


def data(folder: Path, rows: str, head: str = HEAD) -> NetworkData:
    path = folder / "networks.csv"
    path.write_text(head + rows, encoding="utf-8")
    return NetworkData(path)


def found(networks: NetworkData, *clients: str) -> dict[str, tuple[object, ...]]:
    rows = networks.look_up(clients).to_pylist()
    return {row["client_ip"]: tuple(list(row.values())[1:5]) for row in rows}


def test_ends_belong_to_a_network_and_gaps_to_none(tmp_path: Path) -> None:
    networks = data(
        tmp_path,
        '192.0.2.0,192.0.2.127,DE,AS64496,"Nord, Ltd"\n203.0.113.4,203.0.113.9,fr,64497,\n',
    )
    assert found(
        networks, "192.0.2.0", "192.0.2.127", "192.0.2.128", "203.0.113.3", "203.0.113.9", "0.0.0.0"
    ) == {
        "192.0.2.0": ("192.0.2.0/25", 64496, "Nord, Ltd", "DE"),
        "192.0.2.127": ("192.0.2.0/25", 64496, "Nord, Ltd", "DE"),
        # 4 to 9 is no single block: the part that 9 lies in is 8 and 9.
        "203.0.113.9": ("203.0.113.8/31", 64497, None, "FR"),
    }


def test_both_kinds_of_address_and_the_one_that_means_the_other(tmp_path: Path) -> None:
    networks = data(
        tmp_path,
        "2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,NL,64500,Six\n"
        "192.0.2.0,192.0.2.255,BE,64501,Four\n",
    )
    assert found(networks, "2001:db8::1", "2001:db9::1", "::ffff:192.0.2.9", "no address", "") == {
        "2001:db8::1": ("2001:db8::/32", 64500, "Six", "NL"),
        "::ffff:192.0.2.9": ("192.0.2.0/24", 64501, "Four", "BE"),
    }


def test_country_and_holder_come_from_ranges_of_their_own(tmp_path: Path) -> None:
    networks = data(
        tmp_path,
        "198.18.0.0,198.18.255.255,IT,,\n198.18.4.0,198.18.7.255,,64502,Inner\n"
        "198.18.6.0,198.18.6.255,ES,,\n",
    )
    assert found(networks, "198.18.1.1", "198.18.4.1", "198.18.6.1", "198.18.7.1") == {
        "198.18.1.1": ("198.18.0.0/16", None, None, "IT"),
        "198.18.4.1": ("198.18.4.0/22", 64502, "Inner", "IT"),
        "198.18.6.1": ("198.18.4.0/22", 64502, "Inner", "ES"),
        "198.18.7.1": ("198.18.4.0/22", 64502, "Inner", "IT"),
    }


def test_any_overlap_agrees_with_looking_at_every_range(tmp_path: Path) -> None:
    rng = Random(5)
    ranges = []
    for number in range(1, 120):
        low = rng.randrange(0, 4000)
        ranges.append((low, low + rng.randrange(0, 600), number))
    base = int(ip_address("198.18.0.0"))
    rows = "".join(
        f"{ip_address(base + low)},{ip_address(base + high)},,{number},\n"
        for low, high, number in ranges
    )
    networks = data(tmp_path, rows)
    clients = [str(ip_address(base + at)) for at in range(0, 4700, 3)]
    told = found(networks, *clients)
    for client in clients:
        at = int(ip_address(client)) - base
        around = [r for r in ranges if r[0] <= at <= r[1]]
        if not around:
            assert client not in told
            continue
        # Innermost: the last to start; of these, the first to end.
        start = max(r[0] for r in around)
        end = min(r[1] for r in around if r[0] == start)
        numbers = {n for low, high, n in around if (low, high) == (start, end)}
        network, asn, *_ = told[client]
        assert asn in numbers
        block = ip_network(str(network))
        assert ip_address(client) in block
        assert base + start <= int(block[0])
        assert int(block[-1]) <= base + end


def test_what_is_no_country_or_number_is_unknown(tmp_path: Path) -> None:
    networks = data(tmp_path, "192.0.2.0,192.0.2.255,Germany,AS99999999999,\x1b[31m  red\n")
    assert found(networks, "192.0.2.1") == {
        "192.0.2.1": ("192.0.2.0/24", None, "\x1b[31m red", None)
    }
    assert found(data(tmp_path, "192.0.2.0,192.0.2.255,ZZ,0,\n"), "192.0.2.1") == {
        "192.0.2.1": ("192.0.2.0/24", None, None, None)
    }


def test_the_version_stands_with_every_row_and_changes_with_the_file(tmp_path: Path) -> None:
    row = "192.0.2.0,192.0.2.255,DE,1,A\n"
    one = data(tmp_path, row).look_up(["192.0.2.1"])["data_version"][0].as_py()
    other = data(tmp_path, row * 2).look_up(["192.0.2.1"])["data_version"][0].as_py()
    bare = data(tmp_path, row, "start,end,country,asn,name\n").version
    assert one.startswith("invented networks of 1 May 2007, sha256 ")
    assert one != other
    assert bare.startswith("networks.csv, sha256 ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "CSV"),
        ("from,to\n192.0.2.0,192.0.2.1\n", "start and end"),
        (HEAD + "192.0.2.0,192.0.2.1,DE,1,A\n192.0.2.9,192.0.2.300,DE,1,A\n", "line 4"),
        (HEAD + "192.0.2.9,192.0.2.1,DE,1,A\n", "line 3: the network ends before"),
        ("\x00\xff\n1\n", "start and end"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        NetworkData(path)
    with pytest.raises(UsageError, match="cannot be read"):
        NetworkData(tmp_path / "absent.csv")


def test_bots_are_counted_by_network_those_of_none_too(tmp_path: Path) -> None:
    bots = [("b-1", f"192.0.2.{n}") for n in range(6)] + [
        ("b-1", "203.0.113.1"), ("b-1", "203.0.113.2"), ("b-2", "192.0.2.1"),
    ]  # fmt: skip
    clients = sorted({ip for _, ip in bots} | {"192.0.2.77"})
    connection = open_tables(
        {
            "messages": [{"message_id": ip, "client_ip": ip} for ip in [*clients, clients[0]]],
            "bots": [{"botnet_id": b, "client_ip": ip, "message_count": 1} for b, ip in bots],
        }
    )
    networks = data(tmp_path, "192.0.2.0,192.0.2.3,DE,1,A\n192.0.2.4,192.0.2.255,DE,2,B\n")
    placed = place_clients(connection, networks)
    assert placed[CLIENT_NETWORKS]["client_ip"].to_pylist() == [
        ip for ip in clients if ip.startswith("192.0.2")
    ]
    rows = [tuple(row.values()) for row in placed[BOTNET_NETWORKS].to_pylist()]
    assert rows == [
        ("b-1", "DE", 1, "A", 4, 0.5),
        ("b-1", "DE", 2, "B", 2, 0.25),
        ("b-1", None, None, None, 2, 0.25),
        ("b-2", "DE", 1, "A", 1, 1.0),
    ]


def test_without_data_what_is_known_stays(tmp_path: Path) -> None:
    tables = {
        "messages": [{"message_id": "m", "client_ip": "192.0.2.1"}],
        "bots": [{"botnet_id": "b-1", "client_ip": "192.0.2.1", "message_count": 1}],
    }
    placed = place_clients(open_tables(tables), None)
    assert [table.num_rows for table in placed.values()] == [0, 0]
    first = place_clients(open_tables(tables), data(tmp_path, "192.0.2.0,192.0.2.9,DE,1,A\n"))
    again = place_clients(
        open_tables(tables | {"client_networks": first[CLIENT_NETWORKS].to_pylist()}), None
    )
    assert again == first


def test_two_packages_become_one_file(tmp_path: Path) -> None:
    packages = {
        "asn": ('192.0.2.0,192.0.2.255,64496,"Nord, Ltd"', "2001:db8::,2001:db8::ff,64497,Six"),
        "geo-whois-asn-country": ("192.0.2.0,192.0.2.9,DE", "2001:db8::,2001:db8::ff,NL"),
    }
    archives = []
    for name, texts in packages.items():
        about = f'{{"name": "@ip-location-db/{name}", "version": "1.2"}}'
        files = {"package.json": about}
        files |= {f"{name}-ipv{n}.csv": t + "\n" for n, t in zip((4, 6), texts, strict=True)}
        archives.append(tmp_path / f"{name}.tgz")
        with tarfile.open(archives[-1], "w:gz") as archive:
            for path, text in files.items():
                member = tarfile.TarInfo(f"package/{path}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
    target = tmp_path / "networks.csv"
    tool = Path(__file__).parents[2] / "tools" / "networks.py"
    subprocess.run([sys.executable, tool, *archives, target], check=True)
    networks = NetworkData(target)
    assert networks.version.startswith("ip-location-db asn 1.2 (RouteViews; DB-IP, CC BY 4.0); ")
    assert found(networks, "192.0.2.1", "192.0.2.20", "2001:db8::1") == {
        "192.0.2.1": ("192.0.2.0/24", 64496, "Nord, Ltd", "DE"),
        "192.0.2.20": ("192.0.2.0/24", 64496, "Nord, Ltd", None),
        "2001:db8::1": ("2001:db8::/120", 64497, "Six", "NL"),
    }

"""Places in a report: from the case's table, with its date, or said to be unknown."""

import subprocess
import sys
from pathlib import Path

from report_cases import copied, mails, put

from lymer.case import Case, open_case
from lymer.reports.compose import compose
from lymer.reports.document import Document, Figure, Grid, Section, Text

BOTS = [f"198.18.{n}.{n + 1}" for n in range(4)]


def places(document: Document) -> Section:
    botnets = next(s for s in document.sections if s.anchor == "botnets")
    return next(s for s in botnets.sections if s.anchor == "places")


def test_without_data_places_are_not_established(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    put(case, {"bots": [{"botnet_id": "b-1", "client_ip": ip} for ip in BOTS]})
    (block,) = places(compose(case)).blocks
    assert isinstance(block, Text)
    assert block.text.startswith("Not established")
    case.close()


def test_bots_are_placed_with_the_version_of_the_data(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    put(
        case,
        {
            "botnets": [{"botnet_id": "b-000000000001-2", "name": "Abel 0000",
                         "is_separable": True, "message_count": 4, "campaign_count": 1,
                         "footprint": 4, "why": "made up"}],
            # One bot of two botnets is one address on the map.
            "bots": [{"botnet_id": b, "client_ip": ip}
                     for b, ip in [*(("b-000000000001-2", ip) for ip in BOTS), ("b-2", BOTS[0])]],
            "client_networks": [
                {"client_ip": ip, "network": "198.18.0.0/16", "country": country,
                 "data_version": "invented, 1 May 2007"}
                for ip, country in zip(BOTS, ("DE", "DE", "FR", None), strict=True)
            ],
            "botnet_networks": [
                {"botnet_id": "b-000000000001-2", "country": "DE", "asn": 64496,
                 "network_name": "Nord", "bots": 2, "share": 0.5},
            ],
        },
    )  # fmt: skip
    section = places(compose(case))
    text = " ".join(b.text for b in section.blocks if isinstance(b, Text))
    assert "Of 4 addresses of bots, the registries' data place 3 in 2 countries" in text
    assert "Germany (50 %) and France (25 %). For 1 no country is known." in text
    assert "invented, 1 May 2007" in text
    figure = next(b for b in section.blocks if isinstance(b, Figure))
    assert "Germany 2; France 1" in figure.alt
    grid = next(b for b in section.blocks if isinstance(b, Grid))
    # An id that had to be told from another carries its number into the name.
    assert grid.rows == (("Abel 0000-2", "Nord", "64496", "Germany", "2", "50 %"),)
    case.close()


def test_a_trace_places_clients_and_the_next_one_keeps_them(tmp_path: Path) -> None:
    box, networks = tmp_path / "box.mbox", tmp_path / "networks.csv"
    box.write_bytes(mails(("A pen",), 3))
    networks.write_text(
        "# invented\nstart,end,country,asn,name\n198.18.0.0,198.18.0.2,DE,64496,Nord\n", "utf-8"
    )
    command = [sys.executable, "-c", "from lymer.cli import main; main()", "trace", str(box),
               "--case", str(tmp_path / "case"), "--quiet"]  # fmt: skip
    for more in (["--networks", str(networks)], []):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        case = open_case(tmp_path / "case")
        rows = case.table("client_networks").to_pylist()
        case.close()
        assert [(r["client_ip"], r["network"], r["country"]) for r in rows] == [
            ("198.18.0.1", "198.18.0.0/31", "DE"), ("198.18.0.2", "198.18.0.2/32", "DE"),
        ]  # fmt: skip
    done = subprocess.run(
        [*command, "--networks", str(tmp_path / "none.csv")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "none.csv cannot be read" in done.stderr

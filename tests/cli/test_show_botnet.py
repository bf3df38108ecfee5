"""`lymer show CASE botnet ID`, from the tables of a case."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from lymer.case import create_case
from lymer.cli.show import show
from lymer.store import stage

MIDNIGHT = datetime(2008, 1, 5, tzinfo=UTC)
ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "botnets": [
        {"botnet_id": "b-aa", "name": "Faploba aa", "is_separable": True, "footprint": 7,
         "live_low": 5.0, "live_high": 20.0, "why": "2 campaigns share clients"},
        {"botnet_id": "b-bb", "name": "Other bb", "is_separable": True, "why": "its own"},
    ],
    "populations": [
        {"botnet_id": "b-aa", "mails_per_bot_low": 2.5, "mails_per_bot_high": 10.0,
         "hours": [3] * 24, "why": "50 mails on 1 of 1 days"},
        {"botnet_id": "b-bb", "mails_per_bot_high": 4.0, "hours": [0] * 24, "why": "a bound only"},
    ],
    "live_days": [
        {"botnet_id": "b-aa", "day": date(2008, 1, 5), "message_count": 50, "live_low": 5.0},
    ],
    "calibrations": [
        {"server": "srv-9", "botnet_id": "b-aa", "logged_nodes": 17.0, "live_low": 18.0,
         "open_because": "the nodes are of two"},
    ],
    "node_clients": [
        {"server": "srv-9", "node_id": "zombie-77", "client_ip": "240.0.0.3", "botnet_id": "b-aa",
         "message_count": 3, "why": "the log has it"},
        {"server": "srv-8", "node_id": "zombie-88", "client_ip": "240.9.9.9", "botnet_id": "b-bb"},
    ],
    "campaigns": [
        {"campaign_id": "c-1", "message_count": 30, "first_seen_at": MIDNIGHT},
        {"campaign_id": "c-2", "message_count": 20, "first_seen_at": MIDNIGHT},
    ],
    "botnet_campaigns": [
        {"botnet_id": "b-aa", "campaign_id": "c-1", "why": "shares 4 clients"},
        {"botnet_id": "b-bb", "campaign_id": "c-2", "why": "by itself"},
    ],
    "controllers": [
        {"ip": "198.51.100.7", "port": 8080, "botnet_id": "b-aa", "why": "all turn to it"},
        {"ip": "198.51.100.8", "port": 8080, "botnet_id": "b-bb", "why": "all turn to it"},
    ],
    "bots": [
        {"botnet_id": "b-aa", "client_ip": f"240.0.0.{number}", "message_count": number}
        for number in range(1, 8)
    ] + [{"botnet_id": "b-bb", "client_ip": "240.9.9.9"}],
    "client_networks": [{"client_ip": "240.0.0.1", "data_version": "made up, 2008\x1b[2J"}],
    "botnet_networks": [
        {"botnet_id": "b-aa", "country": "IS", "asn": 1, "network_name": "Nord Net", "bots": 3,
         "share": 0.429},
        {"botnet_id": "b-aa", "country": "IS", "asn": 2, "network_name": "Sud Net", "bots": 2,
         "share": 0.286},
        {"botnet_id": "b-aa", "bots": 2, "share": 0.286},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = create_case(tmp_path_factory.mktemp("shown") / "case")
    with case.writing():
        staged = [
            stage(
                case.store.folder,
                case.store.tables[name],
                pa.Table.from_pylist(
                    [dict(row) for row in rows], schema=case.store.tables[name].schema
                ),
            )
            for name, rows in ROWS.items()
        ]
        case.store.commit(staged)
    case.close()
    return case.folder


def shown(folder: Path, botnet: str) -> str:
    result = CliRunner().invoke(show, [str(folder), "botnet", botnet])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_botnet_is_shown_with_all_that_is_known_of_it_and_nothing_of_others(folder: Path) -> None:
    text = shown(folder, "b-a")
    assert "2.5 to 10 mails seen of a live bot on a day" in text
    assert "2008-01-05     50" in text
    assert "c-1" in text
    assert "198.51.100.7" in text
    assert "srv-9" in text
    assert "the nodes are of two" in text
    assert "zombie-77" in text
    # Two networks of one country are one line of countries.
    countries = text[text.index("countries") : text.index("networks of")].splitlines()
    assert [line.split() for line in countries[3:5]] == [
        ["IS", "5", "0.715"],
        ["not", "known", "2", "0.286"],
    ]
    assert "Nord Net" in text
    assert "srv-9" not in shown(folder, "b-bb")
    for other in ("c-2", "198.51.100.8", "240.9.9.9", "zombie-88", "\x1b"):
        assert other not in text


def test_of_a_bound_only_the_most_that_a_bot_mails_is_said(folder: Path) -> None:
    text = shown(folder, "b-bb")
    assert "no more than 4 mails seen of a live bot on a day" in text
    assert "countries" not in text

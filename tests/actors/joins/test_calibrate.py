"""Logs and mail together tell the size of a botnet, also where the logs lack much of it."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest

from lymer.actors.joins.calibrate import (
    CalibrationRule,
    calibrate,
    changed_share,
    size_of,
)
from lymer.actors.joins.nodes import nodes_by_day
from lymer.actors.joins.tables import NODES

FIRST = date(2008, 5, 1)


def _world(
    bots: int, logged: float, seen: int, changes: float, seed: int
) -> tuple[dict[date, dict[str, set[str]]], dict[date, set[str]]]:
    """Three days of `bots` live bots; an address may change at noon of a day."""
    draw = Random(seed)
    address = {bot: f"198.51.{bot // 250}.{bot % 250}" for bot in range(bots)}
    days: dict[date, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    clients: dict[date, set[str]] = defaultdict(set)
    for number in range(3):
        day = FIRST + timedelta(days=number)
        moved = {bot for bot in address if draw.random() < changes}
        later = {
            bot: f"203.0.{draw.randrange(250)}.{draw.randrange(250)}" if bot in moved else ip
            for bot, ip in address.items()
        }
        for bot in address:
            # Half of the changes fall into the hours that a bot is on; its log line is of either.
            both = (address[bot], later[bot]) if draw.random() < 0.5 else (later[bot],) * 2
            if draw.random() < logged:
                days[day][f"n{bot}"].add(draw.choice(both))
            for _ in range(sum(draw.random() < seen / bots / 4 for _ in range(4))):
                clients[day].add(draw.choice(both))
        address = later
    return days, clients


@pytest.mark.parametrize(("logged", "changes"), [(1.0, 0.0), (0.5, 0.0), (0.6, 0.4), (1.0, 0.6)])
def test_the_interval_holds_the_true_number(logged: float, changes: float) -> None:
    rule = CalibrationRule()
    held, ratios = 0, []
    for seed in range(40):
        days, clients = _world(400, logged, 120, changes, seed)
        size = size_of(days, clients, changes, rule)
        assert size.live is not None
        assert size.high is not None
        held += size.low <= 400 <= size.high
        ratios.append(size.live / 400)
    assert held >= 37
    assert 0.9 < sorted(ratios)[20] < 1.1


def test_logs_alone_are_a_bound_where_hardly_any_client_is_known() -> None:
    days, _ = _world(400, 0.5, 0, 0.0, 1)
    size = size_of(days, {FIRST: {"192.0.2.1"}}, 0.0, CalibrationRule())
    assert (size.live, size.high) == (None, None)
    assert size.low == size.logged < 400


def test_changed_addresses_are_counted_of_nodes_on_two_days_in_a_row() -> None:
    rule = CalibrationRule()
    names = [f"n{k}" for k in range(20)]
    days = {
        FIRST: {name: {f"192.0.2.{k}"} for k, name in enumerate(names)},
        FIRST + timedelta(days=1): {
            name: {f"192.0.2.{k if k < 15 else 100 + k}"} for k, name in enumerate(names)
        },
        # A gap of a day tells nothing of a day's changes.
        FIRST + timedelta(days=3): {name: {"203.0.113.9"} for name in names},
    }
    assert changed_share(days, names, rule) == 5 / 20
    assert changed_share(days, names[:9], rule) is None


def test_a_table_of_when_each_node_was_last_seen_tells_of_its_last_day_only() -> None:
    def row(sheet: str, node: str, day: int, place: int) -> tuple[object, ...]:
        at = datetime(2008, 5, day, 12, tzinfo=UTC)
        return ("server", node, f"192.0.2.{place}", at, None, "a-1", sheet, place)

    last_seen = [row("s-last", f"n{k}", 1 + (k > 3), k) for k in range(12)]
    log = [row("s-log", f"n{k % 4}", 1 + k // 4, 50 + k) for k in range(8)]
    nodes = pa.Table.from_batches([NODES.batch([*last_seen, *log])])
    kept = [(r["sheet_id"], r["seen_at"].day) for r in nodes_by_day(nodes).to_pylist()]
    assert kept.count(("s-last", 1)) == 0
    assert kept.count(("s-last", 2)) == 8
    assert kept.count(("s-log", 1)) == kept.count(("s-log", 2)) == 4


def test_a_log_that_names_one_of_several_jobs_of_a_node_gives_a_bound_for_one_campaign() -> None:
    """Forty bots mail two campaigns; the log has each under one job only."""
    at = datetime(2008, 5, 1, 12, tzinfo=UTC)
    ips = [f"192.0.2.{n}" for n in range(40)]
    tables: dict[str, list[dict[str, object]]] = {
        "daily_nodes": [
            {"server": "s", "job_id": str(n % 2), "seen_at": at, "node_id": f"n{n}",
             "client_ip": ip}
            for n, ip in enumerate(ips)
        ],
        "found_jobs": [{"server": "s", "job_id": str(k), "campaign_id": f"c-{k}"} for k in (0, 1)],
        "messages": [
            {"message_id": f"{k}/{n}", "client_ip": ip, "received_at": at}
            for k in (0, 1) for n, ip in enumerate(ips)
        ],
        "campaign_messages": [
            {"message_id": f"{k}/{n}", "campaign_id": f"c-{k}"} for k in (0, 1) for n in range(40)
        ],
        "botnet_campaigns": [{"campaign_id": f"c-{k}", "botnet_id": "b-1"} for k in (0, 1)],
        "populations": [
            {"botnet_id": "b-1", "live_low": 20.0, "live": 35.0, "live_high": 60.0,
             "change_share": 0.0, "window_start_at": at, "window_end_at": at + timedelta(days=1)}
        ],
    }  # fmt: skip
    connection = duckdb.connect()
    for name, rows in tables.items():
        connection.register(name, pa.Table.from_pylist(rows))
    found = {row["campaign_id"]: row for row in calibrate(connection).to_pylist()}
    for campaign in ("c-0", "c-1"):
        row = found[campaign]
        assert (row["live_low"], row["live"], row["live_high"]) == (20.0, None, None)
        assert "20 more are logged under other jobs alone" in row["why"]
    whole = found[None]
    assert (whole["live_low"], whole["live"]) == (40.0, 40.0)
    assert whole["live_high"] < 45
    assert "the two agree" in whole["why"]


def test_campaigns_whose_jobs_have_no_node_in_common_are_two_pools() -> None:
    """Three campaigns said to be of one botnet; the third was sent by other machines."""
    at = datetime(2008, 5, 1, 12, tzinfo=UTC)
    bots = {"c-0": range(40), "c-1": range(20, 60), "c-2": range(58, 130)}
    connection = duckdb.connect()
    tables: dict[str, list[dict[str, object]]] = {
        "daily_nodes": [
            {"server": "s", "job_id": name, "seen_at": at, "node_id": f"n{n}",
             "client_ip": f"192.0.2.{n}"}
            for name, own in bots.items() for n in own
        ],
        "found_jobs": [{"server": "s", "job_id": name, "campaign_id": name} for name in bots],
        "messages": [
            {"message_id": f"{name}/{n}", "client_ip": f"192.0.2.{n}", "received_at": at}
            for name, own in bots.items() for n in list(own)[:30]
        ],
        "campaign_messages": [
            {"message_id": f"{name}/{n}", "campaign_id": name}
            for name, own in bots.items() for n in list(own)[:30]
        ],
        "botnet_campaigns": [{"campaign_id": name, "botnet_id": "b-1"} for name in bots],
    }  # fmt: skip
    for name, rows in tables.items():
        connection.register(name, pa.Table.from_pylist(rows))
    connection.execute(
        "CREATE TABLE populations (botnet_id VARCHAR, live_low DOUBLE, live DOUBLE, "
        "live_high DOUBLE, change_share DOUBLE, window_start_at TIMESTAMPTZ, "
        "window_end_at TIMESTAMPTZ)"
    )
    [whole] = [r for r in calibrate(connection).to_pylist() if r["campaign_id"] is None]
    assert (whole["nodes"], whole["live_low"], whole["live"]) == (60, 60.0, 60.0)
    assert "left out are c-2, whose nodes are others" in whole["why"]

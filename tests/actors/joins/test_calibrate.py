"""Logs and mail together tell the size of a botnet, also where the logs lack much of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest

from lymer.actors.joins.calibrate import calibrate
from lymer.actors.joins.columns import Book, Column
from lymer.actors.joins.groups import group_nodes
from lymer.actors.joins.nodes import NodeBook, nodes_by_day
from lymer.actors.joins.pools import tell_pools
from lymer.actors.joins.sizing import CalibrationRule, Changes, Size, size_of
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


def _size(
    days: dict[date, dict[str, set[str]]], clients: dict[date, set[str]], changes: float
) -> Size:
    """What logs and mail of these days say."""
    addresses = {day: set[str]().union(*nodes.values()) for day, nodes in days.items()}
    return size_of(
        sum(map(len, days.values())) / len(days),
        sum(len(clients[day] & addresses[day]) for day in days),
        sum(len(clients[day]) for day in days),
        len(set().union(*(clients[day] for day in days))),
        Changes(changes, changes),
        CalibrationRule(),
    )


def _connect(
    tables: dict[str, list[dict[str, object]]], columns: Mapping[str, Sequence[str]] | None = None
) -> duckdb.DuckDBPyConnection:
    """A case's connection with these tables, its nodes in days and pools.

    `columns`: those of the server's own table of nodes, a value for n0, n1 and so on.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    nodes = [
        (row["server"], row["node_id"], row["client_ip"], row["seen_at"], row["job_id"], "a-1",
         "s-1", n)
        for n, row in enumerate(tables.pop("nodes"))
    ]  # fmt: skip
    connection.register("found_nodes", pa.Table.from_batches([NODES.batch(nodes)]))
    for name, rows in tables.items():
        connection.register(name, pa.Table.from_pylist(rows))
    if "populations" not in tables:
        connection.execute(
            "CREATE TABLE populations (botnet_id VARCHAR, live_low DOUBLE, live DOUBLE, "
            "live_high DOUBLE, change_share DOUBLE, window_start_at TIMESTAMPTZ, "
            "window_end_at TIMESTAMPTZ)"
        )
    nodes_by_day(connection)
    tell_pools(connection)
    books = [_nodes_table(connection, columns)] if columns else []
    group_nodes(connection, [("s", books)])
    return connection


def _nodes_table(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Sequence[str]]
) -> NodeBook:
    rows = list(zip(*columns.values(), strict=True))
    cells = [
        {"sheet_id": "s-nodes", "position": n, "values": [f"n{n}", f"192.0.2.{n}", *row]}
        for n, row in enumerate(rows)
    ]
    connection.register("sheet_rows", pa.Table.from_pylist(cells))
    names = ["id", "ip", *columns]
    held = [Column(name, [row["values"][n] for row in cells]) for n, name in enumerate(names)]
    book = Book(0, "s", "nodes", "sqlite", ["s-nodes"], len(rows), held)
    return NodeBook(book, ip=1, node=0, time=None, job=None)


@pytest.mark.parametrize(("logged", "changes"), [(1.0, 0.0), (0.5, 0.0), (0.6, 0.4), (1.0, 0.6)])
def test_the_interval_holds_the_true_number(logged: float, changes: float) -> None:
    held, ratios = 0, []
    for seed in range(40):
        days, clients = _world(400, logged, 120, changes, seed)
        size = _size(days, clients, changes)
        assert size.live is not None
        assert size.high is not None
        held += size.low <= 400 <= size.high
        ratios.append(size.live / 400)
    assert held >= 37
    assert 0.9 < sorted(ratios)[20] < 1.1


def test_clients_that_are_seen_day_after_day_are_not_new_looks_at_the_logs() -> None:
    """Of 300 machines a server knows a half, the same on all of twenty days."""
    held = 0
    for seed in range(60):
        mailers = Random(seed).sample(range(300), 40)
        known = sum(bot < 150 for bot in mailers)
        size = size_of(150.0, 20 * known, 20 * 40, 40, Changes(), CalibrationRule())
        assert size.high is not None
        held += size.low <= 300 <= size.high
    assert held >= 55


def test_no_change_in_few_nodes_is_not_taken_for_none() -> None:
    """Of a hundred clients four have an address that the log lacks: a change of forty nodes, of
    which none was seen to move, or four bots that are not logged."""
    size = size_of(128.0, 96, 100, 100, Changes.counted(0, 40), CalibrationRule())
    assert size.low == 128.0
    assert size.live is not None
    assert size.live > 128.0
    sure = size_of(128.0, 96, 100, 100, Changes.counted(0, 4000), CalibrationRule())
    assert sure.low > 128.0
    assert size.high == sure.high


def test_logs_alone_are_a_bound_where_hardly_any_client_is_known() -> None:
    size = size_of(200.0, 0, 1, 1, Changes(), CalibrationRule())
    assert (size.live, size.high) == (None, None)
    assert size.low == size.logged == 200


def test_changed_addresses_are_counted_of_nodes_on_two_days_in_a_row() -> None:
    def changed(count: int) -> object:
        # A gap of a day tells nothing of a day's changes.
        days = {0: 0, 1: 1, 3: 2}
        connection = _connect(
            {
                "nodes": [
                    {"server": "s", "node_id": f"n{k}", "job_id": "1",
                     "client_ip": f"192.0.2.{k}" if not place or (place == 1 and k < 15)
                     else f"203.0.113.{100 * (place - 1) + k}",
                     "seen_at": datetime(2008, 5, 1 + day, 12, tzinfo=UTC)}
                    for day, place in days.items() for k in range(count)
                ],
                "found_jobs": [{"server": "s", "job_id": "1", "campaign_id": "c"}],
                "messages": [
                    {"message_id": "m", "client_ip": "192.0.2.1",
                     "received_at": datetime(2008, 5, 1, 9, tzinfo=UTC)}
                ],
                "campaign_messages": [{"message_id": "m", "campaign_id": "c"}],
                "botnet_campaigns": [{"campaign_id": "other", "botnet_id": "b"}],
            }
        )  # fmt: skip
        [row] = calibrate(connection).to_pylist()
        return row["changed_share"]

    assert changed(20) == 5 / 20
    assert changed(9) is None


def test_a_table_of_when_each_node_was_last_seen_tells_of_its_last_day_only() -> None:
    def row(sheet: str, node: str, day: int, place: int) -> tuple[object, ...]:
        at = datetime(2008, 5, day, 12, tzinfo=UTC)
        return ("server", node, f"192.0.2.{place}", at, None, "a-1", sheet, place)

    last_seen = [row("s-last", f"n{k}", 1 + (k > 3), k) for k in range(12)]
    log = [row("s-log", f"n{k % 4}", 1 + k // 4, 50 + k) for k in range(8)]
    # An address may be all that a log has of a node.
    bare = [row("s-bare", "", 1 + k // 2, 80 + k) for k in range(4)]
    rows = [*last_seen, *log, *(("server", None, *one[2:]) for one in bare)]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("found_nodes", pa.Table.from_batches([NODES.batch(rows)]))
    nodes_by_day(connection)
    found = connection.sql("SELECT client_ip, day, is_named FROM node_days").fetchall()
    kept = [(int(ip.rpartition(".")[2]), day.day, named) for ip, day, named in found]
    assert sorted(place for place, _, _ in kept if place < 50) == list(range(4, 12))
    assert sum(day == 1 and named for place, day, named in kept if 50 <= place < 80) == 4
    assert sum(day == 2 and named for place, day, named in kept if 50 <= place < 80) == 4
    assert [(day, named) for place, day, named in sorted(kept) if place >= 80] == [
        (1, False), (1, False), (2, False), (2, False),
    ]  # fmt: skip


def test_a_log_that_names_one_of_several_jobs_of_a_node_gives_a_bound_for_one_campaign() -> None:
    """Forty bots mail two campaigns; the log has each under one job only."""
    at = datetime(2008, 5, 1, 12, tzinfo=UTC)
    ips = [f"192.0.2.{n}" for n in range(40)]
    tables: dict[str, list[dict[str, object]]] = {
        "nodes": [
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
    connection = _connect(tables)
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
    bots = {"c-0": range(40), "c-1": range(20, 60), "c-2": range(60, 130)}
    tables: dict[str, list[dict[str, object]]] = {
        "nodes": [
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
    [whole] = [r for r in calibrate(_connect(tables)).to_pylist() if r["campaign_id"] is None]
    assert (whole["nodes"], whole["live_low"], whole["live"]) == (60, 60.0, 60.0)
    assert "left out are c-2, whose nodes are others" in whole["why"]


def test_a_job_of_two_botnets_counts_for_each_only_its_own_nodes() -> None:
    """Two botnets of sixty and forty nodes; the third job was given to both."""

    def seen(job: str, nodes: range, day: int) -> list[dict[str, object]]:
        return [
            {"server": "s", "job_id": job, "node_id": f"n{n}", "client_ip": f"192.0.2.{n}",
             "seen_at": datetime(2008, 5, day, 12, tzinfo=UTC)}
            for n in nodes
        ]  # fmt: skip

    one, two = range(60), range(60, 100)
    logged = [
        row
        for day in (1, 2)
        for job, nodes in (("1", one), ("2", two), ("3", one), ("3", two))
        for row in seen(job, nodes, day)
    ]
    mailed = {"c-1": range(0, 60, 2), "c-2": range(60, 100, 2), "c-3": range(0, 100, 5)}
    found = calibrate(
        _connect(
            {
                "nodes": logged,
                "found_jobs": [
                    {"server": "s", "job_id": n, "campaign_id": f"c-{n}"} for n in "123"
                ],
                "messages": [
                    {
                        "message_id": f"{name}/{n}",
                        "client_ip": f"192.0.2.{n}",
                        "received_at": datetime(2008, 5, 1, 9, tzinfo=UTC),
                    }
                    for name, nodes in mailed.items()
                    for n in nodes
                ],
                "campaign_messages": [
                    {"message_id": f"{name}/{n}", "campaign_id": name}
                    for name, nodes in mailed.items()
                    for n in nodes
                ],
                "botnet_campaigns": [
                    {"campaign_id": "c-1", "botnet_id": "b-1"},
                    {"campaign_id": "c-3", "botnet_id": "b-1"},
                    {"campaign_id": "c-2", "botnet_id": "b-2"},
                ],
            }
        )
    ).to_pylist()
    sizes = {row["botnet_id"]: row for row in found if row["campaign_id"] is None}
    assert (sizes["b-1"]["nodes"], sizes["b-1"]["live"]) == (60, 60.0)
    assert (sizes["b-2"]["nodes"], sizes["b-2"]["live"]) == (40, 40.0)


def test_a_campaign_of_machines_that_are_not_in_the_logs_is_left_out() -> None:
    """Of the second campaign's mail half came from bots of somebody else."""
    at = datetime(2008, 5, 1, 12, tzinfo=UTC)
    mailed = {"c-1": range(40), "c-2": range(20, 100)}
    [whole] = [
        row
        for row in calibrate(
            _connect(
                {
                    "nodes": [
                        {
                            "server": "s",
                            "job_id": job,
                            "node_id": f"n{n}",
                            "seen_at": at,
                            "client_ip": f"192.0.2.{n}",
                        }
                        for job in "12"
                        for n in range(60)
                    ],
                    "found_jobs": [
                        {"server": "s", "job_id": n, "campaign_id": f"c-{n}"} for n in "12"
                    ],
                    "messages": [
                        {
                            "message_id": f"{name}/{n}",
                            "client_ip": f"192.0.2.{n}",
                            "received_at": at,
                        }
                        for name, nodes in mailed.items()
                        for n in nodes
                    ],
                    "campaign_messages": [
                        {"message_id": f"{name}/{n}", "campaign_id": name}
                        for name, nodes in mailed.items()
                        for n in nodes
                    ],
                    "botnet_campaigns": [
                        {"campaign_id": name, "botnet_id": "b-1"} for name in mailed
                    ],
                }
            )
        ).to_pylist()
        if row["campaign_id"] is None
    ]
    assert whole["live"] == 60
    assert "left out are c-2, of whose clients the logs lack too many" in whole["why"]


@pytest.mark.parametrize(
    ("census", "live", "ends"),
    [((30.0, 70.0), 60, None), ((10.0, 20.0), None, (10.0, 60.0)), ((90.0, None), None, None)],
)
def test_logs_and_census_that_disagree_give_no_best_number(
    census: tuple[float, float | None], live: int | None, ends: tuple[float, float] | None
) -> None:
    at = datetime(2008, 5, 1, 12, tzinfo=UTC)
    tables: dict[str, list[dict[str, object]]] = {
        "nodes": [
            {"server": "s", "job_id": "1", "node_id": f"n{n}", "seen_at": at,
             "client_ip": f"192.0.2.{n}"}
            for n in range(60)
        ],
        "found_jobs": [{"server": "s", "job_id": "1", "campaign_id": "c-1"}],
        "messages": [
            {"message_id": f"{n}", "client_ip": f"192.0.2.{n}", "received_at": at}
            for n in range(60)
        ],
        "campaign_messages": [{"message_id": f"{n}", "campaign_id": "c-1"} for n in range(60)],
        "botnet_campaigns": [{"campaign_id": "c-1", "botnet_id": "b-1"}],
        "populations": [
            {"botnet_id": "b-1", "live_low": census[0], "live": None, "live_high": census[1],
             "change_share": 0.0, "window_start_at": at, "window_end_at": at + timedelta(days=1)}
        ],
    }  # fmt: skip
    found = calibrate(_connect(tables)).to_pylist()
    [whole] = [row for row in found if row["campaign_id"] is None]
    assert whole["live"] == live
    assert ("the ends span both" in whole["why"]) == (live is None)
    if ends is not None:
        assert whole["live_low"] == ends[0]
        assert whole["live_high"] == pytest.approx(ends[1], rel=0.1)
    if live is None and ends is None:
        assert whole["live_high"] is None


def _sent_by(
    bots: dict[str, list[int]],
    linked: dict[str, str],
    columns: Mapping[str, Sequence[str]] | None = None,
) -> list[dict[str, object]]:
    """Calibrations of whole botnets: one job, of which 80 nodes report on two days, and the mail
    of `bots` by campaign, on the first; `linked` has the botnet of each campaign."""
    day = datetime(2008, 5, 1, 9, tzinfo=UTC)
    tables: dict[str, list[dict[str, object]]] = {
        "nodes": [
            {"server": "s", "job_id": "1", "node_id": f"n{n}", "client_ip": f"192.0.2.{n}",
             "seen_at": day + timedelta(days=later)}
            for n in range(80) for later in (0, 1)
        ],
        "found_jobs": [
            {"server": "s", "job_id": "1" if n == 0 else f"unlogged-{n}", "campaign_id": name}
            for n, name in enumerate(bots)
        ],
        "messages": [
            {"message_id": f"{name}/{n}", "client_ip": f"192.0.2.{n}", "received_at": day}
            for name, own in bots.items() for n in own
        ],
        "campaign_messages": [
            {"message_id": f"{name}/{n}", "campaign_id": name}
            for name, own in bots.items() for n in own
        ],
        "botnet_campaigns": [
            {"campaign_id": name, "botnet_id": botnet} for name, botnet in linked.items()
        ],
    }  # fmt: skip
    rows = calibrate(_connect(tables, columns)).to_pylist()
    return [row for row in rows if row["campaign_id"] is None]


def test_botnets_at_the_same_nodes_have_no_number_but_from_their_own_clients_to_all() -> None:
    bots = {"c-1": [*range(20)], "c-2": [*range(40, 50)], "c-3": [50, 51]}
    rows = _sent_by(bots, {"c-1": "b-1", "c-2": "b-2", "c-3": "b-3"})
    found = {row["botnet_id"]: row for row in rows}
    # Two clients name no pool, but they are somebody else at these nodes.
    assert sorted(found) == ["b-1", "b-2"]
    for botnet, own in (("b-1", 10.0), ("b-2", 5.0)):
        row = found[botnet]
        assert (row["live_low"], row["live"]) == (own, None)
        assert row["live_high"] >= 80
        assert row["open_because"] == "the server's nodes serve more than one botnet of this case"
    assert "the nodes are also those of b-2, b-3" in str(found["b-1"]["why"])
    # One client may be of a PC with two infections.
    [alone] = _sent_by(bots | {"c-2": [40], "c-3": [50]}, {"c-1": "b-1", "c-2": "b-2"})
    assert (alone["live"], alone["open_because"]) == (80.0, None)


# Fifty nodes and thirty, in one job; what their country is has nothing to do with it.
_OWN_TABLE = {
    "land": [("is", "fo", "gl")[n % 3] for n in range(80)],
    "set": ["a" if n < 50 else "b" for n in range(80)],
}


def test_the_servers_own_groups_tell_botnets_apart_that_share_a_job() -> None:
    bots = {"c-1": [*range(20)], "c-2": [*range(50, 60)]}
    linked = {"c-1": "b-1", "c-2": "b-2"}
    rows = _sent_by(bots, linked, _OWN_TABLE)
    found = {row["botnet_id"]: (row["live_low"], row["live"], row["nodes"]) for row in rows}
    assert found == {"b-1": (50.0, 50.0, 50), "b-2": (30.0, 30.0, 30)}
    assert "the server's own group 'a'" in str(rows[0]["why"])
    # Clients of every country are in both.
    for row in _sent_by(bots, linked, {"land": _OWN_TABLE["land"]}):
        assert (row["live"], row["nodes"]) == (None, 80)


def test_a_botnet_in_two_of_the_servers_groups_is_between_the_larger_and_both() -> None:
    bots = {
        "c-1": [*range(20), *range(50, 60)],
        "c-2": [*range(10, 30)],
        "c-3": [*range(55, 65)],
    }
    [row] = _sent_by(bots, {"c-1": "b-1"}, _OWN_TABLE)
    assert (row["live_low"], row["live"]) == (50.0, None)
    assert 80 <= row["live_high"] < 100
    assert "30 more nodes may be of it and are of other groups" in str(row["why"])


def test_nodes_that_work_only_at_a_job_of_two_botnets_may_be_of_either() -> None:
    """Forty and ten clients without one in common: two botnets, and thirty nodes of one of them."""
    bots = {"c-0": [], "c-1": [*range(40)], "c-2": [*range(40, 50)]}
    rows = _sent_by(bots, {"c-1": "b-1", "c-2": "b-2"})
    found = {row["botnet_id"]: row for row in rows}
    for botnet, own in (("b-1", 40.0), ("b-2", 10.0)):
        row = found[botnet]
        assert (row["live_low"], row["live"]) == (own, None)
        assert own + 30 <= row["live_high"] < 2 * (own + 30)
        assert "30 more nodes may be of it and work only at jobs that several botnets had" in str(
            row["why"]
        )


def test_a_client_of_several_campaigns_is_one_look_at_one_machine() -> None:
    # 85 to 89 are not logged.
    seen = [*range(20), *range(85, 90)]
    [once] = _sent_by({"c-1": seen}, {"c-1": "b-1"})
    [again] = _sent_by({f"c-{n}": seen for n in (1, 2, 3)}, {f"c-{n}": "b-1" for n in (1, 2, 3)})
    assert (once["known_clients"], once["seen_clients"], once["live"]) == (20, 25, 100.0)
    drop = {"why"}
    assert {k: v for k, v in once.items() if k not in drop} == {
        k: v for k, v in again.items() if k not in drop
    }

"""The endpoint that steers leads its list; what everybody visits, and mail, never does."""

import random
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest

from lymer.botnets.controllers import ControllerRule, find_controllers, find_steered
from lymer.flows import CONTACTS

DAY = date(2008, 1, 5)
CONTROLLER = ("198.51.100.7", 6667)
UPDATER = ("198.51.100.80", 80)
RESOLVER = ("198.51.100.53", 53)
CLOCK = ("198.51.100.123", 123)
CDN = ("198.51.100.81", 80)
MAIL = ("203.0.113.25", 25)
HARMLESS = {UPDATER, RESOLVER, CLOCK, CDN, MAIL}


def contact(
    source: str, end: tuple[str, int], count: int, every: float | None, spread: float,
    size: float = 300, day: date = DAY,
) -> tuple[object, ...]:  # fmt: skip
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return (
        "c", day, source, *end, "tcp", at, at + timedelta(hours=6), count, int(size) * count,
        900 * count, every, None if every is None else every * spread, size, 20.0,
    )  # fmt: skip


def network(
    seed: int, *, clean: int, bots: int, others: int = 0, steered_by: tuple[str, int] = CONTROLLER
) -> tuple[list[str], list[tuple[object, ...]]]:
    """A provider's day: bots of one botnet and of others, among clean hosts."""
    rng = random.Random(seed)
    names = [f"192.0.{2 + n // 250}.{1 + n % 250}" for n in range(clean + bots + others)]
    rng.shuffle(names)
    rows = []
    for number, name in enumerate(names):
        rows.append(contact(name, UPDATER, rng.randint(6, 30), 1800, 0.02))
        rows.append(contact(name, RESOLVER, rng.randint(3, 12), 700, rng.uniform(0.8, 2)))
        rows.append(contact(name, MAIL, 2, 4000, 0))
        rows += [
            contact(name, end, rng.randint(1, 6), 900, rng.uniform(0.5, 2))
            for end in (CLOCK, CDN)
            if rng.random() < 0.6
        ]
        for _ in range(rng.randint(5, 25)):
            web = (f"198.18.{rng.randrange(256)}.{rng.randrange(256)}", 80)
            rows.append(contact(name, web, rng.randint(1, 3), 30, 1.5))
        if number < bots + others:
            for _ in range(rng.randint(12, 40)):
                host = (f"198.19.{rng.randrange(256)}.{rng.randrange(256)}", 25)
                rows.append(contact(name, host, 1, None, 0))
            end = steered_by if number < bots else (f"203.0.113.{number % 3}", 8080)
            rows.append(contact(name, end, rng.randint(8, 40), 900, rng.uniform(0.05, 0.2)))
    return names, rows


def case(
    rows: list[tuple[object, ...]], seeds: dict[str, list[str]], when: date = DAY
) -> duckdb.DuckDBPyConnection:
    """A case whose traps had one mail from each seed of each botnet on a day."""
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    base.register("given", pa.Table.from_batches([CONTACTS.batch(rows)]))
    base.execute("CREATE TABLE contacts AS SELECT * FROM given")
    mails = pa.table(
        {
            "botnet_id": [b for b, ips in seeds.items() for _ in ips],
            "client_ip": [ip for ips in seeds.values() for ip in ips],
        },
        schema=pa.schema([("botnet_id", pa.string()), ("client_ip", pa.string())]),
    )
    base.register("mails", mails)
    at = f"TIMESTAMPTZ '{when} 12:00:00+00'"
    base.execute(
        f"CREATE TABLE messages AS SELECT concat(botnet_id, client_ip) AS message_id, client_ip, "
        f"{at} AS received_at FROM mails"
    )
    base.execute("CREATE TABLE bots AS SELECT DISTINCT botnet_id, client_ip FROM mails")
    base.execute(
        "CREATE TABLE campaign_messages AS SELECT concat('c', botnet_id) AS campaign_id, "
        "concat(botnet_id, client_ip) AS message_id FROM mails"
    )
    base.execute(
        "CREATE TABLE botnet_campaigns AS SELECT DISTINCT botnet_id, "
        "concat('c', botnet_id) AS campaign_id FROM mails"
    )
    return base


def ends(table: pa.Table) -> list[tuple[str, int]]:
    return [(row["ip"], row["port"]) for row in table.to_pylist()]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("seen", [1, 3])
def test_the_controller_leads_and_what_everybody_visits_is_not_listed(seed: int, seen: int) -> None:
    names, rows = network(seed, clean=150, bots=6, others=15)
    base = case(rows, {"b": names[:seen]})
    found = find_controllers(base)
    assert ends(found)[0] == CONTROLLER
    assert not HARMLESS & set(ends(found))
    best = found.to_pylist()[0]
    assert best["p_value"] < 0.1
    assert f"{seen} of {seen} host-days" in best["why"]
    assert "6 of 21 that deliver mail themselves and 0 of 150 others" in best["why"]


def test_hosts_of_one_campaign_alone_are_said_to_be_so() -> None:
    names, rows = network(2, clean=150, bots=6)
    base = case(rows, {"b": names[:2]})
    alone = "known from one campaign alone"
    assert alone in find_controllers(base).to_pylist()[0]["why"]
    base.execute(f"UPDATE campaign_messages SET campaign_id = 'd' WHERE message_id = 'b{names[1]}'")
    base.execute("INSERT INTO botnet_campaigns VALUES ('b', 'd')")
    best = find_controllers(base).to_pylist()[0]
    assert "2 of 2 host-days" in best["why"]
    assert alone not in best["why"]


def test_a_controller_on_a_common_port_and_polled_unevenly_is_found_by_who_shares_it() -> None:
    names, rows = network(3, clean=120, bots=10, others=10, steered_by=("203.0.113.80", 80))
    blurred = [
        (*row[:12], 15.0 * float(str(row[12])), *row[13:]) if row[3] == "203.0.113.80" else row
        for row in rows
    ]
    found = find_controllers(case(blurred, {"b": names[:5]}))
    assert ends(found)[0] == ("203.0.113.80", 80)


def test_an_updater_that_all_bots_and_half_of_the_others_poll_is_not_listed_first() -> None:
    names, rows = network(4, clean=100, bots=8)
    half = ("203.0.113.200", 443)
    rows += [contact(name, half, 20, 1800, 0.001) for name in names[: 8 + 50]]
    assert ends(find_controllers(case(rows, {"b": names[:8]})))[0] == CONTROLLER


def test_two_botnets_have_their_own_controllers() -> None:
    names, rows = network(5, clean=100, bots=8, others=9)
    base = case(rows, {"a": names[:4], "b": [n for n in names[8:17] if n][:3]})
    found = find_controllers(base).to_pylist()
    first = {row["botnet_id"]: (row["ip"], row["port"]) for row in reversed(found)}
    assert first["a"] == CONTROLLER
    assert first["b"][1] == 8080


def test_no_steering_no_controller() -> None:
    names, rows = network(6, clean=150, bots=6)
    without = [row for row in rows if (row[3], row[4]) != CONTROLLER]
    assert find_controllers(case(without, {"b": names[:6]})).num_rows == 0


def test_an_old_sighting_counts_only_for_a_host_that_delivers_mail() -> None:
    names, rows = network(7, clean=150, bots=6)
    week_ago = DAY - timedelta(days=5)
    assert ends(find_controllers(case(rows, {"b": names[:3]}, week_ago)))[0] == CONTROLLER
    # The address has gone to a clean host since; or the sighting is too old.
    gone = case(rows, {"b": names[-3:]}, week_ago)
    old = case(rows, {"b": names[:3]}, DAY - timedelta(days=20))
    for base in (gone, old):
        assert set(find_controllers(base)["botnet_id"].to_pylist()) == {None}


def test_hosts_of_other_networks_are_no_background() -> None:
    # Thousands that are watched elsewhere and do not know this provider's updater.
    names, rows = network(8, clean=60, bots=6)
    strangers = [
        contact(f"240.1.{n // 250}.{n % 250}", ("203.0.113.9", 443), 9, 60, 1) for n in range(3000)
    ]
    base = case(rows + strangers, {"b": names[:4]})
    found = find_controllers(base, ControllerRule(most_p_value=1.0))
    assert ends(found)[0] == CONTROLLER
    assert UPDATER not in ends(found)
    assert "of 60 others" in found.to_pylist()[0]["why"]


def test_the_other_way_round_finds_the_bots_that_no_trap_saw() -> None:
    names, rows = network(9, clean=150, bots=8, others=10)
    base = case(rows, {"b": names[:3]})
    steered = find_steered(base, find_controllers(base)).to_pylist()
    mine = [row for row in steered if (row["ip"], row["port"]) == CONTROLLER]
    assert {row["client_ip"] for row in mine} == set(names[:8])
    assert {row["client_ip"] for row in mine if row["is_known"]} == set(names[:3])
    assert all("delivers mail itself" in row["why"] for row in mine)


def test_bots_that_no_trap_saw_betray_their_controller_by_their_company() -> None:
    names, rows = network(11, clean=150, bots=7)
    base = case(rows, {})
    found = find_controllers(base)
    assert ends(found) == [CONTROLLER]
    [row] = found.to_pylist()
    assert row["botnet_id"] is None
    assert row["p_value"] <= 0.01
    assert "no bot of a known botnet" in row["why"]
    steered = find_steered(base, found).to_pylist()
    assert {host["client_ip"] for host in steered} == set(names[:7])
    assert not any(host["is_known"] for host in steered)


def test_without_flows_or_bots_nothing_is_listed() -> None:
    names, rows = network(10, clean=20, bots=2)
    assert find_controllers(case([], {"b": names[:2]})).num_rows == 0
    base = case(rows, {})
    found = find_controllers(base)
    assert found.num_rows == 0
    assert find_steered(base, found).num_rows == 0

"""The room as a whole, over the tables of a case."""

from collections.abc import Sequence
from datetime import timedelta

import pyarrow as pa
import pytest
from botnet_tables import BEGIN, Mails, Pool, Row, dotted, open_tables, traits

from lymer.botnets import BotnetRule, Overrule, find_botnets
from lymer.botnets.names import keep_ids, spoken
from lymer.botnets.sightings import SightingRule, spells_address

ENGINE = traits(forged="from h by h with SMTP")
OTHER = traits(sender="bare name", date="9 Aa 9999 99:99:99 A", token="w by '' to 32")
LAWFUL = traits(sender="encoded name", date="missing", token="9 by '' to 16", folding="unfolded")


def found(
    mails: Mails, before: dict[str, pa.Table] | None = None, said: Sequence[Overrule] = ()
) -> dict[str, pa.Table]:
    former = {name: table.to_pylist() for name, table in (before or {}).items()}
    with open_tables(mails.tables() | former) as connection:
        tables = find_botnets(connection, overrules=said)
        return {table.name: rows for table, rows in tables.items()}


def rows(tables: dict[str, pa.Table], name: str) -> list[Row]:
    return list(tables[name].to_pylist())


def send(mails: Mails, campaign: str, text: str, pool: Pool, first: int, count: int = 120) -> None:
    for number, at in pool.send(count, first, 3):
        mails.add(campaign, text, dotted(number), at)


def two_botnets(*, days: tuple[int, ...] = (0, 3)) -> Mails:
    """One engine, two botnets with campaigns a0, a3 ... and b0, b3 ..."""
    mails, one, other = Mails(), Pool(1, 120), Pool(2, 120)
    for day in days:
        send(mails, f"a{day}", ENGINE, one, day)
        send(mails, f"b{day}", ENGINE, other, day)
    return mails


def sets(tables: dict[str, pa.Table]) -> list[list[str]]:
    by_botnet: dict[str, list[str]] = {}
    for row in rows(tables, "botnet_campaigns"):
        by_botnet.setdefault(row["botnet_id"], []).append(row["campaign_id"])
    return sorted(sorted(campaigns) for campaigns in by_botnet.values())


def test_one_engine_two_botnets() -> None:
    tables = found(two_botnets())
    assert sets(tables) == [["a0", "a3"], ["b0", "b3"]]
    botnets = rows(tables, "botnets")
    assert len(rows(tables, "dialects")) == 1
    assert {row["dialect_id"] for row in botnets} == {rows(tables, "dialects")[0]["dialect_id"]}
    for row in botnets:
        assert row["is_separable"]
        assert row["campaign_count"] == 2
        assert row["message_count"] == 240
        assert "2 campaigns share clients beyond chance" in row["why"]
        assert row["live_low"] is not None
        bots = [b for b in rows(tables, "bots") if b["botnet_id"] == row["botnet_id"]]
        assert row["footprint"] == len(bots)
        assert sum(b["message_count"] for b in bots) == 240
        assert min(b["first_seen_at"] for b in bots) == row["first_seen_at"]
        assert max(b["last_seen_at"] for b in bots) == row["last_seen_at"]
    for link in rows(tables, "botnet_campaigns"):
        assert link["p_value"] < 0.001
        assert link["score"] > 3
        assert "clients" in link["why"]


def test_ids_last_when_evidence_is_added() -> None:
    before = found(two_botnets())
    assert found(two_botnets(), before) == before
    after = found(two_botnets(days=(0, 3, 6)), before)
    assert sets(after) == [["a0", "a3", "a6"], ["b0", "b3", "b6"]]
    home = {row["campaign_id"]: row["botnet_id"] for row in rows(before, "botnet_campaigns")}
    for row in rows(after, "botnet_campaigns"):
        assert row["botnet_id"] == home.get(row["campaign_id"], row["botnet_id"])
    assert {r["botnet_id"] for r in rows(after, "botnets")} == set(home.values())


def test_too_little_is_one_engine_not_separable() -> None:
    mails, one, other = Mails(), Pool(1, 5000), Pool(2, 5000)
    for day in (0, 3):
        send(mails, f"a{day}", ENGINE, one, day, 24)
        send(mails, f"b{day}", ENGINE, other, day, 24)
    tables = found(mails)
    assert sets(tables) == []
    assert rows(tables, "bots") == []
    [rest] = rows(tables, "botnets")
    assert not rest["is_separable"]
    assert rest["campaign_count"] == 4
    assert rest["why"].startswith("one engine, botnets not separable at this sampling")
    assert rest["live"] is None


@pytest.mark.parametrize(
    "rule",
    [SightingRule(most_campaigns=2), SightingRule(always_compared=2, most_meetings=0)],
)
def test_campaigns_too_many_to_be_compared_are_not_separable_and_not_lost(
    rule: SightingRule,
) -> None:
    mails, one, other = Mails(), Pool(1, 120), Pool(2, 120)
    for day in (0, 3):
        send(mails, f"a{day}", ENGINE, one, day)
        send(mails, f"b{day}", ENGINE, other, day, count=60)
    with open_tables(mails.tables()) as connection:
        tables = find_botnets(connection, BotnetRule(sightings=rule))
    by_name = {table.name: given for table, given in tables.items()}
    assert sets(by_name) == [["a0", "a3"]]
    [rest] = [row for row in rows(by_name, "botnets") if not row["is_separable"]]
    assert (rest["campaign_count"], rest["message_count"]) == (2, 120)


def test_engines_are_linked_each_by_itself() -> None:
    # The same PCs send for two engines: that makes two botnets, not one.
    mails, pool = Mails(), Pool(1, 120)
    for day in (0, 3):
        for number, at in pool.send(120, day, 3):
            mails.add(f"a{day}", ENGINE, dotted(number), at)
            mails.add(f"b{day}", OTHER, dotted(number), at + timedelta(minutes=5))
    tables = found(mails)
    assert sets(tables) == [["a0", "a3"], ["b0", "b3"]]
    assert len({row["dialect_id"] for row in rows(tables, "botnets")}) == 2


@pytest.mark.parametrize(
    ("named", "carriage", "kind"),
    [(True, "direct", "unknown"), (False, "list", "unknown"), (False, "direct", "bulk")],
)
def test_servers_lists_and_lawful_senders_are_no_bots(
    named: bool, carriage: str, kind: str
) -> None:
    mails = two_botnets()
    for campaign in ("s1", "s2"):
        for number in range(120):
            host = number % 12
            mails.add(
                campaign, LAWFUL, f"192.0.2.{host}", BEGIN + timedelta(hours=number),
                helo=f"mail{host}.shop.example" if named else "pc",
                reverse_name=f"mail{host}.shop.example" if named and number % 3 else None,
                carriage=carriage, kind=kind,
            )  # fmt: skip
    tables = found(mails)
    assert sets(tables) == [["a0", "a3"], ["b0", "b3"]]
    assert not [b for b in rows(tables, "bots") if b["client_ip"].startswith("192.0.2.")]


def test_rented_ranges_are_no_bots() -> None:
    # Names that tell nothing, and a kind that nobody saw through.
    mails = two_botnets()
    for campaign in ("s1", "s2"):
        for number in range(160):
            at = BEGIN + timedelta(hours=number)
            mails.add(campaign, LAWFUL, f"192.0.2.{number % 40}", at, helo=f"h{number}")
    assert sets(found(mails)) == [["a0", "a3"], ["b0", "b3"]]


def test_a_rented_range_is_known_by_its_hosts_that_name_themselves() -> None:
    # Some four mails a week, of a receiver that notes few reverse names.
    mails = two_botnets()
    for campaign in ("s1", "s2"):
        for number in range(40):
            host = number % 20
            name = f"mx{host}.shop{host}.example"
            mails.add(
                campaign, LAWFUL, f"192.0.2.{host}", BEGIN + timedelta(hours=40 * number),
                helo=name, reverse_name=None if host % 3 else name,
            )  # fmt: skip
    tables = found(mails)
    assert sets(tables) == [["a0", "a3"], ["b0", "b3"]]
    assert all(row["campaign_count"] == 2 for row in rows(tables, "botnets"))


def test_a_forwarder_of_everybodys_mail_joins_nothing() -> None:
    mails, one, other = Mails(), Pool(1, 120), Pool(2, 120)
    third = traits(sender="address only", date="Aa 9 Aa 9999", token="a by '' to 8")
    for day in (0, 3):
        for name, pool in (("a", one), ("b", other)):
            for place, (number, at) in enumerate(pool.send(120, day, 3)):
                client = "192.0.2.9" if place % 3 == 0 else dotted(number)
                mails.add(f"{name}{day}", ENGINE, client, at)
    for number, text in enumerate((OTHER, LAWFUL, third)):
        mails.add(None, text, "192.0.2.9", BEGIN + timedelta(hours=number))
    tables = found(mails)
    assert sets(tables) == [["a0", "a3"], ["b0", "b3"]]
    assert not [b for b in rows(tables, "bots") if b["client_ip"] == "192.0.2.9"]


def test_a_client_of_a_shared_campaign_goes_where_it_was_seen_before() -> None:
    mails, one, other = Mails(), Pool(1, 80), Pool(2, 80)
    for day in (0, 6):
        send(mails, f"a{day}", ENGINE, one, day)
        send(mails, f"b{day}", ENGINE, other, day)
        if day == 0:
            for pool in (one, other):
                send(mails, "both", ENGINE, pool, 3)
    tables = found(mails)
    assert sets(tables) == [["a0", "a6", "both"], ["b0", "b6", "both"]]
    botnets = {row["botnet_id"] for row in rows(tables, "botnets")}
    for row in rows(tables, "botnet_campaigns"):
        [other] = botnets - {row["botnet_id"]}
        assert (f"clients of {other} sent it too" in row["why"]) == (row["campaign_id"] == "both")
    homes: dict[str, set[str]] = {}
    for row in rows(tables, "bots"):
        homes.setdefault(row["client_ip"], set()).add(row["botnet_id"])
    assert all(len(botnets) == 1 for botnets in homes.values())


def test_a_campaign_of_two_engines_says_whose_the_other_part_is() -> None:
    mails, one, other = Mails(), Pool(1, 80), Pool(2, 80)
    for day in (0, 3):
        send(mails, f"a{day}", ENGINE, one, day)
        send(mails, f"b{day}", OTHER, other, day)
    send(mails, "text", ENGINE, one, 6)
    send(mails, "text", OTHER, other, 9)
    tables = found(mails)
    assert sets(tables) == [["a0", "a3", "text"], ["b0", "b3", "text"]]
    botnets = {row["botnet_id"] for row in rows(tables, "botnets")}
    for row in rows(tables, "botnet_campaigns"):
        [rest] = botnets - {row["botnet_id"]}
        said = f"; what another engine sent of it is of {rest}"
        assert row["why"].endswith(said) == (row["campaign_id"] == "text")


def test_mails_that_say_nothing_are_no_bots() -> None:
    mails = Mails()
    mails.add("c", "", "not an address", BEGIN)
    mails.add("c", "", "", BEGIN)
    mails.add("c", "; ;", "::1", BEGIN)
    tables = found(mails)
    assert sets(tables) == []
    assert len(rows(tables, "dialect_traits")) == 2
    assert all(table.num_rows == 0 for table in found(Mails()).values())


def test_reverse_names_made_from_addresses() -> None:
    assert spells_address("dsl-c0000207.isp.example", "192.0.2.7")
    assert spells_address("7.2.0.192.pool.isp.example", "192.0.2.7")
    assert spells_address("h192000002007.isp.example", "192.0.2.7")
    assert not spells_address("mail7.shop.example", "192.0.2.7")
    assert not spells_address("mail.shop.example", "2001:db8::1")


def test_ids_are_kept_by_the_larger_share() -> None:
    assert keep_ids(["x", "y"], [(0, "old", 2), (1, "old", 5)]) == ["x", "old"]
    assert keep_ids(["x", "x"], []) == ["x", "x-2"]
    assert keep_ids(["old", "y"], [(1, "old", 1)]) == ["old-2", "old"]
    assert spoken("d-1") == spoken("d-1") != spoken("d-2")


def test_the_analyst_overrules_links() -> None:
    pile = two_botnets()
    plain = found(pile)
    moved = found(pile, said=[Overrule(False, "a3", "a0", "by me")])
    # Nothing is lost: what is in no botnet is left of its engine.
    assert sets(moved) == [["a0"], ["b0", "b3"]]
    (rest,) = [row for row in rows(moved, "botnets") if not row["is_separable"]]
    assert rest["campaign_count"] == 1
    assert "a3 taken off by me" in next(
        row["why"] for row in rows(moved, "botnets") if "taken off" in row["why"]
    )
    both = [Overrule(False, "a3", "a0", "by me"), Overrule(True, "a3", "b0", "by me")]
    assert sets(found(pile, said=both)) == [["a0"], ["a3", "b0", "b3"]]
    link = next(
        row
        for row in rows(found(pile, said=both), "botnet_campaigns")
        if row["campaign_id"] == "a3"
    )
    assert link["why"] == "linked by me"
    assert link["p_value"] is None
    # To join what was never counted together makes a botnet of the two.
    for number in range(8):
        pile.add("c", ENGINE, dotted(9_000 + number), BEGIN)
        pile.add("e", ENGINE, dotted(9_100 + number), BEGIN)
    assert ["c", "e"] in sets(found(pile, said=[Overrule(True, "c", "e", "by me")]))
    assert sets(found(pile, said=[Overrule(True, "c", "nowhere", "by me")])) == sets(plain)

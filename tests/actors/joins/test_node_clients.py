"""Which client of the mail is which node: by address, day and job."""

from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from lymer.actors.joins.clients import meet_clients
from lymer.actors.joins.nodes import nodes_by_day
from lymer.actors.joins.pools import tell_pools
from lymer.actors.joins.tables import NODES


def _found(
    nodes: list[tuple[str | None, str, int, str]], mails: list[tuple[str, str, int]]
) -> dict[tuple[str, str], dict[str, object]]:
    """Rows of node_clients; nodes (name, address, day, job), mails (campaign, address, day)."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def at(day: int) -> datetime:
        return datetime(2008, 5, day, 12, tzinfo=UTC)

    rows = [
        ("s", name, ip, at(day), job, "a-1", "log", n)
        for n, (name, ip, day, job) in enumerate(nodes)
    ]
    tables = {
        "found_nodes": pa.Table.from_batches([NODES.batch(rows)]),
        "found_jobs": pa.Table.from_pylist(
            [{"server": "s", "job_id": n, "campaign_id": f"c-{n}"} for n in "12"]
        ),
        "messages": pa.Table.from_pylist(
            [
                {"message_id": str(n), "client_ip": ip, "received_at": at(day)}
                for n, (_, ip, day) in enumerate(mails)
            ]
        ),
        "campaign_messages": pa.Table.from_pylist(
            [{"message_id": str(n), "campaign_id": name} for n, (name, _, _) in enumerate(mails)]
        ),
        "botnet_campaigns": pa.Table.from_pylist(
            [{"campaign_id": f"c-{n}", "botnet_id": "b-1"} for n in "12"]
        ),
        "bots": pa.Table.from_pylist(
            [{"botnet_id": "b-1", "client_ip": ip} for ip in sorted({ip for _, ip, _ in mails})]
        ),
    }
    for name, table in tables.items():
        connection.register(name, table)
    nodes_by_day(connection)
    tell_pools(connection)
    found = meet_clients(connection).to_pylist()
    return {(row["node_id"], row["client_ip"]): row for row in found}


def test_an_address_is_the_machine_that_had_it_on_that_day() -> None:
    nodes = [("n1", "192.0.2.1", 1, "1"), ("n1", "192.0.2.1", 2, "1"), ("n2", "192.0.2.1", 9, "1")]
    found = _found(nodes, [("c-1", "192.0.2.1", 2), ("c-1", "192.0.2.1", 3)])
    assert list(found) == [("n1", "192.0.2.1")]
    row = found["n1", "192.0.2.1"]
    assert (row["message_count"], row["job_ids"], row["campaign_ids"]) == (2, ["1"], ["c-1"])
    assert (row["botnet_id"], row["nodes_there"]) == ("b-1", 1)


def test_of_several_nodes_behind_an_address_the_job_tells() -> None:
    nodes = [("n1", "192.0.2.1", 2, "1"), ("n2", "192.0.2.1", 2, "2"), ("n3", "192.0.2.7", 2, "1")]
    found = _found(nodes, [("c-2", "192.0.2.1", 2), ("c-2", "192.0.2.8", 2)])
    assert list(found) == [("n2", "192.0.2.1")]
    both = _found([(name, "192.0.2.1", 2, "1") for name in ("n1", "n2")], [("c-1", "192.0.2.1", 2)])
    assert [row["nodes_there"] for row in both.values()] == [2, 2]
    assert "one of them" in str(both["n1", "192.0.2.1"]["why"])


def test_a_log_of_addresses_alone_names_no_machine() -> None:
    assert _found([(None, "192.0.2.1", 2, "1")], [("c-1", "192.0.2.1", 2)]) == {}


def test_nodes_of_another_pool_are_not_said_to_be_of_the_botnet() -> None:
    """Two campaigns said to be of one botnet; the second's few bots share no job with it."""
    nodes = [(f"n{n}", f"192.0.2.{n}", 2, "1" if n < 9 else "2") for n in range(12)]
    mails = [("c-1" if n < 9 else "c-2", f"192.0.2.{n}", 2) for n in range(12)]
    botnets = {name: row["botnet_id"] for (name, _), row in _found(nodes, mails).items()}
    assert botnets == {f"n{n}": "b-1" if n < 9 else None for n in range(12)}

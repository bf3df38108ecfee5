"""Recipient lists: how long, how long the books say, and which traps are on them."""

from collections import defaultdict
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from lymer.actors.joins.books import Roles
from lymer.actors.joins.load import Server
from lymer.engine import answer
from lymer.servers import address_hash, parse_count


def traps_on_lists(
    connection: duckdb.DuckDBPyConnection, traps: Mapping[str, object]
) -> dict[str, set[str]]:
    """Of every list the addresses on it that receive mail in this case."""
    hashes = [address_hash(address) for address in sorted(traps)]
    connection.register(
        "trap_hashes",
        pa.table(
            {
                "address_hash": pa.array(hashes, pa.int64()),
                "address": pa.array(sorted(traps), pa.string()),
            }
        ),
    )
    found: dict[str, set[str]] = defaultdict(set)
    rows = answer(
        connection,
        """
        SELECT DISTINCT l.artifact_id, t.address FROM listed l
        JOIN trap_hashes t ON t.address_hash = l.address_hash ORDER BY ALL
        """,
    ).to_pylist()
    for row in rows:
        found[row["artifact_id"]].add(row["address"])
    return dict(found)


def list_sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The distinct addresses of every list, as far as it was captured."""
    rows = answer(
        connection,
        """
        SELECT artifact_id, CAST(count(DISTINCT address_hash) AS BIGINT) AS addresses
        FROM listed GROUP BY artifact_id ORDER BY artifact_id
        """,
    ).to_pylist()
    return {row["artifact_id"]: row["addresses"] for row in rows}


def listed_sizes(server: Server, roles: Roles) -> dict[str, int]:
    """What the books say of each list: the count beside its name, or the largest order to it."""
    sizes: dict[str, int] = {}
    jobs = roles.jobs
    for book in server.books:
        if jobs is not None and book is jobs.book:
            continue
        for reference in roles.references[book.number]:
            if reference.kind != "list" or not book.columns[reference.column].is_unique:
                continue
            counts = [
                column for number, column in enumerate(book.columns)
                if number != reference.column and column.is_count and not column.is_time
            ]  # fmt: skip
            if not counts:
                continue
            # Of the counts beside a name the largest is its size: the others are keys.
            size = max(counts, key=lambda column: sum(parse_count(v) or 0 for v in column.filled))
            for name, value in zip(book.columns[reference.column].values, size.values, strict=True):
                count = parse_count(value or "")
                if name in reference.files and count:
                    sizes[reference.files[name]] = count
    if jobs is not None and jobs.recipients is not None and jobs.counts:
        names = jobs.book.columns[jobs.recipients].values
        targets = jobs.book.columns[jobs.counts[0]].counts()
        ordered: dict[str, int] = defaultdict(int)
        for name, count in zip(names, targets, strict=True):
            if name in jobs.lists and count:
                ordered[jobs.lists[name]] = max(ordered[jobs.lists[name]], count)
        for artifact, count in ordered.items():
            sizes.setdefault(artifact, count)
    return sizes


def tabulate_lists(
    server: Server,
    roles: Roles,
    addresses: Mapping[str, int],
    traps: Mapping[str, set[str]],
) -> list[tuple[object, ...]]:
    """Rows of LISTS."""
    sizes = listed_sizes(server, roles)
    used: dict[str, int] = defaultdict(int)
    jobs = roles.jobs
    if jobs is not None and jobs.recipients is not None:
        for value in jobs.book.columns[jobs.recipients].values:
            if value in jobs.lists:
                used[jobs.lists[value]] += 1
    rows: list[tuple[object, ...]] = []
    for artifact in server.artifacts.values():
        if artifact.kind != "list":
            continue
        count = addresses.get(artifact.artifact_id, 0)
        hits = len(traps.get(artifact.artifact_id, ()))
        listed = sizes.get(artifact.artifact_id)
        why = artifact.why
        if used[artifact.artifact_id]:
            why += f"; {used[artifact.artifact_id]} jobs of the books name it"
        if listed and count and listed > 2 * count:
            why += f"; what was captured is a part: the books say {listed:,}"
        rows.append(
            (
                artifact.artifact_id, server.name, artifact.path, count, listed, hits,
                hits / count if count else None, why,
            )
        )  # fmt: skip
    return rows

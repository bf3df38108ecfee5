"""Node logs and tables of a server: which node, under which address, when, at which job."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from lymer.actors.joins.books import Roles
from lymer.actors.joins.columns import Book, contained
from lymer.actors.joins.load import Server
from lymer.actors.joins.orders import JobBook
from lymer.actors.joins.tables import NODE_COUNTS, NODES
from lymer.engine import answer
from lymer.servers import parse_ip

_ROWS_AT_ONCE = 100_000
# Books seldom say in which zone their times are.
_A_DAY = timedelta(days=1)
_WORD = re.compile(r"[^\W_]+(?:-[0-9a-fA-F]+){4}|[^\W_]+")
_NUMBER = re.compile(r"\d+")


class JobCalls:
    """Jobs by longer names that hold the key: a path (`queue/4101.log`), a word (`job-4101`)."""

    def __init__(self, keys: Collection[str]) -> None:
        self._keys = frozenset(key for key in keys if len(key) > 1)
        self.of_file: dict[str, str | None] = {}
        """Where a log is about the job in its path: artifact to key."""

    def key(self, value: str) -> str | None:
        """The one key that `value` holds as a word of its own; None: none or several."""
        held = set(_WORD.findall(value)) & self._keys
        return next(iter(held)) if len(held) == 1 else None

    def fits(self, values: Collection[str]) -> bool:
        """Whether these are names of jobs: different keys within the same words."""
        named = [(value, self.key(value)) for value in set(values)]
        frames = Counter(
            _NUMBER.sub("0", value.replace(key, "*", 1)) for value, key in named if key is not None
        )
        keys = {key for _, key in named if key is not None}
        return len(keys) > 1 and max(frames.values()) >= 0.9 * len(named)


@dataclass(frozen=True)
class NodeBook:
    """Rows with an address of a node, and which column says what."""

    book: Book
    ip: int
    node: int | None
    time: int | None
    job: int | None
    calls: JobCalls | None = None
    """Where values, or the paths of the logs, only hold the name of a job."""


def tell_node_books(server: Server, roles: Roles) -> list[NodeBook]:
    """The books of `server` that are about nodes."""
    jobs = roles.jobs
    others = {one.book.number for one in roles.payments}
    if jobs is not None:
        others.add(jobs.book.number)
    if roles.accounts is not None:
        others.add(roles.accounts.book.number)
    chosen = []
    for book in server.books:
        if book.number in others or book.kind in ("access log", "accounts", "list"):
            continue
        ips = [n for n, column in enumerate(book.columns) if column.is_ip]
        # A few addresses are those of the server itself, or of who logs in.
        if ips and len(book.columns[ips[0]].distinct) >= 10:
            chosen.append((book, ips[0]))
    logins = Counter(jobs.logins.values()) if jobs is not None else Counter()
    found = []
    for book, ip in chosen:
        if any(
            column.is_text and contained(column.distinct, logins) > 0.8 for column in book.columns
        ):
            continue
        times = [n for n, column in enumerate(book.columns) if column.is_time]
        job = _job(book, roles, {ip, *times})
        calls = None
        if job is None and jobs is not None and jobs.key is not None:
            calls = JobCalls(jobs.book.columns[jobs.key].distinct)
            used = {ip, *times}
            job = next((n for n in range(len(book.columns)) if n not in used
                        and calls.fits(book.columns[n].distinct)), None)  # fmt: skip
            paths = {owner: server.artifacts[owner].path for _, owner, _ in book.places
                     if owner in server.artifacts}  # fmt: skip
            if job is None and calls.fits(paths.values()):
                calls.of_file = {owner: calls.key(path) for owner, path in paths.items()}
        node = _node(book, ip, {ip, job, *times}, [one for one, _ in chosen if one is not book])
        found.append(NodeBook(book, ip, node, times[0] if times else None, job, calls))
    return found


def _job(book: Book, roles: Roles, used: set[int]) -> int | None:
    if roles.jobs is None or roles.jobs.key is None:
        return None
    keys = roles.jobs.book.columns[roles.jobs.key].distinct
    fits = [
        (len(column.distinct), n)
        for n, column in enumerate(book.columns)
        if n not in used and len(column.filled) > 0.3 * len(book)
        and contained(column.distinct, keys) >= 0.9
        and (len(column.distinct) > 1 or len(keys) == 1
             or _is_of_its_time(book, next(iter(column.distinct)), roles.jobs))
    ]  # fmt: skip
    return max(fits, key=lambda fit: (fit[0], -fit[1]))[1] if fits else None


def _is_of_its_time(book: Book, key: str, jobs: JobBook) -> bool:
    """Whether a log that names one job alone is of the days of that job, which most jobs are not.

    One number says little by itself: a state or a size may be the number of a job by chance.
    """
    times = next((column.times() for column in book.columns if column.is_time), None)
    if times is None or jobs.key is None or jobs.started is None or jobs.ended is None:
        return False
    columns = jobs.book.columns
    starts, ends = columns[jobs.started].times(), columns[jobs.ended].times()
    seen = [at for at in times if at is not None]

    def holds(start: datetime | None, end: datetime | None) -> bool:
        if start is None or end is None or not seen:
            return False
        inside = sum(start - _A_DAY <= at <= end + _A_DAY for at in seen)
        return inside >= 0.9 * len(seen)

    held = [holds(start, end) for start, end in zip(starts, ends, strict=True)]
    own = [is_held for is_held, value in zip(held, columns[jobs.key].values, strict=True)
           if value == key]  # fmt: skip
    return any(own) and sum(held) <= 0.5 * len(held)


def _node(book: Book, ip: int, used: set[int | None], others: list[Book]) -> int | None:
    """The column that names nodes: known to other books too, or staying with its address."""
    ips = book.columns[ip]
    best: tuple[float, int] | None = None
    for number, column in enumerate(book.columns):
        if number in used or column.is_money or len(column.filled) < 0.9 * len(book):
            continue
        if len(column.distinct) < 5 or any(" " in value for value in column.filled[:100]):
            continue
        score = 0.0
        for other in others:
            for target in other.columns:
                if not target.is_ip and not target.is_time and len(target.distinct) >= 5:
                    both = max(
                        contained(column.distinct, target.distinct),
                        contained(target.distinct, column.distinct),
                    )
                    # Counts are contained in other counts by chance; names are not.
                    if both >= 0.5 and not column.is_count:
                        score = max(score, 2.0)
        score += 1.5 * _stays(column.values, ips.values)
        lengths = Counter(map(len, column.filled)).most_common(1)[0]
        is_named = (
            not column.is_count and lengths[0] >= 6 and lengths[1] >= 0.8 * len(column.filled)
        )
        score += is_named
        score += 0.5 * column.is_unique
        if score >= 1.0 and (best is None or score > best[0]):
            best = (score, number)
    return best[1] if best else None


def _stays(names: list[str | None], ips: list[str | None]) -> float:
    """Of the names that come again, the share that came under an address they had before."""
    had: dict[str, set[str]] = defaultdict(set)
    again = same = 0
    for name, ip in zip(names, ips, strict=True):
        if name is None or ip is None:
            continue
        if had[name]:
            again += 1
            same += ip in had[name]
        had[name].add(ip)
    return same / again if again >= 5 else 0.0


def node_rows(
    connection: duckdb.DuckDBPyConnection, server: Server, found: NodeBook
) -> Iterator[pa.RecordBatch]:
    """Rows of NODES of one book, some at a time."""
    column = found.book.columns
    artifact = {sheet: owner for sheet, owner, _ in found.book.places}
    for sheet in found.book.sheet_ids:
        owner = artifact.get(sheet) or _owner(connection, sheet)
        last = -1
        while True:
            rows = answer(
                connection,
                f"""
                SELECT position, values FROM sheet_rows
                WHERE sheet_id = $sheet AND position > $last
                ORDER BY position LIMIT {_ROWS_AT_ONCE}
                """,
                {"sheet": sheet, "last": last},
            ).to_pylist()
            if not rows:
                break
            last = rows[-1]["position"]
            kept = []
            for row in rows:
                values = row["values"]
                ip = parse_ip(values[found.ip] or "")
                if ip is None:
                    continue
                at = column[found.time].time(values[found.time]) if found.time is not None else None
                kept.append(
                    (
                        server.name,
                        values[found.node] if found.node is not None else None,
                        ip, at,
                        _job_of(found, values, owner),
                        owner, sheet, row["position"],
                    )
                )  # fmt: skip
            if kept:
                yield NODES.batch(kept)


def _job_of(found: NodeBook, values: Sequence[str | None], owner: str) -> str | None:
    calls = found.calls
    if found.job is None:
        return calls.of_file.get(owner) if calls is not None else None
    value = values[found.job]
    return calls.key(value) if calls is not None and value else value


def _owner(connection: duckdb.DuckDBPyConnection, sheet: str) -> str:
    rows = answer(connection, "SELECT artifact_id FROM sheets WHERE sheet_id = $s", {"s": sheet})
    return str(rows["artifact_id"][0])


_HITS = """
SELECT n.job_id, g.campaign_id, CAST(count(DISTINCT m.client_ip) AS BIGINT) AS clients
FROM found_nodes n
JOIN messages m ON m.client_ip = n.client_ip
    AND m.received_at BETWEEN n.seen_at - INTERVAL 1 DAY AND n.seen_at + INTERVAL 1 DAY
JOIN campaign_messages g ON g.message_id = m.message_id
WHERE n.job_id IS NOT NULL AND n.server = $server
GROUP BY ALL ORDER BY ALL
"""


def node_hits(connection: duckdb.DuckDBPyConnection, server: str) -> dict[str, Mapping[str, int]]:
    """Job to campaign: its clients that were nodes and worked at the job about that time.

    `found_nodes` is in the connection.
    """
    hits: dict[str, dict[str, int]] = defaultdict(dict)
    for row in answer(connection, _HITS, {"server": server}).to_pylist():
        hits[row["job_id"]][row["campaign_id"]] = row["clients"]
    return dict(hits)


# A table with one row for each node says when it was seen last. That tells of the last day; on days
# before, those that came again are missing.
_DAYS = """
CREATE OR REPLACE TEMP TABLE node_days AS
WITH last AS (
    SELECT sheet_id, CAST(max(seen_at) AS DATE) AS day FROM found_nodes
    GROUP BY sheet_id HAVING count(node_id) > 0 AND count(node_id) = count(DISTINCT node_id)
)
SELECT n.server, CAST(n.seen_at AS DATE) AS day, coalesce(n.node_id, 'ip ' || n.client_ip) AS node,
       n.node_id IS NOT NULL AS is_named, n.client_ip, n.job_id
FROM found_nodes n LEFT JOIN last l ON l.sheet_id = n.sheet_id
WHERE n.seen_at IS NOT NULL AND (l.day IS NULL OR CAST(n.seen_at AS DATE) >= l.day)
GROUP BY ALL
"""

_COUNTS = """
WITH at_day AS (
    SELECT server, node, is_named, day, list(DISTINCT client_ip) AS ips FROM node_days GROUP BY ALL
),
stays AS (
    SELECT a.server, a.day, count(*) AS stayed,
           count(*) FILTER (NOT list_has_any(a.ips, b.ips)) AS moved
    FROM at_day a JOIN at_day b ON b.server = a.server AND b.node = a.node AND b.day = a.day - 1
    WHERE a.is_named GROUP BY a.server, a.day HAVING count(*) >= 10
)
SELECT d.server, d.day, CAST(count(DISTINCT d.node) AS BIGINT) AS live_nodes,
       CAST(count(DISTINCT d.client_ip) AS BIGINT) AS addresses,
       any_value(s.moved / s.stayed) AS changed_share
FROM node_days d LEFT JOIN stays s ON s.server = d.server AND s.day = d.day
GROUP BY d.server, d.day ORDER BY d.server, d.day
"""


def nodes_by_day(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `node_days`: a node, its address, its day and its job, where a log tells who was live.

    `found_nodes` is in the connection.
    """
    connection.execute(_DAYS)


def count_nodes(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """NODE_COUNTS: live nodes and their addresses by day; how many have a new address."""
    rows = [tuple(row.values()) for row in answer(connection, _COUNTS).to_pylist()]
    return pa.Table.from_batches([NODE_COUNTS.batch(rows)])

"""The steps of the joins, in their order."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from lymer.actors.joins.accounts import (
    all_logins,
    count_visits,
    tabulate_accounts,
    tabulate_mentions,
)
from lymer.actors.joins.books import Roles, tell_books
from lymer.actors.joins.calibrate import calibrate
from lymer.actors.joins.clients import meet_clients
from lymer.actors.joins.columns import Book
from lymer.actors.joins.coverage import cover
from lymer.actors.joins.groups import GroupRule, group_nodes
from lymer.actors.joins.likeness import Likeness
from lymer.actors.joins.lists import list_sizes, tabulate_lists, traps_on_lists
from lymer.actors.joins.load import Server, load_servers
from lymer.actors.joins.mail import Mails, load_mails, trap_addresses
from lymer.actors.joins.nodes import (
    NodeBook,
    count_nodes,
    node_hits,
    node_rows,
    nodes_by_day,
    tell_node_books,
)
from lymer.actors.joins.orders import BookRule, JobBook, row_text
from lymer.actors.joins.place import Order, Placing, PlacingRule, follow_ups, place_jobs
from lymer.actors.joins.pools import PoolRule, tell_pools
from lymer.actors.joins.sizing import CalibrationRule
from lymer.actors.joins.tables import (
    ACCOUNTS,
    CALIBRATIONS,
    COVERAGE,
    JOBS,
    LISTS,
    MENTIONS,
    NODE_CLIENTS,
    NODE_COUNTS,
    NODES,
    PAYMENTS,
)
from lymer.actors.joins.volumes import Ordered, VolumeRule, count_ordered
from lymer.botnets import VOLUMES
from lymer.tables import Table


@dataclass(frozen=True)
class JoinRule:
    """The rules of the steps that join a server to the mail."""

    books: BookRule = field(default_factory=BookRule)
    placing: PlacingRule = field(default_factory=PlacingRule)
    volumes: VolumeRule = field(default_factory=VolumeRule)
    pools: PoolRule = field(default_factory=PoolRule)
    groups: GroupRule = field(default_factory=GroupRule)
    calibration: CalibrationRule = field(default_factory=CalibrationRule)


@dataclass
class _Row:
    """A job as the books have it."""

    job_id: str
    account: str | None
    title: str | None
    counts: list[int | None]
    started_at: datetime | None
    ended_at: datetime | None
    price: float | None
    template: str | None
    recipients: str | None
    text: str | None
    artifact_id: str
    position: int


def join_servers(
    connection: duckdb.DuckDBPyConnection, rule: JoinRule | None = None
) -> dict[Table, pa.Table]:
    """All tables of the joins, from what `connection` shows, and rows to add to VOLUMES.

    Temporary tables are left in the connection.
    """
    rule = rule or JoinRule()
    servers = load_servers(connection)
    mails = load_mails(connection) if servers else []
    traps = trap_addresses(connection) if servers else {}
    on_lists = traps_on_lists(connection, traps) if servers else {}
    addresses = list_sizes(connection)
    trap_mails = _trap_hits(on_lists, traps)
    trap_hits = {
        name: {
            campaign: sum(campaign in traps[one] for one in on_lists[name]) for campaign in found
        }
        for name, found in trap_mails.items()
    }
    told = [(server, tell_books(server, rule.books)) for server in servers]
    node_books = [(server, tell_node_books(server, roles)) for server, roles in told]
    nodes = _gather_nodes(connection, node_books)
    connection.register("found_nodes_all", nodes)
    connection.execute("CREATE OR REPLACE TEMP TABLE found_nodes AS FROM found_nodes_all")
    rows: dict[Table, list[tuple[Any, ...]]] = defaultdict(list)
    ordered: list[Ordered] = []
    for server, roles in told:
        jobs = _read_jobs(roles.jobs) if roles.jobs is not None else []
        orders, likeness = _prepare(server, jobs, mails)
        hits = node_hits(connection, server.name)
        placed = place_jobs(orders, likeness, mails, hits, trap_hits, rule.placing)
        payments = _read_payments(server, roles)
        rows[PAYMENTS] += payments
        rows[JOBS] += [
            _job_row(server, job, placing) for job, placing in zip(jobs, placed, strict=True)
        ]
        ordered += [
            Ordered(
                server=server.name,
                job_id=job.job_id,
                campaign_id=placing.campaign_id,
                chain=chain,
                targets=job.counts[0],
                sent=job.counts[1],
                accepted=job.counts[2],
                recipients=job.recipients,
            )
            for job, placing, chain in zip(
                jobs, placed, follow_ups(orders, rule.placing), strict=True
            )
        ]
        logins = all_logins(roles)
        rows[ACCOUNTS] += tabulate_accounts(
            server,
            roles,
            count_visits(connection, server, logins),
            [(job.account, job.started_at, job.ended_at) for job in jobs],
            [(row[1], row[4]) for row in payments],
        )
        rows[MENTIONS] += tabulate_mentions(server, logins)
        rows[LISTS] += tabulate_lists(server, roles, addresses, on_lists)
    tables = {
        table: pa.Table.from_batches([table.batch(rows[table])])
        for table in (ACCOUNTS, JOBS, PAYMENTS, LISTS, MENTIONS)
    }
    connection.register("found_jobs_all", tables[JOBS])
    connection.execute("CREATE OR REPLACE TEMP TABLE found_jobs AS FROM found_jobs_all")
    nodes_by_day(connection)
    tell_pools(connection, rule.pools)
    group_nodes(connection, [(server.name, books) for server, books in node_books], rule.groups)
    covered = [row for server in servers for row in cover(connection, server.name)]
    counts = {artifact: len(found) for artifact, found in on_lists.items()}
    flat = {(name, c): n for name, found in trap_mails.items() for c, n in found.items()}
    return tables | {
        NODES: nodes,
        NODE_CLIENTS: meet_clients(connection),
        NODE_COUNTS: count_nodes(connection),
        CALIBRATIONS: calibrate(connection, rule.calibration, rule.groups),
        COVERAGE: pa.Table.from_batches([COVERAGE.batch(covered)]),
        VOLUMES: count_ordered(ordered, flat, counts, addresses, rule.volumes),
    }


def _trap_hits(
    on_lists: Mapping[str, set[str]], traps: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """List to campaign: mails to the traps on the list."""
    hits: dict[str, dict[str, int]] = {}
    for artifact, found in sorted(on_lists.items()):
        of_list: dict[str, int] = defaultdict(int)
        for address in sorted(found):
            for campaign, count in traps[address].items():
                of_list[campaign] += count
        hits[artifact] = dict(of_list)
    return hits


def _gather_nodes(
    connection: duckdb.DuckDBPyConnection, told: list[tuple[Server, list[NodeBook]]]
) -> pa.Table:
    batches = [NODES.empty()]
    for server, books in told:
        for book in books:
            batches += node_rows(connection, server, book)
    return pa.Table.from_batches(batches)


def _read_jobs(jobs: JobBook) -> list[_Row]:
    book = jobs.book
    size = len(book)

    def texts(number: int | None) -> list[str | None]:
        return book.columns[number].values if number is not None else [None] * size

    keys = texts(jobs.key)
    seen: set[str] = set()
    accounts, titles = texts(jobs.account), texts(jobs.title)
    templates, recipients = texts(jobs.template), texts(jobs.recipients)
    starts = book.columns[jobs.started].times() if jobs.started is not None else [None] * size
    ends = book.columns[jobs.ended].times() if jobs.ended is not None else [None] * size
    prices = book.columns[jobs.price].sums() if jobs.price is not None else [None] * size
    counts = [book.columns[number].counts() for number in jobs.counts]
    rows = []
    for n, (_, artifact, position) in enumerate(book.places):
        key = keys[n] or f"row {position}"
        if key in seen:
            continue
        seen.add(key)
        account = accounts[n]
        text, holder = jobs.texts.get(templates[n] or "", (None, None))
        if jobs.has_text:
            text, holder = row_text(book, n), artifact
        rows.append(
            _Row(
                key,
                jobs.logins.get(account, account) if account else None,
                titles[n],
                [values[n] for values in counts] + [None] * (3 - len(counts)),
                starts[n],
                ends[n],
                prices[n],
                jobs.templates.get(templates[n] or "", holder),
                jobs.lists.get(recipients[n] or ""),
                text,
                artifact,
                position,
            )
        )
    return rows


def _prepare(server: Server, jobs: list[_Row], mails: list[Mails]) -> tuple[list[Order], Likeness]:
    """The jobs as orders, and their templates, each once."""
    whole = {artifact: text for artifact, place, text in server.texts if not place}
    cells = _cell_texts(server)
    texts: dict[str, int] = {}
    orders = []
    for job in jobs:
        text = job.text or (whole.get(job.template) if job.template else None)
        if text is None and job.template:
            text = cells.get(job.template)
        number = texts.setdefault(text, len(texts)) if text else None
        sent = next((count for count in (job.counts[1], job.counts[0]) if count), None)
        orders.append(
            Order(
                job.job_id, number, job.started_at, job.ended_at, job.account, job.recipients, sent
            )
        )
    likeness = Likeness(list(texts), ([mail for _, mail in campaign.samples] for campaign in mails))
    return orders, likeness


def _cell_texts(server: Server) -> dict[str, str]:
    """Of files whose text lies in cells (JSON, delimited): all of it."""
    cells: dict[str, list[str]] = defaultdict(list)
    for artifact, place, text in server.texts:
        if place:
            cells[artifact].append(text)
    return {artifact: "\n".join(found) for artifact, found in cells.items()}


def _read_payments(server: Server, roles: Roles) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for found in roles.payments:
        book: Book = found.book
        size = len(book)
        logins = roles.jobs.logins if roles.jobs is not None else {}
        notes = book.columns[found.note].values if found.note is not None else [None] * size
        times = book.columns[found.paid].times() if found.paid is not None else [None] * size
        sums = book.columns[found.amount].sums()
        for n, (sheet, artifact, position) in enumerate(book.places):
            owner = book.columns[found.account].values[n]
            login = logins.get(owner, owner) if owner else None
            rows.append(
                (server.name, login, sums[n], notes[n] or None, times[n], artifact, sheet, position)
            )
    return rows


def _job_row(server: Server, job: _Row, placing: Placing) -> tuple[Any, ...]:
    return (
        job.job_id, server.name, job.account, placing.campaign_id, job.title, *job.counts,
        job.started_at, job.ended_at, job.price, job.template, job.recipients,
        placing.members_share, job.artifact_id, job.position, placing.why,
    )  # fmt: skip

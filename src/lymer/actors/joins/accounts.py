"""The logins of a server: what they may, what they ordered, where they came from."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from lymer.actors.joins.books import Roles
from lymer.actors.joins.columns import Book, contained
from lymer.actors.joins.load import Server
from lymer.engine import answer
from lymer.servers import find_handles, parse_ip

# Addresses kept of one login.
_IPS = 200


@dataclass
class Visits:
    """Requests under one login."""

    count: int = 0
    ips: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def note(self, at: datetime | None) -> None:
        """A time at which it was seen."""
        if at is not None:
            self.first_at = at if self.first_at is None else min(at, self.first_at)
            self.last_at = at if self.last_at is None else max(at, self.last_at)


def all_logins(roles: Roles) -> list[str]:
    """The logins that the books list, or that ordered something."""
    logins: dict[str, None] = {}
    if roles.accounts is not None:
        column = roles.accounts.book.columns[roles.accounts.login]
        logins.update(dict.fromkeys(str(value) for value in column.filled))
    if roles.jobs is not None and roles.jobs.account is not None:
        for value in roles.jobs.book.columns[roles.jobs.account].filled:
            logins.setdefault(roles.jobs.logins.get(value, value), None)
    return list(logins)


def count_visits(
    connection: duckdb.DuckDBPyConnection, server: Server, logins: Sequence[str]
) -> dict[str, Visits]:
    """Requests in access logs, and lines of other logs with an address and a login."""
    visits: dict[str, Visits] = defaultdict(Visits)
    names = Counter(logins)
    for book in server.books:
        if book.kind not in ("access log", "log"):
            continue
        ips = [n for n, column in enumerate(book.columns) if column.is_ip]
        users = [
            n for n, column in enumerate(book.columns)
            if n not in ips and len(column.distinct) <= 100_000
            and contained(names, column.distinct) > 0
            and contained(column.distinct, names) >= 0.3
        ]  # fmt: skip
        if not ips or not users:
            continue
        times = [n for n, column in enumerate(book.columns) if column.is_time]
        user = max(users, key=lambda n: contained(book.columns[n].distinct, names))
        _count(connection, book, ips[0], user, times[0] if times else None, names, visits)
    return dict(visits)


def _count(
    connection: duckdb.DuckDBPyConnection,
    book: Book,
    ip: int,
    user: int,
    time: int | None,
    names: Counter[str],
    visits: dict[str, Visits],
) -> None:
    at = f"values[{time + 1}]" if time is not None else "NULL"
    rows = answer(
        connection,
        f"""
        SELECT values[{user + 1}] AS login, values[{ip + 1}] AS ip,
               CAST(count(*) AS BIGINT) AS requests,
               arg_min({at}, position) AS first, arg_max({at}, position) AS last
        FROM sheet_rows WHERE list_contains($sheets, sheet_id)
        GROUP BY ALL ORDER BY ALL
        """,
        {"sheets": book.sheet_ids},
    ).to_pylist()
    for row in rows:
        if row["login"] not in names:
            continue
        visit = visits[row["login"]]
        visit.count += row["requests"]
        address = parse_ip(row["ip"] or "")
        if address:
            visit.ips[address] += row["requests"]
        if time is not None:
            visit.note(book.columns[time].time(row["first"]))
            visit.note(book.columns[time].time(row["last"]))


def tabulate_mentions(server: Server, logins: Sequence[str]) -> list[tuple[object, ...]]:
    """Rows of MENTIONS: the logins in texts of the server that are no templates."""
    names = frozenset(logins)
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for artifact, place, text in server.texts:
        if place or server.artifacts[artifact].kind == "template":
            continue
        for login, line, where in find_handles(text, names):
            entry = found[login, artifact, where]
            entry[0] = entry[0] or line
            entry[1] += 1
    return [
        (server.name, login, artifact, where, line, count)
        for (login, artifact, where), (line, count) in sorted(found.items())
    ]


def tabulate_accounts(
    server: Server,
    roles: Roles,
    visits: dict[str, Visits],
    jobs: Sequence[tuple[str | None, datetime | None, datetime | None]],
    payments: Sequence[tuple[str | None, datetime | None]],
) -> list[tuple[object, ...]]:
    """Rows of ACCOUNTS. `jobs` and `payments`: login and times of each."""
    accounts = roles.accounts
    ordered = Counter(login for login, _, _ in jobs if login is not None)
    for login, start, end in jobs:
        if login is not None:
            visits.setdefault(login, Visits()).note(start)
            visits[login].note(end)
    for login, at in payments:
        if login is not None:
            visits.setdefault(login, Visits()).note(at)
    privileges: dict[str, str | None] = {}
    if accounts is not None and accounts.privilege is not None:
        columns = accounts.book.columns
        privileges = dict(
            zip(
                map(str, columns[accounts.login].values),
                columns[accounts.privilege].values,
                strict=True,
            )
        )
    system = server.handles(accounts.book.places[0][1] if accounts is not None else None)
    rows: list[tuple[object, ...]] = []
    for login in all_logins(roles):
        privilege = privileges.get(login)
        is_odd = accounts is not None and bool(privileges) and privilege != accounts.common
        is_system = login in system
        is_privileged = is_odd or (is_system and not privileges)
        artifact = ""
        if accounts is not None:
            artifact = accounts.book.places[0][1]
        elif roles.jobs is not None:
            artifact = roles.jobs.book.places[0][1]
        visit = visits.get(login, Visits())
        ips = sorted(visit.ips, key=lambda ip: (-visit.ips[ip], ip))[:_IPS]
        why = accounts.why if accounts is not None else "it stands beside the jobs it ordered"
        if is_odd and accounts is not None:
            named = accounts.book.columns[accounts.privilege or 0].name
            why += f"; {named} {privilege!r}, where the others have {accounts.common!r}"
        if is_system:
            why += "; the machine has a system account of the same name"
        rows.append(
            (
                server.name, login, roles.keys.get(login, login), privilege, is_privileged,
                ordered[login], visit.count, ips,
                visit.first_at, visit.last_at, artifact, why,
            )
        )  # fmt: skip
    return rows

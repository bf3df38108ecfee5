"""What captured servers hold on people, as the joins hand it over: accounts, orders, payments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from lymer.actors.likelihoods import BOOKS, BOOKS_CONFIRMED
from lymer.engine import answer

# Payments of one account that are the same sum as an order of his are for that order.
_SAME_MONEY = 0.005


@dataclass(frozen=True)
class Account:
    """A login of a server."""

    server: str
    account: str
    privilege: str | None
    is_privileged: bool
    job_count: int
    login_ips: tuple[str, ...]
    artifact_id: str | None
    why: str

    @property
    def key(self) -> str:
        """As claims name it."""
        return f"{self.server}/{self.account}"

    @property
    def reference(self) -> str:
        """As evidence."""
        return f"accounts:{self.key}"


@dataclass(frozen=True)
class Job:
    """An order in the books."""

    server: str
    job_id: str
    account: str
    campaign_id: str | None
    """None where no campaign of the case was made by it, or where that was dismissed."""
    title: str | None
    targets: int | None
    sent: int | None
    accepted: int | None
    started_at: datetime | None
    ended_at: datetime | None
    price: float | None
    members_share: float | None
    artifact_id: str | None
    position: int | None

    @property
    def key(self) -> str:
        """As claims name it."""
        return f"{self.server}/{self.job_id}"

    @property
    def references(self) -> tuple[str, ...]:
        """The row of the case, and the bytes."""
        return (f"jobs:{self.key}", *_bytes(self.artifact_id, self.position))

    @property
    def grade(self) -> str:
        """How good the books are here."""
        return BOOKS_CONFIRMED if self.campaign_id is not None else BOOKS


@dataclass(frozen=True)
class Payment:
    """A payment in the books."""

    server: str
    account: str
    amount: float | None
    note: str | None
    paid_at: datetime | None
    artifact_id: str | None
    sheet_id: str | None
    position: int | None
    job: Job | None
    """The order of the account that costs the same; the nearest in time where several do."""

    @property
    def references(self) -> tuple[str, ...]:
        """The row as it was read."""
        return (in_sheet(self.sheet_id, self.position),)


@dataclass(frozen=True)
class Books:
    """The books of all captured servers of a case."""

    servers: tuple[str, ...]
    accounts: tuple[Account, ...]
    jobs: tuple[Job, ...]
    payments: tuple[Payment, ...]

    def jobs_of(self, server: str, account: str) -> list[Job]:
        """The orders of an account, the first one first."""
        return [job for job in self.jobs if (job.server, job.account) == (server, account)]

    def jobs_for(self, campaigns: Sequence[str], word: str) -> list[Job]:
        """The orders that made `campaigns`, or that the books call by `word` (lower case)."""
        return [
            job
            for job in self.jobs
            if job.campaign_id in campaigns
            or (job.campaign_id is None and word in (job.title or "").casefold().split())
        ]


def in_sheet(sheet: str | None, position: int | None) -> str:
    """Evidence: a row of a table that was read from a server."""
    return f"sheet_rows:{sheet}/{position}"


def _bytes(artifact: str | None, position: int | None) -> tuple[str, ...]:
    return (f"{artifact}#{position}",) if artifact is not None and position is not None else ()


_ACCOUNTS = """
SELECT server, account, privilege, coalesce(is_privileged, false) AS is_privileged,
       coalesce(job_count, 0) AS job_count, coalesce(login_ips, []) AS login_ips, artifact_id,
       coalesce(why, '') AS why
FROM accounts WHERE account IS NOT NULL AND account <> ''
ORDER BY server, account
"""

_JOBS = """
SELECT j.server, j.job_id, j.account, c.campaign_id, j.title, j.targets, j.sent, j.accepted,
       j.started_at, j.ended_at, j.price, j.members_share, j.artifact_id, j.position
FROM jobs j LEFT JOIN campaigns c ON c.campaign_id = j.campaign_id AND c.status <> 'dismissed'
WHERE j.account IS NOT NULL
ORDER BY j.server, j.started_at NULLS LAST, j.job_id, c.campaign_id
"""

_PAYMENTS = """
SELECT server, account, amount, note, paid_at, artifact_id, sheet_id, position
FROM payments WHERE account IS NOT NULL
ORDER BY server, paid_at NULLS LAST, account, artifact_id, sheet_id, position
"""

_SERVERS = """
SELECT DISTINCT server FROM (
    SELECT server FROM artifacts UNION ALL SELECT server FROM accounts
    UNION ALL SELECT server FROM jobs
) WHERE server IS NOT NULL ORDER BY server
"""


def read_books(connection: duckdb.DuckDBPyConnection) -> Books:
    """The books, without what belongs to dismissed campaigns."""
    jobs = tuple(Job(**row) for row in answer(connection, _JOBS).to_pylist())
    by_account: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        by_account[job.server, job.account].append(job)
    return Books(
        servers=tuple(answer(connection, _SERVERS)["server"].to_pylist()),
        accounts=tuple(
            Account(**row | {"login_ips": tuple(row["login_ips"])})
            for row in answer(connection, _ACCOUNTS).to_pylist()
        ),
        jobs=jobs,
        payments=tuple(
            Payment(**row, job=_paid(row, by_account[row["server"], row["account"]]))
            for row in answer(connection, _PAYMENTS).to_pylist()
        ),
    )


def _paid(payment: dict[str, Any], jobs: Sequence[Job]) -> Job | None:
    """The order of the same account that costs what was paid."""
    amount, at = payment["amount"], payment["paid_at"]
    if amount is None:
        return None
    same = [job for job in jobs if job.price is not None and abs(job.price - amount) < _SAME_MONEY]

    def apart(job: Job) -> float:
        if at is None or job.started_at is None:
            return float("inf")
        between: timedelta = job.started_at - at
        return abs(between.total_seconds())

    return min(same, key=lambda job: (apart(job), job.job_id), default=None)

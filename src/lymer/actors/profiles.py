"""What a customer ordered over time: how his orders, and the odd one among them, look."""

from collections.abc import Iterable
from typing import TypeVar

import pyarrow as pa

from lymer.actors.books import Account, Books, Job
from lymer.actors.cast import Cast
from lymer.actors.tables import PROFILES

# An order this many times the median one is worth a word.
_ODD_TIMES = 2.0


def tabulate_profiles(books: Books, cast: Cast) -> pa.Table:
    """PROFILES: a row for each account with orders."""
    rows = []
    for account in books.accounts:
        jobs = books.jobs_of(account.server, account.account)
        actor = cast.of_account(account.server, account.account)
        if jobs and actor is not None:
            rows.append(_profile(actor.actor_id, account, jobs))
    return pa.Table.from_batches([PROFILES.batch(sorted(rows))])


def _profile(actor_id: str, account: Account, jobs: list[Job]) -> tuple[object, ...]:
    started = [job.started_at for job in jobs if job.started_at is not None]
    titles = list(dict.fromkeys(job.title for job in jobs if job.title))
    campaigns = list(dict.fromkeys(job.campaign_id for job in jobs if job.campaign_id))
    sizes = sorted(job.targets for job in jobs if job.targets)
    largest = max(jobs, key=lambda job: (job.targets or 0, job.job_id))
    times = largest.targets / sizes[len(sizes) // 2] if sizes and largest.targets else None
    odd = (
        f"; the largest, {largest.job_id}"
        + (f" ({largest.title})" if largest.title else "")
        + f", is {times:,.0f} times the median one"
        if times is not None and times >= _ODD_TIMES
        else ""
    )
    return (
        actor_id,
        account.server,
        account.account,
        len(jobs),
        campaigns,
        titles,
        min(started, default=None),
        max(started, default=None),
        _sum(job.targets for job in jobs),
        _sum(job.sent for job in jobs),
        _sum(job.price for job in jobs),
        largest.job_id,
        times,
        list(account.login_ips),
        f"{len(jobs)} orders under {len(titles)} titles, of which {len(campaigns)} campaigns were "
        f"seen{odd}",
    )


Number = TypeVar("Number", int, float)


def _sum(values: Iterable[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None

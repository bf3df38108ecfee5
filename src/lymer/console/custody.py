"""Custody: what was sealed, the chain of who did what, every decision; the originals re-read."""

from dataclasses import asdict, dataclass
from itertools import islice

from fastapi import APIRouter

from lymer.case import Check, Decision, check_case, list_decisions
from lymer.console.desk import Row
from lymer.console.pages import AtDesk, Look, PageNumber, Paging, add
from lymer.evidence import check_custody, read_custody

router = APIRouter()


@dataclass(frozen=True)
class Custody:
    """The evidence, the chain and the decisions."""

    evidence: list[Row]
    chain: list[Row]
    paging: Paging
    broken_at: int | None
    last_hash: str | None
    decisions: list[Decision]
    made_at: object


@dataclass(frozen=True)
class Verification:
    """Every original as it stands now."""

    checks: list[Check]
    is_sound: bool


def custody(look: Look, desk: AtDesk, page: PageNumber = 1) -> Custody:
    """What was sealed and when, the custody chain, and every decision."""
    with desk.case() as case:
        connection = case.ledger.connection
        last = next(read_custody(connection, is_newest_first=True), None)
        paging = Paging(page, last.seq if last else 0)
        rows = read_custody(connection, is_newest_first=True)
        shown = islice(rows, paging.offset, paging.offset + paging.rows_a_page)
        chain = [asdict(entry) for entry in shown]
        return Custody(
            evidence=list(look.evidence.values())[:500],
            chain=chain,
            paging=paging,
            broken_at=check_custody(connection),
            last_hash=last.hash if last else None,
            decisions=list_decisions(case)[::-1],
            made_at=look.made_at,
        )


def verification(desk: AtDesk) -> Verification:
    """Re-read every original and compare its hash. Takes as long as reading all of it."""
    with desk.case() as case:
        checks = list(check_case(case))
    return Verification(checks, all(check.is_sound for check in checks))


add(router, "/custody", "custody", custody)
add(router, "/custody/verify", "verify", verification)

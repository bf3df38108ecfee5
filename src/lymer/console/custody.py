"""Custody: what was sealed, the chain of who did what, every decision; the originals re-read."""

import json
from dataclasses import dataclass

from fastapi import APIRouter

from lymer.case import Check, Decision, check_case, list_decisions
from lymer.console.desk import Row
from lymer.console.pages import AtDesk, Look, PageNumber, Paging, add
from lymer.evidence import check_custody

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
        has_chain = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'custody'"
        ).fetchone()
        total = last = None
        chain: list[Row] = []
        paging = Paging(page, 0)
        if has_chain:
            total = connection.execute("SELECT count(*) FROM custody").fetchone()[0]
            last = connection.execute(
                "SELECT hash FROM custody ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            paging = Paging(page, total)
            chain = [
                {
                    "seq": seq, "at": at, "action": action, "subject": subject,
                    "detail": json.loads(detail), "hash": mark,
                }
                for seq, at, action, subject, detail, mark in connection.execute(
                    "SELECT seq, at, action, subject, detail, hash FROM custody "
                    "ORDER BY seq DESC LIMIT ? OFFSET ?",
                    (paging.rows_a_page, paging.offset),
                )
            ]  # fmt: skip
        return Custody(
            evidence=list(look.evidence.values())[:500],
            chain=chain,
            paging=paging,
            broken_at=check_custody(connection),
            last_hash=last[0] if last else None,
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

"""Appendix: the evidence with its hashes, the custody chain, the analyst's decisions."""

from collections.abc import Sequence

from lymer.case import Case, Decision, list_decisions
from lymer.evidence import CustodyEntry, check_custody
from lymer.reports.document import Block, Column, Facts, Grid, Section, Text, rows_of
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import count, moment, several
from lymer.reports.sources import Sources

SHOWN = 2_000
"""Rows of evidence and of the chain in the document; the case has them all."""

_EVIDENCE = f"""
SELECT left(uri, 600) AS uri, kind, size_bytes, sha256, message_count, parent_id IS NULL AS is_given
FROM evidence ORDER BY is_given DESC, uri, evidence_id LIMIT {SHOWN}
"""
_EVIDENCE_COUNT = "SELECT CAST(count(*) AS BIGINT) AS rows FROM evidence"


def custody(case: Case, sources: Sources, chain: Sequence[CustodyEntry]) -> Section:
    """The appendix."""
    q, (total,) = sources.ask("files of evidence, in all", _EVIDENCE_COUNT)
    q2, rows = sources.ask("files of evidence", _EVIDENCE)
    broken = check_custody(case.ledger.connection)
    state = (
        "It is whole: every row holds the hash of the one before."
        if broken is None
        else f"IT IS BROKEN: row {broken} does not follow from the one before. What is in this "
        "report cannot be relied on until that is explained."
    )
    blocks: list[Block] = [
        Text(
            "Each file was hashed before it was read. The command lymer verify hashes them again "
            "and says which changed. Folders have no hash of their own.",
        ),
        Grid(
            f"Evidence: {several(len(rows), 'entry', 'entries')} of {count(total['rows'])}, what "
            "was handed in first. The table evidence has all, and the case's digest covers them.",
            (
                Column("where it lay", "code", 4),
                Column("kind"),
                Column("bytes", "number"),
                Column("messages", "number"),
                Column("SHA-256", "hash"),
            ),
            rows_of(
                [
                    (
                        harmless(r["uri"], 300),
                        harmless(r["kind"], 20),
                        count(r["size_bytes"]) if r["size_bytes"] is not None else "–",
                        count(r["message_count"]) if r["message_count"] is not None else "–",
                        harmless(r["sha256"], 64) or "–",
                    )
                    for r in rows
                ]
            ),
            (q, q2),
        ),
        Text(
            f"The custody chain of the case has {several(len(chain), 'row')}. {state}",
            tone="plain" if broken is None else "warning",
        ),
    ]
    if chain:
        blocks += [
            Facts(
                (
                    ("first row", chain[0].at),
                    ("last row", chain[-1].at),
                    ("hash of the last row", chain[-1].hash),
                )
            ),
            Grid(
                "Custody chain"
                + (f": the last {SHOWN:,} of {len(chain):,} rows" if len(chain) > SHOWN else ""),
                (
                    Column("row", "number"),
                    Column("at (UTC)", share=4),
                    Column("done", share=2),
                    Column("to", "code", 6),
                    Column("hash of the row", "hash"),
                ),
                rows_of(
                    [
                        (
                            str(row.seq),
                            harmless(row.at[:19].replace("T", " "), 32),
                            harmless(row.action, 40),
                            defanged(row.subject, NAME_LENGTH),
                            harmless(row.hash, 64),
                        )
                        for row in chain[-SHOWN:]
                    ]
                ),
            ),
        ]
    return Section("custody", "Appendix A: custody", tuple(blocks), _decisions(case))


def _decisions(case: Case) -> tuple[Section, ...]:
    found = list_decisions(case)
    if not found:
        text = "The analyst decided nothing by hand: all groupings are the software's."
        return (Section("decisions", "The analyst's decisions", (Text(text),)),)
    grid = Grid(
        "Decisions, applied after the software's grouping",
        (
            Column("no.", "number"),
            Column("at", share=3),
            Column("by", share=2),
            Column("what", share=2),
            Column("campaigns", "code", 4),
            Column("text", share=4),
        ),
        rows_of([_decided(decision) for decision in found]),
    )
    return (Section("decisions", "The analyst's decisions", (grid,)),)


def _decided(decision: Decision) -> tuple[str, ...]:
    return (
        str(decision.number),
        moment(decision.decided_at),
        defanged(decision.analyst, NAME_LENGTH),
        harmless(decision.verb, 40) + (" (undone)" if decision.is_undone else ""),
        ", ".join(harmless(c, 40) for c in decision.campaigns[:6]),
        defanged(decision.text, 300),
    )

"""The first page: nine questions, answered or plainly not."""

from typing import Any

from lymer.reports.document import Block, Finding, Section
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import several
from lymer.reports.sources import Sources

TOPICS = {
    "sent": "What was sent",
    "botnet": "By which botnet, of how many machines",
    "steered": "Steered from where",
    "run_by": "Run by whom",
    "ordered_by": "Ordered by whom",
    "benefit": "For whose benefit, on paper",
    "not_linked": "Who is linked, and who is not",
    "sureness": "How sure, and why",
    "missing": "What is missing",
}

# Of the page's small print, so that it stays a page; the table has all of it.
_WHY_LENGTH = 260
_EVIDENCE = 5

_VERDICT = """
SELECT position, topic, statement, likelihood, confidence, evidence, why
FROM verdict ORDER BY position, topic, statement
"""
_MESSAGES = "SELECT CAST(count(*) AS BIGINT) AS messages FROM messages"


def verdict(sources: Sources) -> Section:
    """The page, as the table has it."""
    blocks = _told(sources) if sources.holds("verdict") else [_nothing(sources)]
    return Section("verdict", "Verdict", tuple(blocks))


def _told(sources: Sources) -> list[Block]:
    q, rows = sources.ask("the verdict", _VERDICT)
    # Several statements of one topic stand under one heading.
    blocks: list[Block] = []
    last = None
    for row in rows:
        topic = str(row["topic"])
        title = TOPICS.get(topic, harmless(topic, NAME_LENGTH)) if topic != last else ""
        last = topic
        statement = defanged(row["statement"])
        blocks.append(
            Finding(
                topic=title,
                statement=statement,
                likelihood=harmless(row["likelihood"], NAME_LENGTH),
                confidence=harmless(row["confidence"], NAME_LENGTH),
                why=defanged(row["why"], _WHY_LENGTH),
                evidence=tuple(defanged(e, 60) for e in (row["evidence"] or ())[:_EVIDENCE]),
                sources=(q,),
                is_established=_is_established(row),
            )
        )
    return blocks


def _is_established(row: dict[str, Any]) -> bool:
    text = str(row["statement"] or "").lower()
    is_open = text.startswith(("not established", "unknown")) or "is unknown" in text
    return row["topic"] != "missing" and not is_open


def _nothing(sources: Sources) -> Finding:
    q, (total,) = sources.ask("messages", _MESSAGES)
    return Finding(
        TOPICS["sent"],
        f"Nothing to say: {several(total['messages'], 'message')} were read, and none of them is "
        "of a campaign that stands.",
        sources=(q,),
        is_established=False,
    )

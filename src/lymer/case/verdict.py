"""The verdict on a case, as its last trace or the analyst's last decision left it."""

from dataclasses import dataclass

from lymer.actors import HYPOTHESES, VERDICT
from lymer.case.case import Case


@dataclass(frozen=True)
class VerdictLine:
    """One statement of the page: a row of the table `verdict`."""

    position: int
    topic: str
    statement: str
    likelihood: str | None
    confidence: str | None
    evidence: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Answer:
    """One of the competing answers to the question that the page asks."""

    question: str
    hypothesis: str
    rank: int
    likelihood: str | None
    confidence: str | None
    why: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """The page, and the answers behind it, the leading one first."""

    lines: tuple[VerdictLine, ...]
    answers: tuple[Answer, ...]


def read_verdict(case: Case) -> Verdict:
    """The page from the case's tables."""
    rows = sorted(case.store.read(VERDICT).to_pylist(), key=lambda row: row["position"])
    lines = tuple(VerdictLine(**row | {"evidence": tuple(row["evidence"])}) for row in rows)
    asked = {
        reference.removeprefix("hypotheses:")
        for line in lines
        for reference in line.evidence
        if line.topic == "sureness"
    }
    answers = [
        Answer(
            row["question"],
            row["hypothesis"],
            row["rank"],
            row["likelihood"],
            row["confidence"],
            row["why"],
            tuple(row["missing"]),
        )
        for row in case.store.read(HYPOTHESES).to_pylist()
        if row["question"] in asked
    ]
    return Verdict(lines, tuple(sorted(answers, key=lambda answer: answer.rank)))

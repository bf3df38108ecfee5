"""Does the case still stand: its originals, its custody chain, its numbers?"""

from collections.abc import Iterator
from dataclasses import dataclass

from lymer.case.case import Case
from lymer.case.sealing import evidence_stands
from lymer.evidence import EVIDENCE, check_custody, verify


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and how it stands."""

    subject: str
    state: str
    detail: str

    @property
    def is_sound(self) -> bool:
        """Is it as it was when it was sealed?"""
        return self.state in ("unchanged", "intact")


def check_case(case: Case) -> Iterator[Check]:
    """Re-read every original and the custody chain; one check for each."""
    broken = check_custody(case.ledger.connection)
    if broken is None:
        yield Check("custody chain", "intact", "every row hashes the one before")
    else:
        yield Check("custody chain", "broken", f"row {broken} does not follow from the one before")
    stands = evidence_stands(case)
    if stands is not None:
        said = "as the custody chain has it" if stands else "not what the custody chain has of it"
        yield Check("evidence table", "intact" if stands else "changed", said)
    rows = case.store.read(EVIDENCE).to_pylist()
    for finding in verify(sorted(rows, key=lambda row: (row["uri"], row["evidence_id"]))):
        yield Check(finding.uri, finding.state, finding.detail)

"""Step 12: does everyone get the role that is his, and nobody a link that is not there?

Judged are those whom the evidence can show: who holds an account on the captured server, the
promoted party, a payer, and bystanders. Whether a party is linked stands in `claims`: subject
the actor_id, relation `linked`, `not_linked` or `unknown`.
"""

from collections import defaultdict

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Findings, share
from lymer.lab.score.people import Person, people

BEST = {"roles_right": 1.0, "not_linked_said": 1.0, "linked_said": 1.0, "wrongly_linked": 0.0}

_ON_SERVER = "SELECT DISTINCT account FROM true_jobs WHERE server IS NOT NULL"
_CLAIMS = "SELECT subject, relation FROM found_claims"


def measure(both: Both) -> Findings:
    """Roles of all judged; links of promoted parties, payers and bystanders."""
    everyone = people(both)
    relations: dict[str, set[str]] = defaultdict(set)
    for row in both.ask(_CLAIMS, claims=("subject", "relation")).to_pylist():
        relations[row["subject"]].add(row["relation"])
    shown = set(both.ask(_ON_SERVER)["account"].to_pylist())

    def said(person: Person) -> set[str]:
        return {relation for actor_id in person.found for relation in relations[actor_id]}

    cast = [
        p
        for p in everyone
        if p.role in ("promoted", "payer")
        or (p.role in ("operator", "customer") and not shown.isdisjoint(p.accounts))
    ]
    apart = [p for p in everyone if not p.linked and p.role in ("promoted", "payer", "bystander")]
    promoted = [p for p in apart if p.role == "promoted"]
    linked = [p for p in everyone if p.linked and p.role in ("promoted", "payer")]
    right = sum(set(p.found.values()) == {p.role} for p in cast)
    clear = sum("not_linked" in said(p) and "linked" not in said(p) for p in promoted)
    return {
        "roles_right": share(right, len(cast), "nobody to judge"),
        "not_linked_said": share(clear, len(promoted), "the promoted party is linked, or none is"),
        "linked_said": share(
            sum("linked" in said(p) for p in linked), len(linked), "nobody promoted is linked"
        ),
        "wrongly_linked": share(
            sum("linked" in said(p) for p in apart), len(apart), "nobody is apart"
        ),
    }

"""Step 11: are the captured server's jobs joined to the mail, and its people named?"""

from lymer.lab.score import nodes
from lymer.lab.score.both import Both, NotInCase
from lymer.lab.score.finding import Finding, Findings, share
from lymer.lab.score.people import people

BEST = {
    **dict.fromkeys(
        ("jobs_found", "jobs_joined", "accounts_right", "accounts_named", "operator_named"), 1.0
    ),
    **nodes.BEST,
}

# Only a job whose campaign left mail in the traps can be joined to it.
_JOBS = """
SELECT t.job_id, t.account, h.campaign_id IS NOT NULL AS is_seen,
       f.job_id IS NOT NULL AS is_found,
       coalesce(f.account = t.account, false) AS account_right,
       coalesce(m.campaign_id = t.campaign_id, false) AS is_joined
FROM true_jobs t
LEFT JOIN homes h ON h.campaign_id = t.campaign_id
LEFT JOIN (
    SELECT job_id, min(account) AS account, min(campaign_id) AS campaign_id
    FROM found_jobs GROUP BY job_id
) f ON f.job_id = t.job_id
LEFT JOIN mains m ON m.found_id = f.campaign_id
WHERE t.server IS NOT NULL
"""
_NAMED = "SELECT DISTINCT account FROM found_jobs WHERE account IS NOT NULL"


def measure(both: Both) -> Findings:
    """Over the jobs in the captured server's books."""
    both.place()
    rows = both.ask(_JOBS, jobs=("job_id", "account", "campaign_id")).to_pylist()
    named = set(both.ask(_NAMED)["account"].to_pylist())
    owners = {row["account"] for row in rows}
    seen = [row for row in rows if row["is_seen"]]
    nothing = "no server was captured"
    return {
        "jobs_found": share(sum(row["is_found"] for row in rows), len(rows), nothing),
        "jobs_joined": share(sum(row["is_joined"] for row in seen), len(seen), nothing),
        "accounts_right": share(sum(row["account_right"] for row in rows), len(rows), nothing),
        "accounts_named": share(len(owners & named), len(owners), nothing),
        "operator_named": _operator(both, nothing) if rows else Finding(None, 0, nothing),
        **_nodes(both),
    }


def _nodes(both: Both) -> Findings:
    try:
        return nodes.measure(both)
    except NotInCase as absent:
        return dict.fromkeys(nodes.BEST, Finding(None, 0, str(absent)))


def _operator(both: Both, nothing: str) -> Finding:
    """The holder of the root account, under its name or his own."""
    try:
        operators = [p for p in people(both) if p.role == "operator" and p.accounts]
    except NotInCase as absent:
        return Finding(None, 0, str(absent))
    named = sum("operator" in person.found.values() for person in operators)
    return share(named, len(operators), nothing)

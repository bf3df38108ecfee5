"""Step 4: do the templates match what their campaign sends, and nothing that people write?

Patterns come from hostile mail, so they run in an engine whose time is straight-line (RE2); a
pattern that it refuses matches nothing.
"""

from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa
import re2

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Finding, Findings, share

BEST = {
    "members_matched": 1.0, "held_out_matched": 1.0, "ham_matched": 0.0, "patterns_usable": 1.0,
}  # fmt: skip

_PATTERN_BYTES = 64 << 20
"""Memory for one compiled pattern."""

_HAM_PATTERNS = 200
"""Patterns that are tried on ham in one walk over its text."""

_PATTERNS = """
SELECT campaign_id, pattern FROM found_templates
WHERE pattern IS NOT NULL ORDER BY campaign_id, pattern
"""

_MEMBERS = """
SELECT p.campaign_id, h.found_id, p.message_id, f.text
FROM placed p
JOIN homes h ON h.campaign_id = p.campaign_id
JOIN found_messages f ON f.message_id = p.message_id
WHERE p.is_member AND h.seen > 1
ORDER BY p.campaign_id
"""

_LEARNED = "SELECT DISTINCT unnest(learned_from) AS message_id FROM found_templates"

_HAM = """
SELECT f.text FROM placed p JOIN found_messages f ON f.message_id = p.message_id
WHERE p.kind = 'ham' AND f.text IS NOT NULL
"""


def measure(both: Both) -> Findings:
    """Macro shares over true campaigns; ham over personal letters and all patterns."""
    both.place()
    rows = both.ask(_PATTERNS, templates=("campaign_id", "pattern"))
    patterns: dict[str, list[re2._Regexp]] = defaultdict(list)
    usable: list[str] = []
    for row in rows.to_pylist():
        pattern = _compile(row["pattern"])
        if pattern is not None:
            patterns[row["campaign_id"]].append(pattern)
            usable.append(row["pattern"])
    members = both.ask(_MEMBERS, messages=("message_id", "text"))
    return {
        "members_matched": _matched(members, patterns, frozenset()),
        "held_out_matched": _held_out(both, members, patterns),
        "ham_matched": _ham(both, usable),
        "patterns_usable": share(len(usable), rows.num_rows, "no templates"),
    }


def _compile(pattern: str) -> "re2._Regexp | None":
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_BYTES, False
    try:
        return re2.compile(pattern, options)
    except (re2.error, ValueError):
        return None


def _rows(table: pa.Table) -> Iterator[tuple[str, str | None, str, str]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _matched(
    members: pa.Table, patterns: dict[str, list["re2._Regexp"]], learned: frozenset[str]
) -> Finding:
    """Mean over true campaigns of the share of their messages (not `learned`) that match."""
    tried: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    for campaign, found, message_id, text in _rows(members):
        if message_id in learned:
            continue
        tried[campaign] += 1
        right[campaign] += any(p.search(text or "") for p in patterns.get(found or "", ()))
    if not tried:
        return Finding(None, 0, "no messages of campaigns to try")
    return Finding(sum(right[c] / tried[c] for c in tried) / len(tried), len(tried))


def _held_out(both: Both, members: pa.Table, patterns: dict[str, list["re2._Regexp"]]) -> Finding:
    columns = both.columns("templates")
    if "learned_from" not in columns:
        return Finding(None, 0, "no column learned_from in table templates")
    learned = frozenset(both.ask(_LEARNED, templates=("learned_from",))["message_id"].to_pylist())
    return _matched(members, patterns, learned)


def _ham(both: Both, patterns: list[str]) -> Finding:
    """Share of personal letters that any pattern matches."""
    letters = both.ask(_HAM)
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_BYTES * 4, False
    hit = [False] * letters.num_rows
    for start in range(0, len(patterns), _HAM_PATTERNS):
        together = re2.Set.SearchSet(options)
        for pattern in patterns[start : start + _HAM_PATTERNS]:
            together.Add(pattern)
        together.Compile()
        for index, text in enumerate(letters["text"].to_pylist()):
            hit[index] = hit[index] or bool(together.Match(text))
    return share(sum(hit), len(hit), "no personal letters")

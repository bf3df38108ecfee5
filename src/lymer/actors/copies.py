"""What only repeats the mail: copies of its text, titles of orders, names of files, recipients."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from lymer.actors.books import Books
from lymer.actors.names import find_name, words_of
from lymer.actors.passages import Passage
from lymer.actors.promoted import Promoted
from lymer.engine import answer

# Mails that copies are compared with: every sentence of a template comes in far fewer.
_MOST_MAILS = 300


@dataclass(frozen=True)
class CopyRule:
    """What is taken for a copy of the mail."""

    least_copied_share: float = 0.3
    """Of a passage's runs of three words that stand in the campaign's mail. Macros cut a template
    into pieces; what people write shares next to none. A judgement, not measured."""
    least_copied_runs: int = 6
    """Below, one common turn of phrase would make a copy of a note."""


_LINKED = """
SELECT DISTINCT unnest([l.host, l.domain]) AS name
FROM links l JOIN campaign_messages c ON c.message_id = l.message_id
WHERE c.campaign_id IN (SELECT unnest($campaigns))
"""


_MAILS = """
SELECT coalesce(m.subject, '') || ' ' || coalesce(m.text, '') AS text
FROM campaign_messages c JOIN messages m ON m.message_id = c.message_id
WHERE c.campaign_id IN (SELECT unnest($campaigns))
ORDER BY c.message_id LIMIT $most
"""


class Mail:
    """What the mail that promotes a party says, to tell copies of it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, party: Promoted) -> None:
        self._party = party
        asked = {"campaigns": list(party.campaigns)}
        self._names = {
            name for name in answer(connection, _LINKED, asked)["name"].to_pylist() if name
        }
        self._runs: set[tuple[str, ...]] = set()
        mails = answer(connection, _MAILS, asked | {"most": _MOST_MAILS})
        for text in mails["text"].to_pylist():
            self._runs.update(_three_by_three(words_of(text)))

    def holds(self, passage: Passage, derived: frozenset[str], rule: CopyRule) -> bool:
        """Whether a passage says no more than the mail does, or what was named after it."""
        folded = passage.text.casefold().strip()
        for title in derived:
            # A log that quotes an order's title names the order.
            if passage.where != "payment" and title in folded and self._is_full(title):
                folded = folded.replace(title, " ")
        if find_name(self._party.words, folded) is None:
            return True
        if folded in derived or re.split(r"[/\\]", folded)[-1] in derived:
            return True
        if folded in self._names or folded.rpartition("@")[2] in self._names:
            return True
        runs = _three_by_three(words_of(passage.text))
        copied = sum(run in self._runs for run in runs)
        if runs and copied == len(runs):
            return passage.where != "payment"
        return len(runs) >= rule.least_copied_runs and copied >= rule.least_copied_share * len(runs)

    def _is_full(self, title: str) -> bool:
        return self._party.is_full_name and find_name(self._party.words, title) == "full"


def _three_by_three(words: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(words, words[1:], words[2:], strict=False))


_FILES = "SELECT DISTINCT path FROM artifacts WHERE path IS NOT NULL"


def derived_names(connection: duckdb.DuckDBPyConnection, books: Books) -> frozenset[str]:
    """Titles of orders and names of files, in lower case: made from the mail."""
    titles = {job.title.casefold().strip() for job in books.jobs if job.title}
    files = {
        re.split(r"[/\\!]", path)[-1].casefold()
        for path in answer(connection, _FILES)["path"].to_pylist()
    }
    return frozenset(titles | files)


# The table of orders: it has the most job numbers where the books say that these stand. A name in
# there is what an order is called, whatever the column.
_ORDERS = """
SELECT artifact_id, arg_max(sheet_id, (found, sheet_id)) AS sheet_id
FROM (
    SELECT j.artifact_id, h.sheet_id, count(*) AS found
    FROM jobs j
    JOIN sheets h ON h.artifact_id = j.artifact_id
    JOIN sheet_rows r ON r.sheet_id = h.sheet_id AND r.position = j.position
    WHERE list_contains(r.values, j.job_id)
    GROUP BY j.artifact_id, h.sheet_id
)
GROUP BY artifact_id ORDER BY artifact_id
"""


def order_sheets(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables of orders."""
    return set(answer(connection, _ORDERS)["sheet_id"].to_pylist())


_RECIPIENTS = """
SELECT r.sheet_id
FROM sheet_rows r
WHERE r.sheet_id IN (SELECT unnest($sheets))
GROUP BY r.sheet_id
HAVING count(*) >= 20 AND count(*) FILTER (array_to_string(r.values, ' ') LIKE '%_@_%') >=
    0.8 * count(*)
ORDER BY r.sheet_id
"""


def recipient_sheets(
    connection: duckdb.DuckDBPyConnection, passages: Iterable[Passage]
) -> set[str]:
    """Of the tables of `passages`, those that list addresses of strangers: they name no account."""
    sheets = {one.sheet_id for one in passages if one.sheet_id and not one.registered}
    found = answer(connection, _RECIPIENTS, {"sheets": sorted(sheets)})
    return set(found["sheet_id"].to_pylist())

"""Looking for a promoted party outside of the mail that praises it.

What the mail says links nobody, and neither does what was made from it: templates, recipient
lists, the titles of orders, names of files, copies of the mail. What is left of a captured server
is searched: logins, notes of payments, cells of all tables, lines of all text, addresses and hosts.
A hit is one passage that names the party. How it names it says what it is worth.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from lymer.actors.books import Books, in_sheet
from lymer.actors.names import find_name, words_of
from lymer.actors.promoted import Promoted
from lymer.engine import answer

# Made from the mail, or lists of strangers: a name in there is nobody's doing.
_CONTENT = ("template", "list", "picture", "program", "binary")
_LONGEST_PASSAGE = 400
# Mails that copies are compared with: every sentence of a template comes in far fewer.
_MOST_MAILS = 300
# Rows that name any promoted word are looked at one by one; a list in disguise must not stall it.
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class SearchRule:
    """What is taken for a copy of the mail."""

    least_copied_share: float = 0.3
    """Of a passage's runs of three words that stand in the campaign's mail. Macros cut a template
    into pieces; what people write shares next to none. A judgement, not measured."""
    least_copied_runs: int = 6
    """Below, one common turn of phrase would make a copy of a note."""


@dataclass(frozen=True)
class Hit:
    """One passage that names a party."""

    where: str
    """login, payment, table, text, address."""
    kind: str
    """Of the artifact."""
    how: str
    """full, initial, word: see `find_name`."""
    passage: str
    context: str
    """The passage with what stands beside it in the row."""
    reference: str
    sheet_id: str | None
    server: str
    path: str
    account: tuple[str, str] | None
    """Server and login, where it is one or a payment of one."""
    registered: tuple[tuple[str, str], ...] = ()
    """Accounts of which the row is the only one in its table: what is registered of them."""


@dataclass(frozen=True)
class Searched:
    """What was looked through on a server, and how much of it."""

    server: str
    logins: int = 0
    payments: int = 0
    tables: int = 0
    rows: int = 0
    texts: int = 0
    entities: int = 0

    @property
    def is_something(self) -> bool:
        """Whether there was anything to look through but mail."""
        return any((self.logins, self.payments, self.rows, self.texts, self.entities))

    def __str__(self) -> str:
        counts = (
            (self.logins, "logins"),
            (self.payments, "payments"),
            (self.rows, f"rows of {self.tables} tables and logs"),
            (self.texts, "texts"),
            (self.entities, "handles, addresses and hosts"),
        )
        parts = [f"{count:,} {what}" for count, what in counts if count]
        return f"{', '.join(parts)} of {self.server}"


@dataclass(frozen=True)
class Findings:
    """Everything that the search brought up."""

    searched: tuple[Searched, ...]
    hits: dict[tuple[str, ...], list[Hit]] = field(hash=False)
    """By the words of the name."""
    left_out: dict[tuple[str, ...], int] = field(hash=False)
    """Passages that name it and were made from the mail, so that they count for nothing."""


# Files that are not content, whatever the orders say that theirs are. Where templates or lists lie
# in the books themselves, the books are searched all the same.
_OUTSIDE = """
    SELECT artifact_id FROM artifacts WHERE kind NOT IN (SELECT unnest($content))
    EXCEPT (
        SELECT unnest([template_artifact_id, list_artifact_id]) FROM jobs
        UNION SELECT artifact_id FROM lists
        EXCEPT (SELECT artifact_id FROM jobs UNION SELECT artifact_id FROM accounts
                UNION SELECT artifact_id FROM payments)
    )
"""

_COUNTS = f"""
WITH useful AS (
    SELECT artifact_id, server FROM artifacts WHERE artifact_id IN ({_OUTSIDE})
),
servers AS (SELECT DISTINCT server FROM useful
            UNION SELECT server FROM accounts UNION SELECT server FROM payments)
SELECT s.server,
    (SELECT count(*) FROM accounts a WHERE a.server = s.server) AS logins,
    (SELECT count(*) FROM payments p WHERE p.server = s.server) AS payments,
    (SELECT count(*) FROM sheets h JOIN useful u ON u.artifact_id = h.artifact_id
     WHERE u.server = s.server) AS tables,
    (SELECT count(*) FROM sheet_rows r JOIN sheets h ON h.sheet_id = r.sheet_id
     JOIN useful u ON u.artifact_id = h.artifact_id WHERE u.server = s.server) AS rows,
    (SELECT count(*) FROM texts t JOIN useful u ON u.artifact_id = t.artifact_id
     WHERE u.server = s.server) AS texts,
    (SELECT count(*) FROM entities e JOIN useful u ON u.artifact_id = e.artifact_id
     WHERE u.server = s.server AND e.kind IN ('handle', 'address', 'domain', 'host')) AS entities
FROM servers s WHERE s.server IS NOT NULL ORDER BY s.server
"""

_ROWS = f"""
SELECT a.server, a.path, a.kind AS artifact_kind, a.artifact_id, h.sheet_id, h.name AS sheet,
       r.position, r.values AS cells
FROM sheet_rows r
JOIN sheets h ON h.sheet_id = r.sheet_id
JOIN artifacts a ON a.artifact_id = h.artifact_id
WHERE a.artifact_id IN ({_OUTSIDE})
  AND regexp_matches(lower(array_to_string(r.values, ' ')), $pattern)
ORDER BY a.server, a.path, h.name, r.position LIMIT $most
"""

_TEXTS = f"""
SELECT a.server, a.path, a.kind AS artifact_kind, a.artifact_id, t.text
FROM texts t JOIN artifacts a ON a.artifact_id = t.artifact_id
WHERE a.artifact_id IN ({_OUTSIDE}) AND t.place = ''
  AND regexp_matches(lower(t.text), $pattern)
ORDER BY a.server, a.path LIMIT $most
"""

_ENTITIES = f"""
SELECT a.server, a.path, a.kind AS artifact_kind, a.artifact_id, e.value, e.position
FROM entities e JOIN artifacts a ON a.artifact_id = e.artifact_id
WHERE a.artifact_id IN ({_OUTSIDE})
  AND e.kind IN ('handle', 'address', 'domain', 'host')
  AND regexp_matches(lower(e.value), $pattern)
ORDER BY a.server, a.path, e.position, e.kind, e.value LIMIT $most
"""

_FILES = "SELECT DISTINCT path FROM artifacts WHERE path IS NOT NULL"


@dataclass(frozen=True)
class _Passage:
    where: str
    text: str
    reference: str
    server: str
    path: str = ""
    sheet_id: str | None = None
    kind: str = ""
    context: str = ""
    account: tuple[str, str] | None = None
    registered: tuple[tuple[str, str], ...] = ()


def search(
    connection: duckdb.DuckDBPyConnection,
    books: Books,
    promoted: Sequence[Promoted],
    rule: SearchRule,
) -> Findings:
    """Look for every promoted name on all servers."""
    searched = tuple(
        Searched(**row)
        for row in answer(connection, _COUNTS, {"content": list(_CONTENT)}).to_pylist()
    )
    by_word: dict[str, list[Promoted]] = defaultdict(list)
    for party in promoted:
        by_word[party.words[-1]].append(party)
    named: dict[tuple[str, ...], dict[str, Hit]] = {party.words: {} for party in promoted}
    if promoted:
        for passage in _passages(connection, books, by_word):
            for party in _named(passage.text, by_word):
                how = find_name(party.words, passage.text)
                if how is not None:
                    named[party.words].setdefault(passage.reference, _hit(passage, how))
    derived = _derived(connection, books)
    orders = {row["sheet_id"] for row in answer(connection, _ORDERS).to_pylist()}
    strangers = _recipients(connection, named)
    hits: dict[tuple[str, ...], list[Hit]] = {}
    for party in promoted:
        found = list(named[party.words].values())
        mail = _Mail(connection, party) if found else None
        hits[party.words] = [
            hit
            for hit in found
            if mail
            and hit.sheet_id not in orders | strangers
            and not mail.holds(hit, derived, rule)
        ]
    left_out = {words: len(named[words]) - len(kept) for words, kept in hits.items()}
    return Findings(searched, hits, left_out)


def _hit(passage: "_Passage", how: str) -> Hit:
    return Hit(
        passage.where,
        passage.kind,
        how,
        passage.text[:_LONGEST_PASSAGE],
        (passage.context or passage.text)[:_LONGEST_PASSAGE],
        passage.reference,
        passage.sheet_id,
        passage.server,
        passage.path,
        passage.account,
        passage.registered,
    )


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


_RECIPIENTS = """
SELECT r.sheet_id
FROM sheet_rows r
WHERE r.sheet_id IN (SELECT unnest($sheets))
GROUP BY r.sheet_id
HAVING count(*) >= 20 AND count(*) FILTER (array_to_string(r.values, ' ') LIKE '%_@_%') >=
    0.8 * count(*)
ORDER BY r.sheet_id
"""


def _recipients(
    connection: duckdb.DuckDBPyConnection, named: dict[tuple[str, ...], dict[str, Hit]]
) -> set[str]:
    """Of the tables with hits, those that list addresses of strangers: no account is in them."""
    sheets = {
        hit.sheet_id
        for hits in named.values()
        for hit in hits.values()
        if hit.sheet_id and not hit.registered
    }
    found = answer(connection, _RECIPIENTS, {"sheets": sorted(sheets)})
    return set(found["sheet_id"].to_pylist())


class _Mail:
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

    def holds(self, hit: Hit, derived: frozenset[str], rule: SearchRule) -> bool:
        """Whether a passage says no more than the mail does, or what was named after it."""
        passage = hit.passage
        folded = passage.casefold().strip()
        for title in derived:
            # A log that quotes an order's title names the order.
            if hit.where != "payment" and title in folded and self._is_full(title):
                folded = folded.replace(title, " ")
        if find_name(self._party.words, folded) is None:
            return True
        if folded in derived or re.split(r"[/\\]", folded)[-1] in derived:
            return True
        if folded in self._names or folded.rpartition("@")[2] in self._names:
            return True
        runs = _three_by_three(words_of(passage))
        copied = sum(run in self._runs for run in runs)
        if runs and copied == len(runs):
            return hit.where != "payment"
        return len(runs) >= rule.least_copied_runs and copied >= rule.least_copied_share * len(runs)

    def _is_full(self, title: str) -> bool:
        return self._party.is_full_name and find_name(self._party.words, title) == "full"


def _three_by_three(words: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(words, words[1:], words[2:], strict=False))


def _derived(connection: duckdb.DuckDBPyConnection, books: Books) -> frozenset[str]:
    """Titles of orders and names of files, in lower case: made from the mail."""
    titles = {job.title.casefold().strip() for job in books.jobs if job.title}
    files = {
        re.split(r"[/\\!]", path)[-1].casefold()
        for path in answer(connection, _FILES)["path"].to_pylist()
    }
    return frozenset(titles | files)


def _passages(
    connection: duckdb.DuckDBPyConnection, books: Books, by_word: Iterable[str]
) -> Iterator[_Passage]:
    """Everything on the servers that may name one of the words."""
    for account in books.accounts:
        key = (account.server, account.account)
        yield _Passage("login", account.account, account.reference, account.server, account=key)
    for payment in books.payments:
        if payment.note:
            key = (payment.server, payment.account)
            reference = payment.references[0]
            yield _Passage("payment", payment.note, reference, payment.server, account=key)
    asked = {
        "content": list(_CONTENT),
        "pattern": "|".join(re.escape(word) for word in sorted(by_word)),
        "most": _MOST_ROWS,
    }
    for row in answer(connection, _ROWS, asked).to_pylist():
        cells = [cell for cell in row["cells"] if cell]
        registered = _registered(connection, row, books)
        row["path"] = f"{row['path']} ({row['sheet']})"
        for cell in cells:
            reference = in_sheet(row["sheet_id"], row["position"])
            yield _read("table", row, reference, cell, " ".join(cells), registered)
    for row in answer(connection, _TEXTS, asked).to_pylist():
        for number, line in enumerate(row["text"].splitlines(), 1):
            yield _read("text", row, f"{row['artifact_id']}#{number}", line, "")
    for row in answer(connection, _ENTITIES, asked).to_pylist():
        reference = f"{row['artifact_id']}#{row['position']}"
        yield _read("address", row, reference, row["value"], "")


_REGISTERED = """
SELECT cell, count(*) AS rows
FROM (SELECT unnest(values) AS cell FROM sheet_rows WHERE sheet_id = $sheet)
WHERE cell IN (SELECT unnest($logins))
GROUP BY cell ORDER BY cell
"""


def _registered(
    connection: duckdb.DuckDBPyConnection, row: dict[str, Any], books: Books
) -> tuple[tuple[str, str], ...]:
    """The accounts that a row registers: no other row of its table names them."""
    logins = {
        account.account for account in books.accounts if account.server == row["server"]
    } & set(row["cells"])
    if not logins:
        return ()
    asked = {"sheet": row["sheet_id"], "logins": sorted(logins)}
    found = answer(connection, _REGISTERED, asked).to_pylist()
    return tuple((row["server"], one["cell"]) for one in found if one["rows"] == 1)


def _read(
    where: str,
    row: dict[str, Any],
    reference: str,
    text: str,
    context: str,
    registered: tuple[tuple[str, str], ...] = (),
) -> _Passage:
    return _Passage(
        where,
        text,
        reference,
        row["server"],
        row["path"],
        row.get("sheet_id"),
        row["artifact_kind"],
        context,
        registered=registered,
    )


def _named(text: str, by_word: dict[str, list[Promoted]]) -> list[Promoted]:
    """The parties whose standing-out word is somewhere in `text`."""
    folded = text.casefold()
    return [party for word, parties in by_word.items() if word in folded for party in parties]

"""Everything on captured servers that may name somebody: logins, notes, cells, lines, addresses.

Files that are made from mail (templates) or list strangers (recipients) are left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from lymer.actors.books import Books, in_sheet
from lymer.engine import answer

# Made from the mail, or lists of strangers: a name in there is nobody's doing.
_CONTENT = ("template", "list", "picture", "program", "binary")
# Rows that name any promoted word are looked at one by one; a list in disguise must not stall it.
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class Passage:
    """Some text on a server that may name somebody."""

    where: str
    """login, payment, table, text, address."""
    text: str
    reference: str
    server: str
    path: str = ""
    sheet_id: str | None = None
    kind: str = ""
    """Of the artifact."""
    account: tuple[str, str] | None = None
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


def count_searched(connection: duckdb.DuckDBPyConnection) -> tuple[Searched, ...]:
    """What there is to look through on every server."""
    rows = answer(connection, _COUNTS, {"content": list(_CONTENT)}).to_pylist()
    return tuple(Searched(**row) for row in rows)


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


def read_passages(
    connection: duckdb.DuckDBPyConnection, books: Books, by_word: Iterable[str]
) -> Iterator[Passage]:
    """Everything on the servers that may name one of the words."""
    for account in books.accounts:
        key = (account.server, account.account)
        yield Passage("login", account.account, account.reference, account.server, account=key)
    for payment in books.payments:
        if payment.note:
            key = (payment.server, payment.account)
            reference = payment.references[0]
            yield Passage("payment", payment.note, reference, payment.server, account=key)
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
            yield _read("table", row, reference, cell, registered)
    for row in answer(connection, _TEXTS, asked).to_pylist():
        for number, line in enumerate(row["text"].splitlines(), 1):
            yield _read("text", row, f"{row['artifact_id']}#{number}", line)
    for row in answer(connection, _ENTITIES, asked).to_pylist():
        reference = f"{row['artifact_id']}#{row['position']}"
        yield _read("address", row, reference, row["value"])


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
    registered: tuple[tuple[str, str], ...] = (),
) -> Passage:
    return Passage(
        where,
        text,
        reference,
        row["server"],
        row["path"],
        row.get("sheet_id"),
        row["artifact_kind"],
        registered=registered,
    )

"""Other names of an account's holder: what is registered beside his login, where else he came from.

A table that has one row for each account registers them; addresses and names of persons in such a
row are aliases. Orders and payments are no register: they name what is sold and who paid.
"""

import re
from collections import defaultdict

import duckdb

from lymer.actors.books import Books
from lymer.actors.cast import Cast
from lymer.actors.names import capital_runs, find_name
from lymer.actors.promoted import Promoted
from lymer.engine import answer

_ADDRESS = re.compile(r"[^\s@<>()\"',;]{1,64}@[^\s@<>()\"',;]{1,255}")
_MOST_ALIASES = 8

# A register names two accounts or more, each of them once.
_REGISTERS = """
WITH named AS (
    SELECT h.sheet_id, a.server, a.path, h.name, r.position, cell
    FROM sheet_rows r
    JOIN sheets h ON h.sheet_id = r.sheet_id
    JOIN artifacts a ON a.artifact_id = h.artifact_id
    CROSS JOIN unnest(list_distinct(r.values)) AS c(cell)
    JOIN accounts k ON k.server = a.server AND k.account = cell
    WHERE a.kind NOT IN ('log', 'access log', 'list', 'template')
      AND h.sheet_id NOT IN (SELECT sheet_id FROM payments WHERE sheet_id IS NOT NULL)
),
registers AS (
    SELECT sheet_id FROM named GROUP BY sheet_id
    HAVING count(*) = count(DISTINCT cell) AND count(*) >= 2
)
SELECT n.server, n.path, n.name, n.cell AS account, r.values AS cells
FROM named n
JOIN registers g ON g.sheet_id = n.sheet_id
JOIN sheet_rows r ON r.sheet_id = n.sheet_id AND r.position = n.position
WHERE NOT EXISTS (
    SELECT 1 FROM jobs j JOIN sheets h ON h.artifact_id = j.artifact_id
    WHERE h.sheet_id = n.sheet_id AND j.position = n.position
      AND list_contains(r.values, j.job_id)
)
ORDER BY n.server, n.path, n.name, n.cell
"""


def add_aliases(
    connection: duckdb.DuckDBPyConnection, books: Books, promoted: list[Promoted], cast: Cast
) -> None:
    """Give the holders of accounts the names that are registered of them.

    A promoted party's name is left out: `lymer.actors.links` judges it.
    """
    for row in answer(connection, _REGISTERS).to_pylist():
        actor = cast.of_account(row["server"], row["account"])
        if actor is None:
            continue
        for cell in row["cells"]:
            if not cell or cell == row["account"]:
                continue
            for name in [*_ADDRESS.findall(cell), *_full_names(cell)]:
                is_judged = any(find_name(party.words, name) for party in promoted)
                if not is_judged and len(actor.aliases) < _MOST_ALIASES:
                    actor.aliases.setdefault(
                        name, f"registered beside his login in {row['path']} ({row['name']})"
                    )
    _add_shared_origins(books, cast)


def _full_names(cell: str) -> list[str]:
    """Names of two words and more."""
    return [" ".join(run.words) for run in capital_runs(cell) if len(run.words) > 1]


def _add_shared_origins(books: Books, cast: Cast) -> None:
    """Accounts that came from one address: a hint that they are one person's, and no more."""
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for account in books.accounts:
        for ip in account.login_ips:
            users[account.server, ip].append(account.account)
    for (server, ip), logins in sorted(users.items()):
        for login in logins:
            actor = cast.of_account(server, login)
            others = ", ".join(other for other in logins if other != login)
            if actor is not None and others:
                actor.reasons.append(f"came from {ip} as did {others}: perhaps one person")

"""What the servers room read, as far as the joins hold it in memory."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import duckdb

from lymer.actors.joins.columns import Book, Column
from lymer.engine import answer

# Of a longer sheet (a log) the first rows tell what its columns are.
_BOOK_ROWS = 200_000
_LOG_ROWS = 20_000


@dataclass
class Artifact:
    """A file of a server."""

    artifact_id: str
    path: str
    kind: str
    why: str

    @property
    def names(self) -> list[str]:
        """What books may call it: its path and base name, and those of the archive around it."""
        plain = [part.replace("\\", "/") for part in self.path.split("!")]
        return [name for part in plain for name in (part, part.rpartition("/")[2]) if name]

    @property
    def folder(self) -> str:
        """Where it lies."""
        return self.path.replace("\\", "/").rpartition("/")[0]


@dataclass
class Server:
    """One captured server, as read."""

    name: str
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    books: list[Book] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    """artifact_id, place and text."""
    names: dict[str, set[str]] = field(default_factory=dict)
    """Names in every file of accounts."""

    def handles(self, but: str | None = None) -> set[str]:
        """Names of system accounts: of those in files of accounts but one."""
        return {name for owner, names in self.names.items() if owner != but for name in names}


def load_servers(connection: duckdb.DuckDBPyConnection) -> list[Server]:
    """All servers of the case, in the order of their names."""
    servers: dict[str, Server] = {}
    found = answer(
        connection,
        """
        SELECT artifact_id, server, path, kind, why FROM artifacts
        ORDER BY server, path, artifact_id
        """,
    )
    for row in found.to_pylist():
        server = servers.setdefault(row["server"], Server(row["server"]))
        server.artifacts[row["artifact_id"]] = Artifact(
            row["artifact_id"], row["path"], row["kind"], row["why"]
        )
    owner = {artifact: server for server in servers.values() for artifact in server.artifacts}
    for row in answer(
        connection,
        "SELECT artifact_id, place, text FROM texts ORDER BY artifact_id, place",
    ).to_pylist():
        owner[row["artifact_id"]].texts.append((row["artifact_id"], row["place"], row["text"]))
    for row in answer(
        connection,
        """
        SELECT DISTINCT artifact_id, value FROM entities
        WHERE kind = 'handle' AND where_found = 'account' ORDER BY ALL
        """,
    ).to_pylist():
        names = owner[row["artifact_id"]].names.setdefault(row["artifact_id"], set())
        names.add(row["value"])
    _load_books(connection, owner)
    return list(servers.values())


def _load_books(connection: duckdb.DuckDBPyConnection, owner: dict[str, Server]) -> None:
    [year] = answer(
        connection, "SELECT CAST(median(year(received_at)) AS INTEGER) AS year FROM messages"
    )["year"].to_pylist()
    sheets = answer(
        connection,
        """
        SELECT sheet_id, artifact_id, server, name, form, columns, row_count FROM sheets
        ORDER BY server, sheet_id
        """,
    ).to_pylist()
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for sheet in sheets:
        artifact = owner[sheet["artifact_id"]].artifacts[sheet["artifact_id"]]
        alike[_shape(sheet, artifact)].append(sheet)
    for parts in alike.values():
        server = owner[parts[0]["artifact_id"]]
        total = sum(part["row_count"] for part in parts)
        most = _BOOK_ROWS if parts[0]["form"] != "lines" else _LOG_ROWS
        rows: list[dict[str, Any]] = []
        for part in parts:
            if len(rows) >= most:
                break
            rows += answer(
                connection,
                f"""
                SELECT position, values FROM sheet_rows WHERE sheet_id = $sheet
                ORDER BY position LIMIT {most - len(rows)}
                """,
                {"sheet": part["sheet_id"]},
            ).to_pylist()
            for row in rows[-part["row_count"] :]:
                row.setdefault("place", (part["sheet_id"], part["artifact_id"], row["position"]))
        names = parts[0]["columns"]
        book = Book(
            len(server.books),
            server.name,
            parts[0]["name"],
            parts[0]["form"],
            [part["sheet_id"] for part in parts],
            total,
            [
                Column(name, [row["values"][n] for row in rows], year)
                for n, name in enumerate(names)
            ],
            [row["place"] for row in rows],
            server.artifacts[parts[0]["artifact_id"]].kind,
            is_whole=len(rows) == total,
        )
        if len(parts) > 1 and total == len(parts) == len(rows):
            # A file for every row: its name may be the key.
            paths = [server.artifacts[row["place"][1]].path for row in rows]
            book.own_columns = len(book.columns)
            book.columns.append(Column("file", [*_own_names(paths)]))
        if rows:
            server.books.append(book)


def _own_names(paths: list[str]) -> list[str]:
    """What tells files apart: their names without endings, or else those of folders they lie in."""
    split = [path.replace("\\", "/").replace("!", "/").split("/") for path in paths]
    stems = [parts[-1].partition(".")[0] for parts in split]
    for level in range(1, min(map(len, split)) + 1):
        names = stems if level == 1 else [parts[-level] for parts in split]
        if len(set(names)) == len(names):
            return names
    return stems


def _shape(sheet: dict[str, Any], artifact: Artifact) -> tuple[Any, ...]:
    """Sheets with the same shape are one book: a table cut into files, a log that was rotated."""
    columns = tuple(sheet["columns"])
    form = sheet["form"]
    if form == "lines":
        return (sheet["server"], form, artifact.kind, sheet["name"])
    if form in ("sqlite", "dump"):
        return (sheet["server"], form, re.sub(r"\d+", "", sheet["name"]), columns)
    named = not all(re.fullmatch(r"c\d+", name) for name in columns)
    return (sheet["server"], form, artifact.kind, columns, "" if named else artifact.folder)

"""Reading a folder as a captured server, into a case without mail."""

from pathlib import Path

from lymer.case import Case, create_case
from lymer.case.servers import take_in_servers


def read_server(server: Path, folder: Path) -> Case:
    """A new case in `folder` that holds what `server` has."""
    case = create_case(folder)
    with case.writing():
        take_in_servers(case, [server], lambda _: None)
    return case


def artifacts(case: Case) -> dict[str, dict[str, object]]:
    """The rows of the artifacts, by path."""
    return {row["path"]: row for row in case.table("artifacts").to_pylist()}


def rows_of(case: Case, name: str) -> list[list[str | None]]:
    """The rows of the sheet of that name."""
    found = case.sql(
        """
        SELECT r.values AS v FROM sheets s JOIN sheet_rows r USING (sheet_id)
        WHERE s.name = $name ORDER BY s.sheet_id, r.position
        """,
        {"name": name},
    )
    return [row["v"] for row in found.to_pylist()]

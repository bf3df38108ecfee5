"""Tables that pages ask again and again, made once for a snapshot.

They lie in the schema `desk` of the snapshot's own connection: a page reads some thousand rows of
them, where the case's tables would make it read all.
"""

from dataclasses import dataclass

import duckdb

from lymer.case import Case
from lymer.engine import answer


@dataclass(frozen=True)
class ConsoleRule:
    """What bounds a page. `tools/console_bench.py` measures what they cost."""

    rows: int = 50
    """Of a table on a page: what is read before one narrows the search."""
    last_page: int = 200
    """Beyond 10,000 rows a search is the way, and an OFFSET would cost over 200 ms."""
    sql_rows: int = 1_000
    """Of an answer to a query."""
    sql_seconds: float = 20.0
    """Then a query is stopped: no page of the console's own takes a hundredth of that."""
    characters: int = 160
    """Of a subject in a table; the SpamAssassin corpus has 0.1 % longer ones."""


RULE = ConsoleRule()

_BY_MESSAGE = ("hops", "links", "attachments", "fingerprints", "selectors", "origins")

_PREPARED = f"""
CREATE TABLE desk.mail AS
SELECT m.message_id, c.campaign_id, m.received_at, m.client_ip, m.carriage, m.length_bytes,
       left(m.from_address, 120) AS from_address,
       left(m.from_name, 80) AS from_name,
       left(m.subject, {RULE.characters}) AS subject,
       CAST(len(m.defects) AS INTEGER) AS defect_count,
       lower(left(coalesce(m.subject, ''), {RULE.characters}) || ' '
             || left(coalesce(m.from_name, ''), 80) || ' '
             || left(coalesce(m.from_address, ''), 120)) AS words
FROM messages m LEFT JOIN campaign_messages c ON c.message_id = m.message_id
ORDER BY m.received_at NULLS LAST, m.message_id;

CREATE TABLE desk.days AS
SELECT CAST(d.received_at AS DATE) AS day, d.campaign_id,
       CAST(count(*) AS BIGINT) AS messages
FROM desk.mail d WHERE d.received_at IS NOT NULL GROUP BY ALL ORDER BY campaign_id, day;

CREATE TABLE desk.domain_messages AS
SELECT DISTINCT domain, message_id FROM links WHERE domain IS NOT NULL ORDER BY domain, message_id;

CREATE TABLE desk.campaign_domains AS
SELECT c.campaign_id, l.domain, CAST(count(DISTINCT l.message_id) AS BIGINT) AS messages,
       min(l.url) AS url
FROM links l LEFT JOIN campaign_messages c ON c.message_id = l.message_id
WHERE l.domain IS NOT NULL GROUP BY ALL;

CREATE TABLE desk.domains AS
SELECT domain, CAST(sum(messages) AS BIGINT) AS messages,
       CAST(count(campaign_id) AS BIGINT) AS campaigns
FROM desk.campaign_domains GROUP BY domain;

CREATE TABLE desk.campaign_files AS
SELECT c.campaign_id, a.sha256, min(a.name) AS name, min(a.media_type) AS media_type,
       min(a.picture_hash) AS picture_hash,
       CAST(max(a.size_bytes) AS BIGINT) AS size_bytes,
       CAST(count(DISTINCT a.message_id) AS BIGINT) AS messages
FROM attachments a JOIN campaign_messages c ON c.message_id = a.message_id
GROUP BY c.campaign_id, a.sha256;
"""

# Which file of a table holds the rows of which messages: a message is then one small file away.
_FILES = """
CREATE TABLE desk.message_files AS
SELECT message_id, filename AS file FROM read_parquet($files, filename = true)
"""
_OTHER_FILES = """
INSERT INTO desk.files
SELECT DISTINCT $name, m.file, t.filename
FROM read_parquet($files, filename = true) t
JOIN desk.message_files m ON m.message_id = t.message_id
"""


def prepare(case: Case, connection: duckdb.DuckDBPyConnection) -> None:
    """Make the prepared tables in `connection`, and its views fit for cursors."""
    connection.execute("CREATE SCHEMA desk")
    views = answer(connection, "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal")
    for name, text in zip(views[0].to_pylist(), views[1].to_pylist(), strict=True):
        if f"{name}__empty" in text:
            # The view of an empty table leans on an object that only this connection sees.
            connection.execute(f'CREATE TABLE desk."none_{name}" AS SELECT * FROM "{name}"')
            connection.execute(
                f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM desk."none_{name}"'
            )
    for statement in _PREPARED.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    _find_files(case, connection)


def _find_files(case: Case, connection: duckdb.DuckDBPyConnection) -> None:
    tables = case.store.tables
    connection.execute("CREATE TABLE desk.files (name VARCHAR, message_file VARCHAR, file VARCHAR)")
    files = case.store.files(tables["messages"])
    if not files:
        connection.execute("CREATE TABLE desk.message_files (message_id VARCHAR, file VARCHAR)")
        return
    connection.execute(_FILES, {"files": files})
    connection.execute("INSERT INTO desk.files SELECT DISTINCT 'messages', file, file "
                       "FROM desk.message_files")  # fmt: skip
    for name in _BY_MESSAGE:
        files = case.store.files(tables[name])
        if files:
            connection.execute(_OTHER_FILES, {"name": name, "files": files})


def read_of_message(
    connection: duckdb.DuckDBPyConnection, name: str, message_id: str, order: str
) -> list[dict[str, object]]:
    """The rows that the table `name` has of one message."""
    files = answer(
        connection,
        """
        SELECT f.file FROM desk.message_files m JOIN desk.files f ON f.message_file = m.file
        WHERE m.message_id = $id AND f.name = $name
        """,
        {"id": message_id, "name": name},
    )["file"].to_pylist()
    if not files:
        return []
    found = answer(
        connection,
        f"SELECT * FROM read_parquet($files) WHERE message_id = $id ORDER BY {order}",
        {"files": files, "id": message_id},
    )
    return list(found.to_pylist())

"""Questions in SQL, and those that analysts ask again and again."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query

from lymer.console.desk import Row
from lymer.console.pages import Look, add
from lymer.errors import UsageError

router = APIRouter()


@dataclass(frozen=True)
class Saved:
    """A query that one need not write."""

    name: str
    query: str


@dataclass(frozen=True)
class Answer:
    """The answer to a query, or why there is none."""

    query: str
    columns: list[str]
    rows: list[Row]
    is_cut: bool
    problem: str | None
    saved: list[Saved]
    tables: list[Row]


_SAVED = (
    Saved(
        "Domains that several campaigns advertise",
        """SELECT l.domain, count(DISTINCT c.campaign_id) AS campaigns,
       count(DISTINCT l.message_id) AS messages
FROM links l JOIN campaign_messages c ON c.message_id = l.message_id
WHERE l.domain IS NOT NULL
GROUP BY l.domain HAVING campaigns > 1
ORDER BY campaigns DESC, messages DESC LIMIT 100""",
    ),
    Saved(
        "The busiest clients, and what they sent",
        """SELECT m.client_ip, count(*) AS messages, count(DISTINCT c.campaign_id) AS campaigns,
       min(m.received_at) AS first_seen_at, max(m.received_at) AS last_seen_at
FROM messages m LEFT JOIN campaign_messages c ON c.message_id = m.message_id
GROUP BY m.client_ip ORDER BY messages DESC LIMIT 100""",
    ),
    Saved(
        "Templates that may be used as rules",
        """SELECT t.campaign_id, t.template_id, t.member_count, t.coverage_share, t.fixed_bits,
       t.subject_pattern, t.pattern
FROM templates t WHERE t.is_published ORDER BY t.member_count DESC LIMIT 50""",
    ),
    Saved(
        "Bots of every botnet that were seen last, to tell their providers",
        """SELECT b.name, x.client_ip, x.last_seen_at, x.message_count
FROM bots x JOIN botnets b ON b.botnet_id = x.botnet_id
WHERE b.is_separable ORDER BY x.last_seen_at DESC, x.client_ip LIMIT 500""",
    ),
    Saved(
        "Messages by receiver and day",
        """SELECT receiver, CAST(received_at AS DATE) AS day, count(*) AS messages
FROM messages GROUP BY receiver, day ORDER BY day, receiver LIMIT 1000""",
    ),
    Saved(
        "What was wrong with messages",
        """SELECT defect, count(*) AS messages
FROM (SELECT unnest(defects) AS defect FROM messages)
GROUP BY defect ORDER BY messages DESC""",
    ),
    Saved(
        "Mails whose text holds a word",
        """SELECT message_id, received_at, subject, client_ip
FROM messages WHERE text ILIKE '%word%' ORDER BY received_at LIMIT 100""",
    ),
    Saved(
        "How many were sent, stage by stage",
        """SELECT c.name, v.* FROM volumes v JOIN campaigns c ON c.campaign_id = v.campaign_id
ORDER BY c.message_count DESC, v.point DESC LIMIT 200""",
    ),
)


def sql(
    look: Look,
    q: Annotated[str, Query(max_length=20_000, description="one SELECT, DuckDB's SQL")] = "",
) -> Answer:
    """One SELECT over the tables of the case. It reads and cannot change anything."""
    names: list[str] = []
    rows: list[Row] = []
    is_cut, problem = False, None
    if q.strip():
        try:
            names, found, is_cut = look.query(q)
        except UsageError as error:
            problem = str(error)
        else:
            names = _distinct(names)
            rows = [{name: _as_json(value) for name, value in zip(names, row, strict=True)}
                    for row in found]  # fmt: skip
    return Answer(
        q, names, rows, is_cut, problem, list(_SAVED),
        [
            {
                "name": name,
                "doc": table.doc,
                "is_filled": name in look.filled,
                "columns": [column.name for column in table.columns],
            }
            for name, table in look.tables.items()
        ],
    )  # fmt: skip


def _distinct(names: list[str]) -> list[str]:
    """Column names, told apart where a query has some twice."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return told


def _as_json(value: Any) -> Any:
    """A value that a page and JSON can show, and no larger than one reads."""
    if isinstance(value, bytes):
        return value[:200].hex()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, str):
        return value[:20_000]
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value[:200]]
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in list(value.items())[:200]}
    return value


add(router, "/sql", "sql", sql)

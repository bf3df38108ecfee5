"""Cases whose truth is known: mail that praises invented people, and the books of a server."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lymer.case import Case, create_case
from lymer.store import stage
from lymer.tables import Table

Row = dict[str, Any]

BEGIN = datetime(2007, 10, 20, tzinfo=UTC)
CANDIDATE = "Dora Quillfeather"
BRAND = "Zanexolin"
SERVER = "box"


def build_case(folder: Path, tables: Mapping[str, Sequence[Row]]) -> Case:
    """A case on disk that holds `tables`; columns that are not given are null."""
    case = create_case(folder)
    with case.writing():
        staged = []
        for name, rows in tables.items():
            table = case.store.tables[name]
            if rows:
                staged.append(stage(case.store.folder, table, _batch(table, rows)))
        case.store.commit(staged)
    return case


def _batch(table: Table, rows: Sequence[Row]) -> Any:
    names = [column.name for column in table.columns]
    for row in rows:
        assert set(row) <= set(names), (table.name, set(row) - set(names))
    return table.batch([tuple(row.get(name) for name in names) for row in rows])


_SAID = ("The team welcome a new debate.", "Many readers enjoy the fresh start.",
         "Nothing beats an honest week.", "Careful people choose the bright side.",
         "Our friends recommend it at once.")  # fmt: skip


def candidate_text(number: int, name: str = CANDIDATE) -> str:
    """Praise of a person."""
    last = name.split()[-1]
    return (
        f"{name} for mayor!\n\n{_SAID[number % 5]} Why do voters trust {last}? "
        f"{_SAID[(number + 2) % 5]} No other can do what {last} can.\n\n"
        "Read more: http://rally.example/now"
    )


def brand_text(number: int, name: str = BRAND) -> str:
    """Praise of goods, in turning words."""
    lines = (f"Order {name} today and save.", f"People like you value {name} more than most.",
             f"This week {name} is half the price.")  # fmt: skip
    return f"{lines[number % 3]} {_SAID[number % 5]}\nThe best {name} around.\nhttp://pills.example"


def plain_text(number: int) -> str:
    """Mail that praises nobody by name."""
    return f"Win at our tables tonight. {_SAID[number % 5]} {_SAID[(number + 1) % 5]} Play now."


Texts = Iterable[tuple[str, str]]


def mail(
    campaigns: Mapping[str, Texts], *, status: Mapping[str, str] | None = None
) -> dict[str, list[Row]]:
    """Tables of mail: by campaign id its subjects and texts."""
    tables: dict[str, list[Row]] = {
        "messages": [], "campaigns": [], "campaign_messages": [], "volumes": []
    }  # fmt: skip
    for campaign, texts in campaigns.items():
        rows = []
        for number, (subject, text) in enumerate(texts):
            at = BEGIN + timedelta(hours=3 * number)
            rows.append(
                {
                    "message_id": f"{campaign[2:]}{number:060x}",
                    "subject": subject,
                    "text": text,
                    "from_name": f"Sender {number}",
                    "from_address": f"s{number}@lent{number}.example",
                    "client_ip": f"192.0.2.{number + 1}",
                    "received_at": at,
                    "carriage": "direct",
                    "defects": [],
                }
            )
        tables["messages"] += rows
        tables["campaign_messages"] += [
            {"campaign_id": campaign, "message_id": row["message_id"]} for row in rows
        ]
        tables["campaigns"].append(
            {
                "campaign_id": campaign,
                "name": rows[0]["subject"],
                "kind": "botnet",
                "first_seen_at": rows[0]["received_at"],
                "last_seen_at": rows[-1]["received_at"],
                "message_count": len(rows),
                "client_count": len(rows),
                "status": (status or {}).get(campaign, "open"),
            }
        )
    return tables


def usual_mail(**options: Any) -> dict[str, list[Row]]:
    """A candidate's campaign, one for pills and one that names nobody."""
    return mail(
        {
            "c-aa01": [(f"Vote {n}", candidate_text(n)) for n in range(20)],
            "c-bb02": [(f"{BRAND} deal", brand_text(n)) for n in range(12)],
            "c-cc03": [(f"Tables {n}", plain_text(n)) for n in range(12)],
        },
        **options,
    )


def order(job: str, account: str, campaign: str | None, title: str, **more: Any) -> Row:
    """A row of jobs."""
    number = int(job)
    return {
        "job_id": job,
        "server": SERVER,
        "account": account,
        "campaign_id": campaign,
        "title": title,
        "targets": 1_000_000,
        "sent": 900_000,
        "accepted": 600_000,
        "started_at": BEGIN + timedelta(days=number),
        "ended_at": BEGIN + timedelta(days=number, hours=9),
        "price": 100.0 + number,
        "artifact_id": "books",
        "position": number,
        **more,
    }


def payment(number: int, account: str, amount: float, note: str) -> Row:
    """A row of payments."""
    return {
        "server": SERVER,
        "account": account,
        "amount": amount,
        "note": note,
        "paid_at": BEGIN + timedelta(days=number),
        "artifact_id": "books",
        "sheet_id": "s-pay",
        "position": number,
    }


def usual_books(note: str = "wire") -> dict[str, list[Row]]:
    """An operator, a middleman who ordered the candidate's mail and pills, and another customer.

    `note` stands beside the payment of the candidate's order.
    """
    accounts = [("boss7", "9", True), ("nim77", "1", False), ("olb12", "1", False)]
    return {
        "artifacts": [
            {"artifact_id": "books", "server": SERVER, "path": "db.sql", "kind": "dump"},
            {"artifact_id": "conf", "server": SERVER, "path": "app.ini", "kind": "config"},
            {"artifact_id": "src", "server": SERVER, "path": "queue.pl", "kind": "source"},
            {"artifact_id": "pw", "server": SERVER, "path": "passwd", "kind": "accounts"},
            {"artifact_id": "sh", "server": SERVER, "path": ".history", "kind": "history"},
            {"artifact_id": "tpl", "server": SERVER, "path": "t/quill.txt", "kind": "template"},
            {"artifact_id": "rcpt", "server": SERVER, "path": "l/1.txt", "kind": "list"},
            {"artifact_id": "deliv", "server": SERVER, "path": "out.log", "kind": "log"},
        ],
        "accounts": [
            {
                "server": SERVER, "account": account, "account_key": account,
                "privilege": privilege, "is_privileged": is_privileged, "job_count": 0,
                "login_ips": [], "artifact_id": "books", "why": "listed",
            }
            for account, privilege, is_privileged in accounts
        ],
        "jobs": [
            order("1", "nim77", "c-aa01", "Quillfeather", targets=50_000_000, price=900.0),
            order("2", "nim77", "c-bb02", "pills"),
            order("3", "olb12", "c-cc03", "tables"),
        ],
        "payments": [
            payment(1, "nim77", 900.0, note),
            payment(2, "nim77", 102.0, ""),
            payment(3, "olb12", 103.0, "ok"),
        ],
        "entities": [
            entity("conf", "handle", "boss7", 3),
            entity("conf", "address", "boss7@host.example", 4),
            entity("src", "handle", "boss7", 2),
            entity("src", "handle", "vlam", 9),
            entity("pw", "handle", "vlam", 3),
            entity("pw", "handle", "root", 1),
            entity("src", "handle", "root", 5),
            entity("src", "handle", "once", 7),
        ],
    }  # fmt: skip


def entity(artifact: str, kind: str, value: str, position: int) -> Row:
    """A row of entities."""
    return {
        "artifact_id": artifact, "kind": kind, "value": value, "position": position, "count": 1,
        "where_found": "text",
    }  # fmt: skip


def sheet(
    sheet_id: str, artifact: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]]
) -> dict[str, list[Row]]:
    """A table on the server, with its rows."""
    return {
        "sheets": [
            {
                "sheet_id": sheet_id, "artifact_id": artifact, "server": SERVER,
                "name": sheet_id, "columns": list(columns), "row_count": len(rows),
            }
        ],
        "sheet_rows": [
            {"sheet_id": sheet_id, "position": number, "values": list(values)}
            for number, values in enumerate(rows, 1)
        ],
    }  # fmt: skip


def together(*parts: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """All rows of several parts."""
    tables: dict[str, list[Row]] = {}
    for part in parts:
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    return tables

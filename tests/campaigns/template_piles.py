"""Messages of invented campaigns as the tables that templates are inferred from."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from lymer.campaigns import CAMPAIGN_MESSAGES, CAMPAIGNS, infer_templates
from lymer.engine import LocalEngine
from lymer.features import FINGERPRINTS
from lymer.messages import ATTACHMENTS, MESSAGES
from lymer.tables import Table

BEGIN = datetime(2007, 10, 1, tzinfo=UTC)


@dataclass
class Mail:
    """One message; what is not given is as in any mail."""

    text: str
    campaign: str | None = "c-a"
    subject: str = "Hello"
    recipient: str = "trap@trap.example"
    name: str = ""
    at_hours: float = 0.0
    carriage: str = "direct"
    traits: str = "From bare; Date short"
    picture: str | None = None
    message_id: str = field(default="", init=False)


def template_rows(
    mails: Sequence[Mail], kinds: dict[str, str] | None = None, *, shuffle: int = 0
) -> list[dict[str, Any]]:
    """The rows of `templates` for the mails; `kinds` of campaigns that are not botnets'."""
    with (
        TemporaryDirectory() as spill,
        LocalEngine(1) as engine,
        connection_of(mails, kinds or {}, shuffle) as connection,
    ):
        return list(infer_templates(connection, engine, spill=Path(spill)).to_pylist())


def connection_of(
    mails: Sequence[Mail], kinds: dict[str, str], shuffle: int = 0
) -> duckdb.DuckDBPyConnection:
    """A connection that shows the mails; `shuffle` seeds the order of its rows."""
    for number, mail in enumerate(mails):
        mail.message_id = hashlib.sha256(f"{number} {mail.text}".encode()).hexdigest()
    order = list(mails)
    random.Random(shuffle).shuffle(order)
    campaigns = sorted({mail.campaign for mail in mails if mail.campaign})
    tables: list[tuple[Table, Iterable[dict[str, Any]]]] = [
        (MESSAGES, map(_message, order)),
        (FINGERPRINTS, ({"message_id": m.message_id, "traits": m.traits} for m in order)),
        (
            ATTACHMENTS,
            (
                {
                    "message_id": m.message_id,
                    "position": 1,
                    "media_type": "image/gif",
                    "picture_hash": m.picture,
                }
                for m in order
                if m.picture
            ),
        ),
        (
            CAMPAIGN_MESSAGES,
            (
                {"campaign_id": m.campaign, "message_id": m.message_id, "why": "made so"}
                for m in order
                if m.campaign
            ),
        ),
        (CAMPAIGNS, ({"campaign_id": c, "kind": kinds.get(c, "botnet")} for c in campaigns)),
    ]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table, rows in tables:
        connection.register(table.name, pa.Table.from_pylist(list(rows), schema=table.schema))
    return connection


def _message(mail: Mail) -> dict[str, Any]:
    return {
        "message_id": mail.message_id,
        "received_at": BEGIN + timedelta(hours=mail.at_hours),
        "recipients": [mail.recipient],
        "from_name": mail.name,
        "subject": mail.subject,
        "text": mail.text,
        "carriage": mail.carriage,
        "length_bytes": 1_000,
    }


_CONSONANTS, _VOWELS = "bdfgklmnprst", "aeiou"


def invented(source: random.Random, *, syllables: int = 2) -> str:
    """A word that no language has."""
    return "".join(
        source.choice(_CONSONANTS) + source.choice(_VOWELS) + source.choice(_CONSONANTS)
        for _ in range(syllables)
    )


def salad(source: random.Random, low: int, high: int) -> str:
    """Sentences of words that hardly come back, `low` to `high` words in all."""
    words = [invented(source) for _ in range(source.randint(low, high))]
    return " ".join(w + "." if n % 7 == 6 else w for n, w in enumerate(words)) + "."

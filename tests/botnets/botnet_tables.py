"""A case's tables in memory, and mail of pools of bots whose truth is known."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from lymer.case.case import TABLES

BEGIN = datetime(2007, 10, 1, tzinfo=UTC)

Row = dict[str, Any]


def open_tables(tables: Mapping[str, Sequence[Row]]) -> duckdb.DuckDBPyConnection:
    """A connection with all tables of a case; those not given are empty."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in TABLES:
        rows = pa.Table.from_pylist(list(tables.get(table.name, ())), schema=table.schema)
        connection.register("rows", rows)
        connection.execute(f'CREATE TABLE "{table.name}" AS SELECT * FROM rows')
    return connection


def traits(
    *,
    sender: str = "quoted name",
    token: str = "x.X by '.' to 24",
    domain: str = "sender's domain",
    date: str = "Aa, 9 Aa 9999 99:99:99 +9999",
    mime: str = "text/plain",
    folding: str = "folded by tab",
    boundary: str = "",
    forged: str = "none",
    odd: str = "",
) -> str:
    """The traits of a fingerprint, in the words of the features room."""
    parts = [f"From {sender}", f"Message-ID {token} at {domain}", f"Date {date}", f"MIME {mime}"]
    parts.append(f"Content-Type {folding}")
    if boundary:
        parts.append(f"boundary {boundary}")
    parts.append(f"forged Received {forged}")
    return "; ".join([*parts, odd] if odd else parts)


class Mails:
    """Collects mails as rows of messages, fingerprints, campaigns and campaign_messages."""

    def __init__(self) -> None:
        self._mails: list[Row] = []
        self._kinds: dict[str, str] = {}

    def add(
        self,
        campaign: str | None,
        traits: str,
        client: str,
        at: datetime,
        *,
        helo: str = "pc",
        reverse_name: str | None = None,
        mailer: str | None = None,
        carriage: str = "direct",
        kind: str = "botnet",
    ) -> None:
        """One mail; its id is its number."""
        if campaign:
            self._kinds[campaign] = kind
        self._mails.append(
            {
                "message_id": f"{len(self._mails):08x}",
                "campaign_id": campaign,
                "dialect_id": traits,
                "traits": traits,
                "client_ip": client,
                "received_at": at,
                "helo": helo,
                "reverse_name": reverse_name,
                "mailer": mailer,
                "carriage": carriage,
            }
        )

    def tables(self) -> dict[str, list[Row]]:
        """The rows by table."""
        in_campaign = [mail for mail in self._mails if mail["campaign_id"]]
        return {
            "messages": _columns(self._mails, "messages"),
            "fingerprints": _columns(self._mails, "fingerprints"),
            "campaign_messages": _columns(in_campaign, "campaign_messages"),
            "campaigns": [{"campaign_id": c, "kind": k} for c, k in sorted(self._kinds.items())],
        }


def _columns(rows: Iterable[Row], name: str) -> list[Row]:
    known = next(table for table in TABLES if table.name == name).schema.names
    return [{key: value for key, value in row.items() if key in known} for row in rows]


class Pool:
    """Bots that send unequally, change addresses, and are cleaned and replaced."""

    def __init__(self, seed: int, size: int, *, change: float = 0.05) -> None:
        self._rng = np.random.default_rng(seed)
        self._rate = self._rng.lognormal(0, 1, size)
        self._base = seed * 10_000_000
        self._address = np.arange(size) + self._base
        self._next = size + self._base
        self._change = change
        self._day = 0

    def share(self, other: "Pool", count: int) -> None:
        """Let `count` PCs carry a bot of `other` too."""
        self._address[:count] = other._address[:count]

    def send(self, mails: int, first: int, days: int) -> list[tuple[int, datetime]]:
        """Address numbers and times of `mails` over `days` from day `first` on."""
        sent = []
        for day in range(first, first + days):
            while self._day < day:
                moved = np.flatnonzero(self._rng.random(len(self._address)) < self._change)
                self._address[moved] = self._next + np.arange(len(moved))
                self._next += len(moved)
                self._day += 1
            chosen = self._rng.choice(
                len(self._rate), mails // days, p=self._rate / self._rate.sum()
            )
            sent += [
                (
                    int(self._address[bot]),
                    BEGIN + timedelta(days=day, seconds=int(self._rng.integers(86400))),
                )
                for bot in chosen.tolist()
            ]
        return sent


def dotted(number: int) -> str:
    """An address of class E, which nobody has."""
    number = (number * 2654435761) % (1 << 28)
    return f"{240 + (number >> 24)}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

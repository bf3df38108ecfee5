"""Reads a made world as a stranger would: mboxes by their From lines, truth as Parquet."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq


@dataclass(frozen=True)
class World:
    """A world's folder."""

    path: Path

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(pq.read_table(self.path / "truth" / f"{table}.parquet").to_pylist())

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """The query's rows; every table of the truth is a view."""
        with duckdb.connect(config={"autoload_known_extensions": False}) as base:
            for file in sorted((self.path / "truth").glob("*.parquet")):
                base.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_parquet('{file}')")
            return base.execute(query).fetchall()

    @cached_property
    def mails(self) -> dict[str, bytes]:
        """The stored messages by the SHA-256 of their bytes."""
        mails: dict[str, bytes] = {}
        for box in sorted(self.path.glob("*/*.mbox")):
            for mail in split(box.read_bytes()):
                mails[sha256(mail).hexdigest()] = mail
        return mails

    def of(self, where: str) -> list[bytes]:
        """The stored messages whose truth matches, in the order of the truth."""
        ids = self.sql(
            "SELECT message_id FROM (SELECT m.*, c.manner, c.language, c.theme, c.kind AS how "
            f"FROM messages m LEFT JOIN campaigns c USING (campaign_id)) WHERE {where}"
        )
        return [self.mails[message_id] for (message_id,) in ids]


def split(box: bytes) -> list[bytes]:
    """The messages of an mbox: from after the From line to before the blank line that ends them."""
    assert box.startswith(b"From ")
    assert box.endswith(b"\n\n")
    # The separator holds the message's last line break and the blank line.
    parts = (b"\n\n" + box[:-2]).split(b"\n\nFrom ")[1:]
    return [part[part.index(b"\n") + 1 :] + b"\n" for part in parts]

"""A case is a folder: settings, tables, ledger. It can be moved and archived."""

import fcntl
import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import gettempprefix
from typing import Any

import duckdb
import pyarrow as pa

from lymer.actors import (
    ACTORS,
    CLAIMS,
    HYPOTHESES,
    PROFILES,
    TIMELINE,
    VERDICT,
    WEIGHINGS,
)
from lymer.actors.joins import (
    ACCOUNTS,
    CALIBRATIONS,
    COVERAGE,
    JOBS,
    LISTS,
    MENTIONS,
    NODE_CLIENTS,
    NODE_COUNTS,
    NODES,
    PAYMENTS,
)
from lymer.botnets import (
    BOTNET_CAMPAIGNS,
    BOTNET_NETWORKS,
    BOTNETS,
    BOTS,
    CLIENT_NETWORKS,
    CONTROLLERS,
    DIALECT_TRAITS,
    DIALECTS,
    LIVE_DAYS,
    POPULATIONS,
    STEERED,
    VOLUMES,
)
from lymer.campaigns import (
    CAMPAIGN_MESSAGES,
    CAMPAIGNS,
    GROUPED_MESSAGES,
    LINEAGE,
    OPERATION_CAMPAIGNS,
    OPERATIONS,
    TEMPLATES,
)
from lymer.engine import answer, connect
from lymer.errors import CaseError, StorageError, UsageError
from lymer.evidence import EVIDENCE, ORIGINS, REPORTS
from lymer.features import FINGERPRINTS, SELECTORS
from lymer.flows import CAPTURES, CONTACTS
from lymer.messages import ATTACHMENTS, HOPS, LINKS, MESSAGES, RELAYS, SENSORS, Relay, Trust
from lymer.servers import ARTIFACTS, ENTITIES, LISTED, SHEET_ROWS, SHEETS, TEXTS
from lymer.store import Ledger, Store, naming_refusals

CASE_VERSION = 1

TABLES = (
    EVIDENCE,
    ORIGINS,
    REPORTS,
    MESSAGES,
    HOPS,
    LINKS,
    ATTACHMENTS,
    RELAYS,
    SENSORS,
    CAPTURES,
    CONTACTS,
    ARTIFACTS,
    ENTITIES,
    SHEETS,
    SHEET_ROWS,
    TEXTS,
    LISTED,
    FINGERPRINTS,
    SELECTORS,
    CAMPAIGNS,
    CAMPAIGN_MESSAGES,
    OPERATIONS,
    OPERATION_CAMPAIGNS,
    GROUPED_MESSAGES,
    LINEAGE,
    TEMPLATES,
    DIALECTS,
    DIALECT_TRAITS,
    BOTNETS,
    BOTNET_CAMPAIGNS,
    BOTS,
    POPULATIONS,
    LIVE_DAYS,
    VOLUMES,
    CONTROLLERS,
    STEERED,
    CLIENT_NETWORKS,
    BOTNET_NETWORKS,
    ACCOUNTS,
    JOBS,
    PAYMENTS,
    NODES,
    NODE_CLIENTS,
    NODE_COUNTS,
    CALIBRATIONS,
    LISTS,
    MENTIONS,
    COVERAGE,
    ACTORS,
    CLAIMS,
    PROFILES,
    HYPOTHESES,
    WEIGHINGS,
    TIMELINE,
    VERDICT,
)


@dataclass(frozen=True)
class Settings:
    """What stands in case.toml."""

    name: str
    created_at: datetime
    trust: tuple[str, ...] = ()
    tlp: str = "AMBER"
    analyst: str = ""
    version: int = CASE_VERSION


@dataclass
class Case:
    """An open case. Reading needs no more; `writing` is for one process at a time."""

    folder: Path
    settings: Settings
    ledger: Ledger = field(repr=False)

    @cached_property
    def store(self) -> Store:
        """The tables."""
        return Store(self.folder / "tables", TABLES, self.ledger)

    def table(self, name: str) -> pa.Table:
        """A table of the case as Arrow, by name."""
        table = self.store.tables.get(name)
        if table is None:
            known = ", ".join(sorted(self.store.tables))
            raise UsageError(f"there is no table {name!r}. The tables are: {known}.")
        return self.store.read(table)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with a view of every table, for relational work."""
        return connect(self.store, spill=self.folder / ".spill")

    def sql(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The answer to one SELECT over the tables."""
        with self.connect() as connection:
            return ask(connection, query, parameters)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the case for writing, and undo what a killed run left half-done."""
        lock = self.folder / ".lock"
        try:
            handle = lock.open("w")
        except OSError as error:
            raise StorageError(f"{self.folder} cannot be written: {error.strerror}.") from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CaseError(
                    f"{self.folder} is in use by another lymer. Wait for it to end."
                ) from None
            self.store.prepare()
            # Copies and sorted texts of a writer; what readers spill are files, not folders.
            for left in (self.folder / ".spill").glob(f"{gettempprefix()}*/"):
                shutil.rmtree(left, ignore_errors=True)
            with naming_refusals(self.folder):
                yield

    def trust(self) -> Trust:
        """Whom the case believes: what its user gave, the relays and sensors it learned."""
        relays = self.store.read(RELAYS).to_pylist()
        sensors = self.store.read(SENSORS).to_pylist()
        return (
            Trust.given(self.settings.trust)
            .with_relays(
                Relay(row["ip"], row["name"], row["message_count"], row["why"]) for row in relays
            )
            .with_sensors((row["name"], row["stands"]) for row in sensors)
        )

    def add_trust(self, words: Sequence[str]) -> None:
        """Keep receivers to be trusted in case.toml, for this evidence and what comes later."""
        trust = tuple(dict.fromkeys((*self.settings.trust, *words)))
        if trust != self.settings.trust:
            self.settings = replace(self.settings, trust=trust)
            _write_settings(self.folder, self.settings)

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def ask(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any] | None = None,
) -> pa.Table:
    """Run one statement that reads; anything else is refused."""
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1:
            raise UsageError("give one SQL statement.")
        if statements[0].type not in (
            duckdb.StatementType.SELECT,
            duckdb.StatementType.EXPLAIN,
        ):
            raise UsageError("only SELECT (and EXPLAIN) is allowed: a case is read, not changed.")
        return answer(connection, query, parameters)
    except duckdb.Error as error:
        raise UsageError(f"the query failed: {error}") from error


def create_case(folder: Path) -> Case:
    """Make a new case in `folder`, which must be absent or empty."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tables").mkdir(exist_ok=True)
        settings = Settings(folder.resolve().name, datetime.now(UTC))
        _write_settings(folder, settings)
    except FileExistsError:
        raise CaseError(f"{folder} is a file, not a folder for a case.") from None
    except OSError as error:
        raise StorageError(f"a case cannot be made in {folder}: {error.strerror}.") from error
    return open_case(folder)


def open_case(path: Path | str) -> Case:
    """Open the case in the folder `path`."""
    folder = Path(path)
    toml = folder / "case.toml"
    if not toml.is_file():
        raise CaseError(f"{folder} is no case. `lymer trace PATH... --case {folder}` makes one.")
    try:
        values = tomllib.loads(toml.read_text("utf-8"))
        settings = Settings(
            name=str(values["name"]),
            created_at=values["created_at"],
            trust=tuple(values.get("trust", ())),
            tlp=str(values.get("tlp", "AMBER")),
            analyst=str(values.get("analyst", "")),
            version=int(values.get("version", 0)),
        )
    except (tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError, ValueError) as error:
        raise CaseError(f"{toml} cannot be read: {error}.") from error
    if settings.version != CASE_VERSION:
        raise CaseError(
            f"{folder} was made by another version of Lymer (case version {settings.version}, "
            f"this one reads {CASE_VERSION})."
        )
    return Case(folder, settings, Ledger(folder / "ledger.sqlite"))


def _write_settings(folder: Path, settings: Settings) -> None:
    lines = [
        "# A Lymer case. Host names, addresses or networks in `trust` are the receivers whose",
        "# Received headers are believed, beside those that Lymer learns.",
        f"version = {settings.version}",
        f"name = {json.dumps(settings.name)}",
        f"created_at = {settings.created_at.isoformat()}",
        f"trust = {json.dumps(list(settings.trust))}",
        f"tlp = {json.dumps(settings.tlp)}",
        f"analyst = {json.dumps(settings.analyst)}",
    ]
    # Written whole beside it and moved over it: a kill leaves the old file or the new one.
    fresh = folder / "case.toml.new"
    fresh.write_text("\n".join(lines) + "\n", "utf-8")
    fresh.replace(folder / "case.toml")

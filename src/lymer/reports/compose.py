"""A case as a document: the order of the sections, and what stands on the cover."""

from importlib.metadata import version

from lymer.case import Case, digest
from lymer.errors import UsageError
from lymer.evidence import CustodyEntry, read_custody
from lymer.reports.document import Document, Facts, texts_changed
from lymer.reports.harmless import NAME_LENGTH, harmless, steerless
from lymer.reports.numbers import count, period
from lymer.reports.sections.botnets import botnets
from lymer.reports.sections.campaigns import campaigns
from lymer.reports.sections.custody import custody
from lymer.reports.sections.examined import examined
from lymer.reports.sections.glossary import glossary
from lymer.reports.sections.limits import limits
from lymer.reports.sections.method import method
from lymer.reports.sections.people import people
from lymer.reports.sections.reproduce import reproduce
from lymer.reports.sections.servers import servers
from lymer.reports.sections.verdict import verdict
from lymer.reports.sources import Sources

MARKINGS = ("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")
"""Traffic Light Protocol 2.0 (FIRST, 2022)."""

_COVER = """
SELECT (SELECT count(*) FROM messages) AS messages,
       (SELECT count(*) FROM evidence WHERE kind <> 'folder') AS files,
       (SELECT min(received_at) FROM messages) AS first_at,
       (SELECT max(received_at) FROM messages) AS last_at
"""


def compose(case: Case) -> Document:
    """The whole report. Raises UsageError where `tlp` in case.toml is no marking of TLP 2.0."""
    tlp = case.settings.tlp.upper().removeprefix("TLP:").strip()
    if tlp not in MARKINGS:
        raise UsageError(
            f"{case.settings.tlp!r} in case.toml is no marking of TLP 2.0. Set tlp to one of "
            f"{', '.join(MARKINGS)}."
        )
    chain = list(read_custody(case.ledger.connection))
    software = f"Lymer {version('lymer')}"
    mark = digest(case)
    with case.connect() as connection:
        sources = Sources(connection, frozenset(case.store.tables))
        cover = _cover(case, sources, chain, software, mark)
        found = [
            verdict(sources),
            examined(sources),
            campaigns(sources),
            botnets(sources),
            servers(sources),
            people(sources),
            method(sources),
            limits(sources),
            custody(case, sources, chain),
        ]
        found.append(reproduce(sources, software, mark))
        found.append(glossary())
    document = Document(
        title=f"Report on case {harmless(case.settings.name, NAME_LENGTH)}",
        tlp=tlp,
        analyst=harmless(case.settings.analyst, NAME_LENGTH),
        as_of=_as_of(chain),
        software=software,
        digest=mark,
        head=chain[-1].hash if chain else "",
        cover=cover,
        sections=tuple(section for section in found if section is not None),
    )
    return texts_changed(document, steerless)


def _as_of(chain: list[CustodyEntry]) -> str:
    """The state of the case that is reported, so that the same case gives the same bytes."""
    return chain[-1].at[:19].replace("T", " ") + " UTC" if chain else "unknown"


def _cover(
    case: Case, sources: Sources, chain: list[CustodyEntry], software: str, mark: str
) -> Facts:
    q, (t,) = sources.ask("messages, files and period", _COVER)
    return Facts(
        (
            ("Case", harmless(case.settings.name, NAME_LENGTH)),
            ("State of", _as_of(chain)),
            ("Analyst", harmless(case.settings.analyst, NAME_LENGTH) or "not named in case.toml"),
            ("Period", period(t["first_at"], t["last_at"])),
            ("Evidence", f"{count(t['files'])} files, {count(t['messages'])} messages"),
            ("Software", software),
            ("Digest of the case", mark),
            ("Head of the custody chain", chain[-1].hash if chain else "no chain"),
        ),
        (q,),
    )

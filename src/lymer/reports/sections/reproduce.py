"""Appendix: how to get the same numbers again, and the query behind each."""

from lymer.reports.document import Block, Code, Facts, Points, Section, Text
from lymer.reports.numbers import several
from lymer.reports.sources import Source, Sources


def reproduce(sources: Sources, software: str, digest: str) -> Section:
    """To be made last: it lists all that was asked."""
    blocks: list[Block] = [
        Facts((("software", software), ("digest of the case", digest))),
        Points(
            (
                "To check that the evidence is unchanged: lymer verify CASE",
                "To find everything anew from the evidence: lymer trace PATH... --case NEWCASE, "
                "with the paths above, the analyst's decisions made again, and this software. The "
                "digest over all tables, which lymer verify prints, is then the same.",
                'To get one number: lymer sql CASE "QUERY", with a query from below.',
                "To write this report again: lymer report CASE -o FILE. The same case gives the "
                "same bytes with the same software and fonts.",
            )
        ),
        Text(
            f"All {several(len(sources.asked), 'query', 'queries')}. The tables that they name are "
            "described in docs/tables.md of the software."
        ),
    ]
    blocks += [_code(source) for source in sources.asked]
    return Section("sources", "Appendix B: where each number comes from", tuple(blocks))


def _code(source: Source) -> Code:
    title = f"{source.source_id}: {source.asks} ({several(source.row_count, 'row')})"
    return Code(source.sql, title, source.source_id)

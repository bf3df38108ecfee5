"""What was examined: evidence, messages, and what was wrong with them."""

from lymer.reports.document import Block, Column, Grid, Section, Text, rows_of
from lymer.reports.harmless import NAME_LENGTH, harmless
from lymer.reports.numbers import count, moment, several
from lymer.reports.sources import Sources

_TOTALS = """
SELECT (SELECT count(*) FROM evidence WHERE kind <> 'folder') AS files,
       (SELECT CAST(sum(size_bytes) AS BIGINT) FROM evidence WHERE kind <> 'folder') AS size_bytes,
       (SELECT count(*) FROM messages) AS messages,
       (SELECT count(*) FROM origins) AS places,
       (SELECT count(DISTINCT client_ip) FROM messages) AS clients,
       (SELECT count(*) FROM messages WHERE client_ip IS NULL) AS without_client,
       (SELECT count(*) FROM messages WHERE received_at IS NULL) AS without_time,
       (SELECT min(received_at) FROM messages) AS first_at,
       (SELECT max(received_at) FROM messages) AS last_at,
       (SELECT count(*) FROM relays) AS relays
"""
_DEFECTS = """
SELECT subject, defect, CAST(count(*) AS BIGINT) AS times FROM (
    SELECT 'messages' AS subject, unnest(defects) AS defect FROM messages
    UNION ALL SELECT 'evidence', unnest(defects) FROM evidence
) GROUP BY subject, defect ORDER BY subject DESC, times DESC, defect
"""
_DEFECTS_SHOWN = 25


def examined(sources: Sources) -> Section:
    """The pile in numbers."""
    q, (t,) = sources.ask("the evidence in numbers", _TOTALS)
    blocks: list[Block] = [
        Text(
            f"{several(t['files'], 'file')} ({count(t['size_bytes'] or 0)} bytes) holding "
            f"{several(t['messages'], 'different message')} in "
            f"{several(t['places'], 'place')}. They were received between "
            f"{moment(t['first_at'])} and {moment(t['last_at'])}, handed in by "
            f"{several(t['clients'], 'client address', 'client addresses')}. "
            f"{several(t['relays'], 'relay')} of the receivers' own were told from senders."
            f"{_unknown(t['without_client'], 'client address')}"
            f"{_unknown(t['without_time'], 'time of receipt')}",
            (q,),
        ),
        Text(
            "Nothing was left out: a message that could not be read in full is a row with its "
            "defects. The files with their hashes are in the custody appendix.",
        ),
    ]
    q, rows = sources.ask("defects of messages and evidence", _DEFECTS)
    if rows:
        blocks.append(
            Grid(
                "Defects: what was found wrong with messages and files"
                + (f" (the {_DEFECTS_SHOWN} commonest)" if len(rows) > _DEFECTS_SHOWN else ""),
                (Column("of"), Column("defect", "code", 4), Column("times", "number")),
                rows_of(
                    [
                        (r["subject"], harmless(r["defect"], NAME_LENGTH), count(r["times"]))
                        for r in rows[:_DEFECTS_SHOWN]
                    ]
                ),
                (q,),
            )
        )
    return Section("examined", "What was examined", tuple(blocks))


def _unknown(number: int, what: str) -> str:
    if not number:
        return ""
    return f" Of {several(number, 'message')} the {what} could not be read; it stays unknown."

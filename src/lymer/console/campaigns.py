"""Campaigns as a table, one campaign, two of its messages side by side; operations."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from lymer.case import Decision, list_decisions
from lymer.console.desk import Row, Snapshot
from lymer.console.overview import sparks
from lymer.console.pages import AtDesk, Look, PageNumber, Paging, Words, add
from lymer.console.reading import Segment, segments_of

router = APIRouter()

_SORTS = {
    "messages": "c.message_count DESC",
    "clients": "c.client_count DESC",
    "first": "c.first_seen_at NULLS LAST",
    "last": "c.last_seen_at DESC NULLS LAST",
    "confidence": "c.confidence NULLS LAST",
    "name": "lower(c.name)",
}
# Of a campaign on its page: what there is to do comes first, and more is a click away.
_MEMBERS = 20
# Members whose reasons are counted.
_REASONS_OF = 2_000
# Words of a text that are compared: what fits on a page, and half a million steps at most.
_WORDS_COMPARED = 700

Sort = Literal["messages", "clients", "first", "last", "confidence", "name"]
Kind = Literal["", "botnet", "snowshoe", "bulk", "unknown"]
Status = Literal["", "open", "dismissed"]


@dataclass(frozen=True)
class Campaigns:
    """Campaigns that fit a search, in some order."""

    campaigns: list[Row]
    paging: Paging
    kinds: list[Row]
    sparks: dict[str, list[tuple[date, int]]]
    first_day: date | None
    last_day: date | None
    q: str
    kind: str
    status: str
    sort: str


@dataclass(frozen=True)
class Version:
    """One version of a template, cut into anchors and slots."""

    template: Row
    segments: list[Segment]
    traits: list[str]


@dataclass(frozen=True)
class Campaign:
    """One campaign, with all that is known of it."""

    campaign: Row
    operation: Row | None
    siblings: list[Row]
    versions: list[Version]
    botnets: list[Row]
    volumes: list[Row]
    days: dict[date, dict[str, int]]
    hours: list[int]
    networks: list[Row]
    countries: list[Row]
    domains: list[Row]
    files: list[Row]
    reasons: list[Row]
    members: list[Row]
    paging: Paging
    jobs: list[Row]
    lineage: list[Row]
    decisions: list[Decision]


@dataclass(frozen=True)
class Comparison:
    """Two messages of a campaign, word by word."""

    campaign: Row
    sides: list[Row]
    pieces: list[tuple[str, str, str]]
    """What both say (`same`), or what each says instead (`differs`): kind, one, other."""
    subject_pieces: list[tuple[str, str, str]]
    others: list[Row]


@dataclass(frozen=True)
class Operation:
    """Campaigns that sell for the same."""

    operation: Row
    campaigns: list[Row]
    sparks: dict[str, list[tuple[date, int]]]
    first_day: date | None
    last_day: date | None


def campaigns(
    look: Look,
    q: Words = "",
    kind: Kind = "",
    status: Status = "",
    sort: Sort = "messages",
    page: PageNumber = 1,
) -> Campaigns:
    """Campaigns: search in names, ids, templates and domains; filter, sort, page."""
    where = ["true"]
    asked: Row = {}
    if q.strip():
        asked["q"] = q.strip().lower()
        where.append(
            """(contains(lower(c.name), $q) OR starts_with(c.campaign_id, $q)
            OR contains(lower(coalesce(c.decided, '')), $q)
            OR c.campaign_id IN (SELECT campaign_id FROM desk.campaign_domains
                                 WHERE contains(domain, $q))
            OR c.campaign_id IN (SELECT campaign_id FROM templates
                                 WHERE contains(lower(readable), $q)))"""
        )
    if status:
        asked["status"] = status
        where.append("c.status = $status")
    rest = " AND ".join(where)
    kinds = look.ask(
        f"SELECT kind, CAST(count(*) AS BIGINT) AS campaigns FROM campaigns c WHERE {rest} "
        "GROUP BY kind ORDER BY campaigns DESC, kind",
        asked or None,
    )
    if kind:
        asked["kind"] = kind
        rest += " AND c.kind = $kind"
    total = look.ask(f"SELECT count(*) AS number FROM campaigns c WHERE {rest}", asked or None)
    paging = Paging(page, total[0]["number"])
    rows = look.ask(
        f"""
        WITH shown AS (
            SELECT c.*, row_number() OVER (ORDER BY {_SORTS[sort]}, c.campaign_id) AS place
            FROM campaigns c WHERE {rest}
            ORDER BY place LIMIT {paging.rows_a_page} OFFSET {paging.offset}
        )
        SELECT s.* EXCLUDE (place), o.operation_id,
            (SELECT list(domain ORDER BY messages DESC, domain)[1:2] FROM desk.campaign_domains d
             WHERE d.campaign_id = s.campaign_id) AS domains,
            (SELECT list(n.name || '|' || n.botnet_id ORDER BY n.footprint DESC, n.botnet_id)
             FROM botnet_campaigns b JOIN botnets n ON n.botnet_id = b.botnet_id
             WHERE b.campaign_id = s.campaign_id AND n.is_separable) AS botnets
        FROM shown s LEFT JOIN operation_campaigns o ON o.campaign_id = s.campaign_id
        ORDER BY place
        """,
        asked or None,
    )
    first, last = _ends(look)
    return Campaigns(rows, paging, kinds, sparks(look, rows), first, last, q, kind, status, sort)


def campaign(look: Look, desk: AtDesk, campaign_id: str, page: PageNumber = 1) -> Campaign:
    """One campaign: template, volume, clients, links, members and why they are together."""
    row = look.find("campaigns", "campaign_id", campaign_id)
    one = {"id": row["campaign_id"]}
    operation = look.ask(
        """
        SELECT o.*, c.why AS link, c.score FROM operation_campaigns c
        JOIN operations o ON o.operation_id = c.operation_id WHERE c.campaign_id = $id
        """,
        one,
    )
    siblings = look.ask(
        """
        SELECT c.campaign_id, c.name, c.message_count FROM operation_campaigns own
        JOIN operation_campaigns o ON o.operation_id = own.operation_id
        JOIN campaigns c ON c.campaign_id = o.campaign_id
        WHERE own.campaign_id = $id AND c.campaign_id <> $id
        ORDER BY c.message_count DESC, c.campaign_id LIMIT 30
        """,
        one,
    )
    paging = Paging(page, row["message_count"], _MEMBERS)
    with desk.case() as case:
        decisions = [d for d in list_decisions(case) if row["campaign_id"] in d.campaigns]
    return Campaign(
        campaign=row,
        operation=operation[0] if operation else None,
        siblings=siblings,
        versions=_versions(look, row["campaign_id"]),
        botnets=look.ask(
            """
            SELECT n.*, b.score, b.p_value, b.why AS link FROM botnet_campaigns b
            JOIN botnets n ON n.botnet_id = b.botnet_id WHERE b.campaign_id = $id
            ORDER BY n.is_separable DESC, n.footprint DESC, n.botnet_id
            """,
            one,
        ),
        volumes=look.rows("volumes", "campaign_id = $id ORDER BY point DESC", **one),
        days={
            found["day"]: {row["kind"]: found["messages"]}
            for found in look.ask("SELECT * FROM desk.days WHERE campaign_id = $id", one)
        },
        hours=_hours(look, row["campaign_id"]),
        networks=_networks(look, one),
        countries=countries_of(
            look, "SELECT DISTINCT client_ip FROM desk.mail WHERE campaign_id = $id", one
        ),
        domains=look.ask(
            "SELECT domain, url, messages FROM desk.campaign_domains WHERE campaign_id = $id "
            "ORDER BY messages DESC, domain LIMIT 25",
            one,
        ),
        files=look.ask(
            "SELECT * EXCLUDE (campaign_id) FROM desk.campaign_files WHERE campaign_id = $id "
            "ORDER BY messages DESC, sha256 LIMIT 15",
            one,
        ),
        reasons=_reasons(look, row["campaign_id"]),
        members=look.ask(
            f"""
            WITH shown AS (
                SELECT * EXCLUDE (words) FROM desk.mail WHERE campaign_id = $id
                ORDER BY received_at NULLS LAST, message_id
                LIMIT {paging.rows_a_page} OFFSET {paging.offset}
            )
            SELECT s.*, c.why FROM shown s JOIN campaign_messages c
                ON c.message_id = s.message_id AND c.campaign_id = $id
            ORDER BY s.received_at NULLS LAST, s.message_id
            """,
            one,
        ),
        paging=paging,
        jobs=look.rows("jobs", "campaign_id = $id ORDER BY started_at NULLS LAST, job_id", **one),
        lineage=look.rows("lineage", "campaign_id = $id OR former_id = $id", **one),
        decisions=decisions,
    )


def compare(
    look: Look,
    campaign_id: str,
    a: Annotated[str, Query(max_length=64, description="a message")] = "",
    b: Annotated[str, Query(max_length=64, description="another message")] = "",
) -> Comparison:
    """Two messages of a campaign side by side, with their differences."""
    row = look.find("campaigns", "campaign_id", campaign_id)
    others = look.ask(
        """
        SELECT message_id, subject, received_at FROM desk.mail WHERE campaign_id = $id
        ORDER BY md5(message_id) LIMIT 12
        """,
        {"id": row["campaign_id"]},
    )
    given = [look.find_message(one) for one in (a, b) if one]
    chosen = list(dict.fromkeys([*given, *(other["message_id"] for other in others)]))[:2]
    sides = [side for one in chosen for side in look.of_message("messages", one, "message_id")]
    if len(sides) < 2:
        sides = [*sides, *sides][:2]
    one, other = sides
    for side in sides:
        side["hidden_text"] = None
    return Comparison(
        row, sides,
        pieces=_differences(one["text"] or "", other["text"] or ""),
        subject_pieces=_differences(one["subject"] or "", other["subject"] or ""),
        others=others,
    )  # fmt: skip


def operation(look: Look, operation_id: str) -> Operation:
    """One operation: what its campaigns share."""
    row = look.find("operations", "operation_id", operation_id)
    rows = look.ask(
        """
        SELECT c.*, o.score, o.why AS link FROM operation_campaigns o
        JOIN campaigns c ON c.campaign_id = o.campaign_id WHERE o.operation_id = $id
        ORDER BY c.message_count DESC, c.campaign_id LIMIT 500
        """,
        {"id": row["operation_id"]},
    )
    return Operation(row, rows, sparks(look, rows), *_ends(look))


def countries_of(look: Snapshot, clients: str, parameters: Row) -> list[Row]:
    """Clients by country, where the case knows the networks; `clients` selects addresses."""
    if "client_networks" not in look.filled:
        return []
    return look.ask(
        f"""
        SELECT n.country, CAST(count(*) AS BIGINT) AS clients
        FROM client_networks n JOIN ({clients}) c ON c.client_ip = n.client_ip
        WHERE n.country IS NOT NULL
        GROUP BY n.country ORDER BY clients DESC, n.country
        """,
        parameters,
    )


def _networks(look: Snapshot, one: Row) -> list[Row]:
    """Clients by network: by its holder where the case knows, else by the first half of addresses.

    `search` finds their messages; null where no words do.
    """
    if "client_networks" in look.filled:
        return look.ask(
            """
            SELECT coalesce(n.network_name, 'not known') AS network, n.asn, n.country,
                   NULL AS search, count(DISTINCT m.client_ip) AS clients, count(*) AS messages
            FROM desk.mail m LEFT JOIN client_networks n ON n.client_ip = m.client_ip
            WHERE m.campaign_id = $id AND m.client_ip IS NOT NULL
            GROUP BY ALL ORDER BY clients DESC, network LIMIT 12
            """,
            one,
        )
    return look.ask(
        """
        SELECT search || '…' AS network, NULL AS asn, NULL AS country, search,
               count(DISTINCT client_ip) AS clients, count(*) AS messages
        FROM (
            SELECT client_ip, regexp_extract(
                client_ip, '^(\\d+\\.\\d+\\.|[0-9a-fA-F]+:[0-9a-fA-F]*:)') AS search
            FROM desk.mail WHERE campaign_id = $id AND client_ip IS NOT NULL
        )
        GROUP BY ALL ORDER BY clients DESC, network LIMIT 12
        """,
        one,
    )


def _ends(look: Snapshot) -> tuple[date | None, date | None]:
    first, last = look.summary.first_seen_at, look.summary.last_seen_at
    return (first.date() if first else None, last.date() if last else None)


def _versions(look: Snapshot, campaign_id: str) -> list[Version]:
    found = look.ask(
        """
        SELECT * EXCLUDE (learned_from), len(learned_from) AS learned_count FROM templates
        WHERE campaign_id = $id ORDER BY version LIMIT 20
        """,
        {"id": campaign_id},
    )
    versions = []
    for row in found:
        slots = json.loads(row["slots"] or "[]")
        traits = [str(slot["shown"]) for slot in slots if slot.get("part") == "headers"]
        versions.append(Version(row, segments_of(row["readable"] or "", slots), traits))
    return versions


def _hours(look: Snapshot, campaign_id: str) -> list[int]:
    counts = [0] * 24
    for row in look.ask(
        """
        SELECT CAST(hour(received_at) AS INTEGER) AS hour, count(*) AS messages FROM desk.mail
        WHERE campaign_id = $id AND received_at IS NOT NULL GROUP BY 1
        """,
        {"id": campaign_id},
    ):
        counts[row["hour"]] = row["messages"]
    return counts


def _reasons(look: Snapshot, campaign_id: str) -> list[Row]:
    """What holds the members together, counted: the words of their whys without the numbers.

    Of large campaigns some members speak for all: ids are hashes, so the first are a sample.
    """
    return look.ask(
        """
        SELECT reason, count(*) AS messages FROM (
            SELECT unnest(string_split_regex(
                regexp_replace(regexp_replace(regexp_replace(
                    why, '[+-][0-9.]+ with its nearest: ', '', 'g'),
                    'same text as [0-9,]+ others', 'same text as others', 'g'),
                    '[0-9]+%', 'partly', 'g'), '[,;] ')) AS reason
            FROM (
                SELECT why FROM campaign_messages WHERE campaign_id = $id
                ORDER BY message_id LIMIT $looked_at
            )
        ) GROUP BY reason ORDER BY messages DESC, reason LIMIT 12
        """,
        {"id": campaign_id, "looked_at": _REASONS_OF},
    )


def _differences(one: str, other: str) -> list[tuple[str, str, str]]:
    left, right = _split(one), _split(other)
    pieces = []
    for verb, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        kind = "same" if verb == "equal" else "differs"
        pieces.append((kind, _join(left[a:b]), _join(right[c:d])))
    return pieces


def _split(text: str) -> list[str]:
    words: list[str] = []
    for line in text[:20_000].split("\n"):
        words += [*line.split(), "\n"]
        if len(words) > _WORDS_COMPARED:
            return [*words[:_WORDS_COMPARED], "…"]
    return words[:-1]


def _join(words: Sequence[str]) -> str:
    return " ".join(words).replace(" \n", "\n").replace("\n ", "\n")


add(router, "/campaigns", "campaigns", campaigns)
add(router, "/campaigns/{campaign_id}", "campaign", campaign)
add(router, "/campaigns/{campaign_id}/compare", "compare", compare)
add(router, "/operations/{operation_id}", "operation", operation)

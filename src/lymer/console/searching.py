"""Search across everything, and the page of a domain."""

from dataclasses import dataclass

from fastapi import APIRouter

from lymer.console.desk import NotFoundError, Row, Snapshot
from lymer.console.pages import Look, PageNumber, Paging, Words, add

router = APIRouter()

_SHOWN = 12


@dataclass(frozen=True)
class Hits:
    """What was found of one kind, and how many there are."""

    kind: str
    rows: list[Row]
    total: int
    more: str | None
    """Where all of them are; null where there are no more."""


@dataclass(frozen=True)
class Search:
    """Everything that fits the words."""

    q: str
    hits: list[Hits]


@dataclass(frozen=True)
class Domain:
    """One advertised domain."""

    domain: str
    message_count: int
    campaigns: list[Row]
    urls: list[Row]
    messages: list[Row]
    paging: Paging


_KINDS = (
    (
        "campaigns", "campaigns",
        "SELECT campaign_id, name, kind, message_count, client_count, first_seen_at, status "
        "FROM campaigns WHERE contains(lower(name), $q) OR starts_with(campaign_id, $q) "
        "OR contains(lower(coalesce(decided, '')), $q)",
        "message_count DESC, campaign_id", "/campaigns?q=",
    ),
    (
        "templates", "templates",
        "SELECT campaign_id, template_id, member_count, "
        "substr(readable, greatest(1, CAST(instr(lower(readable), $q) AS INTEGER) - 60), 180) "
        "AS passage FROM templates WHERE contains(lower(readable), $q)",
        "member_count DESC, template_id", "/campaigns?q=",
    ),
    (
        "domains", "links",
        "SELECT domain, messages, campaigns FROM desk.domains WHERE contains(domain, $q)",
        "messages DESC, domain", None,
    ),
    (
        "clients", "messages",
        "SELECT client_ip, count(*) AS messages, min(received_at) AS first_seen_at, "
        "max(received_at) AS last_seen_at FROM desk.mail WHERE starts_with(client_ip, $q) "
        "GROUP BY client_ip",
        "messages DESC, client_ip", "/messages?q=",
    ),
    (
        "botnets", "botnets",
        "SELECT botnet_id, name, footprint, campaign_count, message_count FROM botnets "
        "WHERE contains(lower(name), $q) OR starts_with(botnet_id, $q)",
        "footprint DESC, botnet_id", None,
    ),
    (
        "dialects", "dialects",
        "SELECT dialect_id, name, description, message_count FROM dialects "
        "WHERE contains(lower(name || ' ' || description), $q) OR starts_with(dialect_id, $q)",
        "message_count DESC, dialect_id", None,
    ),
    (
        "controllers", "controllers",
        "SELECT ip, port, botnet_id, score, why FROM controllers WHERE starts_with(ip, $q)",
        "score DESC NULLS LAST, ip, port", None,
    ),
    (
        "people", "actors",
        "SELECT actor_id, name, aliases, role, why FROM actors "
        "WHERE contains(lower(name), $q) OR contains(lower(array_to_string(aliases, ' ')), $q)",
        "name, actor_id", None,
    ),
    (
        "jobs", "jobs",
        "SELECT job_id, server, account, title, campaign_id FROM jobs "
        "WHERE contains(lower(coalesce(title, '') || ' ' || coalesce(account, '')), $q) "
        "OR starts_with(lower(job_id), $q)",
        "job_id", "/servers?q=",
    ),
    (
        "files of servers", "artifacts",
        "SELECT artifact_id, server, path, kind, size_bytes FROM artifacts "
        "WHERE contains(lower(path), $q) OR starts_with(artifact_id, $q)",
        "path, artifact_id", "/servers?q=",
    ),
    (
        "entities in files", "entities",
        "SELECT artifact_id, kind, value, position, count FROM entities "
        "WHERE contains(lower(value), $q)",
        "count DESC, value, artifact_id", None,
    ),
    (
        "messages", "messages",
        "SELECT message_id, received_at, client_ip, from_name, subject, campaign_id "
        "FROM desk.mail WHERE contains(words, $q) OR starts_with(message_id, $q)",
        "received_at DESC NULLS LAST, message_id", "/messages?q=",
    ),
)  # fmt: skip


def search(look: Look, q: Words = "") -> Search:
    """Search campaigns, templates, domains, clients, botnets, people, servers and messages."""
    words = q.strip().lower()
    if not words:
        return Search(q, [])
    hits = []
    for kind, table, query, order, more in _KINDS:
        if table not in look.filled:
            continue
        rows = look.ask(
            f"SELECT *, count(*) OVER () AS number FROM ({query}) ORDER BY {order} LIMIT {_SHOWN}",
            {"q": words},
        )
        if rows:
            total = rows[0]["number"]
            for row in rows:
                del row["number"]
            hits.append(Hits(kind, rows, total, more if total > len(rows) else None))
    return Search(q, hits)


def domain(look: Look, domain: str, page: PageNumber = 1) -> Domain:
    """One domain: which campaigns advertise it, and in which links."""
    one = {"domain": domain}
    known = look.ask("SELECT messages FROM desk.domains WHERE domain = $domain", one)
    if not known:
        raise NotFoundError(f"no link of this case leads to {domain!r}.")
    paging = Paging(page, known[0]["messages"])
    return Domain(
        domain,
        known[0]["messages"],
        look.ask(
            """
            SELECT c.campaign_id, c.name, c.kind, d.messages, c.message_count, c.first_seen_at,
                   c.last_seen_at
            FROM desk.campaign_domains d JOIN campaigns c ON c.campaign_id = d.campaign_id
            WHERE d.domain = $domain ORDER BY d.messages DESC, c.campaign_id LIMIT 100
            """,
            one,
        ),
        _urls(look, domain),
        look.ask(
            f"""
            SELECT * EXCLUDE (words) FROM desk.mail
            WHERE message_id IN (SELECT message_id FROM desk.domain_messages WHERE domain = $domain)
            ORDER BY received_at NULLS LAST, message_id
            LIMIT {paging.rows_a_page} OFFSET {paging.offset}
            """,
            one,
        ),
        paging,
    )


def _urls(look: Snapshot, domain: str) -> list[Row]:
    return look.ask(
        """
        SELECT url, count(*) AS messages FROM links WHERE domain = $domain
        GROUP BY url ORDER BY messages DESC, url LIMIT 20
        """,
        {"domain": domain},
    )


add(router, "/search", "search", search)
add(router, "/domains/{domain}", "domain", domain)

"""Botnets, one botnet, one engine (dialect), one client."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter

from lymer.console.campaigns import countries_of
from lymer.console.desk import NotFoundError, Row
from lymer.console.overview import sparks
from lymer.console.pages import Look, PageNumber, Paging, add

router = APIRouter()


@dataclass(frozen=True)
class Botnets:
    """All botnets, and the engines whose botnets cannot be told apart."""

    botnets: list[Row]
    leftovers: list[Row]
    controllers: list[Row]
    dialects: list[Row]


@dataclass(frozen=True)
class Botnet:
    """One botnet: how many, what they sent, when, and from where they are steered."""

    botnet: Row
    population: Row | None
    live_days: list[Row]
    calibrations: list[Row]
    dialect: Row | None
    campaigns: list[Row]
    sparks: dict[str, list[tuple[date, int]]]
    first_day: date | None
    last_day: date | None
    controllers: list[Row]
    steered_count: int
    countries: list[Row]
    networks: list[Row]
    coverage: list[Row]
    bots: list[Row]
    machines: list[Row]
    paging: Paging


@dataclass(frozen=True)
class Dialect:
    """One mailing software."""

    dialect: Row
    variants: list[Row]
    variant_count: int
    botnets: list[Row]


@dataclass(frozen=True)
class Client:
    """One address that injected mail."""

    client_ip: str
    message_count: int
    first_seen_at: object
    last_seen_at: object
    network: Row | None
    botnets: list[Row]
    steered: list[Row]
    nodes: list[Row]
    campaigns: list[Row]
    messages: list[Row]
    paging: Paging


def botnets(look: Look) -> Botnets:
    """Botnets with their size, and what cannot be told apart."""
    return Botnets(
        look.ask("SELECT * FROM botnets WHERE is_separable ORDER BY footprint DESC, botnet_id"),
        look.ask(
            "SELECT * FROM botnets WHERE NOT is_separable ORDER BY message_count DESC, botnet_id"
        ),
        look.ask(
            """
            SELECT c.*, b.name FROM controllers c LEFT JOIN botnets b ON b.botnet_id = c.botnet_id
            ORDER BY c.score DESC NULLS LAST, c.p_value, c.ip, c.port LIMIT 50
            """
        ),
        look.ask("SELECT * FROM dialects ORDER BY message_count DESC, dialect_id LIMIT 40"),
    )


def botnet(look: Look, botnet_id: str, page: PageNumber = 1) -> Botnet:
    """One botnet: population with its interval, campaigns, dialect, rhythm, controllers, bots."""
    row = look.find("botnets", "botnet_id", botnet_id)
    one = {"id": row["botnet_id"]}
    campaigns = look.ask(
        """
        SELECT c.*, b.score, b.p_value, b.why AS link FROM botnet_campaigns b
        JOIN campaigns c ON c.campaign_id = b.campaign_id WHERE b.botnet_id = $id
        ORDER BY c.message_count DESC, c.campaign_id LIMIT 300
        """,
        one,
    )
    population = look.rows("populations", "botnet_id = $id", **one)
    dialect = look.rows("dialects", "dialect_id = $dialect", dialect=row["dialect_id"])
    paging = Paging(page, row["footprint"] or 0)
    first, last = look.summary.first_seen_at, look.summary.last_seen_at
    steered = look.rows("steered", "botnet_id = $id", **one)
    return Botnet(
        botnet=row,
        population=population[0] if population else None,
        live_days=look.rows("live_days", "botnet_id = $id ORDER BY day", **one),
        calibrations=look.rows(
            "calibrations", "botnet_id = $id AND campaign_id IS NULL ORDER BY server", **one
        ),
        dialect=dialect[0] if dialect else None,
        campaigns=campaigns,
        sparks=sparks(look, campaigns),
        first_day=first.date() if first else None,
        last_day=last.date() if last else None,
        controllers=look.rows(
            "controllers", "botnet_id = $id ORDER BY score DESC NULLS LAST, p_value, ip", **one
        ),
        steered_count=len({found["client_ip"] for found in steered}),
        countries=countries_of(look, "SELECT client_ip FROM bots WHERE botnet_id = $id", one),
        networks=look.rows(
            "botnet_networks",
            "botnet_id = $id ORDER BY bots DESC, network_name, asn LIMIT 15",
            **one,
        ),
        coverage=look.rows(
            "coverage",
            "contains(subject, $called) OR contains(subject, $id) ORDER BY subject",
            called=row["name"], **one,
        ),
        bots=look.rows(
            "bots",
            f"botnet_id = $id ORDER BY message_count DESC, client_ip "
            f"LIMIT {paging.rows_a_page} OFFSET {paging.offset}",
            **one,
        ),
        machines=look.rows(
            "node_clients",
            "botnet_id = $id ORDER BY message_count DESC, server, node_id, client_ip LIMIT 20",
            **one,
        ),
        paging=paging,
    )  # fmt: skip


def dialect(look: Look, dialect_id: str) -> Dialect:
    """One mailing software: what betrays it, and which botnets run it."""
    row = look.find("dialects", "dialect_id", dialect_id)
    one = {"id": row["dialect_id"]}
    return Dialect(
        row,
        look.rows("dialect_traits", "dialect_id = $id ORDER BY variant_id LIMIT 30", **one),
        row["variant_count"],
        look.rows("botnets", "dialect_id = $id ORDER BY footprint DESC, botnet_id", **one),
    )


def client(look: Look, client_ip: str, page: PageNumber = 1) -> Client:
    """One client: its botnets, campaigns and messages."""
    one = {"ip": client_ip}
    total = look.ask(
        """
        SELECT count(*) AS messages, min(received_at) AS first_seen_at,
               max(received_at) AS last_seen_at
        FROM desk.mail WHERE client_ip = $ip
        """,
        one,
    )[0]
    steered = look.rows("steered", "client_ip = $ip ORDER BY day, ip LIMIT 50", **one)
    nodes = look.rows("nodes", "client_ip = $ip ORDER BY seen_at NULLS LAST LIMIT 50", **one)
    if not total["messages"] and not steered and not nodes:
        raise NotFoundError(f"nothing in this case came from {client_ip!r}.")
    paging = Paging(page, total["messages"])
    network = look.rows("client_networks", "client_ip = $ip", **one)
    return Client(
        client_ip,
        total["messages"],
        total["first_seen_at"],
        total["last_seen_at"],
        network[0] if network else None,
        look.ask(
            """
            SELECT b.*, n.name FROM bots b JOIN botnets n ON n.botnet_id = b.botnet_id
            WHERE b.client_ip = $ip ORDER BY b.message_count DESC, b.botnet_id
            """,
            one,
        ),
        steered,
        nodes,
        look.ask(
            """
            SELECT c.campaign_id, c.name, c.kind, m.messages FROM (
                SELECT campaign_id, count(*) AS messages FROM desk.mail
                WHERE client_ip = $ip AND campaign_id IS NOT NULL GROUP BY campaign_id
            ) m JOIN campaigns c ON c.campaign_id = m.campaign_id
            ORDER BY m.messages DESC, c.campaign_id LIMIT 50
            """,
            one,
        ),
        look.ask(
            f"""
            SELECT * EXCLUDE (words) FROM desk.mail WHERE client_ip = $ip
            ORDER BY received_at NULLS LAST, message_id
            LIMIT {paging.rows_a_page} OFFSET {paging.offset}
            """,
            one,
        ),
        paging,
    )


add(router, "/botnets", "botnets", botnets)
add(router, "/botnets/{botnet_id}", "botnet", botnet)
add(router, "/dialects/{dialect_id}", "dialect", dialect)
add(router, "/clients/{client_ip}", "client", client)

"""The first page: what is in the case, the big campaigns, the botnets, the open questions."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter

from lymer.case import Summary
from lymer.console.desk import Row, Snapshot
from lymer.console.pages import Look, add

router = APIRouter()


@dataclass(frozen=True)
class Question:
    """Something that the case leaves open, or that only the analyst can settle."""

    asked: str
    why: str
    address: str


@dataclass(frozen=True)
class Overview:
    """What is in the case."""

    name: str
    summary: Summary
    campaigns: list[Row]
    botnets: list[Row]
    verdict: list[Row]
    questions: list[Question]
    days: dict[date, dict[str, int]]
    timeline: list[Row]
    controllers: int
    artifacts: int
    sparks: dict[str, list[tuple[date, int]]]


def overview(look: Look) -> Overview:
    """What is in the case, the big campaigns, the botnets, what is open, one timeline."""
    campaigns = look.ask(
        """
        SELECT c.*, o.operation_id FROM campaigns c
        LEFT JOIN operation_campaigns o ON o.campaign_id = c.campaign_id
        WHERE status <> 'dismissed' ORDER BY message_count DESC, c.campaign_id LIMIT 10
        """
    )
    return Overview(
        name=look.settings.name,
        summary=look.summary,
        campaigns=campaigns,
        botnets=look.rows("botnets", "is_separable ORDER BY footprint DESC, botnet_id LIMIT 8"),
        verdict=look.rows("verdict", "true ORDER BY position LIMIT 12"),
        questions=_questions(look),
        days=_days(look),
        timeline=look.rows(
            "timeline", "true ORDER BY happened_at NULLS LAST, kind, row_key LIMIT 40"
        ),
        controllers=_count(look, "controllers"),
        artifacts=_count(look, "artifacts"),
        sparks=sparks(look, campaigns),
    )


def sparks(look: Snapshot, campaigns: list[Row]) -> dict[str, list[tuple[date, int]]]:
    """Messages a day of each of these campaigns."""
    found: dict[str, list[tuple[date, int]]] = {row["campaign_id"]: [] for row in campaigns}
    for row in look.ask(
        "SELECT * FROM desk.days WHERE campaign_id IN (SELECT unnest($ids)) ORDER BY day",
        {"ids": list(found)},
    ):
        found[row["campaign_id"]].append((row["day"], row["messages"]))
    return found


def _days(look: Snapshot) -> dict[date, dict[str, int]]:
    days: dict[date, dict[str, int]] = {}
    for row in look.ask(
        """
        SELECT d.day, coalesce(c.kind, 'single') AS kind,
               CAST(sum(d.messages) AS BIGINT) AS messages
        FROM desk.days d LEFT JOIN campaigns c ON c.campaign_id = d.campaign_id
        GROUP BY ALL ORDER BY d.day, kind
        """
    ):
        days.setdefault(row["day"], {})[row["kind"]] = row["messages"]
    return days


def _count(look: Snapshot, name: str) -> int:
    if name not in look.filled:
        return 0
    return int(look.ask(f'SELECT count(*) AS number FROM "{name}"')[0]["number"])


def _questions(look: Snapshot) -> list[Question]:
    """Findings of the rooms that say themselves that they are not settled."""
    found: list[Question] = []

    def add_question(asked: str, why: Any, address: str) -> None:
        found.append(Question(asked, str(why), address))

    for row in look.rows("hypotheses", "rank = 1 ORDER BY question LIMIT 5"):
        add_question(row["question"], row["why"], "/people#hypotheses")
    for row in look.rows("botnets", "NOT is_separable ORDER BY message_count DESC LIMIT 3"):
        name = row["name"].removesuffix(" (not separable)")
        add_question(
            f"How many botnets does the engine {name} drive?",
            row["why"], f"/botnets/{row['botnet_id']}",
        )  # fmt: skip
    for row in look.rows(
        "campaigns", "kind = 'unknown' AND status = 'open' ORDER BY message_count DESC LIMIT 3"
    ):
        add_question(f"Who sends “{row['name']}”?", row["why"], f"/campaigns/{row['campaign_id']}")
    shaky = look.rows(
        "campaigns", "confidence < 0.8 AND status = 'open' ORDER BY message_count DESC LIMIT 3"
    )
    for row in shaky:
        add_question(
            f"Is “{row['name']}” one campaign?",
            f"its members hold together with a confidence of {row['confidence']:.2f}",
            f"/campaigns/{row['campaign_id']}",
        )
    if "contacts" not in look.filled:
        add_question(
            "Which servers steer the bots?",
            "the case holds no network flows: trace again with --flows", "/botnets",
        )  # fmt: skip
    if "artifacts" not in look.filled:
        add_question(
            "Who ordered what?",
            "the case holds no captured server", "/servers",
        )  # fmt: skip
    return found


add(router, "/", "overview", overview, title="Overview")

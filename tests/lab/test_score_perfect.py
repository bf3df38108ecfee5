"""A case made of the truth itself scores perfectly; a shuffled one scores what chance gives."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from score_truths import tables, values

from lymer.lab.score import MEASURES, score
from lymer.lab.worlds import make

SCALE = 0.04

CHANCE = 0.02
"""How far from 0 the adjusted Rand of a shuffled answer may lie with two thousand messages."""

CARRIERS = {"bounce", "list"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("worlds") / "world"
    make("case-2007", out, seed=1, scale=SCALE)
    return out


@pytest.fixture(scope="module")
def answer(world: Path) -> dict[str, pa.Table]:
    """The tables of a case that knows everything."""
    return {name: pa.Table.from_pylist(rows) for name, rows in _tables(world / "truth")}


def _truth(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return rows


def _tables(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    messages = _truth(folder, "messages")
    campaigns = {c["campaign_id"]: c for c in _truth(folder, "campaigns")}
    about = {m["message_id"]: m["campaign_id"] or m["carried_campaign_id"] for m in messages}
    yield (
        "messages",
        [
            {"message_id": m["message_id"], "client_ip": m["client_ip"],
             "text": f"text of {about[m['message_id']] or 'a stranger'}!"}
            for m in messages
        ],
    )  # fmt: skip
    yield (
        "campaign_messages",
        [
            {"campaign_id": f"c-{about[m['message_id']]}", "message_id": m["message_id"], "why": ""}
            for m in messages
            if about[m["message_id"]]
        ],
    )
    yield (
        "campaigns",
        [{"campaign_id": f"c-{name}", "kind": c["kind"]} for name, c in campaigns.items()],
    )
    yield (
        "operation_campaigns",
        [
            {"campaign_id": f"c-{name}", "operation_id": f"o-{c['operation_id']}"}
            for name, c in campaigns.items()
        ],
    )
    yield (
        "fingerprints",
        [{"message_id": m["message_id"], "dialect_id": m["engine_id"]} for m in messages],
    )
    first = {c: next(m["message_id"] for m in messages if m["campaign_id"] == c) for c in campaigns}
    yield (
        "templates",
        [
            {"campaign_id": f"c-{c}", "pattern": f"^text of {c}!$", "learned_from": [first[c]]}
            for c in campaigns
        ],
    )
    seen = sorted({(m["botnet_id"], m["client_ip"]) for m in messages if m["botnet_id"]})
    yield "bots", [{"botnet_id": f"b-{b}", "client_ip": ip} for b, ip in seen]
    senders = {botnet for botnet, _ in seen}
    yield (
        "botnet_campaigns",
        [
            {"botnet_id": f"b-{botnet}", "campaign_id": f"c-{name}"}
            for name, c in campaigns.items()
            for botnet in c["botnet_ids"]
            if botnet in senders
        ],
    )
    days = _truth(folder, "bot_days")
    day = sorted({row["day"] for row in days})[10]
    opens = datetime.combine(day, time(), UTC)
    live = {b: sum(row["botnet_id"] == b and row["day"] == day for row in days) for b in senders}
    yield (
        "botnets",
        [
            {"botnet_id": f"b-{b}", "live_low": n, "live": n, "live_high": n,
             "window_start_at": opens, "window_end_at": opens + timedelta(days=1)}
            for b, n in live.items()
        ],
    )  # fmt: skip
    yield (
        "calibrations",
        [
            {"botnet_id": f"b-{b}", "campaign_id": None, "first_day": day, "last_day": day,
             "live_low": n, "live": n, "live_high": n}
            for b, n in live.items()
        ],
    )  # fmt: skip
    yield (
        "volumes",
        [
            {"campaign_id": f"c-{name}", "stage": stage, "low": c[stage], "point": c[stage],
             "high": c[stage]}
            for name, c in campaigns.items()
            for stage in ("targeted", "sent", "accepted")
        ],
    )  # fmt: skip
    endpoints = _truth(folder, "controllers")
    controllers = [e for e in endpoints if e["botnet_id"] in senders]
    # What everybody visits comes after it.
    beacons = [e | {"botnet_id": b} for e in endpoints if not e["botnet_id"] for b in senders]
    yield (
        "controllers",
        [
            {"botnet_id": f"b-{e['botnet_id']}", "ip": e["ip"], "port": e["port"],
             "score": 1.0 if e["role"] == "controller" else 0.5, "p_value": 0.01}
            for e in beacons + controllers
        ],
    )  # fmt: skip
    yield (
        "jobs",
        [
            {"job_id": j["job_id"], "account": j["account"], "campaign_id": f"c-{j['campaign_id']}"}
            for j in _truth(folder, "jobs")
            if j["server"]
        ],
    )
    mailed = {(m["bot_id"], m["client_ip"]): m["botnet_id"] for m in messages if m["bot_id"]}
    reports: dict[tuple[str, str], dict[str, Any]] = {}
    for r in _truth(folder, "node_reports"):
        botnet = mailed.get((r["bot_id"], r["client_ip"]))
        if botnet:
            row = reports.setdefault(
                (r["node_id"], r["client_ip"]),
                {"node_id": r["node_id"], "client_ip": r["client_ip"], "botnet_id": f"b-{botnet}",
                 "job_ids": []},
            )  # fmt: skip
            row["job_ids"].append(r["job_id"])
    yield "node_clients", list(reports.values())
    actors = _truth(folder, "actors")
    accounts = _truth(folder, "accounts")
    yield (
        "actors",
        [
            {"actor_id": f"p-{a['actor']}", "name": a["name"], "role": a["role"],
             "aliases": [c["account"] for c in accounts if c["actor"] == a["actor"]]}
            for a in actors
        ],
    )  # fmt: skip
    yield (
        "claims",
        [
            {"subject": f"p-{a['actor']}", "relation": "linked" if a["linked"] else "not_linked"}
            for a in actors
        ],
    )


def test_the_truth_scores_perfectly(world: Path, answer: dict[str, pa.Table]) -> None:
    result = score(tables(**answer), world)
    got = values(result)
    # In this world the promoted party is not linked, so no link is to be said.
    assert {name for name, value in got.items() if value is None} == {"verdict.linked_said"}
    wrong = {n: v for n, v in got.items() if v is not None and v != MEASURES[n]}
    assert wrong == {}
    assert result.disagreements == []


def test_a_shuffled_answer_scores_chance(world: Path, answer: dict[str, pa.Table]) -> None:
    order = np.random.default_rng(1)

    def shuffled(table: pa.Table, column: str) -> pa.Table:
        mixed = table[column].take(pa.array(order.permutation(table.num_rows)))
        return table.set_column(table.column_names.index(column), column, mixed)

    known = answer["fingerprints"].filter(answer["fingerprints"]["dialect_id"].is_valid())
    got = values(
        score(
            tables(
                campaign_messages=shuffled(answer["campaign_messages"], "campaign_id"),
                operation_campaigns=answer["operation_campaigns"],
                fingerprints=shuffled(known, "dialect_id"),
                messages=shuffled(answer["messages"], "client_ip"),
            ),
            world,
        )
    )
    for name in ("campaigns.adjusted_rand", "operations.adjusted_rand"):
        assert got[name] == pytest.approx(0, abs=CHANCE), name
    # A pair put together at random belongs together as often as any pair does.
    counts = answer["campaign_messages"]["campaign_id"].value_counts().to_pylist()
    sizes = np.array([entry["counts"] for entry in counts])
    base = float((sizes * (sizes - 1)).sum() / (sizes.sum() * (sizes.sum() - 1)))
    assert got["campaigns.pair_precision"] == pytest.approx(base, abs=CHANCE)
    assert got["campaigns.pair_recall"] == pytest.approx(base, abs=CHANCE)
    assert (got["clients.exact"] or 0) < CHANCE
    shares = [entry["counts"] for entry in known["dialect_id"].value_counts().to_pylist()]
    alike = sum((share / known.num_rows) ** 2 for share in shares)
    assert got["dialects.bcubed_precision"] == pytest.approx(alike, abs=CHANCE)
    assert got["dialects.purity"] == pytest.approx(max(shares) / known.num_rows, abs=CHANCE)


def test_one_wrong_message_shows_in_every_measure_of_groups(
    world: Path, answer: dict[str, pa.Table]
) -> None:
    """The smallest fault costs: no measure rounds it away or looks past it."""
    rows = answer["campaign_messages"].to_pylist()
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["campaign_id"]] = sizes.get(row["campaign_id"], 0) + 1
    true = {m["message_id"]: m["kind"] for m in _truth(world / "truth", "messages")}
    large, other = sorted(sizes, key=lambda name: -sizes[name])[:2]
    moved = next(
        r for r in rows if r["campaign_id"] == large and true[r["message_id"]] not in CARRIERS
    )
    moved["campaign_id"] = other
    given = answer | {"campaign_messages": pa.Table.from_pylist(rows)}
    result = score(tables(**given), world)
    got = values(result)
    for name in (
        "pair_precision", "pair_recall", "adjusted_rand", "homogeneity", "completeness",
        "v_measure", "bcubed_precision", "bcubed_recall", "macro_recall", "macro_purity",
    ):  # fmt: skip
        value = got[f"campaigns.{name}"]
        assert value is not None
        assert 0.9 < value < 1, name
    assert [d.kind for d in result.disagreements] == ["merge", "split"]
    assert result.disagreements[0].subject == other
    assert moved["message_id"] in {e.message_id for d in result.disagreements for e in d.examples}

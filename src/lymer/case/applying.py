"""From what the machine grouped to what the case says: decisions applied, conclusions drawn."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from lymer.campaigns import (
    CAMPAIGN_MESSAGES,
    CAMPAIGNS,
    GROUPED_MESSAGES,
    OPERATION_CAMPAIGNS,
    OPERATIONS,
    OperationRule,
    conclude,
    describe,
)
from lymer.case.case import Case
from lymer.case.decisions import ACTION, Decision, draft, draft_undo, list_decisions
from lymer.case.following import find_people, follow
from lymer.case.overruling import LINKING
from lymer.engine import LocalEngine, answer
from lymer.evidence import add_custody
from lymer.store import Staged, stage

CONCLUSIONS = (CAMPAIGNS, CAMPAIGN_MESSAGES, OPERATIONS, OPERATION_CAMPAIGNS)
"""The tables that follow from what was grouped and decided."""


def merge(case: Case, campaigns: Sequence[str]) -> Decision:
    """Make one campaign of several; the first one's id stays."""
    return _decide(case, "merge", campaigns)


def split(case: Case, campaign: str, messages: Sequence[str]) -> Decision:
    """Take `messages` off into a campaign of their own; a single one becomes one-off mail."""
    return _decide(case, "split", [campaign], messages=messages)


def rename(case: Case, campaign: str, name: str) -> Decision:
    """Give a campaign a name."""
    return _decide(case, "rename", [campaign], text=name)


def dismiss(case: Case, campaign: str) -> Decision:
    """Set a campaign aside: it stays, marked as dismissed."""
    return _decide(case, "dismiss", [campaign])


def note(case: Case, campaign: str, text: str) -> Decision:
    """Write a note on a campaign."""
    return _decide(case, "note", [campaign], text=text)


def link(case: Case, campaign: str, other: str) -> Decision:
    """Put a campaign into the botnet of another one of its engine."""
    return _decide(case, "link", [campaign, other])


def unlink(case: Case, campaign: str, other: str) -> Decision:
    """Take a campaign off every botnet that holds the other one."""
    return _decide(case, "unlink", [campaign, other])


def undo(case: Case, number: int | None = None) -> Decision:
    """Take back a decision: the last that stands, or the one of that number."""
    with case.writing():
        undone, detail = draft_undo(case, number)
        decisions = list_decisions(case)
        decisions[undone.number - 1] = undone
        _settle(case, decisions, undone, detail)
    return undone


def _decide(
    case: Case,
    verb: str,
    campaigns: Sequence[str],
    *,
    messages: Sequence[str] = (),
    text: str | None = None,
) -> Decision:
    with case.writing():
        decision, detail = draft(case, verb, campaigns, messages=messages, text=text)
        _settle(case, [*list_decisions(case), decision], decision, detail)
    return decision


def _settle(
    case: Case, decisions: list[Decision], decided: Decision, detail: dict[str, Any]
) -> None:
    """Apply `decisions` and write down what was `decided`, in one commit; then what follows."""
    grouped = case.store.read(GROUPED_MESSAGES)
    changed: set[str] = set()
    with case.connect() as connection:
        members, remarks = apply_decisions(connection, grouped, decisions)
        # A name or a note moves no message: all but the campaigns' own rows stays.
        is_same = _is_current(case, members)
        if is_same:
            staged = [_stage_campaigns(case, describe(connection, members), remarks)]
        else:
            staged = draw_conclusions(case, connection, members, remarks)
            changed = _changed(connection, members)

    def write_down(ledger: sqlite3.Connection) -> None:
        add_custody(ledger, ACTION, decided.campaigns[0], detail)

    case.store.commit(staged, replace=(CAMPAIGNS,) if is_same else CONCLUSIONS, also=write_down)
    if changed or decided.verb in LINKING:
        with LocalEngine(1) as engine:
            follow(case, engine, lambda _: None, changed=changed)
    elif decided.verb != "note":
        find_people(case)


def _is_current(case: Case, members: pa.Table) -> bool:
    """Whether the case says the same of who is where, and why."""
    current = case.store.read(CAMPAIGN_MESSAGES)
    return bool(members.select(current.column_names).equals(current))


def _stage_campaigns(case: Case, campaigns: pa.Table, remarks: "Remarks") -> Staged:
    return stage(case.store.folder, CAMPAIGNS, _remark(campaigns, remarks))


def _changed(connection: duckdb.DuckDBPyConnection, members: pa.Table) -> set[str]:
    """Ids of the campaigns that have other members than in the case, or are only in one."""
    connection.register("members_now", members)
    sets = []
    for table in ("campaign_messages", "members_now"):
        found = answer(
            connection,
            f"""
            SELECT campaign_id, md5(string_agg(message_id, '' ORDER BY message_id)) AS members
            FROM {table} GROUP BY campaign_id
            """,
        )
        sets.append(set(zip(*found.to_pydict().values(), strict=True)))
    return {campaign_id for campaign_id, _ in sets[0] ^ sets[1]}


def draw_conclusions(
    case: Case, connection: duckdb.DuckDBPyConnection, members: pa.Table, remarks: "Remarks"
) -> list[Staged]:
    """Files of all tables that follow from the members after all decisions."""
    tables = conclude(connection, members, OperationRule())
    tables[CAMPAIGNS.name] = _remark(tables[CAMPAIGNS.name], remarks)
    declared = {table.name: table for table in CONCLUSIONS}
    return [stage(case.store.folder, declared[name], rows) for name, rows in tables.items()]


Remarks = dict[str, list[Decision]]
"""By campaign id as it is now: what was decided about the campaign itself."""


def apply_decisions(
    connection: duckdb.DuckDBPyConnection, grouped: pa.Table, decisions: Sequence[Decision]
) -> tuple[pa.Table, Remarks]:
    """The members after all decisions that stand, in their order, and the remarks on campaigns."""
    remarks: Remarks = {}
    standing = [decision for decision in decisions if not decision.is_undone]
    if not standing:
        return grouped, remarks
    connection.register("grouped_now", grouped)
    connection.execute("CREATE OR REPLACE TEMP TABLE decided AS SELECT * FROM grouped_now")
    for decision in standing:
        if decision.verb == "split":
            _split(connection, decision)
            continue
        found = [_find(connection, *named) for named in zip(
            decision.campaigns, decision.anchors, strict=True)]  # fmt: skip
        living = list(dict.fromkeys(campaign for campaign in found if campaign is not None))
        if not living:
            continue
        if decision.verb == "merge":
            _merge(connection, decision, living, remarks)
        remarks.setdefault(living[0], []).append(decision)
    # A campaign of one message is none.
    connection.execute(
        """
        DELETE FROM decided WHERE campaign_id IN (
            SELECT campaign_id FROM decided GROUP BY campaign_id HAVING count(*) = 1)
        """
    )
    members = answer(connection, "SELECT * FROM decided ORDER BY campaign_id, message_id")
    return members.cast(GROUPED_MESSAGES.schema), remarks


def _find(
    connection: duckdb.DuckDBPyConnection, campaign: str, anchors: Sequence[str]
) -> str | None:
    """Where most of `anchors` are now; None when they are in no campaign any more."""
    rows = answer(
        connection,
        """
        SELECT campaign_id FROM decided WHERE message_id IN (SELECT unnest($anchors))
        GROUP BY campaign_id ORDER BY count(*) DESC, campaign_id <> $id, campaign_id LIMIT 1
        """,
        {"anchors": list(anchors), "id": campaign},
    )["campaign_id"].to_pylist()
    return str(rows[0]) if rows else None


def _merge(
    connection: duckdb.DuckDBPyConnection,
    decision: Decision,
    living: list[str],
    remarks: Remarks,
) -> None:
    first, *others = living
    for other in others:
        # A name or a dismissal was of the other one; what was noted holds for both.
        notes = [remark for remark in remarks.pop(other, []) if remark.verb == "note"]
        remarks.setdefault(first, []).extend(notes)
        connection.execute(
            """
            UPDATE decided
            SET campaign_id = $first,
                why = 'merged from ' || campaign_id || ' ' || $by || '; before: ' || why
            WHERE campaign_id = $other
            """,
            {"first": first, "other": other, "by": decision.by},
        )


def _split(connection: duckdb.DuckDBPyConnection, decision: Decision) -> None:
    least = min(decision.messages)
    taken = set(answer(connection, "SELECT DISTINCT campaign_id FROM decided")[0].to_pylist())
    width = 12
    while f"c-{least[:width]}" in taken:
        width += 4
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE parted AS
        SELECT unnest($messages) AS message_id
        """,
        {"messages": list(decision.messages)},
    )
    connection.execute(
        """
        INSERT INTO decided
        SELECT 'none', p.message_id, 'one-off mail', 1.0
        FROM parted p ANTI JOIN decided d ON d.message_id = p.message_id
        """
    )
    connection.execute(
        """
        UPDATE decided
        SET campaign_id = $fresh,
            why = 'split from ' || campaign_id || ' ' || $by || '; before: ' || why
        WHERE message_id IN (SELECT message_id FROM parted)
        """,
        {"fresh": f"c-{least[:width]}", "by": decision.by},
    )


_SAID = {
    "merge": "merged with {others}",
    "link": "put into the botnet of {others}",
    "unlink": "taken off the botnet of {others}",
    "rename": "renamed",
    "dismiss": "dismissed",
    "note": "note: {text}",
}


def _remark(campaigns: pa.Table, remarks: Remarks) -> pa.Table:
    """The campaigns with what was decided about them."""
    if not remarks:
        return campaigns
    rows = campaigns.to_pylist()
    for row in rows:
        told = []
        for decision in remarks.get(row["campaign_id"], []):
            said = _SAID[decision.verb].format(
                others=", ".join(decision.campaigns[1:]), text=decision.text
            )
            told.append(f"{said} ({decision.by})")
            if decision.verb == "rename":
                row["name"] = decision.text
            elif decision.verb == "dismiss":
                row["status"] = "dismissed"
        row["decided"] = "; ".join(told) or None
    return pa.Table.from_pylist(rows, schema=CAMPAIGNS.schema)

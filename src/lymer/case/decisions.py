"""What the analyst decides about campaigns: kept for good, applied after the machine.

A decision is a row of the custody chain, so none can be changed or dropped unseen; undoing one is
another row. It names campaigns by id and holds fast to messages of theirs: when evidence is added
and campaigns merge, split or change their ids, it follows the messages (`lymer.case.applying`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lymer.case.case import Case
from lymer.errors import UsageError
from lymer.evidence import read_custody

ACTION = "decided"
"""What such a row of the custody chain is called."""

# Messages by which a campaign is found again; ids are hashes, so the first ones are a sample.
_ANCHORS = 100


@dataclass(frozen=True)
class Decision:
    """One decision, as it stands in the custody chain."""

    number: int
    """1 for the first of the case; they are never numbered anew."""
    decided_at: datetime
    analyst: str
    verb: str
    """merge, split, rename, dismiss, note, link, unlink."""
    campaigns: tuple[str, ...]
    """Ids at the time."""
    anchors: tuple[tuple[str, ...], ...]
    """For each campaign, messages that were in it."""
    messages: tuple[str, ...] = ()
    """Of a split: what goes off."""
    text: str = ""
    """Of a rename or note."""
    is_undone: bool = False

    @property
    def by(self) -> str:
        """Who and when, as every effect of it says."""
        return f"by decision {self.number} of {self.analyst} at {self.decided_at:%Y-%m-%d %H:%MZ}"


def list_decisions(case: Case) -> list[Decision]:
    """All decisions of the case, undone ones marked, in their order."""
    decisions: list[Decision] = []
    for entry in read_custody(case.ledger.connection, ACTION):
        detail = entry.detail
        if "verb" not in detail:
            # Changed by somebody: `lymer verify` says where the chain breaks.
            continue
        if detail["verb"] == "undo":
            at = detail["number"] - 1
            decisions[at] = replace(decisions[at], is_undone=True)
        else:
            decisions.append(_read(detail))
    return decisions


def _read(detail: dict[str, Any]) -> Decision:
    return Decision(
        **detail
        | {
            "decided_at": datetime.fromisoformat(detail["decided_at"]),
            "campaigns": tuple(detail["campaigns"]),
            "anchors": tuple(tuple(anchors) for anchors in detail["anchors"]),
            "messages": tuple(detail["messages"]),
        }
    )


def draft(
    case: Case,
    verb: str,
    campaigns: Sequence[str],
    *,
    messages: Sequence[str] = (),
    text: str | None = None,
) -> tuple[Decision, dict[str, Any]]:
    """A decision that can stand, and its row for the chain; whatever cannot is a UsageError.

    Ids of campaigns and messages may be given by their beginnings.
    """
    ids = tuple(dict.fromkeys(_campaign(case, given) for given in campaigns))
    if verb == "merge" and len(ids) < 2:
        raise UsageError("a merge needs two different campaigns or more: merge ID ID...")
    if verb in ("link", "unlink"):
        _check_engines(case, verb, ids)
    anchors = [_members(case, campaign) for campaign in ids]
    chosen = tuple(dict.fromkeys(_member(given, ids[0], anchors[0]) for given in messages))
    if verb == "split" and not chosen:
        raise UsageError("say which messages to split off: split ID --messages MSG...")
    if chosen and len(chosen) == len(anchors[0]):
        raise UsageError(f"these are all messages of {ids[0]}: there is nothing to split off from.")
    if text is not None:
        text = " ".join(text.split())
        if not text:
            raise UsageError(f"a {verb} needs some text.")
    decision = Decision(
        number=len(list_decisions(case)) + 1,
        decided_at=datetime.now(UTC).replace(microsecond=0),
        analyst=analyst_of(case),
        verb=verb,
        campaigns=ids,
        # What goes off does not tell where the campaign is.
        anchors=tuple(tuple(m for m in a if m not in chosen)[:_ANCHORS] for a in anchors),
        messages=chosen,
        text=text or "",
    )
    return decision, asdict(decision) | {"decided_at": decision.decided_at.isoformat()}


def draft_undo(case: Case, number: int | None) -> tuple[Decision, dict[str, Any]]:
    """The decision that is taken back (the last that stands, or `number`), and the row for it."""
    standing = {d.number: d for d in list_decisions(case) if not d.is_undone}
    if not standing:
        raise UsageError(f"there is nothing to undo in {case.folder}.")
    number = max(standing) if number is None else number
    if number not in standing:
        raise UsageError(
            f"no decision {number} stands in {case.folder}. `lymer decide {case.folder} list` "
            "shows all."
        )
    detail = {
        "verb": "undo",
        "number": number,
        "analyst": analyst_of(case),
        "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return replace(standing[number], is_undone=True), detail


def analyst_of(case: Case) -> str:
    """Who decides: `analyst` in case.toml."""
    return case.settings.analyst or "the analyst"


def _campaign(case: Case, given: str) -> str:
    """The id of the one campaign that `given` begins."""
    found = case.sql(
        "SELECT campaign_id FROM campaigns WHERE starts_with(campaign_id, $id) "
        "ORDER BY campaign_id LIMIT 3",
        {"id": given},
    )["campaign_id"].to_pylist()
    if not given or not found:
        raise UsageError(
            f"no campaign in {case.folder} begins with {given!r}. `lymer show {case.folder}` "
            "lists the largest."
        )
    if len(found) > 1 and found[0] != given:
        raise UsageError(f"several begin with {given!r}: {', '.join(found)} ... Give more of it.")
    return str(found[0])


def _check_engines(case: Case, verb: str, ids: Sequence[str]) -> None:
    """Two campaigns of one engine, or it is no question of botnets."""
    if len(ids) != 2:
        raise UsageError(f"name two different campaigns: {verb} ID OTHER.")
    engines = case.sql(
        """
        SELECT t.dialect_id
        FROM campaign_messages m
        JOIN fingerprints f ON f.message_id = m.message_id
        JOIN dialect_traits t ON t.variant_id = f.dialect_id
        WHERE m.campaign_id IN ($one, $other)
        GROUP BY t.dialect_id HAVING count(DISTINCT m.campaign_id) = 2 LIMIT 1
        """,
        {"one": ids[0], "other": ids[1]},
    )
    if not engines.num_rows:
        raise UsageError(
            f"{ids[0]} and {ids[1]} were sent by different mailing software, so by different "
            "botnets. What they have in common beyond that is an operation."
        )


def _members(case: Case, campaign: str) -> list[str]:
    """Its messages, in the order of their ids."""
    found = case.sql(
        "SELECT message_id FROM campaign_messages WHERE campaign_id = $id ORDER BY message_id",
        {"id": campaign},
    )
    return [str(message) for message in found["message_id"].to_pylist()]


def _member(given: str, campaign: str, members: Sequence[str]) -> str:
    given = given.strip()
    found = [message for message in members if given and message.startswith(given)]
    if not found:
        raise UsageError(
            f"no message of {campaign} begins with {given!r}. Only messages of the campaign can be "
            "split off from it."
        )
    if len(found) > 1:
        raise UsageError(f"several messages of {campaign} begin with {given!r}. Give more of it.")
    return found[0]

"""Decisions: applied after the machine, kept for good, undone one by one, and never lost."""

import random
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest
from campaign_piles import BARE, BIRD, OUTLOOK, MakeCase, Piece, mail, pick

from lymer.campaigns import GROUPED_MESSAGES
from lymer.case import (
    Case,
    check_case,
    digest,
    dismiss,
    link,
    list_decisions,
    merge,
    note,
    open_case,
    rename,
    split,
    trace,
    undo,
    unlink,
)
from lymer.case.applying import CONCLUSIONS, apply_decisions, draw_conclusions
from lymer.engine import LocalEngine
from lymer.errors import CaseError, UsageError
from lymer.store import stage

_WATCH = (
    "{Dear|Hello|Good day} {reader|friend|neighbour}, the {finest|newest|rarest} watches are "
    "{waiting|ready|here} and every {piece|model|kind} is {cheap|fair|low} until {Sunday|Monday}. "
    "Look at http://watch.test/shop today."
)
_LOAN = (
    "Money is waiting.\n\nOur officers answer within the hour.\n\nhttp://loan.test/apply\n\nYours"
)
_DEGREE = (
    "No lectures and no tests:\nthe diploma comes by post.\n\n\nhttp://wick.test/~1\nSix weeks."
)


def _pieces(source: random.Random, each: int = 10) -> list[Piece]:
    pieces = [
        ("watch", mail(source, OUTLOOK, "Watches", pick(source, _WATCH), day=n / 9))
        for n in range(each)
    ]
    pieces += [("loan", mail(source, BARE, "Money", _LOAN)) for _ in range(each)]
    return pieces + [("degree", mail(source, BIRD, "Study", _DEGREE)) for _ in range(each)]


@pytest.fixture
def made(make_case: MakeCase) -> tuple[Case, dict[str, str], dict[str, str]]:
    """A case of three campaigns, the maker of every message, the campaign of every maker."""
    case, makers = make_case("pile", _pieces(random.Random(1)))
    return case, makers, _homes(case, makers)


def _homes(case: Case, makers: dict[str, str]) -> dict[str, str]:
    rows = case.table("campaign_messages").to_pylist()
    return {makers[row["message_id"]]: row["campaign_id"] for row in rows}


def _sizes(case: Case) -> dict[str, int]:
    rows = case.table("campaigns").to_pylist()
    return {row["campaign_id"]: row["message_count"] for row in rows}


def _row(case: Case, campaign: str) -> dict[str, object]:
    return next(r for r in case.table("campaigns").to_pylist() if r["campaign_id"] == campaign)


Made = tuple[Case, dict[str, str], dict[str, str]]


def test_a_merge_says_who_and_when_and_undo_restores_all(made: Made) -> None:
    case, _, home = made
    before = digest(case)
    decision = merge(case, [home["watch"], home["loan"][:10]])
    assert _sizes(case) == {home["watch"]: 20, home["degree"]: 10}
    moved = case.sql(
        "SELECT DISTINCT left(why, strpos(why, '; before') - 1) AS why FROM campaign_messages "
        "WHERE why LIKE '%by decision%'"
    )["why"].to_pylist()
    assert moved == [f"merged from {home['loan']} {decision.by}"]
    assert f"{decision.decided_at:%Y-%m-%d %H:%M}" in decision.by
    assert home["loan"] in str(_row(case, home["watch"])["decided"])
    assert undo(case).number == 1
    assert digest(case) == before


def test_a_split_makes_a_campaign_of_its_own_and_one_message_alone_is_one_off(made: Made) -> None:
    case, makers, home = made
    mine = sorted(message for message, maker in makers.items() if maker == "loan")
    split(case, home["loan"], mine[:4])
    sizes = _sizes(case)
    assert sorted(sizes.values()) == [4, 6, 10, 10]
    assert sizes[home["loan"]] == 6
    apart = next(c for c, size in sizes.items() if size == 4)
    assert set(_members(case, apart)) == set(mine[:4])
    split(case, home["loan"], [mine[9]])
    assert _sizes(case)[home["loan"]] == 5
    assert mine[9] not in case.table("campaign_messages")["message_id"].to_pylist()


def _members(case: Case, campaign: str) -> list[str]:
    rows = case.table("campaign_messages").to_pylist()
    return [row["message_id"] for row in rows if row["campaign_id"] == campaign]


def test_names_notes_and_dismissals_stand_in_the_campaigns(made: Made) -> None:
    case, _, home = made
    rename(case, home["watch"], "  The   watches ")
    note(case, home["watch"], "asked the registrar")
    note(case, home["watch"], "no answer")
    dismiss(case, home["degree"])
    row = _row(case, home["watch"])
    assert row["name"] == "The watches"
    assert row["status"] == "open"
    assert "asked the registrar" in str(row["decided"])
    assert "no answer" in str(row["decided"])
    assert _row(case, home["degree"])["status"] == "dismissed"
    undo(case, 2)
    assert "asked the registrar" not in str(_row(case, home["watch"])["decided"])
    assert "no answer" in str(_row(case, home["watch"])["decided"])
    assert [d.is_undone for d in list_decisions(case)] == [False, True, False, False]


def test_decisions_hold_when_evidence_is_added(made: Made, make_case: MakeCase) -> None:
    case, makers, home = made
    merge(case, [home["watch"], home["loan"]])
    rename(case, home["degree"], "Diplomas")
    case.close()
    case, more = make_case("more", _pieces(random.Random(2)))
    assert _sizes(case) == {home["watch"]: 40, home["degree"]: 20}
    assert _row(case, home["degree"])["name"] == "Diplomas"
    assert _homes(case, makers | more)["loan"] == home["watch"]
    undo(case, 1)
    assert sorted(_sizes(case).values()) == [20, 20, 20]


def test_decisions_follow_their_messages_when_ids_change(made: Made) -> None:
    case, makers, home = made
    rename(case, home["loan"], "Loans")
    merge(case, [home["watch"], home["degree"]])
    # As when the machine groups otherwise one day: every id is another.
    other = case.table("grouped_messages").to_pydict()
    other["campaign_id"] = [f"c-new-{campaign[2:5]}" for campaign in other["campaign_id"]]
    _regroup(case, other)
    note(case, f"c-new-{home['loan'][2:5]}", "seen again")
    assert _row(case, f"c-new-{home['loan'][2:5]}")["name"] == "Loans"
    assert _sizes(case)[f"c-new-{home['watch'][2:5]}"] == 20
    assert sum(_sizes(case).values()) == len(makers)


def test_a_campaign_that_is_gone_leaves_its_decisions_without_effect(made: Made) -> None:
    case, _, home = made
    rename(case, home["loan"], "Loans")
    rows = case.table("grouped_messages")
    gone = [campaign != home["loan"] for campaign in rows["campaign_id"].to_pylist()]
    _regroup(case, rows.filter(gone).to_pydict())
    note(case, home["watch"], "still here")
    assert home["loan"] not in _sizes(case)
    assert "Loans" not in case.table("campaigns")["name"].to_pylist()
    assert len(list_decisions(case)) == 2


def _regroup(case: Case, columns: dict[str, list[object]]) -> None:
    """Put other rows where the machine's are, and what follows from them."""
    grouped = pa.table(columns, schema=GROUPED_MESSAGES.schema)
    with case.writing():
        with case.connect() as connection:
            decided = apply_decisions(connection, grouped, list_decisions(case))
            staged = draw_conclusions(case, connection, *decided)
        staged.append(stage(case.store.folder, GROUPED_MESSAGES, grouped))
        case.store.commit(staged, replace=(GROUPED_MESSAGES, *CONCLUSIONS))


def test_the_custody_chain_holds_decisions_and_shows_who_tampers(made: Made) -> None:
    case, _, home = made
    note(case, home["watch"], "first")
    note(case, home["watch"], "second")
    undo(case)
    assert next(iter(check_case(case))).state == "intact"
    folder = case.folder
    case.close()
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        ledger.execute(
            "UPDATE custody SET detail = replace(detail, 'first', 'never') WHERE action = 'decided'"
        )
    assert next(iter(check_case(open_case(folder)))).state == "broken"


def test_an_operation_follows_a_merge(made: Made) -> None:
    case, _, home = made
    merge(case, [home["watch"], home["loan"], home["degree"]])
    assert _sizes(case) == {home["watch"]: 30}
    assert case.table("operations").num_rows == 0


def test_what_cannot_be_decided_says_what_to_do_and_changes_nothing(made: Made) -> None:
    case, makers, home = made
    before = digest(case)
    mine = sorted(message for message, maker in makers.items() if maker == "loan")
    for act, told in (
        (lambda: merge(case, [home["watch"]]), "two different campaigns"),
        (lambda: merge(case, [home["watch"], home["watch"][:8]]), "two different campaigns"),
        (lambda: rename(case, "c-nothing", "x"), "lymer show"),
        (lambda: rename(case, "c-", "x"), "Give more of it"),
        (lambda: rename(case, home["watch"], " \n"), "needs some text"),
        (lambda: split(case, home["watch"], []), "--messages"),
        (lambda: split(case, home["watch"], [mine[0]]), "Only messages of the campaign"),
        (lambda: split(case, home["loan"], mine), "nothing to split off from"),
        (lambda: undo(case), "nothing to undo"),
    ):
        with pytest.raises(UsageError, match=told):
            act()
    note(case, home["watch"], "one")
    with pytest.raises(UsageError, match="no decision 7 stands"):
        undo(case, 7)
    undo(case, 1)
    with pytest.raises(UsageError, match="nothing to undo"):
        undo(case, 1)
    assert digest(case) == before


def test_nothing_is_decided_while_another_writes(made: Made) -> None:
    case, _, home = made
    other = open_case(Path(case.folder))
    with other.writing(), pytest.raises(CaseError, match="in use"):
        note(case, home["watch"], "x")
    assert list_decisions(case) == []


def test_templates_and_botnets_follow_at_once(
    made: tuple[Case, dict[str, str], dict[str, str]], tmp_path: Path
) -> None:
    case, _, homes = made
    before = {row["campaign_id"]: row for row in case.table("templates").to_pylist()}
    assert set(before) == set(homes.values())

    def said() -> dict[str, list[object]]:
        names = ("templates", "botnets", "botnet_campaigns", "bots", "claims", "actors")
        return {name: sorted(map(str, case.table(name).to_pylist())) for name in names}

    merge(case, [homes["watch"], homes["loan"]])
    now = case.table("templates").to_pylist()
    assert {row["campaign_id"] for row in now} == {homes["watch"], homes["degree"]}
    assert sum(row["campaign_id"] == homes["watch"] for row in now) == 2
    assert before[homes["degree"]] in now
    at_once = said()
    with LocalEngine(1) as engine:
        trace(case, [tmp_path / "pile.mbox"], engine=engine)
    assert said() == at_once
    undo(case)
    assert {row["campaign_id"]: row for row in case.table("templates").to_pylist()} == before


def test_a_link_between_campaigns_is_the_analysts_to_make_and_to_take_back(
    make_case: MakeCase, tmp_path: Path
) -> None:
    source = random.Random(1)
    pieces = [("loan", mail(source, BARE, "Money", _LOAN)) for _ in range(8)]
    pieces += [("degree", mail(source, BARE, "Study", _DEGREE)) for _ in range(8)]
    pieces += [("watch", mail(source, OUTLOOK, "Watches", pick(source, _WATCH))) for _ in range(8)]
    case, makers = make_case("pile", pieces)
    homes = _homes(case, makers)

    def together() -> set[str]:
        return {row["campaign_id"] for row in case.table("botnet_campaigns").to_pylist()}

    assert not together()
    link(case, homes["loan"], homes["degree"])
    assert together() == {homes["loan"], homes["degree"]}
    (row,) = case.sql(
        "SELECT decided FROM campaigns WHERE campaign_id = $id", {"id": homes["loan"]}
    ).to_pylist()
    assert "put into the botnet of" in row["decided"]
    with LocalEngine(1) as engine:
        trace(case, [tmp_path / "pile.mbox"], engine=engine)
    assert together() == {homes["loan"], homes["degree"]}
    unlink(case, homes["loan"], homes["degree"])
    assert together() == {homes["degree"]}
    undo(case)
    undo(case)
    assert not together()
    with pytest.raises(UsageError, match="different mailing software"):
        link(case, homes["loan"], homes["watch"])

"""What must be kept joins campaigns, what everybody has does not, and time does not part."""

import random

import numpy as np
import pytest
from campaign_piles import BARE, BIRD, OUTLOOK, MakeCase, Piece, Software, mail, one_offs
from scipy.sparse import csr_array

from lymer.campaigns.kept import KINDS, Kept, Things
from lymer.campaigns.operations import profile, weigh, weigh_with_rest
from lymer.case import Case

_WATCH = "A watch of the house {name} is made by hand.\nIt costs a tenth.\nhttp://{host}/w/{n}\n"
_LOAN = (
    "Money is waiting, whatever the past was.\n\nOur officers at {name} answer within the hour,\n"
    "no questions asked.\n\nhttp://{host}/apply?id={n}\n\nYours, the credit desk"
)
_DEGREE = (
    "No lectures and no tests:\nthe diploma from {name} comes by post.\n\n\nhttp://{host}/~{n}\n"
    "Six weeks.\nFramed.\nSealed.\n"
)


def _campaign(
    source: random.Random,
    software: Software,
    subject: str,
    text: str,
    name: str,
    host: str,
    *,
    day: float = 0.0,
) -> list[Piece]:
    return [
        (
            subject,
            mail(
                source, software, subject, text.format(name=name, host=host, n=n), day=day + n / 9
            ),
        )
        for n in range(8)
    ]


def _operations(case: Case, makers: dict[str, str]) -> dict[str, set[str]]:
    """By maker: the operations of its messages, or "" for none."""
    rows = case.sql(
        """
        SELECT c.message_id, coalesce(o.operation_id, '') AS operation
        FROM campaign_messages c LEFT JOIN operation_campaigns o ON o.campaign_id = c.campaign_id
        """
    ).to_pylist()
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(makers[row["message_id"]], set()).add(row["operation"])
    return found


def test_one_house_behind_two_campaigns_is_one_operation(make_case: MakeCase) -> None:
    source = random.Random(1)
    pieces = [
        *_campaign(source, OUTLOOK, "Time", _WATCH, "Quellmont", "quell.test"),
        # Two months later, in another text by another engine.
        *_campaign(source, BARE, "Credit", _LOAN, "Quellmont", "quell.test", day=60),
        *_campaign(source, BIRD, "Study", _DEGREE, "Brandwick", "wick.test"),
        *one_offs(source, 10),
    ]
    case, makers = make_case("pile", pieces)
    found = _operations(case, makers)
    assert len(found["Time"]) == 1
    assert found["Time"] == found["Credit"] != {""}
    assert found["Study"] == {""}
    (operation,) = case.table("operations").to_pylist()
    assert operation["campaign_count"] == 2
    assert operation["message_count"] == 16
    assert (operation["last_seen_at"] - operation["first_seen_at"]).days >= 59
    assert "quell.test in 2 of 2 campaigns (100% of their messages)" in operation["why"]
    rows = case.table("operation_campaigns").to_pylist()
    assert all(row["score"] > 1 and "quell.test" in row["why"] for row in rows)
    assert all(f"{row['score']:+.1f} with c-" in row["why"] for row in rows)


def test_a_shortener_that_strangers_use_joins_nobody(make_case: MakeCase) -> None:
    source = random.Random(2)
    pieces = [
        *_campaign(source, OUTLOOK, "Time", _WATCH, "Quellmont", "tiny.test"),
        *_campaign(source, BARE, "Credit", _LOAN, "Brandwick", "tiny.test"),
        *_campaign(source, BIRD, "Study", _DEGREE, "Halloran", "tiny.test"),
        *one_offs(source, 10, extra="\nhttp://tiny.test/a1b2\n"),
    ]
    case, makers = make_case("pile", pieces)
    assert len(set(map(frozenset, _operations(case, makers).values()))) == 1
    assert case.table("operations").num_rows == 0


def test_customers_of_one_free_host_stay_apart(make_case: MakeCase) -> None:
    source = random.Random(3)
    pieces = [
        *_campaign(source, OUTLOOK, "Time", _WATCH, "Quellmont", "quell.freehost.test"),
        *_campaign(source, BARE, "Credit", _LOAN, "Quellmont", "quell.freehost.test"),
        *_campaign(source, BIRD, "Study", _DEGREE, "Halloran", "halloran.freehost.test"),
    ]
    case, makers = make_case("pile", pieces)
    found = _operations(case, makers)
    assert found["Time"] == found["Credit"] != {""}
    assert found["Study"] == {""}


def test_the_mailings_of_one_lawful_sender_are_one_operation(make_case: MakeCase) -> None:
    source = random.Random(4)

    def issue(number: int, text: str) -> list[Piece]:
        head = (
            "Received: from out.shop.example (out.shop.example [192.0.2.7])\n\tby mx.trap.example "
            "(Postfix) with ESMTP id 0A1B2C{n:02d}\n\tfor <trap@trap.example>; Mon, 1 Oct 2007 "
            "10:{n:02d}:00 +0000\nFrom: Shop News <news@shop.example>\nTo: trap@trap.example\n"
            f"Subject: Issue {'abcdef'[number] * 4}\nList-Id: <news.shop.example>\n"
            f"Message-ID: <{number}.{{n}}@shop.example>\nDate: Mon, 1 Oct 2007 10:{{n:02d}}:00 "
            "+0000\n\n"
        )
        return [(f"issue {number}", (head.format(n=n) + text).encode()) for n in range(6)]

    texts = (
        "Garden chairs for the late summer, and a lamp for every tree that you own.\n",
        "School begins again.\nSatchels, pens and paper of all sorts are half the price now.\n\n"
        "Come by on any afternoon.\n",
    )
    pieces = [piece for number, text in enumerate(texts) for piece in issue(number, text)]
    pieces += _campaign(source, OUTLOOK, "Time", _WATCH, "Quellmont", "quell.test")
    case, makers = make_case("pile", pieces)
    found = _operations(case, makers)
    assert found["issue 0"] == found["issue 1"]
    assert found["Time"] == {""}


def test_operations_keep_their_ids_when_evidence_is_added(make_case: MakeCase) -> None:
    source = random.Random(5)
    first = [
        *_campaign(source, OUTLOOK, "Time", _WATCH, "Quellmont", "quell.test"),
        *_campaign(source, BARE, "Credit", _LOAN, "Quellmont", "quell.test"),
    ]
    case, _ = make_case("first", first)
    before = case.table("operations")["operation_id"].to_pylist()
    # The new mails hold the least id of all: a name drawn anew would be another.
    second = _campaign(source, BIRD, "Study", _DEGREE, "Quellmont", "quell.test")
    case, _ = make_case("second", second)
    after = case.table("operations").to_pylist()
    assert len(before) == 1
    assert [row["operation_id"] for row in after] == before
    assert after[0]["campaign_count"] == 3


def test_one_campaign_is_no_operation(make_case: MakeCase) -> None:
    source = random.Random(6)
    case, _ = make_case("pile", _campaign(source, BARE, "Credit", _LOAN, "Quellmont", "q.test"))
    assert case.table("campaigns").num_rows == 1
    assert case.table("operations").num_rows == case.table("operation_campaigns").num_rows == 0


def test_the_same_words_by_another_engine_are_one_operation(make_case: MakeCase) -> None:
    """A bait without link, box or name: nothing but the words is kept."""
    source = random.Random(12)
    bait = "Widows of the harbour whisper about lasting amber combs and violet lanterns tonight."
    pieces = [
        (f"{name}{n}", mail(source, software, f"Widows {n}", bait, day=day + n / 9))
        for name, software, day in (("early", OUTLOOK, 0), ("late", BARE, 25))
        for n in range(8)
    ] + [*_campaign(source, BIRD, "Study", _DEGREE, "Brandwick", "wick.test"), *one_offs(source, 9)]
    case, makers = make_case("pile", pieces)
    found = _operations(case, makers)
    homes = {frozenset(found[f"{name}{n}"]) for name in ("early", "late") for n in range(8)}
    assert len(case.table("campaigns")) == 3
    assert len(homes) == 1
    assert found["Study"] == {""} != set(next(iter(homes)))


def test_the_rest_of_an_operation_is_what_its_other_members_have_together() -> None:
    source = np.random.default_rng(1)
    one, other = (source.random(12) * (source.random(12) < 0.6) for _ in range(2))
    half, rest = other * (source.random(12) < 0.5), other / 2
    # The second and the third have together what the fourth has by itself.
    shares = np.stack((one, half, np.where(half > 0, rest, other), other))
    held = Things(["x"] * 12, list("abcdefghijkl"), np.zeros(12), csr_array(shares))
    things = dict.fromkeys(KINDS, held)
    kept = Kept(list("abcd"), np.ones(4, dtype=np.int64), things)
    profiles = profile(kept, np.arange(4))
    wanted = weigh(profiles, np.array([(0, 3)]))
    assert weigh_with_rest(profiles, np.array([0, 1, 2]))[0] == pytest.approx(wanted[0])
    assert weigh_with_rest(profiles, np.array([0, 3])) == pytest.approx(np.repeat(wanted, 2))

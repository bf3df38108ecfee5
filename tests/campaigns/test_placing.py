"""One message at a time: where a full run would put it."""

import random

import numpy as np
from campaign_piles import BARE, BIRD, OUTLOOK, MakeCase, Piece, mail, one_offs, pick

from lymer.case import LivePlacement

_WATCH = (
    "{Dear|Hello|Good day} {reader|friend|neighbour}, the {finest|newest|rarest} watches are "
    "{waiting|ready|here} and every {piece|model|kind} is {cheap|fair|low} until {Sunday|Monday}. "
    "Look at http://watch.test/shop today."
)
_LOAN = (
    "Money is waiting.\n\nOur officers answer within the hour.\n\nhttp://loan.test/apply\n\nYours"
)
_SALE = "A {lamp|chair|desk} for {you|all}, {half|low} price.\nhttp://{a|b|c}sale.test/{x|y|z}\n"


def _watch(source: random.Random, day: float) -> Piece:
    return "watch", mail(source, OUTLOOK, "Watches", pick(source, _WATCH), day=day)


def _loan(source: random.Random, day: float) -> Piece:
    return "loan", mail(source, BARE, "Money", _LOAN, day=day)


def _sale(source: random.Random, day: float) -> Piece:
    return "sale", mail(source, BIRD, "Sale", pick(source, _SALE), day=day)


def test_new_messages_go_where_a_full_run_puts_them(make_case: MakeCase) -> None:
    source = random.Random(1)
    made = [make(source, n / 9) for n in range(30) for make in (_watch, _loan, _sale)]
    made += one_offs(source, 30)
    held, rest = made[::5], [piece for n, piece in enumerate(made) if n % 5]
    case, makers = make_case("rest", rest)
    live = LivePlacement(case)
    placed = [live.place(message) for _, message in held]
    home = {row["campaign_id"]: makers[row["message_id"]]
            for row in case.table("campaign_messages").to_pylist()}  # fmt: skip
    case, makers = make_case("held", held)
    full = {row["message_id"]: row["campaign_id"]
            for row in case.table("campaign_messages").to_pylist()}  # fmt: skip
    wanted = [full.get(message) for message in makers]
    assert [placement.campaign_id for placement in placed] == wanted
    assert {home[name] for name in wanted if name} == {"watch", "loan", "sale"}
    assert wanted.count(None) == 6
    # Three ways to be placed, and each says which.
    told = {name: {p.why for (n, _), p in zip(held, placed, strict=True) if n == name}
            for name in ("watch", "loan")}  # fmt: skip
    assert told["loan"] == {"same text as 24 others"}
    assert all("+" in why and "with" in why for why in told["watch"])


def test_placing_leaves_no_trace_in_the_index(make_case: MakeCase) -> None:
    source = random.Random(2)
    case, _ = make_case("pile", [_watch(source, n / 9) for n in range(12)] + one_offs(source, 5))
    live = LivePlacement(case)
    (_, watch), (_, stranger) = _watch(source, 1), one_offs(source, 1)[0]
    first = live.place(watch)
    assert live.place(stranger).campaign_id is None
    assert live.place(watch) == first
    assert first.campaign_id is not None
    assert first.odds is not None
    assert np.isfinite(first.odds)


def test_another_wave_and_broken_mail_are_in_no_campaign(make_case: MakeCase) -> None:
    source = random.Random(3)
    case, _ = make_case("pile", [_loan(source, n / 9) for n in range(8)] + one_offs(source, 5))
    live = LivePlacement(case)
    assert live.place(_loan(source, 1)[1]).campaign_id is not None
    assert live.place(_loan(source, 60)[1]).campaign_id is None
    for broken in (b"", b"\x00" * 100, b"Subject: \xff\xfe\n\n" + b"<" * 5000):
        assert live.place(broken).campaign_id is None

"""Why: the numbers told are those that decided, and add up."""

import random

import pytest
from campaign_piles import BARE, BIRD, OUTLOOK, MakeCase, Piece, mail, one_offs, pick

from lymer.case import Case, Comparison, why, why_two
from lymer.errors import UsageError

_WATCH = (
    "{Dear|Hello|Good day} {reader|friend|neighbour}, the {finest|newest|rarest} watches are "
    "{waiting|ready|here} and every {piece|model|kind} is {cheap|fair|low} until {Sunday|Monday}. "
    "Look at http://watch.test/shop today."
)
_LOAN = (
    "Money is waiting, whatever the past was.\n\nOur officers answer within the hour.\n\n"
    "http://loan.test/apply\n\nYours, the credit desk"
)


@pytest.fixture(scope="module")
def told(make_module_case: MakeCase) -> tuple[Case, dict[str, list[str]]]:
    """A case, and the messages of each maker."""
    source = random.Random(1)
    pieces: list[Piece] = [
        ("watch", mail(source, OUTLOOK, "Watches", pick(source, _WATCH), day=n / 9))
        for n in range(12)
    ]
    pieces += [("loan", mail(source, BARE, "Money", _LOAN)) for _ in range(5)]
    pieces += [("late", mail(source, BARE, "Money", _LOAN, day=40)) for _ in range(5)]
    report = mail(source, BIRD, "failure notice", "not delivered").replace(
        b"Content-Type: text/plain", b'Content-Type: multipart/report; boundary="x"'
    )
    pieces.append(("bounce", report))
    case, makers = make_module_case("pile", [*pieces, *one_offs(source, 3)])
    by_maker: dict[str, list[str]] = {}
    for message, maker in sorted(makers.items()):
        by_maker.setdefault(maker, []).append(message)
    return case, by_maker


def _adds_up(comparison: Comparison) -> bool:
    total = comparison.bias + sum(voice.adds for voice in comparison.voices)
    return comparison.odds is None or abs(total - comparison.odds) < 1e-9


def test_a_member_is_nearer_to_its_own_than_to_the_second_best(
    told: tuple[Case, dict[str, list[str]]],
) -> None:
    case, messages = told
    said = why(case, messages["watch"][0][:16])
    assert said.message_id == messages["watch"][0]
    assert said.campaign_id is not None
    assert said.nearest is not None
    assert said.as_a_whole is not None
    assert said.second is not None
    assert said.nearest.with_campaign == said.as_a_whole.with_campaign == said.campaign_id
    assert said.second.with_campaign not in (None, said.campaign_id)
    assert said.as_a_whole.odds is not None
    assert said.as_a_whole.odds > said.as_a_whole.needed
    assert said.second.odds is None or said.second.odds < said.as_a_whole.odds
    for comparison in (said.nearest, said.as_a_whole, said.second):
        assert _adds_up(comparison)
        loud = [abs(voice.adds) for voice in comparison.voices]
        assert loud == sorted(loud, reverse=True)
    # What the membership says is the same link.
    assert said.why is not None
    assert f"{said.nearest.odds:+.1f} with its nearest" in said.why


def test_equal_texts_are_told_as_such(told: tuple[Case, dict[str, list[str]]]) -> None:
    case, messages = told
    said = why_two(case, *messages["loan"][:2])
    assert said.is_same_text
    assert said.are_together
    assert said.texts is None
    assert said.one.same_text_count == 5


def test_two_waves_are_not_together_and_time_is_the_reason(
    told: tuple[Case, dict[str, list[str]]],
) -> None:
    case, messages = told
    said = why_two(case, messages["loan"][0], messages["late"][0])
    assert not said.are_together
    assert not said.is_same_text
    assert said.groups is not None
    assert said.groups.days_apart > 14
    assert "days apart" in [voice.name for voice in said.groups.voices]


def test_strangers_are_parted_by_less_than_is_needed(
    told: tuple[Case, dict[str, list[str]]],
) -> None:
    case, messages = told
    said = why_two(case, messages["watch"][0], messages["loan"][0])
    assert not said.are_together
    assert said.groups is not None
    assert said.groups.odds is None or said.groups.odds < said.groups.needed
    assert said.texts is not None
    assert _adds_up(said.texts)


def test_one_off_mail_and_bounces_are_in_none(told: tuple[Case, dict[str, list[str]]]) -> None:
    case, messages = told
    single = why(case, messages["one-off 0"][0])
    assert single.campaign_id is single.nearest is single.as_a_whole is None
    assert single.second is not None
    bounce = why(case, messages["bounce"][0])
    assert bounce.carriage in ("bounce", "report")
    assert bounce.second is None


def test_wrong_ids_say_what_to_do(told: tuple[Case, dict[str, list[str]]]) -> None:
    case, messages = told
    with pytest.raises(UsageError, match="begins with 'zzz'"):
        why(case, "zzz")
    with pytest.raises(UsageError, match="Give more of it"):
        why(case, _begin_of_several(messages))
    with pytest.raises(UsageError, match="two different"):
        why_two(case, messages["watch"][0], messages["watch"][0])


def _begin_of_several(messages: dict[str, list[str]]) -> str:
    begins = [message[0] for several in messages.values() for message in several]
    return max(begins, key=begins.count)

"""The steps of grouping, each by itself: ids, pairs, links, labels."""

import random
import re
from itertools import combinations

import numpy as np
from campaign_piles import OUTLOOK, MakeCase, Piece, mail, one_offs, pick, salad

from lymer.campaigns.communities import (
    GroupingRule,
    Links,
    components,
    join_groups,
    link_shapes,
)
from lymer.campaigns.facts import Facts, gather
from lymer.campaigns.groups import days_between, gather_groups
from lymer.campaigns.identity import name_groups
from lymer.campaigns.odds import surely, weigh
from lymer.campaigns.places import meet
from lymer.campaigns.shapes import collapse
from lymer.campaigns.voice_rule import VoiceRule
from lymer.campaigns.voices import VOICES, listen
from lymer.campaigns.weights import BETWEEN_GROUPS, BETWEEN_SHAPES, WEIGHTS
from lymer.case import Case
from lymer.engine import answer

_TEXT = (
    "{Dear|Hello|Good day} {reader|friend|neighbour}, the {finest|newest|rarest} watches are "
    "{waiting|ready|here} and every {piece|model|kind} is {cheap|fair|low} until {Sunday|Monday}. "
    "Reference {ONE}. Look at http://{watch.test|clock.test}/shop today."
)


def _pieces(source: random.Random, count: int) -> list[Piece]:
    return [
        ("watches", mail(source, OUTLOOK, "Watches", pick(source, _TEXT), day=n / 20))
        for n in range(count)
    ]


def _facts(case: Case) -> tuple[Facts, list[int]]:
    with case.connect() as connection:
        collapse(connection, gap_seconds=14 * 86400)
        messages = connection.sql("SELECT message_count FROM shapes ORDER BY shape").fetchall()
        return gather(connection), [row[0] for row in messages]


def test_messages_of_one_text_are_one_shape(make_case: MakeCase) -> None:
    source = random.Random(1)
    same = [("same", mail(source, OUTLOOK, "A b", "The same nine words stand in every single one "
                          f"of them, http://a{n}.test/ and {n} and {source.randint(100, 999)}"))
            for n in range(12)]  # fmt: skip
    case, _ = make_case("pile", [*same, *one_offs(source, 5)])
    facts, counts = _facts(case)
    assert sorted(counts) == [1, 1, 1, 1, 1, 12]
    assert facts.count == 6
    assert facts.message_count.tolist() == counts


def test_rarity_falls_with_unlike_makes_and_what_one_shape_has_is_never_shared(
    make_case: MakeCase,
) -> None:
    source = random.Random(2)
    bodies = [
        f"{' '.join(pick(source, '{aa|bb|cc|dd} word') for _ in range(9))}\nhttp://common.test/\n"
        + "more lines\n\n" * n
        for n in range(4)
    ]
    pieces = [(f"c{n}", mail(source, OUTLOOK, f"x {n}", body)) for n, body in enumerate(bodies)]
    pieces += [
        (f"r{n}", mail(source, OUTLOOK, "y", f"{source.choice('abc')} here one two three four five"
                       f" six seven {source.choice('de')} http://rare.test/"))
        for n in range(2)
    ]  # fmt: skip
    pieces.append(
        ("own", mail(source, OUTLOOK, "z", "quite alone with this http://own.test/ here"))
    )
    case, _ = make_case("pile", pieces)
    facts, _ = _facts(case)
    chosen = facts.selectors
    rarity = dict(zip(chosen.values, chosen.rarity, strict=True))
    assert rarity["common.test"] == 1 / (1 + np.log2(4))
    assert rarity["rare.test"] == 1.0
    assert "own.test" not in rarity
    hidden = [n for n, kind in enumerate(chosen.kinds) if kind == "domain" and not chosen.values[n]]
    assert chosen.rarity[hidden[0]] < 1e-9


def test_comparisons_grow_in_a_straight_line(make_case: MakeCase) -> None:
    def compared(count: int) -> int:
        source = random.Random(3)
        case, _ = make_case(f"pile{count}", _pieces(source, count))
        facts, _ = _facts(case)
        return sum(len(np.unique(np.sort(pairs, axis=1), axis=0)) for pairs in meet(facts))

    small = compared(60)
    # The second pile is added to the first, whose mails it holds again: 240 in all.
    large = compared(240)
    assert large > small
    assert large < 6 * small


def test_pairs_meet_only_where_they_share_something(make_case: MakeCase) -> None:
    source = random.Random(4)
    case, _ = make_case("pile", [*_pieces(source, 20), *one_offs(source, 3)])
    facts, _ = _facts(case)
    for pairs in meet(facts):
        assert pairs.shape[1] == 2
        assert (pairs[:, 0] != pairs[:, 1]).all()
        assert pairs.min(initial=0) >= 0
        assert pairs.max(initial=0) < facts.count


def test_who_shares_a_drop_box_meets_across_the_makes_between_them(make_case: MakeCase) -> None:
    source = random.Random(8)
    layouts = ["{}", "{}\n\nbye", "{}\n\nbye\n\nand on", "{}\n\n{}", "{}\n\n{}\n\n{}"]
    pieces = [
        (f"make {n}", mail(source, OUTLOOK, f"s {n}{turn}", layout.replace("{}", salad(source, 9))
                           + "\nwrite to box@drop.example"))
        for n, layout in enumerate(layouts)
        for turn in range(3)
    ]  # fmt: skip
    case, makers = make_case("pile", pieces)
    with case.connect() as connection:
        collapse(connection, gap_seconds=14 * 86400)
        facts = gather(connection)
        rows = connection.sql("SELECT first_id FROM shapes ORDER BY shape").fetchall()
    maker = [makers[row[0]] for row in rows]
    met = {
        frozenset((maker[one], maker[other]))
        for pairs in meet(facts)
        for one, other in pairs.tolist()
    }
    assert {frozenset(pair) for pair in combinations(set(maker), 2)} <= met


def test_the_day_of_the_month_is_no_trait_of_the_software(make_case: MakeCase) -> None:
    """An engine that does not pad the day writes one digit until the ninth, then two."""
    source = random.Random(7)
    pieces = []
    for name, day in [("plain", day) for day in (8, 9, 10, 11)] + [("other", 10)]:
        piece = pick(source, "{one|two} words {of|from} {the|this} text go on for {ten|nine} words")
        head, body = mail(source, OUTLOOK, "Days", piece, day=day - 1).split(b"\n\n", 1)
        date = f"Date: {day} Oct 2007 08:09:10 +0200" + (" (CEST)" if name == "other" else "")
        head = re.sub(rb"Date: [^\n]*", date.encode(), head, count=1)
        pieces.append((name, head + b"\n\n" + body))
    case, makers = make_case("pile", pieces)
    facts, _ = _facts(case)
    with case.connect() as connection:
        collapse(connection, gap_seconds=14 * 86400)
        rows = connection.sql("SELECT first_id FROM shapes ORDER BY shape").fetchall()
    plain = np.array([makers[row[0]] == "plain" for row in rows])
    for name in ("date", "dialect"):
        assert len(set(facts.codes[name][plain].tolist())) == 1
        assert not set(facts.codes[name][plain].tolist()) & set(facts.codes[name][~plain].tolist())


def test_voices_are_even_handed_and_silent_where_there_is_nothing(make_case: MakeCase) -> None:
    source = random.Random(5)
    case, _ = make_case("pile", [*_pieces(source, 10), *one_offs(source, 5)])
    facts, _ = _facts(case)
    alone = gather_groups(facts, np.arange(facts.count), VoiceRule())
    one, other = np.triu_indices(facts.count, 1)
    pairs = np.stack((one, other), axis=1)
    said = listen(facts, alone, pairs)
    assert said.shape == (len(pairs), len(VOICES))
    assert np.isfinite(said).all()
    assert np.allclose(said, listen(facts, alone, pairs[:, ::-1]))
    # Nobody has a picture or a list: those voices say nothing of anybody.
    for name in ("shared picture", "picture near", "picture far", "same list"):
        assert not said[:, VOICES.index(name)].any()
    odds = weigh(facts, alone, pairs, BETWEEN_SHAPES)
    assert np.allclose(odds, BETWEEN_SHAPES[0] + said @ BETWEEN_SHAPES[1:])


def test_weights_stand_beside_the_voices_they_weigh() -> None:
    assert [row[0] for row in WEIGHTS] == ["bias", *VOICES]
    assert len(BETWEEN_SHAPES) == len(BETWEEN_GROUPS) == len(VOICES) + 1


def test_days_between_groups(make_case: MakeCase) -> None:
    source = random.Random(6)
    text = "these nine words are in both waves and http://w.test/ stands below them"
    pieces = [("w", mail(source, OUTLOOK, "w", text, day=day)) for day in (0, 0, 20, 20)]
    case, _ = make_case("pile", pieces)
    facts, _ = _facts(case)
    assert facts.count == 2
    groups = gather_groups(facts, np.arange(2), VoiceRule())
    days = days_between(groups, np.array([[0, 1]]))[0]
    assert 19 < days < 21


def test_components_are_those_of_the_graph() -> None:
    labels = components(6, np.array([[0, 1], [1, 2], [4, 5]]))
    assert labels[0] == labels[1] == labels[2]
    assert labels[4] == labels[5]
    assert len({labels[0], labels[3], labels[4]}) == 3


def test_one_strong_link_does_not_glue_two_groups(make_case: MakeCase) -> None:
    source = random.Random(7)
    other = (
        "Our {casino|club} has {tables|slots} for {you|all} and {free|many} games, {come|go} in."
    )
    pieces = _pieces(source, 12)
    pieces += [
        ("casino", mail(source, OUTLOOK, "Play", pick(source, other) * 3)) for _ in range(12)
    ]
    case, makers = make_case("pile", pieces)
    with case.connect() as connection:
        collapse(connection, gap_seconds=14 * 86400)
        ids = [
            r[0] for r in connection.sql("SELECT first_id FROM shapes ORDER BY shape").fetchall()
        ]
        facts = gather(connection)
    kind = np.array([makers[i] == "casino" for i in ids])
    labels = kind.astype(np.int64)
    # A forged link of whatever odds between one of each: compared are the groups as wholes.
    bridge = np.array([[int(np.flatnonzero(kind)[0]), int(np.flatnonzero(~kind)[0])]])
    links = Links(bridge, np.array([99.0]))
    assert len(set(join_groups(facts, labels, links, GroupingRule(), BETWEEN_GROUPS))) == 2
    whole, _ = link_shapes(facts, GroupingRule(), BETWEEN_SHAPES)
    assert not set(whole[kind]) & set(whole[~kind])


def test_a_new_group_is_named_after_its_least_message() -> None:
    names, lineage = name_groups(["abcdef0123456789", "0123456789abcdef"], [])
    assert names == ["c-abcdef012345", "c-0123456789ab"]
    assert lineage == []


def test_a_group_keeps_the_id_that_most_of_it_had() -> None:
    names, lineage = name_groups(["f" * 16, "e" * 16], [(0, "c-old", 5), (1, "c-old", 9)])
    assert names == ["c-ffffffffffff", "c-old"]
    assert lineage == [("c-ffffffffffff", "c-old", "split", 5)]


def test_what_merges_leaves_a_lineage() -> None:
    names, lineage = name_groups(["a" * 16], [(0, "c-small", 2), (0, "c-large", 7)])
    assert names == ["c-large"]
    assert lineage == [("c-large", "c-small", "merged", 2)]


def test_an_id_in_use_is_never_given_twice() -> None:
    least = "abcdefabcdef0000"
    # The former campaign of that name lives on in another group.
    names, _ = name_groups([least, "0" * 16], [(1, "c-abcdefabcdef", 3)])
    assert names == ["c-abcdefabcdef0000", "c-abcdefabcdef"]


def test_ids_stay_when_evidence_is_added_and_merges_are_told(make_case: MakeCase) -> None:
    source = random.Random(8)
    pieces = _pieces(source, 30)
    case, _ = make_case("first", pieces[:15])
    before = case.table("campaigns")["campaign_id"].to_pylist()
    case, _ = make_case("second", pieces[15:])
    after = case.table("campaigns").to_pylist()
    assert [row["campaign_id"] for row in after] == before
    assert after[0]["message_count"] == 30


_BAITS = {
    "widow": (
        "I am the widow of a late harbour master and write to you in tears",
        "my physician gives me eight weeks and no heir is left in the family",
        "the deposit lies in a vault that only a stranger may open for me",
        "my lawyer has drawn up the deed and waits for your full name",
        "half shall go to the orphans of the parish and half to you",
        "do not tell the bank before the papers have been stamped",
    ),
    "engineer": (
        "As chief engineer of the oil board I oversee contracts of the ministry",
        "an overpaid invoice was found during the audit of last spring",
        "we are civil servants and cannot hold accounts abroad ourselves",
        "your firm would stand as the contractor of record for one day",
        "thirty parts of a hundred are yours for the trouble taken",
        "send your telephone and fax so that the memo can be signed",
    ),
}


def test_two_texts_are_joined_at_once_only_with_something_to_show(make_case: MakeCase) -> None:
    """Greeting, subject, length and form are the same in many a bait."""
    source = random.Random(93)
    pieces: list[Piece] = []
    for maker, story in _BAITS.items():
        box = f"{maker}{source.randint(10, 99)}@webmail.example"
        for greeting in ("friend", "sir", "madam"):
            body = f"Dear {greeting},\n" + ".\n".join(story) + ".\n"
            body += f"The sum is USD {source.randint(2, 40)}.5 million. Reply to {box}\n"
            pieces.append((maker, mail(source, OUTLOOK, "Urgent", body)))
    case, makers = make_case("pile", pieces)
    facts, _ = _facts(case)
    with case.connect() as connection:
        collapse(connection, gap_seconds=14 * 86400)
        first = answer(connection, "SELECT first_id FROM shapes ORDER BY shape")["first_id"]
    names = [makers[message_id] for message_id in first.to_pylist()]
    pairs = np.array(list(combinations(range(len(names)), 2)))
    groups = gather_groups(facts, np.arange(facts.count), VoiceRule())
    sure = surely(facts, groups, pairs, np.full(len(pairs), 9.0), 5.0)
    assert len(names) == 6
    assert sure.tolist() == [names[one] == names[other] for one, other in pairs.tolist()]
    assert not surely(facts, groups, pairs, np.full(len(pairs), 4.0), 5.0).any()

"""Whatever the texts hold: bounded work, no exception, and patterns that match their own."""

import random
import re
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from template_piles import Mail, connection_of, template_rows

from lymer.campaigns.templates.align import align
from lymer.campaigns.templates.draft import draw_draft, macros_of
from lymer.campaigns.templates.judge import Trial, judge
from lymer.campaigns.templates.members import choose_members
from lymer.campaigns.templates.parts import part_texts
from lymer.campaigns.templates.searches import build
from lymer.campaigns.templates.texts import read_texts
from lymer.campaigns.templates.values import Person
from lymer.campaigns.templates.versions import VersionRule, split_versions
from lymer.campaigns.templates.words import MOST_WORDS, normalize, words_of
from lymer.engine import LocalEngine

# Words of every kind that the code tells apart, and signs that mean something in patterns.
ODD_WORDS = (
    "the", "a", "Now!", "end.", "(", "[a", "\\d", ".*", "a|b", "^$", "é", "漢字", "\x00", "-",
    "http://a.test/x1", "http://b.test/y?z=2", "www.q.test", "bob@x.test", "12", "3.50", "$9",
    "2008-01-02", "March", "5,", "[[x]]", "%m%", "<z>", "\u202e", "x" * 80, "\U0001f4a9",
)  # fmt: skip
texts_strategy = st.lists(
    st.lists(st.sampled_from(ODD_WORDS) | st.text(max_size=6), max_size=12).map(" ".join),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(texts_strategy, st.sampled_from([0.8, 0.95, 1.0]))
def test_the_pieces_of_an_alignment_give_back_every_text(texts: list[str], share: float) -> None:
    words = [words_of(text) for text in texts]
    aligned = align(words, share)
    assert len(aligned.members) >= share * len(texts) or not aligned.pieces
    for place, member in enumerate(aligned.members):
        again: list[str] = []
        for piece in aligned.pieces:
            again += [piece] if isinstance(piece, str) else piece[place]
        assert again == words[member]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(texts_strategy)
def test_a_pattern_matches_all_that_it_was_drawn_from(texts: list[str]) -> None:
    people = [Person(("bob@x.test", "now@a.test"), "the a") for _ in texts]
    read = read_texts(texts)
    draft = draw_draft(read, people, 0.95, macros_of(read))
    if draft is None:
        return
    patterns = re.compile(draft.pattern), re2.compile(draft.pattern)
    for member in draft.members:
        assert all(pattern.search(normalize(texts[member])) for pattern in patterns)
        assert draft.fixed_words <= set(words_of(texts[member]))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(texts_strategy)
def test_no_text_is_in_two_versions(texts: list[str]) -> None:
    groups = split_versions(read_texts(texts), VersionRule())
    members = [member for group in groups for member in group]
    assert len(members) == len(set(members))
    assert set(members) <= set(range(len(texts)))


def drawn(source: random.Random, kind: str) -> str:
    size = 256_000
    if kind == "one line":
        return "".join(source.choices("abcdefgh", k=size))
    if kind == "all different":
        return " ".join(f"{source.getrandbits(40):x}" for _ in range(4 * MOST_WORDS))
    if kind == "two words":
        return " ".join(source.choices(("yes", "no"), k=4 * MOST_WORDS))
    if kind == "same words shuffled":
        return " ".join(source.sample([f"w{n}" for n in range(MOST_WORDS)], MOST_WORDS))
    if kind == "fixed and long":
        return " ".join(f"w{n}" if n % 3 else source.choice("abc") for n in range(size // 6))
    if kind == "long link":
        return "http://a.test/" + "/".join(f"{source.getrandbits(9):x}" for _ in range(size // 4))
    if kind == "digits and dots":
        return "1." * source.randint(1, size // 2)
    if kind == "mailboxes":
        return "a@b.c" * source.randint(1, size // 5)
    return "\x00 \x1c\x85\u2028 \u202e\ufeff " * source.randint(1, 9_000) + "é\u0301\U0010ffff"


@pytest.mark.parametrize(
    "kind",
    [
        "one line", "all different", "two words", "same words shuffled", "fixed and long",
        "long link", "digits and dots", "mailboxes", "odd characters",
    ],
)  # fmt: skip
def test_hostile_texts_are_bounded(kind: str) -> None:
    source = random.Random(kind)
    rows = template_rows([Mail(drawn(source, kind), at_hours=float(n)) for n in range(24)])
    assert len(rows) >= 1
    for row in rows:
        assert row["pattern"] is None or (len(row["pattern"]) < 20_000 and build(row["pattern"]))


def test_a_pattern_too_large_to_search_by_is_told(tmp_path: Path) -> None:
    mails = [Mail(f"some text {n}") for n in range(3)]
    own = frozenset(("some", "text"))
    trials = [
        Trial(name, "c-a", pattern, own, frozenset(), is_block=False)
        for name, pattern in (("t-a-v1", "(?:(?:some){999}x){999}"), ("t-a-v2", "some text"))
    ]
    with LocalEngine(1) as engine, connection_of(mails, {}) as connection:
        choose_members(connection, least=2, testable=8, most=100, only=None)
        hits = judge(part_texts(connection, tmp_path), engine, trials, frozenset())
    assert hits["t-a-v1"].unbuilt
    assert not hits["t-a-v2"].unbuilt


def test_every_kind_of_white_space_is_one_space() -> None:
    assert normalize(" a\xa0b\u3000\n\tc\x1cd ") == "a b c d"
    assert normalize(None) == ""
    assert len(normalize("x " * 9 * MOST_WORDS).split()) == MOST_WORDS


@pytest.mark.corpus
def test_real_mail_aligns_and_matches_itself(corpus: Path) -> None:
    """Each mail three times, twice with its numbers changed: one template that matches all."""
    source = random.Random(8)
    paths = source.sample(sorted(corpus.rglob("*.txt")), 60)
    tried = 0
    for path in paths:
        text = path.read_text("latin-1")[:20_000]
        texts = [
            text,
            *(re.sub(r"[0-9]+", lambda m: str(source.randint(1, 10 ** len(m[0]))), text),) * 2,
        ]
        draft = draw_draft(read_texts(texts), [Person()] * 3, 0.95)
        if draft is None:
            continue
        tried += 1
        pattern = re2.compile(draft.pattern)
        assert all(pattern.search(normalize(text)) for text in texts)
        assert draft.bits > 40
    assert tried > 50


def test_a_month_is_no_date_by_what_the_next_text_begins_with() -> None:
    texts = read_texts(["See you in March", "12 days See you in March"])
    draft = draw_draft(texts, [Person()] * 2, 0.95)
    assert draft is not None
    assert "March" in draft.fixed_words
    dated = draw_draft(read_texts(["See you on March 5"] * 2), [Person()] * 2, 0.95)
    assert dated is not None
    assert "March" not in dated.fixed_words


def test_texts_of_no_word_and_of_one_are_told_from_those_that_share_many() -> None:
    texts = read_texts(["", "alone", *["one and the same text of words"] * 20])
    assert split_versions(texts, VersionRule()) == [list(range(2, 22)), [0, 1]]

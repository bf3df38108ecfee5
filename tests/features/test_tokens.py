"""Words as numbers: what is masked, what is folded together, what stays apart."""

import random
import sys

import numpy as np
import pytest

from lymer.features import Tokens
from lymer.features.tokens import (
    _SPACELESS,
    LINK,
    MAILBOX,
    NOISE,
    NUMBER,
    WALLET,
    Hashes,
    skeleton_of,
)


def split(text: str) -> Hashes:
    return Tokens().split([text])[0].hashes


def one(word: str) -> int:
    (number,) = split(word).tolist()
    return int(number)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (LINK, ["http://gnomes.example/a?b=1", "HTTPS://X.example", "www.gnomes.example", "Awww.",
                "(http://gnomes.example),", "hxxp://gnomes.example", "ftp://a.example/"]),
        (MAILBOX, ["ann@example.org", "<Ann.Marsh+x@mail.example.org>", "ann@example.org,"]),
        (NUMBER, ["7", "$49.95", "555-0100", "80%", "12:30", "2007-10-15", "1,000,000"]),
        (WALLET, ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
                  "0x52908400098527886E0F7030069857D2E4169EE7"]),
        (NOISE, ["a9f3b27c6d", "xkcdqwrtzp", "a" * 30, "Zq7Lm2Xk9Tt4"]),
    ],
)  # fmt: skip
def test_masks(mask: int, words: list[str]) -> None:
    for word in words:
        assert one(word) == mask, word


def test_a_word_is_not_a_mask() -> None:
    masks = {LINK, MAILBOX, NUMBER, WALLET, NOISE}
    for word in ("gnome", "gnomes!", "Straße", "B2B", "strengths", "v1agra", "привет"):
        assert one(word) not in masks, word


@pytest.mark.parametrize(
    "disguise",
    ["VIAGRA", "viagra", "Viagra!!!", "*viagra*", "v1agra", "vi@gra", "V!agra", "vіаgrа",
     "ｖｉａｇｒａ", "vïágrà", "v.i.a.g.r.a", "vi-agra", '"viagra"'],
)  # fmt: skip
def test_disguises_are_folded_together(disguise: str) -> None:
    assert one(disguise) == one("viagra")


@pytest.mark.parametrize(
    ("word", "other"),
    [("viagra", "niagara"), ("gnome", "gnomes"), ("мир", "mup"), ("сорока", "copoka2"), ("a", "b")],
)
def test_other_words_stay_apart(word: str, other: str) -> None:
    assert one(word) != one(other)


def test_a_russian_word_is_not_made_latin() -> None:
    """Only a word that mixes scripts, or is made of look-alikes alone, is a disguise."""
    assert one("привет") != one("пpивeт") or one("пpивeт") == one("привет")
    assert one("привет") == one("Привет")


def test_scripts_without_spaces_are_split_by_character() -> None:
    (words,) = Tokens().split(["你好世界 gnome こんにちは"])
    assert list(words) == ["你", "好", "世", "界", "gnome", "こ", "ん", "に", "ち", "は"]
    assert len(words.hashes) == 10


def test_signs_alone_are_no_words() -> None:
    (words,) = Tokens().split(["gnomes --- *** now !!"])
    assert list(words) == ["gnomes", "now"]
    assert len(words.hashes) == 2


def test_words_and_numbers_go_together() -> None:
    (words,) = Tokens().split(["Call 555 -- ann@example.org now"])
    assert len(words) == len(words.hashes)
    assert words.hashes[words.index("ann@example.org")] == MAILBOX


def test_nothing() -> None:
    (words,) = Tokens().split([""])
    assert (list(words), len(words), words.hashes.dtype) == ([], 0, np.dtype(np.uint64))
    assert Tokens().split([]) == []


def test_words_are_cut_where_python_cuts_them() -> None:
    """At every kind of white space, and nowhere else."""
    characters = [chr(n) for n in range(sys.maxunicode) if not 0xD800 <= n < 0xE000]
    text = "gnome".join(c for c in characters if not _SPACELESS.match(c))
    (words,) = Tokens().split([text])
    assert list(words) == text.split()


def test_texts_do_not_run_into_each_other() -> None:
    texts = [" one two", "", "-- three", "four -- five ", "--", "six"]
    together = Tokens().split(texts)
    assert [list(words) for words in together] == [
        ["one", "two"], [], ["three"], ["four", "five"], [], ["six"]
    ]  # fmt: skip
    for text, words in zip(texts, together, strict=True):
        assert words.hashes.tolist() == split(text).tolist()


def test_memory_does_not_change_the_answer() -> None:
    tokens = Tokens()
    draw = random.Random(3)
    for _ in range(12):
        text = " ".join("".join(draw.choices("abcdeо1@.", k=6)) for _ in range(20_000))
        tokens.split([text])
    probe = "Viagra gnomes 12 http://a.example/ vіаgrа"
    assert tokens.split([probe])[0].hashes.tolist() == split(probe).tolist()


def test_memory_is_bounded() -> None:
    tokens = Tokens()
    for number in range(5):
        tokens.split([" ".join(f"w{number}x{n}" for n in range(100_000))])
        assert len(tokens._known) <= 300_000
    tokens.split(["long" * 50_000 + " short"])
    assert "short" in tokens._known
    assert max(map(len, tokens._known)) <= 60


class TestSkeleton:
    TEXT = (
        "Dear ann@example.org, our gnomes cost $49.95 each, see http://gnomes.example/?id=17 "
        "before 15 October or call 555-0100. Ref a9f3b27c6d"
    )

    def skeleton(self, text: str) -> str:
        return skeleton_of(split(text))

    @pytest.mark.parametrize(
        ("slot", "other"),
        [
            ("ann@example.org", "bob.marsh@mail.example.net"),
            ("$49.95", "$7"),
            ("http://gnomes.example/?id=17", "www.dwarfs.example"),
            ("15 October", "3 October"),
            ("555-0100", "0199-555-77"),
            ("a9f3b27c6d", "77bce01fa3aa"),
            ("gnomes cost", "GNOMES  cost"),
            ("gnomes cost", "gn0mes c0st"),
            ("gnomes cost", "gnоmes cоst"),
            ("see http://gnomes.example/?id=17", "see http://a.example http://b.example/c"),
        ],
    )
    def test_changed_slots_leave_it(self, slot: str, other: str) -> None:
        assert slot in self.TEXT
        assert self.skeleton(self.TEXT.replace(slot, other)) == self.skeleton(self.TEXT)

    @pytest.mark.parametrize(
        ("word", "other"),
        [("gnomes", "dwarfs"), ("cost", "cost only"), ("Dear ", ""), ("our gnomes", "gnomes our"),
         ("$49.95", "little"), ("before", "after")],
    )  # fmt: skip
    def test_changed_words_change_it(self, word: str, other: str) -> None:
        assert word in self.TEXT
        assert self.skeleton(self.TEXT.replace(word, other)) != self.skeleton(self.TEXT)

    def test_a_repeated_word_is_no_repeated_mask(self) -> None:
        assert self.skeleton("very very good gnomes") != self.skeleton("very good gnomes")

    def test_it_is_128_bits_in_hex(self) -> None:
        assert len(self.skeleton(self.TEXT)) == 32
        int(self.skeleton(self.TEXT), 16)

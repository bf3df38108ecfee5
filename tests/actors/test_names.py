"""Names in text, and the scales."""

import pytest

from lymer.actors.likelihoods import confidence, in_words
from lymer.actors.names import capital_runs, find_name

_NAME = ("dora", "quillfeather")


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("from Dora Quillfeather, city", "full"),
        ("Quillfeather, Dora", "full"),
        ("DORA M QUILLFEATHER", "full"),
        ("doraquillfeather@mail.example", "full"),
        ("dora_quillfeather77", "full"),
        ("dquillfeather", "initial"),
        ("quillfeatherd", "initial"),
        ("D. Quillfeather", "initial"),
        ("kurt_quillfeather@mail.example", "word"),
        ("Quillfeather", "word"),
        ("Dora saw many mails before the Quillfeather one", "word"),
        ("Dora", None),
        ("quillfeathers", None),
        ("", None),
    ],
)
def test_how_a_text_holds_a_name(text: str, how: str | None) -> None:
    assert find_name(_NAME, text) == how


def test_a_name_of_one_word_and_a_short_one() -> None:
    assert find_name(("zanexolin",), "zanexolin7") == "word"
    assert find_name(("zanexolin",), "zanexolinum") is None
    # Three letters would be anywhere.
    assert find_name(("ann", "wu"), "wuwu") is None
    assert find_name(("ann", "wu"), "from Ann Wu") == "full"


def test_capital_runs_end_where_a_sentence_does() -> None:
    runs = list(capital_runs("today Dora Quillfeather spoke. Vote, Max Tallowby http://A.example"))
    assert [run.words for run in runs if run.words] == [
        ["Dora", "Quillfeather"], ["Vote"], ["Max", "Tallowby"]
    ]  # fmt: skip
    assert runs[0].before == ["today"]
    assert [run.is_followed for run in runs if run.words] == [True, False, False]
    assert list(capital_runs("BUY DORA NOW")) == []


def test_what_is_no_part_of_a_name() -> None:
    def words(line: str) -> list[list[str]]:
        return [run.words for run in capital_runs(line) if run.words]

    assert words("of Dora M. Quillfeather's plan") == [["Dora", "Quillfeather"]]
    assert words("Buy a Zanexol") == [["Buy"], ["Zanexol"]]
    assert words("here I've Zanexol") == [["Zanexol"]]
    assert words("buy W-i-t-h Jean-Paul") == [["Jean-Paul"]]
    assert [run.is_headline for run in capital_runs("Feature Packed Tools For You")] == [True]
    assert {run.is_headline for run in capital_runs("Dora Quillfeather for president")} == {False}


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.01, "almost no chance"),
        (0.05, "almost no chance"),
        (0.051, "very unlikely"),
        (0.3, "unlikely"),
        (0.5, "roughly even chance"),
        (0.56, "likely"),
        (0.8, "likely"),
        (0.81, "very likely"),
        (0.96, "almost certain"),
        (1.0, "almost certain"),
    ],
)
def test_likelihood_in_the_words_of_icd_203(share: float, words: str) -> None:
    assert in_words(share) == words


def test_confidence_grows_with_independent_kinds() -> None:
    assert confidence(["note", "note"]) == "low"
    assert confidence(["note", "sum"]) == "moderate"
    assert confidence(["note", "sum", "login"]) == "high"

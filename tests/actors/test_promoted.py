"""Whom mail promotes on paper."""

from pathlib import Path

import pytest
from actor_cases import (
    BRAND,
    CANDIDATE,
    brand_text,
    build_case,
    candidate_text,
    mail,
    plain_text,
    usual_mail,
)

from lymer.actors.promoted import Promoted, PromotedRule, find_promoted

Texts = list[tuple[str, str]]


def promoted_by(folder: Path, campaigns: dict[str, Texts]) -> dict[str, Promoted]:
    """By campaign id."""
    case = build_case(folder / "case", mail(campaigns))
    try:
        with case.connect() as connection:
            found = find_promoted(connection, PromotedRule())
    finally:
        case.close()
    return {campaign: party for party in found for campaign in party.campaigns}


def _filler() -> dict[str, Texts]:
    return {
        f"c-{number:02x}ff": [(f"Play {n}", plain_text(n + number)) for n in range(6)]
        for number in range(6)
    }


def test_a_person_a_brand_and_nobody(tmp_path: Path) -> None:
    case = build_case(tmp_path / "case", usual_mail())
    with case.connect() as connection:
        found = find_promoted(connection, PromotedRule())
    case.close()
    assert {party.name: list(party.campaigns) for party in found} == {
        CANDIDATE: ["c-aa01"],
        BRAND: ["c-bb02"],
    }
    assert {party.name: party.is_full_name for party in found} == {CANDIDATE: True, BRAND: False}
    (praise,) = next(p for p in found if p.name == CANDIDATE).campaigns.values()
    assert (praise.share, praise.mails) == (1.0, 20)


def test_one_name_over_several_campaigns(tmp_path: Path) -> None:
    """A full name here and the last name alone there are one party."""
    short = [(f"Poll {n}", candidate_text(n).replace("Dora ", "")) for n in range(8)]
    found = promoted_by(
        tmp_path,
        _filler() | {"c-aa01": [("Vote", candidate_text(n)) for n in range(8)], "c-aa02": short},
    )
    assert found["c-aa01"] is found["c-aa02"]
    assert found["c-aa01"].name == CANDIDATE


def test_few_mails_name_nobody(tmp_path: Path) -> None:
    """What seven mails write with a capital may be any noun of theirs."""
    few = [("Vote", candidate_text(n)) for n in range(7)]
    assert promoted_by(tmp_path / "few", _filler() | {"c-aa01": few}) == {}
    enough = [*few, ("Vote", candidate_text(7))]
    found = promoted_by(tmp_path / "enough", _filler() | {"c-aa01": enough})
    assert [(name, party.name) for name, party in found.items()] == [("c-aa01", CANDIDATE)]


def test_a_signature_is_not_praised(tmp_path: Path) -> None:
    signed = [(f"{BRAND} deal", f"{brand_text(n)}\n\nYours,\nMax Tallowby") for n in range(10)]
    found = promoted_by(tmp_path, _filler() | {"c-bb02": signed})
    assert found["c-bb02"].name == BRAND


def test_names_that_change_with_every_mail_are_nobodys(tmp_path: Path) -> None:
    people = ["Anna Brook", "Carl Dune", "Edna Fox", "Gil Hart", "Ida Jolt", "Kim Lake"]
    greeted = [(f"Play {n}", f"Dear {people[n]}, come in. {plain_text(n)}") for n in range(6)]
    found = promoted_by(tmp_path, _filler() | {"c-dd04": greeted})
    assert "c-dd04" not in found


def test_the_first_word_of_a_sentence_is_no_name(tmp_path: Path) -> None:
    starts = [(f"Look {n}", f"Remarkable. {plain_text(n)} Remarkable") for n in range(6)]
    assert "c-dd04" not in promoted_by(tmp_path, _filler() | {"c-dd04": starts})


def test_a_word_that_many_use_is_no_name(tmp_path: Path) -> None:
    days = {
        f"c-{number:02x}dd": [(f"Come {n}", f"This offer ends Friday for all. {plain_text(n)}")
                              for n in range(5)]
        for number in range(8)
    }  # fmt: skip
    assert promoted_by(tmp_path, days) == {}


@pytest.mark.parametrize(
    "text", ["", "\x00" * 50, "A" * 5000, "Ab " * 5000, "\n" * 3000, "\u202eAb Cd\u202c " * 40]
)
def test_odd_text_does_no_harm(tmp_path: Path, text: str) -> None:
    found = promoted_by(tmp_path, {"c-aa01": [("x", text)] * 4})
    assert found == {}


def test_a_given_name_that_others_bear_too_leads_the_full_name(tmp_path: Path) -> None:
    """Greetings and signatures end with it: that it stands alone there says nothing."""
    signed = {
        f"c-{number:02x}ee": [(f"Play {n}", f"{plain_text(n)}\n\nYours,\nDora") for n in range(8)]
        for number in range(4)
    }
    found = promoted_by(
        tmp_path, signed | {"c-aa01": [("Vote", candidate_text(n)) for n in range(8)]}
    )
    assert found["c-aa01"].name == CANDIDATE


def test_a_noun_with_its_article_is_no_name(tmp_path: Path) -> None:
    """German writes every noun with a capital."""
    lines = ("Das ist Ihr Vorteil und mehr.", "Jeder hat einen Vorteil davon.")
    texts = [(f"Spiel {n}", f"{lines[n % 2]} {plain_text(n)}") for n in range(8)]
    branded = [(f"Spiel {n}", f"{lines[n % 2]} {brand_text(n)}") for n in range(8)]
    found = promoted_by(tmp_path, _filler() | {"c-dd04": texts, "c-bb02": branded})
    assert "c-dd04" not in found
    assert found["c-bb02"].name == BRAND


def test_headlines_make_no_names(tmp_path: Path) -> None:
    """Every word of a headline has a capital; only the words of the text tell which are names."""
    headed = [
        (f"Play {n}", f"Feature Packed Utilities For Everyone\n{plain_text(n)}") for n in range(8)
    ]
    assert "c-dd04" not in promoted_by(tmp_path, _filler() | {"c-dd04": headed})


def test_days_and_polite_forms_name_nobody(tmp_path: Path) -> None:
    dated = [(f"Play {n}", f"Bestellen Sie bis Feb 3. {plain_text(n)}") for n in range(8)]
    assert "c-dd04" not in promoted_by(tmp_path, _filler() | {"c-dd04": dated})


def test_mails_of_one_text_are_read_once_and_all_count(tmp_path: Path) -> None:
    """Three of four mails have one text; what stands in the fourth alone is in a quarter."""
    texts = [("Vote", candidate_text(0))] * 12 + [("Play", plain_text(n)) for n in range(4)]
    tables = mail(_filler() | {"c-aa01": texts})
    ids = [r["message_id"] for r in tables["campaign_messages"] if r["campaign_id"] == "c-aa01"]
    tables["fingerprints"] = [
        {"message_id": one, "skeleton": "same" if n < 12 else one} for n, one in enumerate(ids)
    ]
    case = build_case(tmp_path / "case", tables)
    with case.connect() as connection:
        (party,) = find_promoted(connection, PromotedRule())
    case.close()
    assert (party.name, list(party.campaigns)) == (CANDIDATE, ["c-aa01"])
    assert party.campaigns["c-aa01"].mails == 16
    assert party.campaigns["c-aa01"].share == 12 / 16

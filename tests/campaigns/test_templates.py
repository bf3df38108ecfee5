"""Templates of campaigns whose templates are known: what is fixed, what varies and how."""

import json
import random
import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import re2
from template_piles import Mail, connection_of, invented, salad, template_rows

from lymer.campaigns.templates import normalize
from lymer.campaigns.templates.members import choose_members
from lymer.campaigns.templates.parts import part_texts

ADJECTIVES = ("fair", "quick", "honest", "quiet", "solid")
CLOSINGS = ("while stocks last.", "at no cost.", "in a few easy steps.", "today.")
NAMES = ("Ann Tarbel", "Bo Mirdan", "Kit Losparn", "Una Gelmor", "Ed Rastopin")


def loans(source: random.Random, at_hours: float = 0.0) -> Mail:
    """A text with a slot of nearly every kind."""
    user = f"{invented(source)}{source.randint(1, 99)}"
    name = source.choice(NAMES)
    code = "".join(source.choices("0123456789abcdef", k=12))
    noise = "".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(4, 9)))
    host = f"{invented(source)}.test"
    text = (
        f"Dear {user},\n\nThe {source.choice(ADJECTIVES)} Dorvalin loan is yours "
        f"{source.choice(CLOSINGS)}\nYour reference is {code} and the price "
        f"${source.randint(2, 99)}.95 as of {source.randint(10, 28)}.10.2007\n\nGo to http://{host}/{noise}.html?u={user}\n"
        f"or write to {invented(source)}@dorvalin.example\n\nYours,\n{name}"
    )
    subject = source.choice(("", "Re: ", "Fwd: ")) + f"Loan {source.randint(10, 999)} granted"
    return Mail(
        text, subject=subject, recipient=f"{user}@trap.example", name=name, at_hours=at_hours
    )


def many(make: Callable[..., Mail], count: int, seed: int = 1, **given: Any) -> list[Mail]:
    source = random.Random(seed)
    mails = [make(source, at_hours=float(n)) for n in range(count)]
    for mail in mails:
        for key, value in given.items():
            setattr(mail, key, value)
    return mails


def kinds_of(row: dict[str, Any], part: str = "text") -> list[str]:
    return [slot["kind"] for slot in json.loads(row["slots"]) if slot["part"] == part]


def slot_of(row: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(s for s in json.loads(row["slots"]) if s["part"] == "text" and s["kind"] == kind)


@pytest.fixture(scope="module")
def loan_row() -> dict[str, Any]:
    (row,) = template_rows(many(loans, 150))
    return row


def test_every_slot_has_its_kind_in_reading_order(loan_row: dict[str, Any]) -> None:
    assert kinds_of(loan_row) == [
        "recipient", "dictionary", "dictionary", "noise", "number", "date", "link", "mailbox",
        "name",
    ]  # fmt: skip


def test_lists_hold_their_words_and_nothing_else(loan_row: dict[str, Any]) -> None:
    lists = [s for s in json.loads(loan_row["slots"]) if s["kind"] == "dictionary"]
    lists = [s for s in lists if s["part"] == "text"]
    assert {value for value, _ in lists[0]["values"]} == set(ADJECTIVES)
    assert {value for value, _ in lists[1]["values"]} == set(CLOSINGS)
    assert all(s["is_closed"] for s in lists)
    assert sum(count for _, count in lists[0]["values"]) == len(loan_row["learned_from"])


def test_noise_has_alphabet_and_length(loan_row: dict[str, Any]) -> None:
    noise = slot_of(loan_row, "noise")
    assert (noise["alphabet"], noise["low"], noise["high"]) == ("hex", 12, 12)


def test_the_reading_shows_fixed_text_and_slots(loan_row: dict[str, Any]) -> None:
    readable = loan_row["readable"]
    assert "Dear [recipient: mailbox],\n\nThe [one of: " in readable
    assert "Dorvalin loan is yours [one of: " in readable
    assert "/[noise: lower 4-9].html?u=[recipient: mailbox]]" in readable
    assert readable.startswith("Subject: [maybe [one of: ")
    assert readable.endswith("Yours,\n[name]")


def test_members_that_were_kept_back_match(loan_row: dict[str, Any]) -> None:
    assert len(loan_row["learned_from"]) == 100
    assert loan_row["coverage_share"] == 1.0
    assert loan_row["is_published"]


def test_mail_from_the_same_template_matches_and_other_mail_does_not(
    loan_row: dict[str, Any],
) -> None:
    fresh = [normalize(mail.text) for mail in many(loans, 200, seed=99)]
    for engine in (re, re2):
        pattern = engine.compile(loan_row["pattern"])
        assert all(pattern.search(text) for text in fresh)
        assert not any(pattern.search(text.replace("Dorvalin", "Dorvalim")) for text in fresh)
        assert not any(pattern.search(text + " more" * 9) for text in fresh)
        listed = "\n____________\nPottery mailing list\npottery@example.org"
        assert all(pattern.search(text + listed) for text in fresh)
        assert not any(pattern.search(text.replace("fair ", "furry ")) for text in fresh
                       if "fair " in text)  # fmt: skip
    subject = re2.compile(loan_row["subject_pattern"])
    assert all(subject.search(mail.subject) for mail in many(loans, 200, seed=99))
    assert not subject.search("Loan granted")


def test_the_order_of_rows_does_not_matter(loan_row: dict[str, Any]) -> None:
    assert template_rows(many(loans, 150), shuffle=7) == [loan_row]


def test_learned_from_is_spread_over_time() -> None:
    mails = many(loans, 1000)
    (row,) = template_rows(mails)
    learned = set(row["learned_from"])
    assert len(learned) == 100
    for start in range(0, 1000, 100):
        assert 8 <= sum(m.message_id in learned for m in mails[start : start + 100]) <= 12


# Two texts for one thing, as an operator rewords his template after a week.
def _first(source: random.Random, at_hours: float) -> Mail:
    return Mail(
        f"Hi there,\nNo {source.choice(ADJECTIVES)} garden can do without Plomtis. It grows what "
        f"you sow {source.choice(CLOSINGS)}\nSee http://plomtis.test/{invented(source)}",
        at_hours=at_hours,
    )


def _second(source: random.Random, at_hours: float) -> Mail:
    return Mail(
        f"Good day\nWhy do neighbours envy you? Because of Plomtis, the "
        f"{source.choice(ADJECTIVES)} spade that digs by itself {source.choice(CLOSINGS)}\nSee http://plomtis.test/"
        f"{invented(source)}",
        at_hours=at_hours + 500,
    )


def test_versions_are_told_apart_with_their_periods() -> None:
    old, new = many(_first, 60), many(_second, 30, seed=2)
    rows = template_rows([*old, *new])
    assert [row["version"] for row in rows] == [1, 2]
    assert [row["template_id"] for row in rows] == ["t-a-v1", "t-a-v2"]
    for row, mails in zip(rows, (old, new), strict=True):
        made = {mail.message_id for mail in mails}
        assert set(row["learned_from"]) <= made
        assert row["member_count"] == len(mails)
        assert row["coverage_share"] == 1.0
    assert rows[0]["last_seen_at"] < rows[1]["first_seen_at"]


def test_a_choice_of_one_sentence_is_no_version() -> None:
    def make(source: random.Random, at_hours: float) -> Mail:
        sentence = source.choice(("Our shop is open all night.", "We ship on the very same day."))
        return Mail(
            f"Hello friend! Plomtis digs by itself and never tires of it. {sentence} "
            f"Your {source.choice(ADJECTIVES)} spade waits for you at http://plomtis.test/a",
            at_hours=at_hours,
        )

    (row,) = template_rows(many(make, 60))
    assert kinds_of(row) == ["dictionary", "dictionary"]


SENTENCES = tuple(
    f"{begin} {middle} {end}"
    for begin, middle, end in zip(
        ("Nobody", "Everyone", "My uncle", "The doctor", "Each clever person", "A wise man",
         "The whole town", "Your sister"),
        ("leaves home without", "wants to try", "swears by", "will recommend", "saves for",
         "never forgets", "is talking about", "gave me"),
        ("Zelmodar.", "this offer!", "the blue pill.", "a better night.", "some real sleep.",
         "his medicine?", "that sale.", "this address."),
        strict=True,
    )
)  # fmt: skip


def test_sentences_in_any_order_are_a_list_of_sentences() -> None:
    def make(source: random.Random, at_hours: float) -> Mail:
        chosen = " ".join(source.sample(SENTENCES, 4))
        text = f"Zelmodar news\n\n{chosen}\n\nOrder: http://zelmodar.test/{at_hours:.0f}"
        return Mail(text, at_hours=at_hours)

    (row,) = template_rows(many(make, 120))
    sentences = slot_of(row, "sentences")
    assert {value for value, _ in sentences["values"]} - {"Order:"} == set(SENTENCES)
    assert row["coverage_share"] == 1.0
    pattern = re2.compile(row["pattern"])
    lead, end = "Zelmodar news ", " Order: http://zelmodar.test/7"
    assert pattern.search(lead + " ".join(SENTENCES[:4]) + end)
    assert not pattern.search(lead + "Nobody leaves home without this offer!" + end)


RUMOURS = tuple(
    f"{who} {does} {what}."
    for who in ("Nobody", "Everyone", "My uncle", "The doctor", "A wise man")
    for does in ("swears by", "will recommend", "saves up for", "never forgets")
    for what in ("Zelmodar at night", "the blue remedy", "some honest sleep")
)


def rumours(source: random.Random, at_hours: float) -> Mail:
    chosen = " ".join(source.sample(RUMOURS, 6))
    return Mail(f"{chosen} See: http://{invented(source)}.test/", at_hours=at_hours)


def test_of_a_list_too_long_to_know_a_rule_asks_for_two_sentences() -> None:
    strays = many(rumours, 3, seed=8, campaign=None)
    letters = [
        Mail(f"{RUMOURS[0]} {salad(random.Random(n), 20, 40)}. See: http://a.test/", campaign=None)
        for n in range(5)
    ]
    (row,) = template_rows([*many(rumours, 30), *strays, *letters])
    assert row["is_published"]
    assert row["fixed_bits"] >= 40
    assert row["ham_hits"] == 0
    assert "matches 3 in no campaign" in row["why"]
    pattern = re2.compile(row["pattern"])
    assert all(pattern.search(mail.text) for mail in many(rumours, 200, seed=9))


def test_hosts_and_words_are_listed_only_where_too_little_else_is_fixed() -> None:
    hosts = [f"{invented(random.Random(n))}-pills.test" for n in range(4)]

    def short(source: random.Random, at_hours: float) -> Mail:
        words = f"{source.choice(ADJECTIVES)} {source.choice(ADJECTIVES)} Dorvalin"
        return Mail(f"{words}\nhttp://{source.choice(hosts)}/", at_hours=at_hours)

    def long(source: random.Random, at_hours: float) -> Mail:
        mail = short(source, at_hours)
        mail.text = f"The famous house of Dorvalin has this to say today: {mail.text}"
        return mail

    (row,) = template_rows(many(short, 30))
    assert row["is_published"]
    pattern = re2.compile(row["pattern"])
    assert pattern.search(f"fair quick Dorvalin http://{hosts[0]}/")
    assert not pattern.search("fair quick Dorvalin http://elsewhere.test/")
    (row,) = template_rows(many(long, 30))
    pattern = re2.compile(row["pattern"])
    begin = "The famous house of Dorvalin has this to say today:"
    assert pattern.search(f"{begin} fair quick Dorvalin http://elsewhere.test/")


def test_one_message_of_another_making_does_not_hide_what_the_others_share() -> None:
    mails = many(loans, 13)
    mails[5].text = salad(random.Random(3), 40, 41)
    (row,) = template_rows(mails)
    assert row["is_published"]
    assert mails[5].message_id not in row["learned_from"]
    assert "1 of its campaign are like no version" in row["why"]


def test_salad_is_free_text_between_what_is_fixed() -> None:
    def make(source: random.Random, at_hours: float) -> Mail:
        return Mail(
            f"Replica Gronvel watches at a tenth of the price\nhttp://gronvel.test/\n\n"
            f"{salad(source, 30, 60)}",
            at_hours=at_hours,
        )

    (row,) = template_rows(many(make, 80))
    assert kinds_of(row) == ["text"]
    text = slot_of(row, "text")
    assert text["low"] >= 30
    assert text["high"] <= 60
    assert row["coverage_share"] == 1.0


def test_no_template_is_invented_where_nothing_is_fixed() -> None:
    def make(source: random.Random, at_hours: float) -> Mail:
        return Mail(salad(source, 30, 60), at_hours=at_hours, picture="00ff00ff00ff00ff")

    (row,) = template_rows(many(make, 80))
    assert row["pattern"] is None
    assert not row["is_published"]
    assert row["coverage_share"] is None
    assert "no template covers them: their fixed text tells 0 bits" in row["why"]
    assert "[picture: image/gif, the same in all]" in row["readable"]


FOOTER = "\n\nThis mail was checked by Garvelux Mailguard version 4.11 and is clean."


def test_a_footer_of_providers_is_no_template() -> None:
    spam = many(lambda s, at_hours: Mail(salad(s, 30, 60) + FOOTER, at_hours=at_hours), 80)
    letter = random.Random(5)
    letters = [Mail(salad(letter, 20, 90) + FOOTER, campaign=None) for _ in range(5)]
    (row,) = template_rows([*spam, *letters])
    assert row["ham_hits"] == 5
    assert row["pattern"] is None
    assert not row["is_published"]
    assert "footer" in row["why"]


def test_a_stray_of_its_own_is_not_ham() -> None:
    strays = many(loans, 3, seed=44, campaign=None)
    (row,) = template_rows([*many(loans, 60), *strays])
    assert row["ham_hits"] == 0
    assert row["is_published"]
    assert "matches 3 in no campaign" in row["why"]


def test_hits_in_other_campaigns_and_in_lawful_bulk_are_counted_apart() -> None:
    mails = [
        *many(loans, 40),
        *many(loans, 7, seed=3, campaign="c-torn"),
        *many(loans, 5, seed=4, campaign="c-news"),
        *many(loans, 4, seed=5, campaign=None, carriage="bounce"),
    ]
    rows = {row["campaign_id"]: row for row in template_rows(mails, {"c-news": "bulk"})}
    assert rows["c-a"]["other_hits"] == 7
    assert rows["c-a"]["ham_hits"] == 5
    assert not rows["c-a"]["is_published"]
    assert not rows["c-news"]["is_published"]
    assert "lawful bulk mail" in rows["c-news"]["why"]


def test_copies_by_lists_do_not_blur_the_template() -> None:
    copies = many(loans, 12, seed=6, carriage="list")
    for copy in copies:
        copy.text += "\n_______\nSent by the Tolmer list, tolmer@lists.example"
    (row,) = template_rows([*many(loans, 60), *copies])
    assert row["member_count"] == 60
    assert row["coverage_share"] == 1.0
    assert "Tolmer" not in row["readable"]


def test_a_macro_that_was_not_expanded_still_matches() -> None:
    mails = many(loans, 100)
    for mail in mails[::9]:
        mail.text = re.sub(r"http://\S+", "[[lorvik:4-9]]", mail.text)
    (row,) = template_rows(mails)
    assert "link" in kinds_of(row)
    assert row["coverage_share"] == 1.0
    learned = [mail for mail in mails if mail.message_id in set(row["learned_from"])]
    assert any("[[lorvik" in mail.text for mail in learned)


def test_an_open_list_lets_unseen_words_pass() -> None:
    words = [invented(random.Random(n)) for n in range(400)]

    def make(source: random.Random, at_hours: float) -> Mail:
        return Mail(
            f"Buy the famous {source.choice(words)} from Harnib before noon on any day you like",
            at_hours=at_hours,
        )

    (row,) = template_rows(many(make, 100))
    assert kinds_of(row) == ["word"]
    assert row["coverage_share"] == 1.0


def chanced(source: random.Random, adjective: str, at_hours: float = 0.0) -> Mail:
    """A text of which two long sentences are fixed, with a word from a list behind them."""
    return Mail(
        "Your neighbours already swear by the Dorvalin garden gnome and its little lantern.\n"
        f"Ours is {invented(source)} and {adjective} too.\n"
        "Every order before Friday comes with a second gnome that costs you nothing at all.\n"
        f"See {invented(source)} now",
        at_hours=at_hours,
    )


def test_what_few_members_share_by_chance_is_not_asked_for() -> None:
    source = random.Random(6)
    (row,) = template_rows([chanced(source, "quiet", float(n)) for n in range(6)])
    assert "quiet" in row["readable"]
    assert re2.search(row["pattern"], chanced(source, "honest").text)
    lacking = chanced(source, "quiet").text.partition("Every order")[0]
    assert not re2.search(row["pattern"], lacking)
    (row,) = template_rows([chanced(source, "quiet", float(n)) for n in range(60)])
    assert not re2.search(row["pattern"], chanced(source, "honest").text)


def test_a_day_is_a_date_even_when_all_came_on_it() -> None:
    def make(source: random.Random, at_hours: float) -> Mail:
        return Mail(
            f"Fondelar bulletin of October 14, 2007 and 2007-10-14: {source.choice(ADJECTIVES)} "
            "prospects for everybody who acts at once",
            at_hours=at_hours / 60,
        )

    (row,) = template_rows(many(make, 40))
    pattern = re2.compile(row["pattern"])
    later = (
        "Fondelar bulletin of November 3, 2007 and 2007-11-03: fair prospects for everybody who "
        "acts at once"
    )
    assert kinds_of(row)[:1] == ["date"]
    assert kinds_of(row).count("date") == 2
    assert pattern.search(later.replace("November 3,", "November 14,"))


@pytest.mark.parametrize(
    ("count", "rows", "tested"), [(1, 0, False), (2, 1, False), (3, 1, False), (8, 1, True)]
)
def test_few_members_give_no_template_or_an_untested_one(
    count: int, rows: int, tested: bool
) -> None:
    found = template_rows(many(loans, count))
    assert len(found) == rows
    for row in found:
        assert row["is_published"] == (count > 2)
        assert (row["coverage_share"] is not None) == tested
        assert len(row["learned_from"]) == (count - 2 if tested else count)
        assert ("untested" in row["why"]) == (not tested)


def test_what_is_fixed_in_headers_is_told() -> None:
    (row,) = template_rows(many(loans, 10, traits="From quoted name; Message-ID x at sender's"))
    headers = [s for s in json.loads(row["slots"]) if s["part"] == "headers"]
    assert [s["shown"] for s in headers] == ["From quoted name", "Message-ID x at sender's"]


def test_a_case_without_campaigns_has_no_templates() -> None:
    assert template_rows([Mail("A letter to a friend", campaign=None)]) == []


@pytest.mark.parametrize("part_bytes", [1 << 20, 30_000, 1])
def test_texts_in_parts_hold_all_messages_campaign_by_campaign(
    tmp_path: Path, part_bytes: int
) -> None:
    names = ("c-a", "c-b", "c-c", "c-d", None)
    mails = [mail for name in names for mail in many(loans, 12, campaign=name)]
    with connection_of(mails, {}) as connection:
        choose_members(connection, least=2, testable=8, most=5, only=None)
        texts = part_texts(connection, tmp_path, part_bytes)
    assert len(texts.parts) == {1 << 20: 2, 30_000: 3, 1: 5}[part_bytes]
    batches = [batch.to_pylist() for batch in texts.learned()]
    told = [(row["campaign_id"], row["received_at"]) for batch in batches for row in batch]
    assert told == sorted(told)
    # No campaign goes on in the next batch.
    assert sum(len({row["campaign_id"] for row in batch}) for batch in batches) == 4
    learned = {row["message_id"] for batch in batches for row in batch}
    assert len(learned) == 4 * 5
    tried = [row for batch in texts.tried(learned) for row in batch.to_pylist()]
    # Each campaign in one run, and behind them what is in none.
    assert tuple(name for name, _ in groupby(row["campaign_id"] for row in tried)) == names
    assert sorted(row["text"] for row in tried) == sorted(mail.text for mail in mails)
    assert sum(row["is_kept_back"] for row in tried) == 4 * (12 - 5)

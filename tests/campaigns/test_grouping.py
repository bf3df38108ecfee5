"""Piles of known makers, grouped: what belongs together is, and what does not is not."""

import random
import re
from collections import Counter

from campaign_piles import (
    BARE,
    BIRD,
    OUTLOOK,
    MakeCase,
    Piece,
    by_maker,
    mail,
    one_offs,
    pick,
    picture,
    salad,
)

from lymer.case import Case

_SYNONYMS = (
    "{Dear|Esteemed|Valued} {friend|client|customer},\n\nOur {licensed|certified|approved} "
    "{pharmacy|drugstore|chemist} {offers|sells|provides} {cheap|low cost|discount} "
    "{tablets|pills|medicine} {this week|today|right now}. {Shipping|Delivery|Postage} is "
    "{free|complimentary|on us} and {private|discreet|confidential} to {every|any} "
    "{country|address|place}. {Order|Buy|Get} {yours|them|a pack} {soon|quickly|at once} "
    "before the {offer|sale|discount} {ends|closes|stops}.\n\n{Look|See|Check} http://HOST/\n"
)
_LOAN = (
    "A loan of any size is waiting for you, whatever your history may be.\nOur officers answer "
    "within one hour and ask no questions about old debts.\nFill in the short form and the money "
    "is on your account tomorrow: http://HOST/apply\n"
)
_TEXTS = (
    "Hand made watches from the autumn catalogue at a tenth of the price.\nhttp://HOST/w\n",
    "Your degree is waiting.\n\nNo lectures, no tests, no waiting lists.\nA diploma by post in six "
    "weeks, framed and sealed.\n\nhttp://HOST/degree.html\n",
    "Welcome to the best tables in town!\n\nhttp://HOST/play?x=1\n\nThe loosest slots, a bonus for "
    "new players,\nfast payments and a helpful staff by day and night.\nYou have been chosen.\n",
)
_SUBJECTS = ("Time on your side", "Graduate without leaving home", "Players wanted")


def _campaigns(case: Case) -> dict[str, str]:
    rows = case.table("campaign_messages").to_pylist()
    return {row["message_id"]: row["campaign_id"] for row in rows}


def _places(case: Case, makers: dict[str, str]) -> dict[str, set[str]]:
    return by_maker(makers, _campaigns(case))


def test_synonyms_in_every_sentence_are_one_campaign(make_case: MakeCase) -> None:
    source = random.Random(1)
    pieces = [
        (
            "pills",
            mail(source, OUTLOOK, f"Offer {source.randint(100, 999)}",
                 pick(source, _SYNONYMS.replace("HOST", "pills.test")), day=n / 10),
        )
        for n in range(25)
    ]  # fmt: skip
    case, makers = make_case("pile", [*pieces, *one_offs(source, 12)])
    found = _places(case, makers)
    assert len(found.pop("pills")) == 1
    assert set().union(*found.values()) == {""}


def test_salad_under_one_picture_is_one_campaign(make_case: MakeCase) -> None:
    source = random.Random(2)
    image = picture(7)
    pieces = [
        (
            "picture",
            mail(source, OUTLOOK, salad(source, 3), salad(source, 40), picture=image, day=n / 10),
        )
        for n in range(20)
    ]
    case, makers = make_case("pile", [*pieces, *one_offs(source, 12)])
    found = _places(case, makers)
    assert len(found.pop("picture")) == 1
    assert set().union(*found.values()) == {""}


def test_one_text_over_sixty_domains_is_one_campaign(make_case: MakeCase) -> None:
    source = random.Random(3)
    pieces = [
        ("loan", mail(source, BARE, "Money for you", _LOAN.replace("HOST", f"loan{n}.test")))
        for n in range(60)
    ]
    case, makers = make_case("pile", [*pieces, *one_offs(source, 6)])
    assert len(_places(case, makers)["loan"]) == 1
    assert case.table("campaigns")["message_count"].to_pylist() == [60]


def _texts_over(source: random.Random, host: str) -> list[Piece]:
    """Three unlike texts at once, by three engines, over one host."""
    software = (OUTLOOK, BARE, BIRD)
    return [
        (
            f"text {which}",
            mail(source, software[which], _SUBJECTS[which], text.replace("HOST", host), day=n / 4),
        )
        for which, text in enumerate(_TEXTS)
        for n in range(8)
    ]


def test_one_domain_does_not_glue_three_texts(make_case: MakeCase) -> None:
    source = random.Random(4)
    case, makers = make_case("pile", _texts_over(source, "mall.test"))
    found = _places(case, makers)
    assert [len(found[f"text {n}"]) for n in range(3)] == [1, 1, 1]
    assert len(set().union(*found.values())) == 3


def test_two_engines_that_rent_one_domain_are_two_campaigns(make_case: MakeCase) -> None:
    source = random.Random(5)
    pieces = [
        ("one", mail(source, OUTLOOK, "Look", _TEXTS[0].replace("HOST", "rented.test")))
        for _ in range(15)
    ] + [
        ("other", mail(source, BARE, "Now", _LOAN.replace("HOST", "rented.test")))
        for _ in range(15)
    ]
    case, makers = make_case("pile", pieces)
    found = _places(case, makers)
    assert len(found["one"]) == len(found["other"]) == 1
    assert found["one"] != found["other"]


def test_boxes_at_one_free_mail_host_glue_nobody(make_case: MakeCase) -> None:
    source = random.Random(6)
    pieces = []
    for n in range(24):
        box = f"{salad(source, 1)}{n}@freemail.test"
        text = f"{salad(source, 50)}\nWrite to {box}\n"
        pieces.append((f"writer {n}", mail(source, (OUTLOOK, BARE, BIRD)[n % 3], salad(source, 3),
                       text, day=n / 3, extra=f"Reply-To: {box}\n")))  # fmt: skip
    case, _ = make_case("pile", pieces)
    assert _campaigns(case) == {}


def test_a_shortener_glues_nobody(make_case: MakeCase) -> None:
    source = random.Random(7)
    pieces = _texts_over(source, "tiny.test")
    # Strangers write in their own ways, and the links lead to pages of their own.
    strangers = []
    for n in range(9):
        lines = [salad(source, source.randint(5, 12)) for _ in range(2 + n)]
        path = (f"{source.getrandbits(30):x}", f"{n}/page.html", f"?go={n}")[n // 3]
        lines.insert(source.randint(0, len(lines)), f"http://tiny.test/{path}")
        strangers.append((f"stranger {n}", mail(source, (OUTLOOK, BARE, BIRD)[n % 3],
                          salad(source, 4), "\n".join(lines), day=n * 2)))  # fmt: skip
    case, makers = make_case("pile", [*pieces, *strangers])
    found = _places(case, makers)
    homes = [found[f"text {n}"] for n in range(3)]
    assert all(len(home) == 1 for home in homes)
    assert len(set().union(*homes)) == 3
    assert all(found[f"stranger {n}"] == {""} for n in range(9))


def test_a_footer_that_everybody_has_glues_nobody(make_case: MakeCase) -> None:
    source = random.Random(8)
    footer = "\n-- \nScanned and found clean by Some Scanner 4.2\nhttp://scanner.example/about\n"
    pieces = [
        (f"text {which}", mail(source, OUTLOOK if which else BARE, _SUBJECTS[which],
                               text.replace("HOST", f"shop{which}.test") + footer, day=which * 2))
        for which, text in enumerate(_TEXTS[:2])
        for _ in range(10)
    ]  # fmt: skip
    case, makers = make_case("pile", [*pieces, *one_offs(source, 20, extra=footer)])
    found = _places(case, makers)
    assert len(found["text 0"]) == len(found["text 1"]) == 1
    assert found["text 0"] != found["text 1"]
    assert all(found[f"one-off {n}"] == {""} for n in range(20))


def test_the_same_text_after_a_long_pause_is_another_wave(make_case: MakeCase) -> None:
    source = random.Random(9)
    pieces = [
        (f"wave {wave}", mail(source, BARE, "Money", _LOAN.replace("HOST", "loan.test"),
                              day=wave * 30 + n / 10))
        for wave in range(2)
        for n in range(10)
    ]  # fmt: skip
    case, makers = make_case("pile", pieces)
    found = _places(case, makers)
    assert len(found["wave 0"]) == len(found["wave 1"]) == 1
    assert found["wave 0"] != found["wave 1"]


def test_a_silence_of_nine_days_parts_a_steady_stream_and_not_a_trickle(
    make_case: MakeCase,
) -> None:
    source = random.Random(91)
    stream = "{Good|Fine|Fair} day,\n" + _LOAN.replace("HOST", "loan.test")
    trickle = _SYNONYMS.replace("HOST", "pills.test")
    pieces = [
        (f"stream {wave}", mail(source, BARE, "Money", pick(source, stream), day=day + n / 10))
        for wave, day in enumerate((0, 12))
        for n in range(30)
    ] + [
        ("trickle", mail(source, OUTLOOK, "Pills", pick(source, trickle), day=day))
        for day in (0, 3, 4, 13, 17, 18)
    ]
    case, makers = make_case("pile", pieces)
    found = _places(case, makers)
    assert len(found["stream 0"]) == len(found["stream 1"]) == 1
    assert found["stream 0"] != found["stream 1"]
    assert len(found["trickle"]) == 1


def _other_engine(piece: bytes, source: random.Random) -> bytes:
    """The same mail by an engine that builds From, Message-ID and Date in its own way."""
    head, body = piece.split(b"\n\n", 1)
    head = re.sub(rb'From: "([^"]*)"', rb"From: \1", head)
    made = f"Message-ID: <{source.randint(10**9, 10**10 - 1)}@{source.choice('abc')}pc.test>"
    head = re.sub(rb"Message-ID: [^\n]*", made.encode(), head)
    return re.sub(rb"\nDate: \w+, ([^\n]*)", rb"\nDate: \1 (UTC)", head) + b"\n\n" + body


def test_a_text_that_goes_to_another_engine_is_another_campaign(make_case: MakeCase) -> None:
    """As long as both send it at once, they may be two poses of one engine."""
    source = random.Random(92)
    texts = {
        "moved": _SYNONYMS.replace("HOST", "pills.test"),
        "poses": "{Hello|Hi}, " + _LOAN,
        "constant": _TEXTS[2].replace("HOST", "tables.test"),
    }

    def piece(name: str, day: int, *, is_other: bool) -> Piece:
        made = mail(source, OUTLOOK, f"For you: {name}", pick(source, texts[name]), day=day)
        maker = name if name == "poses" else f"{name} {is_other:d}"
        return maker, _other_engine(made, source) if is_other else made

    pieces = [
        *(piece("moved", day, is_other=day >= 8) for day in (*range(5), *range(8, 13)) * 3),
        *(piece("constant", day, is_other=day >= 8) for day in (*range(5), *range(8, 13)) * 3),
        *(piece("poses", day, is_other=day % 2 == 1) for day in (*range(13),) * 2),
    ]
    case, makers = make_case("pile", pieces)
    found = _places(case, makers)
    for text in ("moved", "constant"):
        assert len(found[f"{text} 0"]) == len(found[f"{text} 1"]) == 1
        assert found[f"{text} 0"] != found[f"{text} 1"]
    assert len(found["poses"]) == 1


def test_mails_of_three_words_go_by_their_selectors(make_case: MakeCase) -> None:
    source = random.Random(10)
    words = ("cheap", "best", "great", "fine", "top", "real")
    pieces = [
        (
            "short",
            mail(source, OUTLOOK, f"{source.choice(words)} {source.choice(words)}",
                 f"{source.choice(words)} {source.choice(words)} watches\nhttp://short.test/\n"),
        )
        for _ in range(20)
    ]  # fmt: skip
    case, makers = make_case("pile", [*pieces, *one_offs(source, 10)])
    found = Counter(_campaigns(case).values())
    assert found.most_common(1)[0][1] >= 18
    assert all(_places(case, makers)[f"one-off {n}"] == {""} for n in range(10))


def test_mails_without_a_text_go_by_how_they_are_made(make_case: MakeCase) -> None:
    source = random.Random(11)
    image = picture(11)
    pieces = [
        ("empty", mail(source, BIRD, "see this", "", picture=image, day=n / 10)) for n in range(15)
    ]
    bare = [(f"nothing {n}", mail(source, (OUTLOOK, BARE)[n % 2], "", "")) for n in range(2)]
    case, makers = make_case("pile", [*pieces, *bare])
    found = _places(case, makers)
    assert len(found["empty"]) == 1
    assert found["empty"].isdisjoint(found["nothing 0"] | found["nothing 1"])


def test_every_membership_says_what_holds_it_there(make_case: MakeCase) -> None:
    source = random.Random(12)
    text = _SYNONYMS.replace("HOST", "pills.test")
    pieces = [("pills", mail(source, OUTLOOK, "Offer", pick(source, text))) for _ in range(10)]
    same = _LOAN.replace("HOST", "loan.test")
    pieces += [("loan", mail(source, BARE, "Money", same)) for _ in range(10)]
    case, makers = make_case("pile", pieces)
    rows = case.table("campaign_messages").to_pylist()
    why = {makers[row["message_id"]]: row["why"] for row in rows}
    assert why["loan"] == "same text as 9 others"
    assert "with its nearest: text" in why["pills"]
    assert "domain pills.test" in why["pills"]


_DRAWN = {
    "clinic": (
        "Our {doctors|nurses|experts} {help|advise|treat} with Velorim {every day|at any hour}.",
        "No {old|dear|slow} {cure|therapy|tablet} can {do|reach|promise} what Velorim can.",
        "{Order|Try|Take} the {gentle|safe|strong} {capsule|powder|drops} {tonight|this week}.",
        "Why do {patients|families|athletes} {trust|prefer|recommend} Velorim?",
        "Your {heart|skin|back} will {thank you|recover|feel it} {soon|before long}.",
        "The {whole|modern|honest} {clinic|pharmacy|practice} {stands by|knows|sells} Velorim.",
    ),
    "school": (
        "Hang the {diploma|degree|certificate} of Torwenna on {your wall|the office door}.",
        "{Employers|Managers|Banks} {respect|accept|admire} {papers|titles} from Torwenna.",
        "Nobody {asks|cares} where you {studied|learned} {law|physics|history}.",
        "There are no {lectures|exams|essays} and no {waiting lists|deadlines} at Torwenna.",
        "A {framed|sealed|signed} {doctorate|master|bachelor} arrives {by post|by courier}.",
        "{Enrol|Apply|Register} with Torwenna and {skip|forget|avoid} the {campus|library}.",
    ),
}


def _drawn(source: random.Random, maker: str, day: float) -> Piece:
    said = " ".join(pick(source, text) for text in source.sample(_DRAWN[maker], 4))
    body = f"{said}\n\nhttp://{maker}{source.randint(1, 3)}.test/\n"
    return maker, mail(source, OUTLOOK, salad(source, 2), body, day=day)


def test_sentences_drawn_from_two_lists_are_two_campaigns(make_case: MakeCase) -> None:
    source = random.Random(21)
    pieces = [_drawn(source, maker, n / 8) for n in range(30) for maker in _DRAWN]
    case, makers = make_case("pile", [*pieces, *one_offs(source, 12)])
    found = _places(case, makers)
    assert len(found["clinic"]) == len(found["school"]) == 1
    assert not found["clinic"] & found["school"]


def test_short_mails_that_each_name_their_own_are_two_campaigns(make_case: MakeCase) -> None:
    source = random.Random(22)
    pieces = [
        (name, mail(source, BARE, salad(source, 2),
                    pick(source, f"{words} {name}\n{gap}http://rented.test/"), day=n / 8))
        for n in range(20)
        for name, gap, words in (("Velorim", "", "{pills|tablets|drops} {cheap|fresh}"),
                            ("Torwenna", "\n", "{degree|title|diploma} {quick|sealed}"))
    ]  # fmt: skip
    case, makers = make_case(
        "pile", [*pieces, *one_offs(source, 12, extra="\nhttp://rented.test/")]
    )
    found = _places(case, makers)
    assert len(found["Velorim"]) == len(found["Torwenna"]) == 1
    assert not found["Velorim"] & found["Torwenna"]


def test_two_pictures_without_a_text_are_two_campaigns(make_case: MakeCase) -> None:
    source = random.Random(23)
    pieces = [
        (f"picture {seed}", mail(source, BIRD, f"{seed} {salad(source, 2)}", "", day=n / 8,
                                 picture=picture(seed)))
        for n in range(15)
        for seed in (5, 6)
    ]  # fmt: skip
    case, makers = make_case("pile", [*pieces, *one_offs(source, 12)])
    found = _places(case, makers)
    assert len(found["picture 5"]) == len(found["picture 6"]) == 1
    assert found["picture 5"] != found["picture 6"]


def test_bare_links_to_nothing_in_common_are_two_campaigns(make_case: MakeCase) -> None:
    source = random.Random(94)
    pieces = [
        (host, mail(source, software, salad(source, 2), f"http://{host}/{source.randint(1, 999)}\n",
                    day=n / 9))
        for host, software in (("pills.test", OUTLOOK), ("watch.test", BIRD))
        for n in range(16)
    ]  # fmt: skip
    case, makers = make_case("pile", [*pieces, *one_offs(source, 20)])
    found = _places(case, makers)
    assert len(found["pills.test"]) == len(found["watch.test"]) == 1
    assert found["pills.test"] != found["watch.test"]

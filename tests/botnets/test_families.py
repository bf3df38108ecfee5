"""Dialect families: one engine in many poses, and engines that resemble each other."""

from datetime import timedelta

import numpy as np
import pytest
from botnet_tables import BEGIN, Mails, dotted, open_tables, traits

from lymer.botnets.describe import compare_to, describe_family
from lymer.botnets.families import FamilyRule, Labels, join_variants
from lymer.botnets.variants import Variants, gather_variants

OUTLOOK = {"token": "x.x.x by '$' to 32", "domain": "a bare word"}
BAT = {"token": "9.9 by '.' to 24"}
PHONE = {"token": "X.X.X.X.X by '-' to 48"}
# Forged lines that differ speak against one software, more than all else speaks for it.
PARTED = FamilyRule(kept=(("sender", 0.97), ("date", 0.97), ("forged", 0.997), ("folding", 0.85)))
POSES = {"Microsoft Outlook 10": OUTLOOK, "The Bat! (v2)": BAT, "Apple Mail (1.2)": PHONE}


def families(mails: Mails, rule: FamilyRule | None = None) -> tuple[Variants, Labels]:
    with open_tables(mails.tables()) as connection:
        variants = gather_variants(connection)
    return variants, join_variants(variants, rule or FamilyRule())


def strangers(mails: Mails) -> None:
    """Mail of other software: what is common, and what these programs write when they do."""
    for number, (mailer, token) in enumerate(
        (mailer, token) for mailer, token in POSES.items() for _ in range(4)
    ):
        sender = ("bare name", "address only", "encoded name", "address in brackets")[number % 4]
        date = f"9 Aa 9999 99:99:99 {'A' * (number // 4 + 1)}"
        mails.add(
            None, traits(sender=sender, date=date, **token), "192.0.2.1", BEGIN, mailer=mailer
        )


def test_identifiers_that_follow_the_pose_do_not_part_an_engine() -> None:
    mails = Mails()
    strangers(mails)
    own = [traits(forged="from h by h", **token) for token in POSES.values()]
    for text, mailer in zip(own, POSES, strict=True):
        mails.add("c-1", text, "192.0.2.1", BEGIN, mailer=mailer)
    variants, labels = families(mails)
    assert len({labels[variants.of_dialect[text]] for text in own}) == 1


def test_identifiers_of_its_own_part_two_engines_alike_in_all_else() -> None:
    mails = Mails()
    strangers(mails)
    alike = {"sender": "bare name", "date": "9 Aa 9999 99:99:99 A"}
    one = traits(token="X.X by '.' to 16", **alike)
    other = traits(token="9.x by '_' to 16", **alike)
    for mailer in ("Alpha 1", "Beta 2", "Gamma", "Delta", "Epsilon"):
        mails.add("c-1", one, "192.0.2.1", BEGIN, mailer=mailer)
    for mailer in ("Zeta", "Eta", "Theta", "Iota", "Kappa"):
        mails.add("c-2", other, "192.0.2.2", BEGIN, mailer=mailer)
    variants, labels = families(mails)
    assert labels[variants.of_dialect[one]] != labels[variants.of_dialect[other]]


def test_different_software_stays_apart() -> None:
    mails = Mails()
    strangers(mails)
    variants, labels = families(mails)
    # Each has a From and a Date of its own: nothing is joined over the pose alone.
    assert len(set(labels.tolist())) == len(variants.traits) == 12


def test_variants_that_meet_in_spam_are_joined_but_not_in_lawful_bulk() -> None:
    for kind, count in (("botnet", 1), ("bulk", 2)):
        mails = Mails()
        strangers(mails)
        pair = [traits(), traits(forged="from h (c) by h (c) with ESMTP id i")]
        for number in range(4):
            for text in pair:
                mails.add(f"c-{number}", text, "192.0.2.1", BEGIN, mailer="X", kind=kind)
        variants, labels = families(mails, PARTED)
        assert len({labels[variants.of_dialect[text]] for text in pair}) == count, kind


@pytest.mark.parametrize(("both", "count"), [(1.0, 1), (0.1, 2)])
def test_faces_that_bots_mix_are_of_one_software_and_two_infections_are_none(
    both: float, count: int
) -> None:
    # Dash and underline may part a token, or be of its alphabet: traits cannot tell.
    faces = [
        traits(token="m.x by '-' to 24", boundary="--* m by '' to 16"),
        traits(token="m.m.m.x by '-_' to 24", boundary="--* m.m.m by '-_' to 16"),
    ]
    rng = np.random.default_rng(3)
    mails = Mails()
    strangers(mails)
    for campaign in range(6):
        for client in range(40):
            own = rng.integers(2)
            for _ in range(3):
                face = rng.integers(2) if rng.random() < both else own
                ip, mailer = dotted(client), f"{'ABCDEF'[rng.integers(6)]} 1"
                mails.add(f"c-{campaign}", faces[face], ip, BEGIN, mailer=mailer)
    variants, labels = families(mails)
    assert len({labels[variants.of_dialect[text]] for text in faces}) == count
    # By traits alone they are two.
    _, by_traits = families(mails, FamilyRule(most_mixed=0))
    assert len({by_traits[variants.of_dialect[text]] for text in faces}) == 2


def test_rare_variants_join_the_nearest_family() -> None:
    mails = Mails()
    strangers(mails)
    for number in range(30):
        mails.add("c-1", traits(), "192.0.2.1", BEGIN + timedelta(minutes=number), mailer="A")
    late = traits(boundary="--* x by '' to 16")
    odd = traits(sender="missing", date="missing", token="missing", forged="from here to there")
    mails.add("c-1", late, "192.0.2.1", BEGIN, mailer="A")
    mails.add(None, odd, "192.0.2.1", BEGIN, mailer="B")
    variants, labels = families(mails, FamilyRule(most_compared=12))
    assert labels[variants.of_dialect[late]] == labels[variants.of_dialect[traits()]]
    assert (labels == labels[variants.of_dialect[odd]]).sum() == 1


def test_a_description_says_what_can_be_checked() -> None:
    mails = Mails()
    mails.add("c-1", traits(forged="from h by h"), "192.0.2.1", BEGIN, mailer="The Bat! (v2)")
    mails.add("c-1", traits(forged="from h by h"), "192.0.2.1", BEGIN, mailer="The Bat! (v3)")
    variants, labels = families(mails)
    text = describe_family(variants, labels, 0)
    assert "From: quoted name" in text
    assert "hex, HEX parted by '.'" in text
    assert "forged Received: from h by h" in text
    assert text.endswith("poses as The Bat!")
    assert compare_to(variants.traits[0], variants.traits[0]) == "the commonest form of the family"


def test_no_mail_gives_no_family() -> None:
    variants, labels = families(Mails())
    assert (len(variants.traits), len(labels)) == (0, 0)

"""The door of the features room: tables, and when a text abstains."""

import random

from mails_described import fingerprint, read

from lymer.features import FINGERPRINTS, SELECTORS, SKETCH_SIZE, Tokens, describe


def mail(body: str, subject: str = "gnomes") -> str:
    return f"From: gwen@example.net\nSubject: {subject}\n\n{body}\n"


def test_tables() -> None:
    readings = read(*(mail(f"We sell gnome number {n} at http://g{n}.example/") for n in range(9)))
    found = describe(readings, Tokens())
    assert found.keys() == {"fingerprints", "selectors"}
    assert found["fingerprints"].schema.equals(FINGERPRINTS.schema)
    assert found["selectors"].schema.equals(SELECTORS.schema)
    ids = found["fingerprints"].column("message_id").to_pylist()
    assert ids == [reading.message_id for reading in readings]
    assert set(found["selectors"].column("message_id").to_pylist()) <= set(ids)


def test_no_messages() -> None:
    found = describe([], Tokens())
    assert found["fingerprints"].num_rows == found["selectors"].num_rows == 0
    assert found["fingerprints"].schema.equals(FINGERPRINTS.schema)


def test_a_short_text_abstains() -> None:
    short = fingerprint(mail("Buy now http://gnomes.example/"))
    assert short["skeleton"] is None
    assert short["sketch"] is None
    assert short["word_count"] == 3
    long = fingerprint(mail("Buy our finest garden gnomes now http://gnomes.example/"))
    assert long["skeleton"] is not None
    assert len(long["sketch"]) == 4 * SKETCH_SIZE


def test_subjects_have_skeletons_too() -> None:
    one = fingerprint(mail("x", "Order 17 for ann@example.org"))["subject_skeleton"]
    assert one == fingerprint(mail("y", "order 99 for b@c.example"))["subject_skeleton"]
    assert one != fingerprint(mail("x", "Order nothing"))["subject_skeleton"]
    assert fingerprint(mail("x", ""))["subject_skeleton"] is None


def test_rows_do_not_depend_on_company_or_order() -> None:
    draw = random.Random(2)
    words = ["gnome", "lamp", "17", "$5", "http://a.example/", "Cheap", "call", "555-0100"]
    mails = [mail(" ".join(draw.choices(words, k=draw.randrange(1, 30)))) for _ in range(50)]
    together = describe(read(*mails), Tokens())["fingerprints"].to_pylist()
    backwards = describe(read(*mails[::-1]), Tokens())["fingerprints"].to_pylist()
    assert together == backwards[::-1]
    assert together == [fingerprint(one) for one in mails]

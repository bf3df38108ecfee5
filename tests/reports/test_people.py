"""People in a report: claims counted in full, the question that is asked first."""

from pathlib import Path

from report_cases import copied, put

from lymer.case import Case
from lymer.reports.document import Figure, Grid
from lymer.reports.sections.people import people
from lymer.reports.sources import Sources


def claim(
    number: int, subject: str, relation: str, target: str, **more: object
) -> dict[str, object]:
    return {
        "claim_id": f"k-{number:03}", "subject": subject, "relation": relation, "object": target,
        "likelihood": "likely", "confidence": "moderate", "supporting": [], "contradicting": [],
        "source_grade": "B2", "why": "made up", **more,
    }  # fmt: skip


def test_claims_are_counted_in_full_and_the_asked_one_comes_first(
    plain_case: Case, tmp_path: Path
) -> None:
    case = copied(plain_case, tmp_path)
    actors = [
        {"actor_id": "a-1", "name": "hugo7", "role": "operator", "aliases": ["h7"], "why": "root"},
        {"actor_id": "a-2", "name": "nora4", "role": "customer", "aliases": [], "why": "orders"},
        {"actor_id": "a-3", "name": "Ida Moll", "role": "promoted", "aliases": [], "why": "named"},
        {"actor_id": "a-4", "name": "Brand", "role": "promoted", "aliases": [], "why": "named"},
    ]
    claims = [claim(n, "a-2", "ordered", f"c-{n:012}") for n in range(60)]
    claims += [
        claim(80, "a-3", "not_linked", "c-000000000001", supporting=[f"t:{n}" for n in range(5)],
              contradicting=["t:9"]),
        claim(81, "a-4", "not_linked", "c-000000000002"),
        claim(82, "a-1", "operates", "b-1"),
        claim(83, "a-2", "paid_for", "a-3"),
    ]  # fmt: skip
    question = "did Ida Moll order it?"
    hypotheses = [
        {"question": asked, "subject": subject, "hypothesis": f"answer {rank}", "rank": rank,
         "supporting": ["t:1"] * rank, "contradicting": [], "missing": ["payments"],
         "likelihood": "unlikely", "confidence": "low", "why": "made up"}
        for asked, subject in (("a first one?", "a-4"), (question, "a-3"))
        for rank in (1, 2)
    ]  # fmt: skip
    verdict = [{"position": 1, "topic": "sureness", "statement": "x", "confidence": "low",
                "evidence": [f"hypotheses:{question}"], "why": "y"}]  # fmt: skip
    put(case, {"actors": actors, "claims": claims, "hypotheses": hypotheses, "verdict": verdict})
    with case.connect() as connection:
        section = people(Sources(connection, frozenset(case.store.tables)))
    case.close()
    assert section is not None
    figure = next(b for b in section.blocks if isinstance(b, Figure))
    # Every order is counted though three are drawn; of the denials only the one asked for.
    assert "paid for, ordered (60)" in figure.svg
    assert figure.svg.count("is not linked to") == 1
    assert "Brand" not in figure.svg
    named, told = (b for b in section.blocks if isinstance(b, Grid))
    assert [row[0] for row in named.rows] == ["hugo7", "nora4", "Ida Moll", "Brand"]
    assert told.caption.startswith("Claims: 45 of 64.")
    assert told.rows[0][0] == "Ida Moll is not linked to c-000000000001"
    assert told.rows[0][1:5] == (
        "likely", "moderate", "B2", "for: t:0, t:1, t:2 and 2 more; against: t:9",
    )  # fmt: skip
    assert told.rows[1][0] == "hugo7 operates b-1"
    assert told.rows[2][0] == "nora4 paid for Ida Moll"
    answers = next(s for s in section.sections if s.anchor == "hypotheses")
    first, second = (b for b in answers.blocks if isinstance(b, Grid))
    assert (first.caption, second.caption) == (question, "a first one?")
    assert [row[:4] for row in first.rows] == [
        ("answer 1", "unlikely", "1", "0"), ("answer 2", "unlikely", "2", "0"),
    ]  # fmt: skip


def test_without_actors_there_is_no_such_section(plain_case: Case, tmp_path: Path) -> None:
    case = copied(plain_case, tmp_path)
    put(case, {"actors": [], "claims": []})
    with case.connect() as connection:
        assert people(Sources(connection, frozenset(case.store.tables))) is None
    case.close()

"""The worst disagreements: the right ones, in the right order, with messages to look at."""

from pathlib import Path

from score_truths import campaign_truth, mail, membership, tables, write_truth

from lymer.lab.score import Disagreement, score


def _found(tmp_path: Path, groups: dict[str, list[int]]) -> list[Disagreement]:
    """Truth: A 0-5, B 6-8, C 9-10, the one-offs 11 and 12, a bounce 13 of B, a letter 14."""
    messages = [
        *campaign_truth({"A": list(range(6)), "B": [6, 7, 8], "C": [9, 10]}),
        mail(11, "single"),
        mail(12, "single"),
        mail(13, "bounce", carried_campaign_id="B"),
        mail(14, "ham"),
    ]
    campaigns = [
        {"campaign_id": name, "theme": "loan", "manner": manner, "engine_id": "engine-1"}
        for name, manner in (("A", "prose"), ("B", "html"), ("C", "both"))
    ]
    truth = write_truth(tmp_path / "truth", messages=messages, campaigns=campaigns)
    return score(tables(campaign_messages=membership(groups)), truth).disagreements


def test_merges_and_splits_in_the_order_of_pairs(tmp_path: Path) -> None:
    groups = {"x": [0, 1, 6, 7, 8, 13], "y": [2, 3, 4, 9], "z": [11, 12, 14], "w": [10]}
    found = _found(tmp_path, groups)
    assert [(d.kind, d.subject, d.weight, d.messages, d.parts) for d in found] == [
        ("merge", "x", 6, 5, 2),  # 2 of A with 3 of B; the bounce lies with its own
        ("merge", "y", 3, 4, 2),
        ("merge", "z", 3, 3, 3),
        ("split", "A", 11, 6, 3),  # 15 pairs, 1 + 3 kept; message 5 lies nowhere
        ("split", "C", 1, 2, 2),
    ]
    first, second = found[0].examples
    assert (first.true, first.found, first.messages, first.message_id) == ("B", "x", 3, "m006")
    assert (second.true, second.found, second.messages, second.message_id) == ("A", "x", 2, "m000")
    assert first.why == "why of m006"
    assert first.about == "loan html engine-1"
    assert [e.true for e in found[2].examples] == ["single", "single"]
    torn = found[3].examples
    assert [(e.found, e.messages) for e in torn] == [("y", 3), ("x", 2)]


def test_a_campaign_left_out_is_torn_into_single_messages(tmp_path: Path) -> None:
    found = _found(tmp_path, {"x": [6, 7, 8], "y": [9, 10]})
    assert [(d.kind, d.subject, d.weight, d.parts) for d in found] == [("split", "A", 15, 6)]
    assert [(e.found, e.messages, e.why) for e in found[0].examples] == [("none", 6, "")]


def test_no_more_than_twenty_of_a_kind(tmp_path: Path) -> None:
    groups = {f"T{n}": [2 * n, 2 * n + 1] for n in range(30)}
    truth = write_truth(tmp_path / "truth", messages=campaign_truth(groups))
    torn = membership({"x": [0, 2]})
    found = score(tables(campaign_messages=torn), truth).disagreements
    assert [d.kind for d in found] == ["merge"] + ["split"] * 20


def test_wrong_clients_by_what_was_said(tmp_path: Path) -> None:
    messages = [mail(n, client_ip=f"240.0.0.{n}") for n in range(6)]
    truth = write_truth(tmp_path / "truth", messages=messages)
    said = ["240.0.0.0", "10.0.0.1", "10.0.0.1", "10.0.0.1", None, "10.0.0.2"]
    found = [{"message_id": f"m{n:03d}", "client_ip": ip} for n, ip in enumerate(said)]
    worst = score(tables(messages=found), truth).disagreements
    assert [(d.kind, d.weight, d.examples[0].found) for d in worst] == [
        ("client", 3, "10.0.0.1"),
        ("client", 1, "10.0.0.2"),
        ("client", 1, "none"),
    ]
    assert worst[0].examples[0].message_id == "m001"
    assert worst[0].examples[0].true == "240.0.0.1"

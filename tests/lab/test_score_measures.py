"""Each step's measures on truths small enough to count by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from score_truths import campaign_truth, mail, membership, scored, tables, write_truth

from lymer.errors import LymerError
from lymer.lab.score import MEASURES, score


def test_clients(tmp_path: Path) -> None:
    messages = [
        mail(0, client_ip="240.0.0.1"),
        mail(1, client_ip="240.0.0.2"),
        mail(2, client_ip="240.0.0.3"),
        mail(3, "bounce", client_ip="198.18.0.1") | {"path": "mail/other.mbox"},
    ]
    truth = write_truth(tmp_path / "truth", messages=messages)
    found = [
        {"message_id": "m000", "client_ip": "240.0.0.1"},
        {"message_id": "m001", "client_ip": "10.0.0.1"},
        {"message_id": "m003", "client_ip": None},
    ]
    got = scored(truth, messages=found)
    assert got["clients.read"] == 3 / 4
    assert got["clients.exact"] == 1 / 4
    assert got["clients.exact_spam"] == 1 / 3
    assert got["clients.exact_worst_box"] == 0
    # A silent answer and an unread message are not wrong, but not exact either.
    assert got["clients.wrong"] == 1 / 4


def test_ham_that_the_case_was_not_given_is_left_out(tmp_path: Path) -> None:
    messages = [mail(0, client_ip="240.0.0.1"), mail(1, "ham", client_ip="198.18.0.1")]
    truth = write_truth(tmp_path / "truth", messages=messages)
    found = [{"message_id": "m000", "client_ip": "240.0.0.1"}]
    result = score(tables(messages=found), truth)
    read = result.measures[0]
    assert (read.value, read.count, read.note) == (1.0, 1, "the case has no ham: left out")


def test_singles_letters_and_carried_mail(tmp_path: Path) -> None:
    messages = [
        *campaign_truth({"A": [0, 1, 2], "B": [3, 4]}),
        mail(5, "single"),
        mail(6, "single"),
        mail(7, "ham"),
        mail(8, "ham"),
        mail(9, "ham"),
        mail(10, "bounce", carried_campaign_id="A"),  # with A: right
        mail(11, "list", carried_campaign_id="A"),  # with B: wrong
        mail(12, "bounce", carried_campaign_id="B"),  # alone: right
    ]
    campaigns = [{"campaign_id": "A", "kind": "botnet"}, {"campaign_id": "B", "kind": "bulk"}]
    truth = write_truth(tmp_path / "truth", messages=messages, campaigns=campaigns)
    groups = {"x": [0, 1, 2, 10, 5], "y": [3, 4, 11], "z": [7, 8], "v": [9]}
    got = scored(
        truth,
        campaign_messages=membership(groups),
        campaigns=[{"campaign_id": "x", "kind": "botnet"}, {"campaign_id": "y", "kind": "botnet"}],
    )
    assert got["campaigns.singles_kept"] == 1 / 2
    assert got["campaigns.letters_kept"] == 1 / 3
    assert got["campaigns.letters_among_spam"] == 0
    assert got["campaigns.carried_right"] == 2 / 3
    # Judged pairs: x holds 0 1 2 and the single 5 (3 of 6 right), y holds 3 4 (1 of 1).
    assert got["campaigns.pair_precision"] == 4 / 7
    assert got["campaigns.pair_recall"] == 1
    assert got["campaigns.macro_purity"] == pytest.approx((3 / 4 + 1) / 2)
    assert got["campaigns.kind_right"] == 1 / 2
    assert got["campaigns.macro_recall_botnet"] == 1
    assert got["campaigns.macro_recall_bulk"] == 1
    assert got["campaigns.macro_recall_snowshoe"] is None


def test_kind_is_of_the_campaign_that_holds_most(tmp_path: Path) -> None:
    truth = write_truth(
        tmp_path / "truth",
        messages=campaign_truth({"A": [0, 1, 2, 3]}),
        campaigns=[{"campaign_id": "A", "kind": "botnet"}],
    )
    kinds = [{"campaign_id": "x", "kind": "bulk"}, {"campaign_id": "y", "kind": "botnet"}]
    part = membership({"x": [0], "y": [1, 2]})
    got = scored(truth, campaign_messages=part, campaigns=kinds)
    assert got["campaigns.kind_right"] == 1
    assert got["campaigns.pair_recall"] == 1 / 6
    # Without the table of campaigns only the kind is not measured.
    got = scored(truth, campaign_messages=part)
    assert got["campaigns.kind_right"] is None
    assert got["campaigns.pair_recall"] == 1 / 6


def test_operations_join_campaigns(tmp_path: Path) -> None:
    messages = [
        row | {"operation_id": "P" if row["campaign_id"] in "AB" else "Q"}
        for row in campaign_truth({"A": [0, 1], "B": [2, 3], "C": [4, 5]})
    ]
    truth = write_truth(tmp_path / "truth", messages=messages)
    joined = [
        {"operation_id": "o", "campaign_id": "a"},
        {"operation_id": "o", "campaign_id": "b"},
    ]
    got = scored(
        truth,
        campaign_messages=membership({"a": [0, 1], "b": [2, 3], "c": [4, 5]}),
        operation_campaigns=joined,
    )
    assert got["operations.pair_precision"] == 1
    assert got["operations.pair_recall"] == 1
    assert got["operations.adjusted_rand"] == 1
    wrong = [joined[0], {"operation_id": "o", "campaign_id": "c"}]
    got = scored(
        truth,
        campaign_messages=membership({"a": [0, 1], "b": [2, 3], "c": [4, 5]}),
        operation_campaigns=wrong,
    )
    # Found: 0 1 4 5 together (2 of 6 pairs right), 2 3 together.
    assert got["operations.pair_precision"] == 3 / 7
    assert got["operations.pair_recall"] == 3 / 7


def test_dialects(tmp_path: Path) -> None:
    messages = [mail(n, engine_id="E" if n < 6 else "F") for n in range(8)] + [mail(8)]
    truth = write_truth(tmp_path / "truth", messages=messages)
    dialects = ["d", "d", "d", "e", "e", "f", "f", "f", "f"]
    found = [{"message_id": f"m{n:03d}", "dialect_id": d} for n, d in enumerate(dialects)]
    got = scored(truth, fingerprints=found)
    # d: 3 of E. e: 2 of E. f: 1 of E, 2 of F (the ninth has no engine to be judged by).
    assert got["dialects.purity"] == 7 / 8
    assert got["dialects.macro_purity"] == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert got["dialects.recall"] == pytest.approx((3 / 6 + 1) / 2)
    assert got["dialects.number_ratio"] == 3 / 2


def test_templates_match_in_straight_time(tmp_path: Path) -> None:
    messages = [*campaign_truth({"A": [0, 1, 2, 3], "B": [4, 5]}), mail(6, "ham"), mail(7, "ham")]
    truth = write_truth(tmp_path / "truth", messages=messages)
    texts = ["buy 1", "buy 2", "buy 3", "sell", "aaaa!", "b", "I buy 7 eggs", "hello"]
    texts[4] = "a" * 50_000 + "!"  # a backtracking engine never ends on this one
    found = {
        "campaign_messages": membership({"x": [0, 1, 2], "y": [4, 5]}),
        "messages": [{"message_id": f"m{n:03d}", "text": t} for n, t in enumerate(texts)],
    }
    patterns = [
        {"campaign_id": "x", "pattern": r"buy \d", "learned_from": ["m000", "m001"]},
        {"campaign_id": "y", "pattern": r"^(a+)+$", "learned_from": []},
        {"campaign_id": "y", "pattern": r"(?=b)", "learned_from": None},
    ]
    got = scored(truth, templates=patterns, **found)
    assert got["templates.patterns_usable"] == 2 / 3
    assert got["templates.members_matched"] == pytest.approx((3 / 4 + 0) / 2)
    assert got["templates.held_out_matched"] == pytest.approx((1 / 2 + 0) / 2)
    assert got["templates.ham_matched"] == 1 / 2
    for row in patterns:
        del row["learned_from"]
    got = scored(truth, templates=patterns, **found)
    assert got["templates.held_out_matched"] is None
    assert got["templates.members_matched"] == pytest.approx(3 / 8)


def _botnet_truth(tmp_path: Path) -> Path:
    """A and B run on N1 (B also on N2), C on N2, D is bulk."""
    messages = [
        row
        | {"botnet_id": {"A": "N1", "B": "N1", "C": "N2"}.get(row["campaign_id"])}
        | {"client_ip": f"240.0.0.{int(row['message_id'][1:])}"}
        for row in campaign_truth({"A": [0, 1, 2], "B": [3, 4], "C": [5, 6], "D": [7, 8]})
    ]
    botnets = {"A": ["N1"], "B": ["N1", "N2"], "C": ["N2"], "D": []}
    campaigns = [
        {"campaign_id": name, "kind": "bulk" if name == "D" else "botnet", "botnet_ids": ids}
        for name, ids in botnets.items()
    ]
    days = [
        {"botnet_id": "N1", "bot_id": f"N1.{bot}", "day": date(2007, 10, day), "is_live": True}
        for day, count in ((1, 10), (2, 20), (3, 60))
        for bot in range(count)
    ]
    endpoints = [
        {"botnet_id": "N1", "ip": "192.0.2.1", "port": 80, "role": "controller"},
        {"botnet_id": "N2", "ip": "192.0.2.2", "port": 80, "role": "controller"},
        {"ip": "192.0.2.9", "port": 443, "role": "updater"},
    ]
    return write_truth(
        tmp_path / "truth",
        messages=messages, campaigns=campaigns, bot_days=days, controllers=endpoints,
    )  # fmt: skip


_FOUND = membership({"a": [0, 1, 2], "b": [3, 4], "c": [5, 6], "d": [7, 8]})


def test_botnets_by_pairs_of_campaigns(tmp_path: Path) -> None:
    truth = _botnet_truth(tmp_path)
    links = [{"botnet_id": "n", "campaign_id": name} for name in "abd"]
    bots = [
        {"botnet_id": "n", "client_ip": f"240.0.0.{n}"} for n in (0, 1, 3, 7)
    ]  # 7 is a bulk host
    got = scored(truth, campaign_messages=_FOUND, botnet_campaigns=links, bots=bots)
    # True pairs: AB, BC. Found: ab, ad, bd.
    assert got["botnets.pair_precision"] == 1 / 3
    assert got["botnets.pair_recall"] == 1 / 2
    assert got["botnets.lawful_kept_out"] == 0
    assert got["botnets.bots_assigned"] == 3 / 7
    assert got["botnets.bots_right"] == 3 / 4


def test_recall_over_pairs_that_shared_addresses_let_be_told(tmp_path: Path) -> None:
    # By campaign, its botnets and the last number of each address: A, B and C hang together in a
    # chain, D is of their botnet but has no address of theirs, and E of another one has one of
    # A's: so one in common, as F has of D, is no more than chance.
    sent = {
        ("A", "N1"): range(10), ("B", "N1"): range(5, 15), ("C", "N1"): range(10, 20),
        ("D", "N1"): range(30, 40), ("F", "N1"): range(39, 49), ("E", "N2"): [0, *range(50, 59)],
    }  # fmt: skip
    messages = [
        mail(100 * place + n, campaign_id=name, botnet_id=botnet, client_ip=f"240.0.0.{n}")
        for place, ((name, botnet), numbers) in enumerate(sent.items())
        for n in numbers
    ]
    campaigns = [
        {"campaign_id": name, "kind": "botnet", "botnet_ids": [botnet]} for name, botnet in sent
    ]
    truth = write_truth(tmp_path / "truth", messages=messages, campaigns=campaigns)
    homes = membership(
        {
            name.lower(): [100 * place + n for n in numbers]
            for place, ((name, _), numbers) in enumerate(sent.items())
        }
    )
    links = [{"botnet_id": "n", "campaign_id": name} for name in "ab"]
    bots = [{"botnet_id": "n", "client_ip": "240.0.0.0"}]
    got = scored(truth, campaign_messages=homes, botnet_campaigns=links, bots=bots)
    # All pairs of A, B, C, D and F are of N1; AB, BC and AC can be told. Found: ab.
    assert got["botnets.pair_recall"] == 1 / 10
    assert got["botnets.pair_recall_tellable"] == 1 / 3


def test_census_over_the_window(tmp_path: Path) -> None:
    truth = _botnet_truth(tmp_path)
    links = [{"botnet_id": "n", "campaign_id": "a"}]

    def census(low: float, live: float | None, high: float | None, days: int) -> dict[str, object]:
        row = {
            "botnet_id": "n", "live_low": low, "live": live, "live_high": high,
            "window_start_at": datetime(2007, 10, 1, tzinfo=UTC),
            "window_end_at": datetime(2007, 10, 1 + days, tzinfo=UTC),
        }  # fmt: skip
        got = scored(truth, campaign_messages=_FOUND, botnet_campaigns=links, botnets=[row])
        return {name.partition(".")[2]: v for name, v in got.items() if name.startswith("census")}

    # On the first two days 10 and 20 bots were live: 15 on the mean.
    assert census(14, 18, 20, 2) == {
        "held": 1, "bias": pytest.approx(0.2), "width": pytest.approx(6 / 15), "pointed": 1,
    }  # fmt: skip
    assert census(16, 18, 20, 2)["held"] == 0
    assert census(16, 18, 40, 3)["held"] == 1  # 30 over three days
    assert census(16, 18, 20, 10)["held"] == 0  # 9 over ten, on seven of which nobody was live
    # A lower bound says nothing of the upper end, and has no point.
    assert census(3, None, None, 2) == {"held": 1, "bias": None, "width": None, "pointed": 0}


def test_controllers_by_rank(tmp_path: Path) -> None:
    truth = _botnet_truth(tmp_path)
    links = [{"botnet_id": "n", "campaign_id": "a"}, {"botnet_id": "o", "campaign_id": "c"}]
    listed = [
        ("n", "192.0.2.9", 443, 0.9), ("n", "192.0.2.1", 80, 0.8), ("n", "192.0.2.77", 80, 0.7),
        ("o", "192.0.2.9", 443, 0.5),
    ]  # fmt: skip
    rows = [
        {"botnet_id": b, "ip": ip, "port": port, "score": s, "p_value": 0.1}
        for b, ip, port, s in listed
    ]
    got = scored(truth, campaign_messages=_FOUND, botnet_campaigns=links, controllers=rows)
    assert got["controllers.rank"] == 2  # second of n, and after the only one of o
    assert got["controllers.first"] == 0
    assert got["controllers.named"] == 1 / 2
    assert got["controllers.beacons_above"] == 1
    rows[1]["score"] = 0.95
    got = scored(truth, campaign_messages=_FOUND, botnet_campaigns=links, controllers=rows)
    assert got["controllers.rank"] == 3 / 2
    assert got["controllers.first"] == 1 / 2


def test_volume_ratio(tmp_path: Path) -> None:
    truth = write_truth(
        tmp_path / "truth",
        messages=campaign_truth({"A": [0, 1], "B": [2, 3]}),
        campaigns=[
            {"campaign_id": "A", "targeted": 1000, "sent": 800, "accepted": 400},
            {"campaign_id": "B", "targeted": 100, "sent": 50, "accepted": 10},
        ],
    )
    rows = [
        {"campaign_id": "a", "stage": "sent", "low": 700.0, "point": 1600.0, "high": 1700.0},
        {"campaign_id": "b", "stage": "sent", "low": 51.0, "point": 100.0, "high": None},
        {"campaign_id": "b", "stage": "accepted", "low": 1.0, "point": None, "high": None},
    ]
    found = membership({"a": [0, 1], "b": [2, 3]})
    got = scored(truth, campaign_messages=found, volumes=rows)
    assert got["volume.sent_ratio"] == 2
    assert got["volume.accepted_ratio"] is None
    assert got["volume.held"] == 2 / 3


def _server_truth(tmp_path: Path, *, linked: bool) -> Path:
    jobs = [
        {"job_id": "1", "account": "red", "campaign_id": "A", "server": "s"},
        {"job_id": "2", "account": "blue", "campaign_id": "B", "server": "s"},
        {"job_id": "3", "account": "blue", "campaign_id": "unseen", "server": "s"},
        {"job_id": "4", "account": "green", "campaign_id": "C", "server": None},
    ]
    accounts = [
        {"account": "root", "role": "operator", "actor": "a0"},
        {"account": "red", "role": "customer", "actor": "a1"},
        {"account": "blue", "role": "customer", "actor": "a2"},
        {"account": "green", "role": "customer", "actor": "a3"},
    ]
    roles = ["operator", "customer", "customer", "customer", "promoted", "bystander"]
    names = ["Ann Om", "Bo Red", "Cy Blue", "Di Green", "Ed Choice", "Fay By"]
    actors = [
        {"actor": f"a{n}", "name": name, "role": role, "linked": n < 4 or (linked and n == 4)}
        for n, (name, role) in enumerate(zip(names, roles, strict=True))
    ]
    messages = campaign_truth({"A": [0, 1], "B": [2, 3], "C": [4, 5]})
    return write_truth(
        tmp_path / "truth", messages=messages, jobs=jobs, accounts=accounts, actors=actors
    )


def test_servers_and_verdict(tmp_path: Path) -> None:
    truth = _server_truth(tmp_path, linked=False)
    jobs = [
        {"job_id": "1", "account": "red", "campaign_id": "a"},
        {"job_id": "2", "account": "red", "campaign_id": "a"},
    ]
    actors = [
        {"actor_id": "x0", "name": "root", "aliases": None, "role": "operator"},
        {"actor_id": "x1", "name": "somebody", "aliases": ["RED"], "role": "operator"},
        {"actor_id": "x4", "name": "Ed Choice", "aliases": [], "role": "promoted"},
        {"actor_id": "x5", "name": "Fay By", "aliases": [], "role": "payer"},
    ]
    claims = [
        {"subject": "x4", "relation": "not_linked"},
        {"subject": "x5", "relation": "linked"},
    ]
    found = {
        "campaign_messages": membership({"a": [0, 1], "b": [2, 3]}),
        "jobs": jobs,
        "actors": actors,
    }
    got = scored(truth, claims=claims, **found)
    assert got["servers.jobs_found"] == 2 / 3
    assert got["servers.jobs_joined"] == 1 / 2  # 3 cannot be: its campaign left no mail
    assert got["servers.accounts_right"] == 1 / 3
    assert got["servers.accounts_named"] == 1 / 2
    assert got["servers.operator_named"] == 1
    # Judged: red and blue, who ordered on the server, and the promoted party.
    assert got["verdict.roles_right"] == 1 / 3
    assert got["verdict.not_linked_said"] == 1
    assert got["verdict.wrongly_linked"] == 1 / 2
    assert got["verdict.linked_said"] is None
    # Said both ways, it is not said.
    both = [*claims, {"subject": "x4", "relation": "linked"}]
    assert scored(truth, claims=both, **found)["verdict.not_linked_said"] == 0
    assert scored(truth, claims=both, **found)["verdict.wrongly_linked"] == 1


def test_a_true_link_is_to_be_said(tmp_path: Path) -> None:
    truth = _server_truth(tmp_path, linked=True)
    actors = [{"actor_id": "x4", "name": "Ed Choice", "aliases": [], "role": "promoted"}]
    claims = [{"subject": "x4", "relation": "linked"}]
    got = scored(truth, actors=actors, claims=claims)
    assert got["verdict.linked_said"] == 1
    assert got["verdict.not_linked_said"] is None
    assert got["verdict.wrongly_linked"] == 0


def test_what_the_case_lacks_is_said_and_fails_nothing(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth", messages=campaign_truth({"A": [0, 1]}))
    result = score(tables(), truth)
    assert [m.name for m in result.measures] == list(MEASURES)
    assert {m.value for m in result.measures} == {None}
    notes = {m.name: m.note for m in result.measures}
    assert notes["clients.exact"] == "no table messages"
    assert notes["campaigns.pair_recall"] == "no table campaign_messages"
    assert notes["verdict.roles_right"] == "no table actors"
    assert result.disagreements == []
    column = score(tables(messages=[{"message_id": "m000"}]), truth)
    assert column.measures[0].note == "no column client_ip in table messages"


def test_an_empty_case_and_an_empty_world(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth", messages=campaign_truth({"A": [0, 1]}))
    none = tables(campaign_messages=_FOUND)("campaign_messages").slice(0, 0)
    got = scored(truth, campaign_messages=none)
    assert got["campaigns.pair_recall"] == 0
    assert got["campaigns.pair_precision"] is None
    nobody = write_truth(tmp_path / "nobody")
    assert scored(nobody, campaign_messages=none)["campaigns.v_measure"] is None


def test_without_a_truth_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LymerError, match="lymer lab make"):
        score(tables(), tmp_path)
    truth = write_truth(tmp_path / "truth")
    (truth / "jobs.parquet").write_bytes(b"not parquet")
    with pytest.raises(LymerError, match="Make the world again"):
        score(tables(), tmp_path)


def test_nodes_joined_are_the_machines_of_the_log_that_sent_mail(tmp_path: Path) -> None:
    at = datetime(2008, 5, 2, 12, tzinfo=UTC)

    def sent(number: int, bot: str, ip: str, days: int = 0) -> dict[str, Any]:
        return mail(number, campaign_id="k1", botnet_id="b1", bot_id=bot, client_ip=ip,
                    received_at=at + timedelta(days=days))  # fmt: skip

    reports = [("n1", "1", "9"), ("n2", "2", "9"), ("n3", "3", "8"), ("n4", "4", "9")]
    truth = write_truth(
        tmp_path / "truth",
        # The fourth sent its mail three days later: the log does not lead to it.
        messages=[sent(1, "1", "ip1"), sent(2, "2", "ip2"), sent(3, "3", "ip3"),
                  sent(4, "4", "ip4", 3)],
        node_reports=[
            {"node_id": node, "botnet_id": "b1", "bot_id": bot, "client_ip": f"ip{bot}",
             "reported_at": at, "job_id": job}
            for node, bot, job in reports
        ],
    )  # fmt: skip
    # The first is right, the second has a wrong job, and the third is said to be at another's
    # address.
    rows = [("n1", "ip1", "9"), ("n2", "ip2", "8"), ("n3", "ip1", "8")]
    got = scored(
        truth,
        campaign_messages=membership({"c1": [1, 2, 3, 4]}),
        jobs=[{"job_id": "9", "account": "a", "campaign_id": "c1"}],
        node_clients=[
            {"node_id": node, "client_ip": ip, "botnet_id": None, "job_ids": [job]}
            for node, ip, job in rows
        ],
    )
    assert got["servers.nodes_joined"] == 1 / 3
    assert got["servers.nodes_wrong"] == 1 / 3

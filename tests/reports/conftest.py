"""Cases that the tests of reports share; nothing changes them."""

from collections.abc import Iterator

import pytest
from report_cases import HOSTILE, put, traced

from lymer.case import Case
from lymer.reports.compose import compose
from lymer.reports.document import Document

SUBJECTS = ("Cheap pens today", "Win a boat", "Überraschung für Sie")


@pytest.fixture(scope="session")
def plain_case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Three campaigns of four mails, and nothing else."""
    case = traced(tmp_path_factory.mktemp("plain"), SUBJECTS)
    yield case
    case.close()


@pytest.fixture(scope="session")
def plain_document(plain_case: Case) -> Document:
    """The report of it."""
    return compose(plain_case)


@pytest.fixture(scope="session")
def hostile_case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Hostile subjects, and hostile words in every table that a report shows."""
    case = traced(tmp_path_factory.mktemp("hostile"), HOSTILE)
    names = [f"b-{number:012}" for number in range(len(HOSTILE))]
    put(
        case,
        {
            "botnets": [
                {"botnet_id": name, "name": words, "is_separable": True, "campaign_count": 1,
                 "message_count": 4, "footprint": 4, "live_low": 3.0, "live_high": 9.0,
                 "why": words}
                for name, words in zip(names, HOSTILE, strict=True)
            ],
            "populations": [
                {"botnet_id": name, "footprint": 4, "why": words}
                for name, words in zip(names, HOSTILE, strict=True)
            ],
            "controllers": [
                {"ip": words, "port": 80, "botnet_id": name, "p_value": 0.01, "why": words}
                for name, words in zip(names, HOSTILE, strict=True)
            ],
            "bots": [{"botnet_id": names[0], "client_ip": words} for words in HOSTILE],
            "client_networks": [
                {"client_ip": words, "network_name": words, "country": words[:2],
                 "data_version": words}
                for words in HOSTILE
            ],
            "botnet_networks": [
                {"botnet_id": names[0], "network_name": words, "country": words[:2], "bots": 1,
                 "share": 0.1}
                for words in HOSTILE
            ],
            "artifacts": [
                {"artifact_id": f"a-{at}", "server": words, "path": words, "kind": words,
                 "size_bytes": 1, "defects": [words], "why": words}
                for at, words in enumerate(HOSTILE)
            ],
            "accounts": [
                {"server": words, "account": words, "account_key": words, "privilege": words,
                 "is_privileged": True, "job_count": 1, "artifact_id": "a-0", "why": words}
                for words in HOSTILE
            ],
            "jobs": [
                {"job_id": words, "server": words, "account": words, "title": words,
                 "targets": 10, "artifact_id": "a-0", "position": at, "why": words}
                for at, words in enumerate(HOSTILE)
            ],
            "payments": [
                {"server": words, "account": words, "amount": 1.5, "note": words,
                 "artifact_id": "a-0", "position": at}
                for at, words in enumerate(HOSTILE)
            ],
            "lists": [
                {"artifact_id": f"a-{at}", "server": words, "path": words, "address_count": 9,
                 "why": words}
                for at, words in enumerate(HOSTILE)
            ],
            "coverage": [
                {"server": words, "subject": words, "covered": 1, "total": 2, "share": 0.5,
                 "why": words}
                for words in HOSTILE
            ],
            "operations": [
                {"operation_id": words, "name": words, "campaign_count": 2, "message_count": 8,
                 "why": words}
                for words in HOSTILE
            ],
        },
    )  # fmt: skip
    yield case
    case.close()

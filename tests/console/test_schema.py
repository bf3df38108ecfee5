"""The OpenAPI description holds: thousands of odd requests, and every answer is as it says."""

import pytest
import schemathesis
from console_server import Served
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

_CHECKS = (
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)


def test_every_page_is_described(world: Served) -> None:
    told = world.client.get("/openapi.json").json()
    paths = set(told["paths"])
    assert "/decisions" in paths
    assert "/overview.json" in paths
    assert {path for path in paths if not path.endswith(".json")} == {"/decisions"}
    for path, methods in told["paths"].items():
        for method, described in methods.items():
            assert described["summary"], f"{method} {path}"


@pytest.mark.filterwarnings("ignore")
def test_every_answer_is_as_described(pile: Served) -> None:
    schema = schemathesis.openapi.from_dict(pile.client.get("/openapi.json").json())
    headers = {"authorization": f"Bearer {pile.access.token}", "accept": "application/json"}
    for found in schema.get_all_operations():
        operation = found.ok()
        _try_out(operation, pile.address, headers)


def _try_out(operation: object, address: str, headers: dict[str, str]) -> None:
    from hypothesis import HealthCheck, Phase, given, settings

    @given(case=operation.as_strategy())  # type: ignore[attr-defined]
    @settings(
        max_examples=4, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(
            base_url=address, headers=headers, checks=list(_CHECKS), allow_redirects=False
        )

    ask()

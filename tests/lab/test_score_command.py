"""`lymer lab score` and tools/truth.py on a small world, from mail to measures."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from lymer.cli import lymer
from lymer.errors import UsageError
from lymer.lab.score import MEASURES
from lymer.lab.worlds import make

TOOL = Path(__file__).parents[2] / "tools" / "truth.py"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("worlds")
    world, case = folder / "world", folder / "case"
    make("quiet", world, seed=1, scale=0.15)
    piles = [str(world / "mail"), str(world / "ham")]
    done = CliRunner().invoke(lymer, ["trace", *piles, "--case", str(case), "--quiet"])
    assert done.exit_code == 0, done.output
    return case, world


def _score(*words: object) -> str:
    done = CliRunner().invoke(lymer, ["lab", "score", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_json_has_stable_keys(traced: tuple[Path, Path]) -> None:
    case, world = traced
    text = _score(case, world, "--json")
    result = json.loads(text)
    assert set(result) == {"format", "measures", "disagreements"}
    assert [m["name"] for m in result["measures"]] == list(MEASURES)
    assert all(set(m) == {"name", "value", "best", "count", "note"} for m in result["measures"])
    for entry in result["disagreements"]:
        assert set(entry) == {"kind", "subject", "weight", "messages", "parts", "examples"}
        for example in entry["examples"]:
            assert set(example) == {"message_id", "true", "found", "messages", "about", "why"}
            assert len(example["message_id"]) == 64
    values = {m["name"]: m["value"] for m in result["measures"]}
    assert values["clients.read"] == 1
    assert values["campaigns.adjusted_rand"] > 0.1
    # The same case scores the same, and the truth folder does as well as the world's.
    assert _score(case, world / "truth", "--json") == text


def test_text_names_what_is_measured_and_what_is_not(traced: tuple[Path, Path]) -> None:
    case, world = traced
    text = _score(case, world)
    values = {m["name"]: m for m in json.loads(_score(case, world, "--json"))["measures"]}
    for name, measure in values.items():
        line = next(line for line in text.splitlines() if name in line)
        if measure["value"] is None:
            assert line.startswith("not measured: ")
            assert measure["note"] in line
        else:
            assert line.split()[1] == f"{measure['value']:.4f}"
    assert "True campaigns that are torn most" in text


def test_a_folder_without_truth_is_told(traced: tuple[Path, Path], tmp_path: Path) -> None:
    done = CliRunner().invoke(lymer, ["lab", "score", str(traced[0]), str(tmp_path)])
    assert isinstance(done.exception, UsageError)
    assert "lymer lab make" in str(done.exception)


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("truth_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["truth_tool"] = module
    spec.loader.exec_module(module)
    return module


def _run(tool: ModuleType, seed: int, exact: float | None) -> object:
    values = dict.fromkeys(MEASURES, 0.5) | {
        "clients.exact": exact, "clients.wrong": 1 - (exact or 0), "verdict.roles_right": None,
    }  # fmt: skip
    notes = dict.fromkeys(MEASURES, "") | {"verdict.roles_right": "no table actors"}
    return tool.Run("quiet", seed, 10, values, notes, MEASURES)


def test_the_page_shows_mean_and_worst_and_keeps_its_text(tmp_path: Path) -> None:
    tool = _tool()
    runs = [_run(tool, seed, exact) for seed, exact in ((1, 1.0), (101, 0.9), (102, 0.7))]
    text = tool.report(runs, {"quiet": 1.0}, "tools/truth.py")
    lines = text.splitlines()
    assert any(line.startswith("| quiet | below 100 | 1.000 / 1.000 | 0.000") for line in lines)
    # Worst is farthest from the best: the lowest of shares, the highest of faults.
    assert any(
        line.startswith("| quiet | unseen | 0.800 / 0.700 | 0.200 / 0.300") for line in lines
    )
    assert "| verdict: roles_right |  | not measured: no table actors |" in lines
    assert any(line.startswith("| quiet | 102 | 10 | 0.700 |") for line in lines)
    page = tmp_path / "page.md"
    page.write_text(f"before\n{tool.BEGIN}\nold\n{tool.END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        tool.write(page, text)
        assert page.read_text(encoding="utf-8") == (
            f"before\n{tool.BEGIN}\n\n{text}\n\n{tool.END}\nafter\n"
        )

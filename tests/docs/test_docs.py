"""What is public is documented, and the documents say what is."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lymer.cli import lymer

ROOT = Path(__file__).parents[2]


def test_every_table_and_column_is_on_its_page() -> None:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "tools" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "docs" / "tables.md").read_text("utf-8") == tool.page(), "run `make tables`"


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in lymer.commands:
        assert f"lymer {name}" in readme, name


def test_every_link_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("words", [[], ["trace"], ["show"], ["sql"], ["verify"], ["lab"]])
def test_help_says_what_a_command_does(words: list[str]) -> None:
    told = subprocess.run(
        [Path(sys.executable).with_name("lymer"), *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert len(told.splitlines()) > 5
    assert "Usage" in told


def test_nothing_tracked_names_a_machine_or_a_registry() -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    bad = re.compile(r"index-url|registry\.npmjs|files\.pythonhosted|" + re.escape(f"{ROOT}/"))
    for name in filter(None, files):
        path = ROOT / name
        if path.is_file() and path != Path(__file__):
            found = bad.search(path.read_text("utf-8", "replace"))
            assert found is None, f"{name}: {found and found.group(0)}"

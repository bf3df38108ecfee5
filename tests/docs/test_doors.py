"""Who wants something of another room comes through its door."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_room_reaches_behind_anothers_door() -> None:
    looked_at = 0
    for path in sorted((SOURCE / "lymer").rglob("*.py")):
        room = path.relative_to(SOURCE).parts[1]
        for name in _imports(path):
            parts = name.split(".")
            # The lab's parts are each a tool of their own for the shell.
            if parts[0] != "lymer" or len(parts) < 3 or parts[1] in (room, "lab"):
                continue
            looked_at += 1
            assert SOURCE.joinpath(*parts).is_dir(), f"{path.relative_to(SOURCE)} imports {name}"
    # A package within a room has a door of its own.
    assert looked_at > 0

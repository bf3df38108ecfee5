"""Makes worlds: mail, flows and a captured server, with the truth about them.

Takes   the name of a world, a folder, a seed and a scale.
Gives   the folder: mail/, ham/, flows/, server/, world.json and truth/*.parquet, the same to the
        byte for the same seed and scale.
Never   a name or address that could exist, and no code of the rooms that read the folder.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from lymer.errors import UsageError
from lymer.lab.worlds.shapes import SHAPES
from lymer.lab.worlds.story import stage

__all__ = ["SHAPES", "make"]


def make(
    world: str,
    out: Path,
    *,
    seed: int,
    scale: float = 1.0,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write the world into `out`, which must not exist or be empty.

    `progress` is called with the number of messages written so far, now and then and at the end.
    What does not become a whole world is not left behind.
    """
    shape = SHAPES.get(world)
    if shape is None:
        raise UsageError(f"There is no world {world!r}. Known are: {', '.join(SHAPES)}.")
    if not 0 < scale < float("inf"):
        raise UsageError(f"The scale must be a number above 0, not {scale}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty. Name a new folder, or empty this one first.")
    out.mkdir(parents=True, exist_ok=True)
    try:
        stage(shape, out, seed, scale, progress)
    except BaseException:
        shutil.rmtree(out)
        raise

"""Small worlds, made once for all tests that look at them."""

from collections.abc import Callable

import pytest
from lab_worlds import World

from lymer.lab.worlds import make

Maker = Callable[..., World]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Gives a world by name, seed and scale; the same one is made once."""
    made: dict[tuple[str, int, float], World] = {}

    def give(name: str, seed: int = 7, scale: float = 0.04) -> World:
        key = (name, seed, scale)
        if key not in made:
            out = tmp_path_factory.mktemp(f"{name}-{seed}") / "world"
            make(name, out, seed=seed, scale=scale)
            made[key] = World(out)
        return made[key]

    return give

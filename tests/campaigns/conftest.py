"""An engine for all tests of this room, and cases made of pieces of mail."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from campaign_piles import MakeCase, Piece, write

from lymer.case import Case, create_case, trace
from lymer.engine import LocalEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine


@pytest.fixture
def make_case(tmp_path: Path, engine: LocalEngine) -> MakeCase:
    """A case of the pieces, added to when it is there, and the maker of every message."""

    return lambda name, pieces: add_pieces(tmp_path, engine, name, pieces)


def add_pieces(
    folder: Path, engine: LocalEngine, name: str, pieces: Iterable[Piece]
) -> tuple[Case, dict[str, str]]:
    case = create_case(folder / "case")
    makers = write(folder / f"{name}.mbox", pieces)
    trace(case, [folder / f"{name}.mbox"], engine=engine)
    return case, makers


@pytest.fixture(scope="module")
def make_module_case(tmp_path_factory: pytest.TempPathFactory, engine: LocalEngine) -> MakeCase:
    """The same for a case that a whole module reads."""
    folder = tmp_path_factory.mktemp("module")
    return lambda name, pieces: add_pieces(folder, engine, name, pieces)

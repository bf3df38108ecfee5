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

    def make(name: str, pieces: Iterable[Piece]) -> tuple[Case, dict[str, str]]:
        folder = tmp_path / "case"
        case = create_case(folder)
        makers = write(tmp_path / f"{name}.mbox", pieces)
        trace(case, [tmp_path / f"{name}.mbox"], engine=engine)
        return case, makers

    return make

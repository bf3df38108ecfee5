"""What several rooms' tests share."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1] / ".data" / "package" / "data"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the SpamAssassin public corpus: one mail a .txt file."""
    if not CORPUS.is_dir():
        pytest.fail(f"{CORPUS} is missing. Run `make data` to fetch the corpus.", pytrace=False)
    return CORPUS

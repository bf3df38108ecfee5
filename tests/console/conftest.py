"""A small world of spam, traced once, and its console."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from console_server import Served, lymer, serve
from hostile_mails import write_hostile

from spam_pile import write_pile


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one of the test processes makes, and all use."""
    root = factory.getbasetemp()
    home = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / f"shared-{name}"
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            # A case knows its evidence by path: it is made where it stays.
            home.mkdir()
            make(home)
    return home


@pytest.fixture(scope="session")
def world_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model case of the lab, small, with its flows and its captured server."""
    return shared(tmp_path_factory, "world", _make_world) / "case"


def _make_world(home: Path) -> None:
    lymer("lab", "make", "case-2007", home / "world", "--seed", 7, "--scale", 0.03)
    lymer(
        "trace", home / "world" / "mail", "--flows", home / "world" / "flows",
        "--server", home / "world" / "server" / "srv",
        "--case", home / "case", "--quiet",
    )  # fmt: skip


@pytest.fixture(scope="session")
def world(world_case: Path) -> Iterator[Served]:
    """The console of the model case; tests only read."""
    with serve(world_case) as served:
        yield served


@pytest.fixture(scope="session")
def pile_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two campaigns and some one-off mail: little enough to copy for every test."""
    home = tmp_path_factory.mktemp("pile")
    pile = write_pile(home / "pile.mbox", each=12, singles=4)
    lymer("trace", pile, "--case", home / "case", "--quiet")
    toml = home / "case" / "case.toml"
    toml.write_text(toml.read_text().replace('analyst = ""', 'analyst = "A. Example"'))
    return home / "case"


@pytest.fixture
def pile(pile_case: Path, tmp_path: Path) -> Iterator[Served]:
    """The console of a case of one's own, to change."""
    with serve(Path(shutil.copytree(pile_case, tmp_path / "case"))) as served:
        yield served


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The console of a mailbox made to attack whoever looks at it."""
    home = tmp_path_factory.mktemp("hostile")
    lymer("trace", write_hostile(home / "hostile.mbox"), "--case", home / "case", "--quiet")
    with serve(home / "case") as served:
        yield served

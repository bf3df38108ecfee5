"""The console of a case, really served on the loopback address, for tests."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from lymer.case import open_case
from lymer.console import Access, make_app

LYMER = Path(sys.executable).with_name("lymer")


@dataclass(frozen=True)
class Served:
    """A console that answers, and the case behind it."""

    case: Path
    access: Access
    address: str
    client: httpx.Client
    """One that has come in with the token, as a browser does."""

    def stranger(self, **options: Any) -> httpx.Client:
        """One that has no token."""
        return httpx.Client(base_url=self.address, timeout=30, **options)

    def sql(self, query: str) -> list[dict[str, Any]]:
        """What the case itself says, past the console."""
        case = open_case(self.case)
        try:
            return case.sql(query).to_pylist()
        finally:
            case.close()

    def one(self, query: str) -> Any:
        """The one value of an answer."""
        return next(iter(self.sql(query)[0].values()))


@contextmanager
def serve(case: Path, password: str | None = None) -> Iterator[Served]:
    """Serve `case` until the block ends."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    access = Access(port=port, password=password)
    config = uvicorn.Config(
        make_app(case, access), port=port, log_level="error", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until, "the console did not start"
        time.sleep(0.02)
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, timeout=30, follow_redirects=True) as client:
        client.get("/enter", params={"token": access.token})
        yield Served(case, access, address, client)
    server.should_exit = True
    thread.join(10)


def lymer(*words: object) -> None:
    """Run the command line; it must succeed."""
    done = subprocess.run(
        [LYMER, *map(str, words)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr

"""`lymer serve` as a user runs it."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import httpx
from console_server import LYMER


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LYMER, "serve", *map(str, words)], capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | environment,
    )  # fmt: skip


def test_it_prints_the_address_and_ends_with_ctrl_c(pile_case: Path) -> None:
    port = free_port()
    words = [LYMER, "serve", str(pile_case), "--port", str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as made:
        assert made.stdout
        address = made.stdout.readline().strip()
        found = re.fullmatch(rf"http://127\.0\.0\.1:{port}/enter\?token=[\w-]{{32}}", address)
        assert found, address
        with httpx.Client(
            follow_redirects=True, transport=httpx.HTTPTransport(retries=5), timeout=20
        ) as client:
            page = client.get(address)
        assert page.status_code == 200
        assert "Overview" in page.text
        made.send_signal(signal.SIGINT)
        assert made.wait(20) in (0, 130)
        assert made.stderr
        told = made.stderr.read()
    assert "Traceback" not in told
    assert address.partition("token=")[2] not in told


def test_another_address_wants_a_password(pile_case: Path) -> None:
    done = run(pile_case, "--host", "0.0.0.0", LYMER_PASSWORD="")
    assert done.returncode == 1
    assert "LYMER_PASSWORD" in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_said_so(pile_case: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        done = run(pile_case, "--port", held.getsockname()[1])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "--port" in done.stderr


def test_no_case_no_console(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1
    assert "is no case" in done.stderr

"""A world is the same to the byte for its seed, and names nobody who could exist."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lab_worlds import World
from publicsuffixlist import PublicSuffixList

from lymer.errors import UsageError
from lymer.lab.worlds import SHAPES, make

Maker = Callable[..., World]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_seed_gives_the_same_bytes_in_another_process(
    world: Maker, tmp_path: Path, name: str
) -> None:
    again = tmp_path / "again"
    command = [sys.executable, "-c", "from lymer.cli import main; main()"]
    command += ["lab", "make", name, str(again)]
    # Another hash seed shows any order that came from a set.
    done = subprocess.run(
        [*command, "--seed", "7", "--scale", "0.04"],
        env={**os.environ, "PYTHONHASHSEED": "12345"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first = digests(world(name).path)
    assert digests(again) == first
    count = len(world(name).mails)
    assert f"{count:,} messages" in done.stdout
    assert "lymer trace" in done.stdout


def test_another_seed_and_another_scale_give_other_bytes(world: Maker, tmp_path: Path) -> None:
    first = world("quiet")
    for at, (seed, scale) in enumerate(((8, 0.04), (7, 0.05))):
        make("quiet", tmp_path / str(at), seed=seed, scale=scale)
        other = World(tmp_path / str(at))
        assert not set(other.mails) & set(first.mails)


def test_what_cannot_be_made_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no world 'nowhere'"):
        make("nowhere", tmp_path / "a", seed=1)
    with pytest.raises(UsageError, match="scale"):
        make("ham", tmp_path / "a", seed=1, scale=0)
    assert not (tmp_path / "a").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("kept")
    with pytest.raises(UsageError, match="not empty"):
        make("ham", tmp_path / "full", seed=1)
    assert (tmp_path / "full" / "mine").read_text() == "kept"

    class Stop(Exception):
        pass

    def stop(_: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        make("quiet", tmp_path / "half", seed=1, scale=0.05, progress=stop)
    assert not (tmp_path / "half").exists()


RESERVED_NETS = [
    ip_network(net)
    for net in (
        "10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16", "192.0.2.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
    )
]  # fmt: skip
RESERVED_NAMES = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|test|example|invalid|localhost)$")
TOPS = {suffix for suffix in PublicSuffixList()._publicsuffix if "." not in suffix}

QUAD = re.compile(
    r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"
)
SIX = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+(?![\w:])", re.IGNORECASE)
"""With a "::" in it: times of day have none."""
NAME = re.compile(r"(?<![\w.@-])[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?![\w-])")
MAIL = re.compile(r"[\w.+=-]+@([\w-]+(?:\.[\w-]+)+)")
VERSIONS = re.compile(r"^(?:User-Agent|X-Mailer):.*$", re.MULTILINE)
"""Versions of mail programs look like addresses."""
PHONE = re.compile(r"(?<![\w-])\d{3}-\d{3}-\d{4}(?![\w-])")


def plain(data: bytes) -> str:
    """The text without soft line breaks, which cut names in two, and without versions."""
    return VERSIONS.sub("", data.decode("latin-1").replace("=\n", ""))


def texts(world: World) -> Iterator[tuple[str, str]]:
    """Everything that was written, as text: files raw, parts of mails decoded, tables."""
    for file in sorted(world.path.rglob("*")):
        if file.suffix == ".parquet":
            for column in pq.read_table(file).to_pydict().values():
                yield str(file), "\n".join(str(value) for value in column)
        elif file.is_file():
            yield str(file.relative_to(world.path)), plain(file.read_bytes())
    for key, mail in world.mails.items():
        for part in message_from_bytes(mail).walk():
            if part.get_content_maintype() == "text":
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                yield key, plain(payload)


@pytest.mark.parametrize("seed", [7, 107])
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_only_reserved_names_and_addresses(world: Maker, name: str, seed: int) -> None:
    found: set[str] = set()
    quads = names = 0
    for where, text in texts(world(name, seed, 0.01)):
        for quad in set(QUAD.findall(text)):
            quads += 1
            if not any(ip_address(quad) in net for net in RESERVED_NETS):
                found.add(f"{where}: {quad}")
        found |= {f"{where}: {x}" for x in SIX.findall(text) if not x.startswith("2001:db8:")}
        for host in {h.lower() for h in [*NAME.findall(text), *MAIL.findall(text)]}:
            names += 1
            if host.rsplit(".", 1)[-1] in TOPS and not RESERVED_NAMES.search(host):
                found.add(f"{where}: {host}")
        found |= {f"{where}: {x}" for x in PHONE.findall(text) if "-555-01" not in x}
    assert found == set()
    assert quads > 20
    assert names > 20

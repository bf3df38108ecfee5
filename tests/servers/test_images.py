"""Disk images, opened by The Sleuth Kit: nothing is mounted or unpacked."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from server_files import artifacts, read_server

MKFS = shutil.which("mkfs.ext4", path="/usr/sbin:/sbin:/usr/bin")


def _image(folder: Path, image: Path) -> None:
    subprocess.run(
        [str(MKFS), "-q", "-F", "-d", str(folder), str(image), "8M"], check=True, timeout=60
    )


@pytest.mark.skipif(MKFS is None or shutil.which("icat") is None, reason="needs sleuthkit, mkfs")
def test_the_files_of_an_image_are_artifacts(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "srv").mkdir(parents=True)
    (inside / "srv" / "members").write_text("".join(f"g{n}@p.test\n" for n in range(30)))
    with tarfile.open(inside / "old.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("hub.conf")
        data = b"listen = 80\nadmin = tasso\nhome = /srv\n"
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    _image(inside, tmp_path / "disk.dd")
    whole = (tmp_path / "disk.dd").read_bytes()
    found = artifacts(read_server(tmp_path / "disk.dd", tmp_path / "case"))
    assert found["disk.dd"]["kind"] == "disk image"
    assert found["srv/members"]["kind"] == "list"
    assert found["srv/members"]["size_bytes"] == (inside / "srv" / "members").stat().st_size
    [inner] = [row for path, row in found.items() if path.endswith("hub.conf")]
    assert inner["kind"] == "config"
    assert (tmp_path / "disk.dd").read_bytes() == whole


@pytest.mark.skipif(MKFS is None or shutil.which("icat") is None, reason="needs sleuthkit, mkfs")
def test_a_damaged_image_is_reported(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    for n in range(40):
        (inside / f"f{n}").write_text(f"file {n}\n" * 200)
    _image(inside, tmp_path / "disk.dd")
    whole = bytearray((tmp_path / "disk.dd").read_bytes())
    whole[8192:200_000] = b"\xa5" * (200_000 - 8192)
    (tmp_path / "disk.dd").write_bytes(whole)
    found = artifacts(read_server(tmp_path / "disk.dd", tmp_path / "case"))
    assert found["disk.dd"]["defects"]


def test_without_the_tool_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk.E01").write_bytes(b"EVF\x09\x0d\x0a\xff\x00" + bytes(4096))
    monkeypatch.setenv("PATH", str(tmp_path))
    row = artifacts(read_server(tmp_path / "disk.E01", tmp_path / "case"))["disk.E01"]
    assert (row["kind"], row["defects"]) == ("disk image", ["no_image_tool"])
    assert "sleuthkit" in str(row["why"])

"""Folders of every sort, and what must not be opened in them."""

import os
import time
from pathlib import Path

import pytest
from evidence_piles import ENVELOPE, mail, mbox, read_all, read_bytes, tar

from lymer.errors import UsageError
from lymer.evidence import SeenMessages, read, sample, seal, survey_size


def test_a_maildir(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box/cur/1.host:2,S").write_bytes(mail(1))
    (tmp_path / "box/new/2.host").write_bytes(b"no header at all, but delivered\n")
    (tmp_path / "box/tmp/3.host").write_bytes(mail(3))
    reading = read_all(tmp_path / "box")
    assert reading.bytes_of == [mail(1), b"no header at all, but delivered\n"]
    (folder,) = reading.of_kind("maildir")
    assert folder["sha256"] is None
    assert folder["message_count"] == 0
    assert {row["parent_id"] for row in reading.of_kind("eml")} == {folder["evidence_id"]}
    assert not reading.defects()
    reading.check_origins()


def test_an_mh_folder(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / str(number)).write_bytes(mail(number))
    (tmp_path / ".mh_sequences").write_text("cur: 9\n")
    reading = read_all(tmp_path)
    assert sorted(reading.bytes_of) == sorted(mail(number) for number in (1, 9, 10))
    assert len(reading.of_kind("mh")) == 1


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    files = {
        "picture.jpg": mail(1),
        "letter.txt": mail(2),
        "nameless": mail(3),
        "00001.7c53336b37003a9286aba55d2945844c": ENVELOPE + mail(4),
        "archive.eml": tar({"in": mail(5)}),
        "folded.eml": b"Subject: a\n folded\nX-Odd: 1\n\nbody\n",
        "quoted": b">From ann@example.org Mon Jan  1 10:00:00 2007\n" + mail(6),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    expected = {mail(n) for n in (1, 2, 3, 4, 5)} | {files["folded.eml"], files["quoted"]}
    reading = read_all(tmp_path)
    assert set(reading.bytes_of) == expected
    assert not reading.defects()
    reading.check_origins()
    envelopes = [row["envelope"] for row in reading.raw if row["raw"] == mail(4)]
    assert envelopes == [ENVELOPE.decode().strip()]


@pytest.mark.parametrize(
    "data",
    [
        b"just a few words\n",
        b"Note: this is no mail\n\nwords\n",
        b"mv 00001 00001.7c53\nmv 00002 00002.9c4f\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        b"\0" * 5000,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000,
        b"x" * 5_000_000,
    ],
)
def test_what_is_no_mail_is_a_row(tmp_path: Path, data: bytes) -> None:
    reading = read_bytes(tmp_path, data)
    (row,) = reading.evidence.values()
    assert (row["kind"], row["defects"], row["size_bytes"]) == ("other", ["not_mail"], len(data))
    assert row["sha256"] is not None
    assert reading.raw == []


def test_an_empty_file(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, b"")
    assert [row["defects"] for row in reading.evidence.values()] == [["empty"]]


def test_links_loops_and_devices(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.eml").write_bytes(mail(9))
    pile = tmp_path / "pile"
    (pile / "sub").mkdir(parents=True)
    (pile / "sub" / "a.eml").write_bytes(mail(1))
    (pile / "inside.eml").symlink_to(pile / "sub" / "a.eml")
    (pile / "loop").symlink_to(pile)
    (pile / "self").symlink_to(pile / "self")
    (pile / "gone").symlink_to(tmp_path / "nowhere")
    (pile / "leak.eml").symlink_to(outside / "secret.eml")
    (pile / "device").symlink_to("/dev/zero")
    os.mkfifo(pile / "pipe")
    reading = read_all(pile)
    assert reading.bytes_of == [mail(1)]
    assert len(reading.origins) == 2
    assert reading.defects() == {
        "loop": ["link_refused"],
        "self": ["broken_link"],
        "gone": ["broken_link"],
        "leak.eml": ["link_refused"],
        "device": ["link_refused"],
        "pipe": ["not_a_file"],
    }
    reading.check_origins()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(1))
    (tmp_path / "b.eml").write_bytes(mail(2))
    (tmp_path / "a.eml").chmod(0)
    reading = read_all(tmp_path)
    assert reading.bytes_of == [mail(2)]
    assert reading.defects() == {"a.eml": ["unreadable"]}


def test_a_file_that_fails_to_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lymer.evidence import reader

    for number, name in enumerate(["a.eml", "b.eml", "c.eml"]):
        (tmp_path / name).write_bytes(mail(number))
    real = reader.open_file

    def failing(path: str) -> object:
        if path.endswith("a.eml"):
            raise PermissionError(13, "Permission denied")
        if path.endswith("b.eml"):
            raise FileNotFoundError(2, "No such file")
        return real(path)

    monkeypatch.setattr(reader, "open_file", failing)
    reading = read_all(tmp_path)
    assert reading.bytes_of == [mail(2)]
    assert reading.defects() == {"a.eml": ["unreadable"], "b.eml": ["vanished"]}


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "growing.mbox"
    path.write_bytes(mbox([mail(n, body=b"x" * 4000 + b"\n") for n in range(9000)]))
    lots = read(seal([path]), SeenMessages())
    rows = next(lots).evidence.to_pylist()
    with path.open("ab") as out:
        out.write(mbox([mail(9999)]))
    for lot in lots:
        rows += lot.evidence.to_pylist()
    assert [row["defects"] for row in rows] == [["changed_while_read"]]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.eml")
    (tmp_path / name).write_bytes(mail(1))
    reading = read_all(tmp_path)
    assert reading.bytes_of == [mail(1)]
    reading.check_origins()


def test_order_and_sizes(tmp_path: Path) -> None:
    for name in ("b/2", "a/1", "c", "a/0"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(mail(ord(name[-1])))
    reading = read_all(tmp_path)
    assert reading.bytes_of == [mail(ord(letter)) for letter in "012c"]
    assert reading.read_bytes == survey_size([tmp_path]) == sum(map(len, reading.bytes_of))


def test_wrong_paths_are_the_users_to_put_right(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        seal([tmp_path / "nothing"])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        seal([tmp_path / "pipe"])
    (tmp_path / "a").write_bytes(mail(1))
    assert len(seal([tmp_path / "a", tmp_path / "." / "a"])) == 1


def test_files_of_one_name_and_content_are_one_piece_of_evidence(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pile").write_bytes(mbox([mail(1)]))
    reading = read_all(tmp_path / "one" / "pile", tmp_path / "two" / "pile")
    assert len(reading.evidence) == len(reading.origins) == 1


def test_many_files_take_linear_time(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"{number:06}.eml").write_bytes(mail(number))
        started = time.perf_counter()
        assert len(read_all(folder).raw) == count
        return time.perf_counter() - started

    few = seconds(5_000)
    many = seconds(50_000)
    assert many < 10 * few * 1.6 + 0.5


def test_a_sample_is_bounded_and_the_same_every_time(tmp_path: Path) -> None:
    large = tmp_path / "large.mbox"
    body = b"some words of a line\n" * 300
    with large.open("wb") as out:
        for number in range(60_000):
            out.write(mbox([mail(number, body=body)]))
    sources = seal([large])
    started = time.perf_counter()
    taken = list(sample(sources, 400))
    assert time.perf_counter() - started < 3
    assert taken == list(sample(sources, 400))
    assert 200 <= len(taken) <= 400
    numbers = [int(raw.split(b"Subject: number ")[1].split(b"\n")[0]) for raw in taken]
    assert all(raw == mail(number, body=body) for raw, number in zip(taken, numbers, strict=True))
    assert numbers == sorted(numbers)
    assert numbers[0] == 0
    assert numbers[-1] > 55_000


def test_a_sample_of_many_files_and_of_archives(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number:04}.eml").write_bytes(mail(number))
    assert list(sample(seal([tmp_path]), 3)) == [mail(0), mail(100), mail(200)]
    assert len(list(sample(seal([tmp_path]), 1000))) == 300
    path = tmp_path / "x.tar.gz"
    path.write_bytes(tar({"m.mbox": mbox([mail(n) for n in range(50)])}, "w:gz"))
    assert list(sample(seal([path]), 5)) == [mail(n) for n in range(5)]
    (tmp_path / "bad").write_bytes(b"\x1f\x8b broken")
    assert list(sample(seal([tmp_path / "bad"]), 5)) == []

"""Originals, read again: unchanged, changed, missing, unreadable; and resuming a cut reading."""

import gzip
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from evidence_piles import Reading, mail, mbox, read_all, tar, zipped
from test_reports import encodebytes, report

from lymer.errors import UsageError
from lymer.evidence import Limits, Resume, SeenMessages, fetch, lots, originals, read, seal, verify


def pile(folder: Path) -> Path:
    """A folder with every kind of container, reports and repeats in it."""
    root = folder / "pile"
    root.mkdir()
    plain = report(mail(200))
    coded = report(encodebytes(mail(201)), encoding=b"base64")
    first = [mail(n) for n in range(40)]
    (root / "a.mbox").write_bytes(mbox([*first[:20], plain, coded, *first[20:]]))
    (root / "b.mbox.gz").write_bytes(gzip.compress(mbox([mail(n) for n in range(30, 70)])))
    members = {f"{n}.eml": mail(n) for n in range(70, 90)}
    inner = zipped({"x.mbox": mbox([mail(n) for n in range(90, 110)]), "y.eml": coded})
    (root / "c.tar").write_bytes(tar({**members, "in.zip": inner, "words": b"words"}))
    for number in range(110, 130):
        (root / f"d{number}").write_bytes(mail(number))
    return root


def test_the_four_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "pile"
    root.mkdir()
    for name in ("same", "edited", "gone", "locked"):
        (root / name).write_bytes(mail(len(name)))
    (root / "same.tar.gz").write_bytes(tar({"a": mail(1)}, "w:gz"))
    reading = read_all(root)
    assert {finding.state for finding in verify(reading.evidence.values())} == {"unchanged"}
    edited = mail(6).replace(b"Hello", b"Jello")
    (root / "edited").write_bytes(edited)
    (root / "gone").unlink()
    real = originals.open_file

    def locked(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(originals, "open_file", locked)
    findings = {Path(f.uri).name: f for f in verify(reading.evidence.values())}
    assert {name: finding.state for name, finding in findings.items()} == {
        "same": "unchanged",
        "same.tar.gz": "unchanged",
        "edited": "changed",
        "gone": "missing",
        "locked": "unreadable",
    }
    assert findings["edited"].sha256 == hashlib.sha256(edited).hexdigest()
    assert hashlib.sha256(mail(6)).hexdigest() in findings["edited"].detail


def test_a_whole_folder_is_gone(tmp_path: Path) -> None:
    root = tmp_path / "pile"
    root.mkdir()
    (root / "a").write_bytes(mail(1))
    reading = read_all(root)
    root.rename(tmp_path / "elsewhere")
    assert [f.state for f in verify(reading.evidence.values())] == ["missing", "missing"]


def test_fetching_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(mbox([mail(1)]))
    reading = read_all(path)
    (row,) = reading.origins
    place = (row["evidence_id"], row["offset_bytes"], row["length_bytes"])
    assert fetch(reading.evidence, *place) == mail(1)
    with pytest.raises(UsageError, match="not in this case"):
        fetch(reading.evidence, "0" * 32, 0, 1)
    path.write_bytes(b"short")
    with pytest.raises(UsageError, match="lymer verify"):
        fetch(reading.evidence, *place)
    path.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        fetch(reading.evidence, *place)


def test_every_kind_of_container_gives_its_bytes_back(tmp_path: Path) -> None:
    reading = read_all(pile(tmp_path))
    assert len(reading.raw) == len({row["message_id"] for row in reading.raw})
    expected = {hashlib.sha256(mail(n)).hexdigest() for n in [*range(130), 200, 201]}
    assert expected <= {row["message_id"] for row in reading.raw}
    assert len(reading.raw) == len(expected) + 2
    reading.check_origins()


@pytest.mark.parametrize("stop", range(0, 40, 3))
def test_a_cut_reading_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr(lots, "LOT_MESSAGES", 5)
    root = pile(tmp_path)
    whole = read_all(root)
    part = Reading()
    for number, lot in enumerate(read(seal([root]), SeenMessages())):
        if number == stop:
            break
        part.add(lot)
    done = frozenset(part.evidence)
    counts = Counter(row["evidence_id"] for row in part.origins)
    resume = Resume(done, {key: count for key, count in counts.items() if key not in done})
    seen = SeenMessages([[row["message_id"] for row in part.raw]])
    for lot in read(seal([root]), seen, resume):
        part.add(lot)
    assert [row["message_id"] for row in part.raw] == [row["message_id"] for row in whole.raw]
    assert part.origins == whole.origins
    assert part.reports == whole.reports
    assert sorted(part.evidence) == sorted(whole.evidence)
    for evidence_id, row in part.evidence.items():
        other = whole.evidence[evidence_id]
        assert {**row, "sealed_at": None} == {**other, "sealed_at": None}
    # Once more: nothing is left to do.
    again = list(read(seal([root]), seen, Resume(frozenset(part.evidence))))
    assert sum(lot.raw.num_rows + lot.origins.num_rows for lot in again) == 0
    assert sum(lot.evidence.num_rows for lot in again) == 0


def test_a_folder_that_grew_is_read_again(tmp_path: Path) -> None:
    root = pile(tmp_path)
    first = read_all(root)
    (root / "later").write_bytes(mail(999))
    resume = Resume(frozenset(first.evidence))
    assert read_all(root, resume=resume).bytes_of == [mail(999)]


def test_two_readings_are_the_same(tmp_path: Path) -> None:
    root = pile(tmp_path)
    one, two = read_all(root, limits=Limits()), read_all(root)
    assert one.raw == two.raw
    assert one.origins == two.origins

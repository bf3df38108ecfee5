"""Mails in, what the features room says of them out."""

import hashlib
from typing import Any

from lymer.evidence import RAW
from lymer.features import Tokens, describe
from lymer.messages import Reading, Trust, read_batch

STAMP = "Mon, 15 Oct 2007 08:30:04 +0200"


def read(*mails: str) -> list[Reading]:
    raws = [mail.encode("utf-8") for mail in mails]
    rows = [
        (hashlib.sha256(raw).hexdigest(), "e", 0, len(raw), None, None, [], raw) for raw in raws
    ]
    return read_batch(RAW.batch(rows), Trust())


def fingerprint(mail: str) -> dict[str, Any]:
    """The one row of `fingerprints` for a mail."""
    (row,) = describe(read(mail), Tokens())["fingerprints"].to_pylist()
    assert isinstance(row, dict)
    return row


def selectors(mail: str, kind: str) -> list[str]:
    """The values of one kind of selector, in order."""
    rows = describe(read(mail), Tokens())["selectors"].to_pylist()
    return [row["value"] for row in rows if row["kind"] == kind]

"""What a file of a server is: its id, and what became known of it while it was read."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Artifact:
    """What became known of one file while it was read."""

    artifact_id: str
    evidence_id: str
    server: str
    path: str
    kind: str = "binary"
    media: str = "binary"
    defects: list[str] = field(default_factory=list)
    why: str = "no text, and no format that is known"
    handles: set[str] = field(default_factory=set)
    """Names of accounts that it gives: the first fields of a file of accounts."""

    def row(
        self, size_bytes: int | None, digest: str | None, sealed: Iterable[str]
    ) -> tuple[Any, ...]:
        """A row of ARTIFACTS; `sealed` are the defects of its bytes."""
        defects = list(dict.fromkeys([*sealed, *self.defects]))
        return (
            self.artifact_id, self.evidence_id, self.server, self.path, self.kind, self.media,
            size_bytes, digest, defects, self.why,
        )  # fmt: skip


def artifact_id(server: str, path: str, evidence_id: str) -> str:
    """The id of an artifact: the same server, path and bytes give the same."""
    text = "\0".join([server, path, evidence_id])
    return "a-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:14]

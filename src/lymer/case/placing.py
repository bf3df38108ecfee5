"""Live placement: one message at a time into the campaigns of a case, as a trap receives them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from lymer.campaigns import GroupingRule, NewShape, Placement, Placer
from lymer.case.case import Case
from lymer.evidence import RAW
from lymer.features import FINGERPRINTS, SELECTORS, Tokens, describe
from lymer.messages import ATTACHMENTS, MESSAGES, read_batch, tabulate


class LivePlacement:
    """The campaigns of a case at one snapshot, and what its relays are. Made once, asked often."""

    def __init__(self, case: Case) -> None:
        with case.connect() as connection:
            self._placer = Placer(connection, GroupingRule())
        self._trust = case.trust()
        self._tokens = Tokens()

    def place(self, message: bytes) -> Placement:
        """The campaign that the bytes of a message belong to, or none, and why."""
        identity = hashlib.sha256(message).hexdigest()
        raw = RAW.batch([(identity, None, None, len(message), None, None, [], message)])
        readings = read_batch(raw, self._trust)
        tables = tabulate(readings) | describe(readings, self._tokens)
        row = _first(tables[MESSAGES.name]) | _first(tables[FINGERPRINTS.name])
        pictures = tables[ATTACHMENTS.name].column("picture_hash").to_pylist()
        row["picture_hash"] = next((picture for picture in pictures if picture), None)
        selectors = tables[SELECTORS.name]
        at = row["received_at"]
        return self._placer.place(
            NewShape(
                row,
                at.timestamp() if at is not None else None,
                list(
                    zip(
                        selectors.column("kind").to_pylist(),
                        selectors.column("value").to_pylist(),
                        strict=True,
                    )
                ),
            )
        )


def _first(batch: Any) -> dict[str, Any]:
    row: Mapping[str, Any] = batch.slice(0, 1).to_pylist()[0]
    return dict(row)

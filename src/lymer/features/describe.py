"""A batch of readings in, fingerprints and selectors out."""

from collections.abc import Sequence

import pyarrow as pa

from lymer.features.dialect import dialect_of
from lymer.features.own import own_links, own_words
from lymer.features.selectors import link_form_of, selectors_of
from lymer.features.sketch import sketches_of
from lymer.features.tables import FINGERPRINTS, SELECTORS
from lymer.features.tokens import Hashes, Tokens, skeleton_of
from lymer.messages import Reading

# A text of fewer words abstains and leaves the message to its selectors.
MIN_WORDS = 6


def describe(readings: Sequence[Reading], tokens: Tokens) -> dict[str, pa.RecordBatch]:
    """Fingerprints and selectors of `readings`, by table name."""
    texts: list[Hashes] = []
    rows = []
    selectors = []
    for reading in readings:
        own = own_words(reading.content.text)
        words, hashes = tokens.split(own)
        _, subject = tokens.split(reading.subject or "")
        dialect_id, traits = dialect_of(reading)
        is_telling = len(hashes) >= MIN_WORDS
        texts.append(hashes if is_telling else hashes[:0])
        rows.append(
            (
                reading.message_id,
                dialect_id,
                traits,
                skeleton_of(hashes) if is_telling else None,
                skeleton_of(subject) if len(subject) else None,
                len(hashes),
                link_form_of(own_links(reading, own)),
            )
        )
        selectors += [
            (reading.message_id, kind, value)
            for kind, value in selectors_of(reading, own, words, hashes)
        ]
    fingerprints = [
        (message_id, dialect_id, traits, skeleton, sketch, *rest)
        for (message_id, dialect_id, traits, skeleton, *rest), sketch in zip(
            rows, sketches_of(texts), strict=True
        )
    ]
    return {
        FINGERPRINTS.name: FINGERPRINTS.batch(fingerprints),
        SELECTORS.name: SELECTORS.batch(selectors),
    }

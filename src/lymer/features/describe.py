"""A batch of readings in, fingerprints and selectors out."""

from collections.abc import Sequence

import pyarrow as pa

from lymer.features.dialect import dialect_of
from lymer.features.own import own_links, own_words
from lymer.features.selectors import link_form_of, selectors_of
from lymer.features.sketch import sketches_of
from lymer.features.tables import FINGERPRINTS, SELECTORS
from lymer.features.tokens import Tokens, skeleton_of
from lymer.messages import Reading

# A text of fewer words abstains and leaves the message to its selectors.
MIN_WORDS = 6


def describe(readings: Sequence[Reading], tokens: Tokens) -> dict[str, pa.RecordBatch]:
    """Fingerprints and selectors of `readings`, by table name."""
    owns = [own_words(reading) for reading in readings]
    texts = tokens.split(owns)
    subjects = tokens.split([reading.subject or "" for reading in readings])
    telling = [words.hashes if len(words) >= MIN_WORDS else words.hashes[:0] for words in texts]
    fingerprints = []
    selectors = []
    for reading, own, words, subject, sketch in zip(
        readings, owns, texts, subjects, sketches_of(telling), strict=True
    ):
        dialect_id, traits = dialect_of(reading)
        links = own_links(reading, own)
        fingerprints.append(
            (
                reading.message_id,
                dialect_id,
                traits,
                skeleton_of(words.hashes) if len(words) >= MIN_WORDS else None,
                sketch,
                skeleton_of(subject.hashes) if len(subject) else None,
                len(words),
                link_form_of(links),
            )
        )
        selectors += [
            (reading.message_id, kind, value)
            for kind, value in selectors_of(reading, own, links, words)
        ]
    return {
        FINGERPRINTS.name: FINGERPRINTS.batch(fingerprints),
        SELECTORS.name: SELECTORS.batch(selectors),
    }

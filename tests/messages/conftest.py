"""The corpus, read once for all tests that need it."""

from pathlib import Path

import pytest
from message_piles import ReadCorpus, corpus_batch

from lymer.evidence import sample, seal
from lymer.messages import RelayRule, Trust, learn, read_batch, sight


@pytest.fixture(scope="session")
def read_corpus(corpus: Path) -> ReadCorpus:
    """Learn the relays as a trace does, then read every mail."""
    sightings = [sight(raw) for raw in sample(seal([corpus]), 20_000)]
    relays = learn(sightings, Trust(), RelayRule())
    trust = Trust().with_relays(relays)
    paths = sorted(corpus.rglob("*.txt"))
    readings = {}
    for start in range(0, len(paths), 500):
        for reading in read_batch(corpus_batch(paths[start : start + 500], corpus), trust):
            readings[reading.evidence_id] = reading
    return ReadCorpus(relays, readings)

"""What Nodenap decides in fixed seeds is what is kept, and a change is named."""

from fingerprints import CHAOS_SEEDS, KEPT, changed, fingerprints


def test_every_story_acts_as_it_is_kept():
    kept = KEPT.read_text().splitlines()
    assert sum(line.startswith("chaos ") for line in kept) == CHAOS_SEEDS
    assert changed(kept, fingerprints()) == []


def test_a_story_that_acts_otherwise_is_named():
    kept = ["chaos 1 00aa", "chaos 2 00bb", "burst 1 00cc"]
    assert changed(kept, ["chaos 1 00aa", "chaos 2 00b0", "burst 1 00cc"]) == ["chaos 2"]
    assert changed(kept, kept[:2]) == ["burst 1"]

"""The quality of matching is held: what was seen through stays seen through, and the wolf is not cried."""

from __future__ import annotations

from tests.bench import quality


def test_disguises_are_seen_through_nearly_always_and_each_kind_of_them() -> None:
    shares = quality.recall()
    assert len(shares) == 5
    assert sum(count for _, count in shares.values()) == 760
    assert sum(found for found, _ in shares.values()) >= quality.RECALL * 760
    assert all(found >= quality.LEAST * count for found, count in shares.values()), shares


def test_no_place_in_britain_is_taken_for_an_insult_that_it_is_not() -> None:
    assert quality.wolf_in_places() <= quality.PLACES


def test_a_word_that_is_not_there_counts_as_a_false_alarm() -> None:
    assert quality.false_alarms(["so there", "the k1ll of it"], ["kill"]) == 500.0

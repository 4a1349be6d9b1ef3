"""The words of an exception: those that hit with their neighbours, within the sentence."""

from __future__ import annotations

import pytest

from console.matching.excepting import words_around


@pytest.mark.parametrize(
    ("text", "hit", "words"),
    [
        ("I will kill the lights and go to bed", "kill", "I will kill the lights"),
        ("Kill the lights", "Kill", "Kill the lights"),
        ("time to kill", "kill", "time to kill"),
        ("Off home. Kill the lights. Night all", "Kill", "Kill the lights"),
        ("one two (kill) four", "kill", "one two (kill) four"),
        ("dress to   kill\ntomorrow", "kill", "dress to kill"),
        ("kill", "kill", ""),
        ("Oh no! kill! Really", "kill", ""),
        ("🔪 kill 🔪", "kill", "🔪 kill 🔪"),
    ],
)
def test_an_exception_takes_in_the_words_beside_the_hit(text: str, hit: str, words: str) -> None:
    start = text.index(hit)
    assert words_around(text, start, start + len(hit)) == words

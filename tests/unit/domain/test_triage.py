"""Grades: five, a smaller one is more urgent, and each says how soon it should be seen."""

from console.domain.triage import Grade


def test_there_are_five_and_life_at_risk_comes_first() -> None:
    assert [grade.value for grade in Grade] == [1, 2, 3, 4, 5]
    assert min(Grade) is Grade.LIFE_AT_RISK
    assert len({grade.words for grade in Grade}) == 5


def test_what_is_more_urgent_is_to_be_seen_sooner() -> None:
    spans = [grade.see_within_ms for grade in Grade]
    assert spans[-1] is None, "routine is for the end of the shift"
    known = [span for span in spans if span is not None]
    assert known == sorted(known)
    assert known[0] == 60_000

"""Words that were plain before are passed over, whatever stands around them; all others are looked at."""

from hypothesis import given
from hypothesis import strategies as st

from console.matching.normalise import fold_batch
from console.matching.plain_words import Plain


def _words(plain: Plain, texts: list[str]) -> list[tuple[str, int]]:
    folded = fold_batch(texts)
    return [(folded.text[start:end], digest) for start, end, digest in plain.others(folded.codes)]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=12))
def test_what_is_new_is_every_word_between_blanks(texts: list[str]) -> None:
    folded = fold_batch(texts)
    wanted = [word for text in folded.text.split("\U0010ffff") for word in text.split(" ") if word]
    assert [word for word, _ in _words(Plain(), texts)] == wanted


@given(st.lists(st.text(alphabet="abc d\u00e9\U0001f600", max_size=30), min_size=1, max_size=6), st.data())
def test_a_word_is_known_wherever_it_stands_and_no_other_is(texts: list[str], data: st.DataObject) -> None:
    plain = Plain()
    met = dict(_words(plain, texts))
    known = data.draw(st.sets(st.sampled_from(sorted(met)))) if met else set()
    for word in known:
        plain.add(met[word])
    again = [" ".join(reversed(text.split(" "))) for text in reversed(texts)]
    assert {word for word, _ in _words(plain, again)} == set(met) - known


def test_a_batch_of_any_length_is_told() -> None:
    plain = Plain()
    (word, digest), *_ = _words(plain, ["tarn"])
    plain.add(digest)
    assert word == "tarn"
    assert _words(plain, ["tarn " * 40_000 + "fell"])[0][0] == "fell"


def test_a_word_gives_way_only_to_others() -> None:
    plain = Plain()
    digests = [digest for _, digest in _words(plain, [" ".join(f"word{number}" for number in range(60_000))])]
    for digest in digests:
        plain.add(digest)
    left = _words(plain, [" ".join(f"word{number}" for number in range(60_000))])
    assert len(left) < 20_000, "most are remembered though slots are shared"

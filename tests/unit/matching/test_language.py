"""Languages: told where that is sure, and not otherwise; Welsh and English never taken for one another."""

from __future__ import annotations

import json
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.matching.language import LANGUAGES, language_of
from console.matching.language_words import LETTERS, WORDS
from console.matching.ordinary import Ordinary, ordinary_words
from console.paths import resources

EXERCISE = resources() / "exercises" / "chandlers-row.jsonl"


@lru_cache(maxsize=1)
def ordinary() -> Ordinary:
    return ordinary_words(resources() / "words")


def told(text: str) -> str | None:
    return language_of(text, ordinary().is_common)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("They have shut the road by the bridge again and nobody says why", "en"),
        ("Fair point", "en"),
        ("ur all doing a gr8 job tonight, thanks", "en"),
        ("Mae'r ffordd ar gau ac mae'r heddlu yno ers awr", "cy"),
        ("Diolch i bawb sy\u2019n gweithio heno", "cy"),
        ("cadwch yn saff bawb", "cy"),
        ("Tá an bóthar dúnta anois agus níl aon duine anseo", "ga"),
        ("Il y a du monde dans la rue et on ne peut pas sortir", "fr"),
        ("Die Straße ist gesperrt und wir können nicht nach Hause", "de"),
        ("Droga jest zamknięta i nie można przejść", "pl"),
        ("Strada este închisă și nu putem trece", "ro"),
        ("Kelias uždarytas ir aš negaliu grįžti namo, ačiū", "lt"),
        ("La calle está cerrada y no hay manera de pasar", "es"),
        ("A rua está fechada e não temos como passar", "pt"),
        ("La strada è chiusa e non possiamo passare", "it"),
        ("Az utca le van zárva és nem lehet átmenni", "hu"),
        ("Rruga është e mbyllur dhe nuk mund të kalojmë", "sq"),
        ("Waddada waa la xiray oo dadka ma mari karaan laakiin waxaan", "so"),
        ("Yol kapalı ve geçmek mümkün değil çok kötü", "tr"),
        ("Дорога закрыта, мы не можем пройти", "ru"),
        ("Дорога закрита, ми не можемо пройти, її немає", "uk"),
        ("الطريق مغلق ولا يمكننا المرور إلى البيت", "ar"),
        ("سڑک بند ہے اور ہم گھر نہیں جا سکتے", "ur"),
        ("جاده بسته است و ما نمی‌توانیم برویم چرا", "fa"),
        ("ਸੜਕ ਬੰਦ ਹੈ", "pa"),
        ("सड़क बंद है", "hi"),
        ("রাস্তা বন্ধ", "bn"),
        ("道路が封鎖されています", "ja"),
        ("路封了", "zh"),
        ("Ο δρόμος είναι κλειστός", "el"),
    ],
)
def test_a_language_is_told(text: str, language: str) -> None:
    assert told(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lol",
        "🙏🙏🙏",
        "x",
        "12:30",
        "@force.example #ffordd",
        "https://force.example/mae/yr/yn",
        "Bob",
        "да",
        "Ffordd Brannoc",
        "Pwllheli Llanelli",
    ],
)
def test_nothing_is_told_where_it_is_not_sure(text: str) -> None:
    assert told(text) is None


@pytest.mark.parametrize(
    "text", ["Look at the plant", "10 yr old hen, mad", "I am at the Bore Da cafe with mam"]
)
def test_english_with_words_that_welsh_has_too_is_not_taken_for_welsh(text: str) -> None:
    assert told(text) != "cy"


def test_welsh_and_english_are_told_apart_in_the_shipped_exercise() -> None:
    said = [json.loads(line) for line in EXERCISE.read_text(encoding="utf-8").splitlines()]
    verdicts = [(one["lang"], told(one["text"])) for one in said]
    assert {pair for pair in verdicts if pair[1] not in {None, pair[0]}} == set()
    for language in ("en", "cy"):
        its = [verdict for known, verdict in verdicts if known == language]
        assert its.count(language) >= 0.9 * len(its), language


@given(st.text(max_size=300))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    assert language_of(text) in {None, *LANGUAGES}


@given(st.text(alphabet="".join(LETTERS) + "abcdefghij '’ \u0430\u0451\u0639\u0a05", max_size=60))
def test_any_mixture_of_scripts_has_a_known_language_or_none(text: str) -> None:
    assert language_of(text, lambda _: True) in {None, *LANGUAGES}


def test_the_little_words_are_written_as_they_are_looked_for() -> None:
    for language, words in WORDS.items():
        assert words == words.lower(), language
        assert "\u2019" not in words, language
    assert set(LETTERS.values()) <= set(WORDS)

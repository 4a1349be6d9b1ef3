"""The look's colours: read by tired eyes, in every theme."""

from dataclasses import fields

import pytest

from console.ui.theme import CONTRAST, DARK, LIGHT, THEMES, Theme, contrast, mix

TEXTS = ("t1", "t2", "t3", "accent", "g1", "g2", "g3", "g4", "g5")
STATES = ("hidden", "deleted", "held", "failed", "confirmed")
MARKS = ("line2", "net_line")
FILLS = (
    ("on_accent", "accent"),
    ("on_g1", "g1"),
    ("on_g2", "g2"),
    ("on_g3", "g3"),
    ("on_alarm", "alarm"),
    ("net_text", "net_fill"),
)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("token", TEXTS + STATES)
def test_text_can_be_read_on_every_surface(theme: Theme, token: str) -> None:
    least = 7.0 if theme.is_contrast else 4.5
    assert min(contrast(getattr(theme, token), surface) for surface in theme.surfaces) >= least


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("token", MARKS)
def test_marks_stand_out_from_every_surface(theme: Theme, token: str) -> None:
    assert min(contrast(getattr(theme, token), surface) for surface in theme.surfaces) >= 3.0


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize(("ink", "fill"), FILLS)
def test_what_stands_on_a_fill_can_be_read(theme: Theme, ink: str, fill: str) -> None:
    least = 7.0 if theme.is_contrast else 4.5
    assert contrast(getattr(theme, ink), getattr(theme, fill)) >= least


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("grade", range(1, 6))
def test_words_can_be_read_over_the_tint_of_a_hit(theme: Theme, grade: int) -> None:
    for surface in theme.surfaces:
        tint = theme.tint(grade, surface)
        assert tint is not None
        assert contrast(theme.t1, tint) >= 7.0
        assert contrast(theme.t2, tint) >= 4.5


def test_high_contrast_has_no_tint() -> None:
    assert CONTRAST.tint(1, CONTRAST.bg1) is None


def test_every_colour_is_opaque_and_written_in_one_way() -> None:
    for theme in THEMES.values():
        for part in fields(theme):
            value = getattr(theme, part.name)
            if isinstance(value, str) and part.name != "name":
                assert len(value) == 7
                assert value == "#" + value[1:].upper()


def test_mixing_all_or_nothing_gives_one_of_the_two() -> None:
    assert mix("#FF0000", "#00FF00", 1.0) == "#FF0000"
    assert mix("#FF0000", "#00FF00", 0.0) == "#00FF00"

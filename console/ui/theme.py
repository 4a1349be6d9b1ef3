"""Colours, type and density: every token of the look, once.

Colours are opaque: where the look asks for a tint, it is mixed here with the surface it lies on, so that
nothing on the painting path needs transparency. A test recomputes every contrast.
"""

from dataclasses import dataclass, fields
from enum import Enum
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QFontDatabase


class Density(Enum):
    """Row heights of the lane at 100 % text, in pixels."""

    COMPACT = 32
    STANDARD = 64
    ROOMY = 88


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, as `#RRGGBB`."""

    name: str
    bg0: str
    bg1: str
    bg2: str
    bg3: str
    sheet: str
    rail_on: str
    accent_bg: str
    g1_bg: str
    line: str
    t1: str
    t2: str
    t3: str
    accent: str
    g1: str
    g2: str
    g3: str
    g4: str
    g5: str
    hidden: str
    deleted: str
    held: str
    failed: str
    confirmed: str
    line2: str
    net_line: str
    on_accent: str
    on_g1: str
    on_g2: str
    on_g3: str
    on_alarm: str
    alarm: str
    net_text: str
    net_fill: str
    no_link: str
    tint_share: float
    """How much of the grade's colour a hit's tint holds; 0 where hits are only underlined."""
    scrim_share: float
    is_contrast: bool = False

    def grade(self, grade: int) -> str:
        """The colour of a grade."""
        return (self.g1, self.g2, self.g3, self.g4, self.g5)[min(max(grade, 1), 5) - 1]

    def on_grade(self, grade: int) -> str:
        """The numeral's colour on a filled grade mark (grades 1 to 3)."""
        return (self.on_g1, self.on_g2, self.on_g3)[min(max(grade, 1), 3) - 1]

    def tint(self, grade: int, surface: str) -> str | None:
        """The ground of a hit on a surface; None where hits have no ground."""
        return mix(self.grade(grade), surface, self.tint_share) if self.tint_share else None

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Every surface on which text may lie."""
        return (
            self.bg0,
            self.bg1,
            self.bg2,
            self.bg3,
            self.sheet,
            self.rail_on,
            self.accent_bg,
            self.g1_bg,
        )


DARK = Theme(
    name="dark",
    bg0="#0E1215",
    bg1="#13181C",
    bg2="#1A2026",
    bg3="#232B32",
    sheet="#1B2228",
    rail_on="#232B32",
    accent_bg="#1A2A40",
    g1_bg="#2E1619",
    line="#232B31",
    t1="#E8ECEF",
    t2="#B9C2CA",
    t3="#93A0AB",
    accent="#7FB4FF",
    g1="#FF5A5F",
    g2="#FF9A3D",
    g3="#E9C84A",
    g4="#9FB3C4",
    g5="#93A0AB",
    hidden="#B7A6E6",
    deleted="#A3AEB8",
    held="#5CC6BE",
    failed="#FF8C92",
    confirmed="#74C98F",
    line2="#6B7884",
    net_line="#7A8894",
    on_accent="#08121F",
    on_g1="#1C0304",
    on_g2="#201000",
    on_g3="#1D1700",
    on_alarm="#FFFFFF",
    alarm="#C81E28",
    net_text="#D3DAE0",
    net_fill="#27313A",
    no_link="#2F2F22",
    tint_share=0.22,
    scrim_share=0.55,
)
LIGHT = Theme(
    name="light",
    bg0="#E8EBED",
    bg1="#F9FAFA",
    bg2="#EFF2F4",
    bg3="#E2E8EC",
    sheet="#FFFFFF",
    rail_on="#FFFFFF",
    accent_bg="#DCE8F8",
    g1_bg="#FBE4E4",
    line="#D6DCE0",
    t1="#13181C",
    t2="#3D4852",
    t3="#56616B",
    accent="#1A5BB8",
    g1="#C2151F",
    g2="#A84400",
    g3="#7D6000",
    g4="#4A5B69",
    g5="#56616B",
    hidden="#5B45A5",
    deleted="#56616B",
    held="#0B6A64",
    failed="#B3202B",
    confirmed="#1D6B3A",
    line2="#6C7781",
    net_line="#66727D",
    on_accent="#FFFFFF",
    on_g1="#FFFFFF",
    on_g2="#FFFFFF",
    on_g3="#FFFFFF",
    on_alarm="#FFFFFF",
    alarm="#B8121C",
    net_text="#2B353D",
    net_fill="#E3E8EC",
    no_link="#E9E6DA",
    tint_share=0.16,
    scrim_share=0.32,
)
CONTRAST = Theme(
    name="contrast",
    bg0="#000000",
    bg1="#000000",
    bg2="#141414",
    bg3="#262626",
    sheet="#000000",
    rail_on="#262626",
    accent_bg="#00304A",
    g1_bg="#240000",
    line="#8A8A8A",
    t1="#FFFFFF",
    t2="#FFFFFF",
    t3="#DADADA",
    accent="#6FD6FF",
    g1="#FFA3A3",
    g2="#FFB25C",
    g3="#FFE600",
    g4="#FFFFFF",
    g5="#DADADA",
    hidden="#D9C8FF",
    deleted="#E0E0E0",
    held="#6FF0E4",
    failed="#FFA6A6",
    confirmed="#7DF0A0",
    line2="#FFFFFF",
    net_line="#FFFFFF",
    on_accent="#000000",
    on_g1="#000000",
    on_g2="#000000",
    on_g3="#000000",
    on_alarm="#8A0000",
    alarm="#FFFFFF",
    net_text="#FFFFFF",
    net_fill="#000000",
    no_link="#000000",
    tint_share=0.0,
    scrim_share=0.55,
    is_contrast=True,
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}

FAMILIES = [
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    "Helvetica Neue",
    "Inter",
    "Noto Sans",
    "Cantarell",
    "DejaVu Sans",
    "Segoe UI Emoji",
    "Apple Color Emoji",
    "Noto Color Emoji",
]


@dataclass(frozen=True, slots=True)
class Type:
    """One step of the type scale at 100 %: size and line height in pixels, weight."""

    px: int
    line: int
    weight: int


TITLE = Type(20, 28, 700)
BAR = Type(16, 22, 600)
CLOCK = Type(18, 22, 600)
PANE = Type(16, 25, 400)
ROOMY = Type(15, 20, 400)
STANDARD = Type(14, 18, 400)
COMPACT = Type(13, 18, 400)
CONTROL = Type(13, 20, 500)
META = Type(12, 16, 400)
LABEL = Type(11, 14, 500)


@lru_cache(maxsize=1)
def families() -> list[str]:
    """The families of the look that this computer has, in the order of preference."""
    known = set(QFontDatabase.families())
    return [family for family in FAMILIES if family in known] or [QFont().family()]


@lru_cache(maxsize=256)
def font(kind: Type, percent: int = 100, weight: int | None = None, *, struck: bool = False) -> QFont:
    """A font of the type scale at a text scale; figures of one width where the family has them."""
    made = QFont(families())
    made.setPixelSize(max(11, round(kind.px * percent / 100)))
    made.setWeight(QFont.Weight(weight or kind.weight))
    made.setStrikeOut(struck)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@lru_cache(maxsize=256)
def color(name: str) -> QColor:
    """A shared colour object; never change one."""
    return QColor(name)


def mix(front: str, back: str, share: float) -> str:
    """The opaque colour of `front` at `share` over `back`."""
    parts = zip(_channels(front), _channels(back), strict=True)
    return "#" + "".join(f"{round(f * share + b * (1 - share)):02X}" for f, b in parts)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours after WCAG 2.2, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _channels(name: str) -> tuple[int, int, int]:
    return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)


def _luminance(name: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(name))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def stylesheet(theme: Theme, percent: int) -> str:
    """What Qt's own controls look like."""
    tokens = {part.name: getattr(theme, part.name) for part in fields(theme)}
    tokens |= {
        "control": round(CONTROL.px * percent / 100),
        "meta": round(META.px * percent / 100),
        "label": round(LABEL.px * percent / 100),
        "height": round(32 * percent / 100),
        "ring": 3 if theme.is_contrast else 2,
    }
    return _SHEET % tokens


_SHEET = """
QLineEdit, QPlainTextEdit, QComboBox, QPushButton, QCheckBox, QRadioButton, QToolTip {
  font-size: %(control)dpx;
}
QCheckBox, QRadioButton { color: %(t1)s; }
QMainWindow, #window { background: %(bg0)s; }
#lane, #pane, #bar, #edge, #head { background: %(bg1)s; }
#sheet { background: %(sheet)s; border: 1px solid %(line2)s; border-radius: 8px; }
QToolTip { background: %(sheet)s; color: %(t1)s; border: 1px solid %(line2)s; padding: 4px; }
QLineEdit, QPlainTextEdit, QComboBox {
  background: %(bg1)s; color: %(t1)s; border: 1px solid %(line2)s; border-radius: 4px;
  padding: 4px 8px; min-height: %(control)dpx; selection-background-color: %(accent)s;
  selection-color: %(on_accent)s;
}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: %(ring)dpx solid %(accent)s; }
QLineEdit:disabled { color: %(t3)s; }
QPushButton {
  background: transparent; color: %(t1)s; border: 1px solid %(line2)s; border-radius: 4px;
  padding: 6px 14px; font-weight: 600;
}
QPushButton:focus { border: %(ring)dpx solid %(accent)s; }
QPushButton:disabled { color: %(t3)s; border-style: dashed; }
QPushButton[primary="true"] { background: %(accent)s; color: %(on_accent)s; border-color: %(accent)s; }
QPushButton[primary="true"]:focus { border: %(ring)dpx solid %(t1)s; }
QPushButton[primary="true"]:disabled { background: transparent; color: %(t3)s; border-color: %(line2)s; }
QPushButton[danger="true"] { background: %(g1)s; color: %(on_g1)s; border-color: %(g1)s; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid %(line2)s; border-radius: 2px; }
QCheckBox::indicator:checked { background: %(accent)s; border-color: %(accent)s; }
QCheckBox:focus { color: %(accent)s; }
QRadioButton::indicator { width: 12px; height: 12px; border: 2px solid %(line2)s; border-radius: 8px; }
QRadioButton::indicator:checked { background: %(accent)s; border-color: %(accent)s; }
QRadioButton:focus { color: %(accent)s; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QTableView { background: %(bg1)s; border: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 2px; }
QScrollBar::handle:vertical { background: %(line2)s; border-radius: 2px; min-height: 32px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; height: 0; width: 0;
}
QScrollBar:horizontal { height: 0; }
QListWidget { background: transparent; border: none; outline: none; }
QListWidget::item:selected { background: %(bg3)s; border-left: 3px solid %(accent)s; }
"""

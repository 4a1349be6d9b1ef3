"""Connecting an account: network, sign-in, cover, test. Nothing is saved until the test passes."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QVBoxLayout, QWidget

from console.api import Manifest
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Line, Look, Run, Words
from console.ui.sheet import Sheet

STEPS = ("Network", "Sign in", "Cover", "Test")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person filled in."""

    network: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    lead: str
    deputy: str
    may_act: bool
    passphrase: str


class Connect(Sheet):
    """Four steps across."""

    wide = 720

    def __init__(
        self,
        look: Look,
        networks: Sequence[Manifest],
        why_no_key: str | None,
        test: Callable[[Wish], Coroutine[Any, Any, str]],
        spawn: Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[Any]"],
    ) -> None:
        """`test` signs in, saves, and gives a sentence; what it raises is shown.

        `why_no_key` says why nothing can be sealed; None when it can.
        """
        super().__init__(look, "Connect an account")
        self._networks = [manifest for manifest in networks if manifest.sign_in]
        self._chosen: Manifest | None = None
        self._why_no_key = why_no_key
        self._test, self._spawn = test, spawn
        self._fields: dict[str, Field] = {}
        self._trying: asyncio.Task[Any] | None = None
        self.box.addWidget(Words(look, "Connect an account", tokens.TITLE))
        self._steps = Line(look, 28)
        self._steps.inset = 0
        self.box.addWidget(self._steps)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._network_page())
        self._sign_in = QWidget()
        self._sign_in_box = QVBoxLayout(self._sign_in)
        self._sign_in_box.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._sign_in)
        self._pages.addWidget(self._cover_page())
        self._pages.addWidget(self._test_page())
        self.box.addWidget(self._pages)
        self._said = Words(look, "", tokens.CONTROL, "t2", wrap=True)
        self.box.addWidget(self._said)
        self._back = button("Back", "Alt ←", self._go_back)
        self._next = button("Next", "Enter", self._go_on, primary=True)
        keep = Words(look, "Nothing is saved until the test passes. Esc keeps nothing.", tokens.META, "t3")
        self.box.addLayout(button_row(keep, None, self._back, self._next))
        self._show(0)

    # pages ----------------------------------------------------------------------------------------

    def _network_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        self._network_lines: list[Line] = []
        for number, manifest in enumerate(self._networks):
            line = Line(self.look, 40, act=lambda n=number: self._choose(n))  # type: ignore[misc]  # n is bound
            verbs = ", ".join(str(verb).replace("-", " ") for verb in manifest.verbs)
            runs = [
                Run(network=(manifest.letters, manifest.shape)),
                Run(manifest.name, "t1", tokens.CONTROL, 600),
                Run(f"can {verbs}", "t3", tokens.META),
            ]
            line.say(f"{manifest.name}: can {verbs}", runs, [Run(glyph="open", ink="t3")])
            self._network_lines.append(line)
            box.addWidget(line)
        box.addStretch(1)
        return page

    def _cover_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        self.lead = Field(self.look, "Lead", hint="Who answers for this account")
        self.deputy = Field(self.look, "Deputy", hint="Who acts when the lead is off")
        self.may_act = QCheckBox("Allow acting, not only reading")
        self.can = Words(self.look, "", tokens.META, "t2", wrap=True)
        box.addWidget(self.lead)
        box.addWidget(self.deputy)
        box.addWidget(self.may_act)
        box.addWidget(Words(self.look, "What this account can do", tokens.LABEL, "t3"))
        box.addWidget(self.can)
        box.addStretch(1)
        return page

    def _test_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        self._summary = Words(self.look, "", tokens.STANDARD, "t2", wrap=True)
        self.passphrase = Field(self.look, "Passphrase", hint="8 characters or more", secret=True)
        box.addWidget(self._summary)
        if self._why_no_key:
            words = "This computer has no keyring. Use a passphrase; Cordon asks for it at each start."
            box.addWidget(Words(self.look, words, tokens.CONTROL, "g3", wrap=True))
            box.addWidget(self.passphrase)
        box.addStretch(1)
        return page

    def _choose(self, number: int) -> None:
        manifest = self._networks[number]
        self._chosen = manifest
        while self._sign_in_box.count():
            entry = self._sign_in_box.takeAt(0)
            old = entry.widget() if entry is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        self._fields.clear()
        for question in manifest.sign_in:
            field = Field(self.look, question.words, secret=question.secret)
            field.edit.setText(question.default or "")
            self._fields[question.name] = field
            self._sign_in_box.addWidget(field)
        self._sign_in_box.addStretch(1)
        facts = [
            f"{str(verb).replace('-', ' ').capitalize()}: {facts.words}"
            for verb, facts in manifest.verbs.items()
        ]
        self.can.setText("\n".join(facts))
        self._show(1)

    def _show(self, step: int) -> None:
        self._pages.setCurrentIndex(step)
        runs: list[Run] = []
        for number, name in enumerate(STEPS):
            here = number == step
            done = number < step
            ink = "t1" if here else "confirmed" if done else "t3"
            runs.append(Run(f"{number + 1}  {name}", ink, tokens.CONTROL, 700 if here else 500, gap=24))
        self._steps.say(f"Step {step + 1} of 4: {STEPS[step]}", runs)
        self._back.setEnabled(step > 0)
        self._next.setVisible(step > 0)
        self._next.setText("Test it   Enter" if step == 3 else "Next   Enter")
        self._said.setText("")
        if step == 3 and self._chosen is not None:
            public = [question.name for question in self._chosen.sign_in if not question.secret]
            who = next((self._fields[name].text for name in public), "")
            acting = "reading and acting" if self.may_act.isChecked() else "reading only"
            self._summary.setText(
                f"{', '.join(part for part in (self._chosen.name, who) if part)}, for {acting}. "
                "Cordon now signs in once."
            )
        first = self.first()
        if first is not None and self.isVisible():
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    # steps ----------------------------------------------------------------------------------------

    def first(self) -> QWidget | None:
        """The first part of the page that can be filled in."""
        step = self._pages.currentIndex()
        if step == 0:
            return self._network_lines[0] if self._network_lines else None
        if step == 1:
            return next((field.edit for field in self._fields.values() if not field.text), self._next)
        if step == 2:
            return self.lead.edit
        return self.passphrase.edit if self._why_no_key else self._next

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter goes on, Alt and the left arrow back."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go_on()
            return True
        if event.key() == Qt.Key.Key_Left and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._go_back()
            return True
        return False

    def _go_back(self) -> None:
        step = self._pages.currentIndex()
        if step and self._trying is None:
            self._show(step - 1)

    def _go_on(self) -> None:
        step = self._pages.currentIndex()
        if self._trying is not None or step == 0:
            return
        missing = self._missing(step)
        if missing:
            self._said.setText(missing)
            return
        if step < 3:
            self._show(step + 1)
        elif self._chosen is not None:
            self._trying = self._spawn(self._try(self._wish(self._chosen)), "connect an account")

    def _missing(self, step: int) -> str:
        if step == 1:
            empty = [field.edit.accessibleName() for field in self._fields.values() if not field.text]
            return f"{empty[0]} is still empty." if empty else ""
        if step == 2 and not self.deputy.text:
            return "A deputy is needed: who acts when the lead is off."
        if step == 3 and self._why_no_key and len(self.passphrase.text) < 8:
            return "The passphrase needs at least 8 characters."
        return ""

    def _wish(self, manifest: Manifest) -> Wish:
        secret = {question.name for question in manifest.sign_in if question.secret}
        return Wish(
            network=manifest.id,
            settings={name: field.text for name, field in self._fields.items() if name not in secret},
            secrets={name: field.text for name, field in self._fields.items() if name in secret},
            lead=self.lead.text,
            deputy=self.deputy.text,
            may_act=self.may_act.isChecked(),
            passphrase=self.passphrase.text,
        )

    async def _try(self, wish: Wish) -> None:
        self._next.setEnabled(False)
        self._said.set_ink("t2")
        self._said.setText("Signing in…")
        try:
            await self._test(wish)
        except Exception as problem:  # noqa: BLE001 - whatever went wrong is said here, and nothing was saved
            words = getattr(problem, "message", "") or f"It did not work: {type(problem).__name__}."
            self._said.set_ink("failed")
            self._said.setText(f"{words} Nothing was saved.")
            self._trying = None
            self._next.setEnabled(True)
            return
        self._trying = None
        self.leave()

    def leave(self) -> None:
        """Closes the sheet; a test that is under way ends with it and keeps nothing."""
        if self._trying is not None:
            self._trying.cancel()
        super().leave()

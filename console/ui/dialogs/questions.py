"""What a network asks when an account is connected: what to set up first, fields, and what is unproven."""

from collections.abc import Mapping

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from console.api import Manifest
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field
from console.ui.parts import Look, Words

LONG = 70
"""Characters of a question beside which there is no room for more."""


class Questions(QWidget):
    """One network's questions."""

    def __init__(self, look: Look, manifest: Manifest, known: Mapping[str, str]) -> None:
        """`known` are the account's settings, where it is connected already."""
        super().__init__()
        self._manifest = manifest
        self.fields: dict[str, Field] = {}
        self._switches: dict[str, QCheckBox] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        if manifest.steps:
            box.addWidget(Words(look, f"Before {manifest.name} can be connected", tokens.LABEL, "t3"))
            steps = [f"{number}. {step}" for number, step in enumerate(manifest.steps, start=1)]
            box.addWidget(Words(look, "\n".join(steps), tokens.META, "t2", wrap=True))
        # what hardly anybody has to touch comes last
        for question in sorted(manifest.sign_in, key=lambda one: one.name == "address"):
            is_long = len(question.words) > LONG
            hint = "may be left empty" if question.optional and not is_long else ""
            field = Field(look, question.words, hint=hint, secret=question.secret)
            if not question.secret:
                field.edit.setText(known.get(question.name) or question.default or "")
            self.fields[question.name] = field
            box.addWidget(field)
        if manifest.switches:
            box.addWidget(Words(look, "Said to be possible, not proven", tokens.LABEL, "t3"))
        for switch in manifest.switches:
            tick = QCheckBox(switch.name.replace("_", " ").replace("-", " ").capitalize())
            tick.setChecked(known.get(switch.name) == "on")
            self._switches[switch.name] = tick
            box.addWidget(tick)
            box.addWidget(Words(look, switch.words, tokens.META, "t3", wrap=True))
        box.addStretch(1)

    @property
    def missing(self) -> str:
        """The first question that needs an answer and has none; empty when all have."""
        for question in self._manifest.sign_in:
            if not question.optional and not self.fields[question.name].text:
                return question.words
        return ""

    @property
    def settings(self) -> dict[str, str]:
        """The answers that may be known."""
        public = [question.name for question in self._manifest.sign_in if not question.secret]
        answers = {name: self.fields[name].text for name in public}
        return answers | {name: "on" if tick.isChecked() else "off" for name, tick in self._switches.items()}

    @property
    def secrets(self) -> dict[str, str]:
        """The answers that must not be known to anybody else; those left empty are not there."""
        secret = [question.name for question in self._manifest.sign_in if question.secret]
        return {name: self.fields[name].text for name in secret if self.fields[name].text}

    def first(self) -> QWidget | None:
        """The first field that is still empty."""
        return next((field.edit for field in self.fields.values() if not field.text), None)

"""The objects of a JSON array that is still growing; pure.

A live chat comes as one array that never ends: `[{…},`, some time later `{…},` and so on, cut anywhere.

What a newcomer would get wrong: lines mean nothing in it. An object may span many lines, and the last one
sent may have no line's end behind it until somebody speaks again, which would be far too late.
"""

import re

LONGEST = 8 * 1024 * 1024
"""Characters of one object; no chat sends as much, a broken one may."""
_MARKS = re.compile(r'\\.|["{}]', re.DOTALL)


class TooLongError(Exception):
    """An object that no memory should have to hold."""


class Growing:
    """Takes text as it comes and gives whole objects."""

    def __init__(self) -> None:
        self._rest = ""
        self._at = 0
        self._depth = 0
        self._in_text = False

    def feed(self, piece: str) -> list[str]:
        """The objects that are whole now, in their order. Raises TooLongError."""
        text = self._rest + piece
        begun = 0
        found: list[str] = []
        at = self._at
        while mark := _MARKS.search(text, at):
            at = mark.end()
            match mark[0]:
                case '"' if self._depth:
                    self._in_text = not self._in_text
                case "{" if not self._in_text:
                    begun = begun if self._depth else mark.start()
                    self._depth += 1
                case "}" if self._depth and not self._in_text:
                    self._depth -= 1
                    if not self._depth:
                        found.append(text[begun:at])
        # A backslash at the very end belongs to what comes next.
        at = len(text) - 1 if text.endswith("\\") and at < len(text) else len(text)
        if self._depth:
            self._rest, self._at = text[begun:], at - begun
        else:
            self._rest, self._at = "", 0
        if len(self._rest) > LONGEST:
            raise TooLongError
        return found

"""Names of languages, as files write them, to the two-letter codes that networks use.

One thing to know: a word that is neither a known name nor a code (“undefined”) means that nobody said.
Codes are those of ISO 639-1.
"""

import re

_NAMES = {
    "albanian": "sq", "arabic": "ar", "bengali": "bn", "bulgarian": "bg", "catalan": "ca", "chinese": "zh",
    "croatian": "hr", "cymraeg": "cy", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "estonian": "et", "farsi": "fa", "filipino": "tl", "finnish": "fi", "french": "fr", "gaelic": "gd",
    "german": "de", "greek": "el", "gujarati": "gu", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja", "korean": "ko",
    "kurdish": "ku", "latvian": "lv", "lithuanian": "lt", "macedonian": "mk", "malay": "ms",
    "norwegian": "no",
    "pashto": "ps", "persian": "fa", "polish": "pl", "portuguese": "pt", "punjabi": "pa", "romanian": "ro",
    "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "somali": "so", "spanish": "es",
    "swedish": "sv", "tagalog": "tl", "tamil": "ta", "thai": "th", "turkish": "tr", "ukrainian": "uk",
    "urdu": "ur", "vietnamese": "vi", "welsh": "cy",
}  # fmt: skip
_LONG_CODES = {"eng": "en", "cym": "cy", "wel": "cy", "gle": "ga", "gla": "gd", "pol": "pl", "urd": "ur"}
_CODE = re.compile(r"([a-z]{2})([-_][a-z0-9-]+)?")


def language_code(name: str) -> str | None:
    """The two-letter code of a language's name or code, or None."""
    plain = name.strip().casefold()
    if plain in _NAMES:
        return _NAMES[plain]
    if plain in _LONG_CODES:
        return _LONG_CODES[plain]
    found = _CODE.fullmatch(plain)
    return found[1] if found else None

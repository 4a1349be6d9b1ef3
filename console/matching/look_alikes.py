"""Letters of other alphabets that look like Latin ones, by what they look like.

Only letters that Unicode's own decompositions do not already lead to a Latin letter are listed
(accents, full-width and mathematical letters need no table).  What a newcomer would get wrong: the
table is applied to the characters as written, before case is folded, because a capital and its
small letter often resemble different Latin letters (Greek Ν looks like N, ν like v).

Scripts in which people on these networks write whole languages that share few shapes with Latin
(Arabic, Hebrew, the Indic scripts, Thai and so on) are left out, so that their words stay words.

Derived from `confusables.txt`, Unicode Security Mechanisms for UTS #39, version 17.0.0, by taking
the entries whose skeleton, without combining marks, is one Latin letter; small capitals, barred
letters and the three ligatures of European languages are ours.

    Copyright (c) 1991-2025 Unicode, Inc.  All rights reserved.
    Distributed under the Unicode License v3; the full text is in resources/unicode/LICENSE.
    SPDX-License-Identifier: Unicode-3.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE_POINTS: Final = {
    "a": "251 391 3b1 410 430 13aa 15c5 1d00 1e9a a4ee ab7a 102a0",
    "ae": "c6 e6 4d4 4d5",
    "b": (
        "180 182 183 184 253 299 392 411 412 42c 432 462 463 48c 48d 13cf 13f4 13fc 1472 1473 "
        "15af 15f7 2c82 2c83 a4d0 a7b4 10282 102a1 10301"
    ),
    "c": (
        "23c 3f2 3f9 421 441 4aa 4ab 13df 1d04 2ca4 2ca5 a4da abaf 102a2 10302 10415 1043d 1051c 118e9 118f2"
    ),
    "d": "d0 f0 110 111 189 18c 256 257 501 13a0 13e7 146f 15de 15ea 1d05 a4d2 a4d3 ab70",
    "e": "246 247 395 415 435 4bd 4bf 13ac 1d07 212e 2d39 a4f0 ab32 ab7c 10286 118a6 118ae",
    "f": ("191 192 3dc 584 15b4 1d6e 1e9d a4dd a730 a798 a799 ab35 10287 102a5 10525 118a2 118c2 1d213"),
    "g": "18d 1e4 1e5 260 261 262 50c 50d 581 13c0 13f3 13fb 1d83 a4d6 ab90",
    "h": (
        "126 127 266 29c 397 41d 43d 45b 4a2 4a3 4bb 4c7 4c8 4c9 4ca 570 13bb 13c2 13f2 157c "
        "2c67 2c8e 2c8f a4e7 a695 ab8b 102cf"
    ),
    "i": ("131 196 197 268 269 26a 399 3b9 406 456 4c0 582 13a5 1d7b 1d7c 1fbe 2c92 2c93 a647 ab75 118c3"),
    "j": "237 248 249 37f 3f3 408 458 13ab 148d 1d0a a4d9 a7b2 ab7b",
    "k": ("138 199 39a 3ba 3f0 41a 43a 49a 49b 49e 49f 13e6 16d5 1d0b 2c69 2c94 2c95 a4d7 a740 abb6 10518"),
    "l": (
        "141 142 19a 26b 26d 29f 4cf 13de 14aa 16c1 2cd0 2cd1 2d4f a4e1 a4f2 abae 1028a 10309 "
        "10320 1041b 10443 10526 118a3 118b2 1d22a"
    ),
    "m": "271 39c 3fa 41c 4cd 13b7 15f0 16d6 1d0d 1d6f 2c98 a4df 102b0 10311",
    "n": "14b 19d 19e 273 274 39d 3b7 572 578 57c 1d70 2c9a 2c9b a4e0 10513",
    "o": (
        "d8 f8 19f 1fe 275 398 39f 3b8 3bf 3c3 3d1 3ed 3f4 41e 43e 472 473 4e8 4e9 555 585 "
        "10ff 13be 13eb 1d0f 1d11 2c90 2c91 2c9e 2c9f 2d31 2d41 2d54 a4f3 a74a a74b ab3d ab3e "
        "ab74 ab8e abbb 10292 102ab 10404 1042c 104c2 104ea 10516 118b5 118c8 118d7 118e0 "
        "1d21a"
    ),
    "oe": "152 153 276",
    "p": ("1a5 1bf 3a1 3c1 3f1 3f8 420 440 13e2 146d 1d18 1d29 1d7d 2ca2 2ca3 2cce 2ccf a4d1 abb2 10295"),
    "q": "2a0 51b 563 566 2d55 a7af",
    "r": (
        "1a6 24d 27c 27d 280 433 493 13a1 13d2 1587 1d26 1d72 2c85 a4e3 ab47 ab48 ab71 ab81 aba2 104b4 1d216"
    ),
    "s": "282 405 455 54f 13d5 13da 1d74 a4e2 a731 abaa 10296 10420 10448 118c1",
    "t": (
        "166 167 1ad 1ae 23e 3a4 3c4 422 442 4ac 4ad 13a2 1d1b 1d75 2ca6 2ca7 a4d4 ab72 10297 "
        "102b1 10315 118bc"
    ),
    "th": "de fe",
    "u": ("244 28b 3c5 45f 54d 57d 13cc 144c 1d1c 1d7e a4f4 a79f ab4e ab52 ab9c 104ce 104f6 118b8 118d8"),
    "v": "3bd 474 475 13d9 142f 1d20 2d38 a4e6 aba9 1051d 118a0 118c0 1d20d",
    "w": "26f 448 461 47d 51c 51d 561 13b3 13d4 1d21 2cbd a4ea a761 ab83 118e6 118ef",
    "x": ("3a7 425 445 4b2 1541 157d 166d 166e 16b7 2cac 2d5d a4eb a7b3 10290 102b4 10317 10322 10527 118ec"),
    "y": (
        "1b4 24e 24f 263 28f 3a5 3b3 3d2 423 443 4ae 4af 4b0 4b1 10e7 13a9 13bd 1d8c 1eff "
        "2ca8 2ca9 a4ec ab5a 102b2 118a4 118dc"
    ),
    "z": "1b5 1b6 224 225 290 396 13c3 1d22 1d76 a4dc ab93 102f5 118a9 118c4 118e5",
}

LOOK_ALIKES: Final[Mapping[str, str]] = {
    chr(int(code, 16)): latin for latin, codes in _CODE_POINTS.items() for code in codes.split()
}
"""Each look-alike character and the lower-case Latin letters it stands for."""

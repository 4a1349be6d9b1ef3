"""Makes the items of the shipped exercise from hand-written pieces, the same file every time.

    python -m tests.fakes.make_exercise          # writes resources/exercises/chandlers-row.jsonl

The pieces lie in `tests/fakes/exercise/`; who the force is and how long it lasts stands in the exercise's
own table. What a newcomer would get wrong: the shipped file is never edited by hand. A test makes it anew
and compares; change a piece, run this, and commit both.
"""

import itertools
import json
import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
PIECES = ROOT / "tests" / "fakes" / "exercise"
FOLDER = ROOT / "resources" / "exercises"
NAME = "chandlers-row"

T = TypeVar("T")

PER_MINUTE = (
    *(4, 4, 4, 4, 4, 4, 4, 4, 4, 12, 40, 70, 105, 145, 180, 205, 225, 220, 200, 180),
    *(165, 150, 138, 128, 118, 108, 100, 92, 85, 78, 72, 66, 60, 55, 50, 45, 41, 37, 34, 31),
)
"""Items of each minute, besides the force's own posts, the moments and the waves."""

SHARES: dict[str, float] = {
    "fb-force": 26, "x-force": 22, "fb-quayside": 9, "x-roads": 8, "instagram": 9, "youtube": 7, "tiktok": 8,
    "threads": 5, "bluesky": 5, "fb-cymraeg": 1,
}  # fmt: skip
"""How many of a hundred items come on which account."""

TOPICS: tuple[tuple[int, dict[str, float]], ...] = (
    (540, {"lost": 4, "parking": 4, "thanks-quiet": 4, "short": 0.6, "welsh": 0.8}),
    (960, {"worry": 6, "asking": 4, "roads": 3, "rumour": 2, "short": 3, "thanks": 1, "welsh": 0.5}),
    (1500, {
        "worry": 4, "asking": 2, "roads": 2, "rumour": 3, "criticism": 3, "nasty": 2, "decent": 3,
        "thanks": 2, "short": 3, "welsh": 0.4,
    }),
    (2000, {
        "worry": 2, "thanks": 3, "criticism": 3, "decent": 3, "roads": 2, "asking": 1, "after": 2,
        "rumour": 1, "short": 3, "nasty": 1, "welsh": 0.5,
    }),
    (9999, {"after": 6, "thanks": 3, "criticism": 1, "decent": 1, "short": 2, "welsh": 0.5}),
)  # fmt: skip
"""What is spoken of until which second, and how much of it."""

ASKS = (
    "is ",
    "are ",
    "what",
    "can ",
    "when",
    "how ",
    "should",
    "who ",
    "have ",
    "do ",
    "does ",
    "any ",
    "which ",
)
PROPER = ("I ", "I'", "St ", "Tanners", "Weir", "Quay")
"""How sentences begin that keep their capital after an opener."""
ASKS_IN_WELSH = ("beth ", "ydy", "oes ", "pryd ")


class Dice:
    """Chance that is the same on every Python: only `random()` is promised to stay as it is."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def chance(self) -> float:
        """A number from 0 to below 1."""
        return self._random.random()

    def pick(self, choices: Sequence[T]) -> T:
        """One of them, all alike likely."""
        return choices[int(self.chance() * len(choices))]

    def weighed(self, weights: dict[str, float]) -> str:
        """One of the keys, by its weight."""
        left = self.chance() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return next(iter(weights))


@dataclass
class Thread:
    """One post of the force on one account, and what was said below it."""

    id: str
    title: str
    key: str
    at: float
    items: list[tuple[str, str]] = field(default_factory=list)
    """The id and the author's name of each item."""


class Story:
    """The exercise while it is being told."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = tomllib.loads((FOLDER / f"{NAME}.toml").read_text(encoding="utf-8"))
        self.accounts = {account["key"]: account for account in self.table["accounts"]}
        self.pieces: dict[str, Any] = {}
        for path in sorted(PIECES.glob("*.toml")):
            self.pieces.update(tomllib.loads(path.read_text(encoding="utf-8")))
        self.dice = Dice(20_260_611)
        self.threads: dict[str, list[Thread]] = {key: [] for key in self.accounts}
        self.lines: list[dict[str, Any]] = []
        self.said: set[str] = set()

    # --- who -------------------------------------------------------------------------------------

    def name(self, number: int) -> str:
        """The invented person of a number; the same number is always the same person."""
        first, last = self.pieces["first_names"], self.pieces["surnames"]
        return f"{first[number % len(first)]} {last[(number * 7 + number // len(first)) % len(last)]}"

    def author(self, account: str, name: str) -> dict[str, str]:
        """A person as the network of an account shows them."""
        network = self.accounts[account]["network"]
        plain = "".join(letter for letter in name.lower() if letter.isalpha() or letter == " ")
        first, _, last = plain.partition(" ")
        last = last.replace(" ", "")
        number = sum(map(ord, plain)) % 90 + 10
        handle = {
            "facebook": f"{first}.{last}.{number}",
            "x": f"{first[:1]}_{last}{number}",
            "instagram": f"{first}.{last}",
            "youtube": f"@{first}{last}-{number}",
            "tiktok": f"{last}{first[:3]}{number}",
            "threads": f"{first}.{last}",
            "bluesky": f"{first}{last}.example",
        }[network]
        return {"author_id": f"{network}-{first}-{last}", "author_handle": handle, "author_name": name}

    # --- words -----------------------------------------------------------------------------------

    def words(self, topic: str) -> str:
        """Something said about a topic, unlike everything said before if that can be."""
        text = ""
        for _ in range(12):
            text = self._words(topic)
            if text not in self.said or topic == "short":
                break
        self.said.add(text)
        return text

    def _words(self, topic: str) -> str:
        dice, pieces = self.dice, self.pieces
        first: str
        tail: str
        text: str
        if topic == "short":
            return str(dice.pick(pieces["short"]))
        first = dice.pick(pieces[topic]["first"])
        first = first.replace("{place}", dice.pick(pieces["places"]))
        first = first.replace("{road}", dice.pick(pieces["streets"]))
        is_question = first.lower().startswith(ASKS_IN_WELSH if topic == "welsh" else ASKS)
        is_neat = dice.chance() < 0.6
        mood = pieces["moods"].get(topic)
        opener = dice.pick(pieces["openers"][mood]) if mood else ""
        if opener.endswith((", ", ": ")) and not first.startswith(PROPER):
            first = first[:1].lower() + first[1:]
        text = opener + first + ("?" if is_question else ".")
        if dice.chance() < 0.45:
            then = str(dice.pick(pieces[topic]["then"]))
            text += " " + then.replace("{road}", pieces["streets"][len(self.lines) % len(pieces["streets"])])
        tail = dice.pick(pieces["tails"][mood]) if mood else ""
        if not is_neat:
            text = text.rstrip(".?") if dice.chance() < 0.7 else text
            text = text.lower() if dice.chance() < 0.7 else text
        return text.rstrip(".") + tail if tail[:1] in {".", "!", "?"} else text + tail

    # --- telling -----------------------------------------------------------------------------------

    def tell(self, at: float, account: str, author: dict[str, str], text: str, **more: Any) -> str:
        """Adds one item and gives its id."""
        item_id = more.pop("id", None) or f"{account}-{len(self.lines) + 1}"
        line = {"id": item_id, "at": round(at, 1), "account": account, **more, **author, "text": text}
        line.setdefault("lang", "en")
        self.lines.append({key: value for key, value in line.items() if value not in (None, "", [])})
        return str(item_id)

    def post(self, post: dict[str, Any], account: str) -> None:
        """The force publishes something, which begins a thread."""
        known = self.accounts[account]
        author = {
            "author_id": "us", "author_handle": known["handle"], "author_name": known["name"],
        }  # fmt: skip
        thread = Thread(f"{account}-{post['key']}", post["title"], post["key"], post["at"])
        lang = "cy" if account == "fb-cymraeg" and post["key"] in {"noswaith", "datganiad"} else "en"
        self.tell(
            post["at"], account, author, post["text"], id=thread.id, kind="post", thread=thread.id,
            where=thread.title, lang=lang,
        )  # fmt: skip
        self.threads[account].append(thread)

    def below(
        self,
        at: float,
        account: str,
        thread: Thread,
        name: str,
        text: str,
        parent: str | None = None,
        **more: Any,
    ) -> None:
        """Somebody says something below a post, or in answer to the item `parent`."""
        is_page = self.accounts[account]["network"] in {"facebook", "instagram", "youtube", "tiktok"}
        kind = "comment" if is_page and parent is None else "reply"
        item_id = self.tell(
            at, account, self.author(account, name), text, kind=kind, parent=parent or thread.id,
            thread=thread.id, where=thread.title, **more,
        )  # fmt: skip
        thread.items.append((item_id, name))

    def thread(self, account: str, topic: str = "") -> Thread:
        """The thread in which one would say it: mostly the newest, for roads the one about roads."""
        threads = self.threads[account]
        if topic == "roads":
            about = [thread for thread in threads if thread.key in {"roads", "reopen"}]
            if about and self.dice.chance() < 0.8:
                return about[-1]
        if topic in {"lost", "parking", "thanks-quiet"}:
            return threads[0]
        back = int(self.dice.chance() ** 2.5 * len(threads))
        return threads[len(threads) - 1 - back]

    def ordinary(self, at: float, number: int) -> None:
        """One of the many."""
        dice = self.dice
        weights = next(weights for until, weights in TOPICS if at < until)
        topic = dice.weighed(weights)
        account = dice.weighed(SHARES)
        if topic == "welsh" and dice.chance() < 0.7:
            account = "fb-cymraeg"
        elif topic == "roads" and dice.chance() < 0.5:
            account = dice.pick(("x-roads", "fb-quayside"))
        elif account == "fb-cymraeg":
            topic = "welsh"
        name = self.name(int(dice.chance() ** 1.4 * 1_300))
        lang = "cy" if topic == "welsh" else "en"
        media = (
            [
                {
                    "kind": "picture",
                    "url": f"https://pictures.example/{number}.jpg",
                    "description": "Blue lights",
                }
            ]
            if topic in {"worry", "after"} and dice.chance() < 0.04
            else []
        )
        network = self.accounts[account]["network"]
        if network in {"x", "bluesky", "threads"} and at > 600 and dice.chance() < 0.08:
            text = f"@{self.accounts[account]['handle']} {self.words(topic)}"
            self.tell(
                at,
                account,
                self.author(account, name),
                text,
                kind="mention",
                where="Mention",
                lang=lang,
                media=media,
            )
            return
        thread = self.thread(account, topic)
        parent = None
        if thread.items and dice.chance() < 0.32:
            parent, asked = dice.pick(thread.items[-25:])
            if lang == "en" and dice.chance() < 0.75:
                topic = "answers"
            if asked == name:
                name = self.name(number % 1_300)
        self.below(at, account, thread, name, self.words(topic), parent, lang=lang, media=media)

    def moment(self, moment: dict[str, Any]) -> None:
        """One of the single items that must be found."""
        account, at, text = moment["account"], moment["at"], moment["text"]
        media = [moment["media"]] if "media" in moment else []
        lang = moment.get("lang", "en")
        if "post" not in moment:
            kind = moment["kind"]
            self.tell(
                at, account, self.author(account, moment["author"]), text, kind=kind, where=kind.capitalize(),
                lang=lang, media=media,
            )  # fmt: skip
            return
        thread = next(thread for thread in self.threads[account] if thread.key == moment["post"])
        parent = None
        if "parent" in moment:
            parent = [item for item, name in thread.items if name == moment["parent"]][-1]
        self.below(at, account, thread, moment["author"], text, parent, lang=lang, media=media)

    def abuse(self, at: float, number: int) -> None:
        """One copy of the wave of abuse, each from an author of its own."""
        wave, dice = self.pieces["abuse"], self.dice
        parts = [dice.pick(wave[part]) for part in ("openers", "middles", "closers", "tails")]
        account = dice.pick(wave["accounts"])
        self.below(
            at,
            account,
            self.thread(account),
            self.name(1_400 + number),
            f"{parts[0]}{parts[1]} {parts[2]}{parts[3]}",
        )

    def spam(self, at: float, number: int) -> None:
        """One copy of the swindlers' wave."""
        wave, dice = self.pieces["spam"], self.dice
        name = self.name(1_700 + int(dice.chance() * 12))
        text = dice.pick(wave["texts"]).replace("{name}", name)
        text = text.replace("{money}", f"{400 + number * 25}").replace("{number}", f"{7000 + number}")
        account = dice.pick(wave["accounts"])
        self.below(at, account, self.thread(account), self.name(1_800 + number % 20), text)

    def ramble(self, at: float) -> None:
        """A very long item, as somebody writes at night who has waited years to say it all."""
        sentences = [self.words(("criticism", "asking", "worry")[number % 3]) for number in range(120)]
        paragraphs = [" ".join(sentences[start : start + 8]) for start in range(0, len(sentences), 8)]
        self.below(at, "fb-force", self.thread("fb-force"), "Beryl Kelderby", "\n\n".join(paragraphs))


def make() -> list[dict[str, Any]]:
    """The lines of the exercise, in the order of their times."""
    story = Story()
    tell: dict[str, Callable[[float, Any], None]] = {
        "post": lambda at, what: story.post({**what[0], "at": at}, what[1]),
        "moment": lambda _, what: story.moment(what),
        "ramble": lambda at, _: story.ramble(at),
        "abuse": story.abuse,
        "spam": story.spam,
        "ordinary": story.ordinary,
    }
    for at, _, kind, what in sorted(_events(story), key=lambda event: event[:2]):
        tell[kind](at, what)
    return story.lines


def _events(story: Story) -> Iterator[tuple[float, int, str, Any]]:
    """Everything that happens: when, in which order at one moment, what, and with what."""
    number = itertools.count()
    for post in story.pieces["post"]:
        # Before the evening begins all is there at once; later one account follows another.
        step = 0.1 if post["at"] < 10 else 2
        for place, account in enumerate(post["accounts"]):
            yield post["at"] + place * step, next(number), "post", (post, account)
    for moment in story.pieces["moment"]:
        yield moment["at"], next(number), "moment", moment
    wave = story.pieces["abuse"]
    for copy in range(wave["count"]):
        # It swells and ebbs: two throws of the dice together make a hill.
        throw = (story.dice.chance() + story.dice.chance()) / 2
        yield wave["starts_at"] + wave["lasts"] * throw, next(number), "abuse", copy
    stray = {key.removeprefix("stray_"): value for key, value in wave.items() if key.startswith("stray_")}
    yield wave["stray_at"], next(number), "moment", {**stray, "post": "live1"}
    wave = story.pieces["spam"]
    for copy in range(wave["count"]):
        yield wave["starts_at"] + wave["lasts"] * story.dice.chance(), next(number), "spam", copy
    for minute, count in enumerate(PER_MINUTE):
        for _ in range(count):
            at = 10 + minute * 60 + story.dice.chance() * 49.5
            yield at, next(number), "ordinary", minute * 1_000 + count + int(at)
    yield 1_477, next(number), "ramble", None


def written(lines: Sequence[dict[str, Any]]) -> str:
    """The lines as the shipped file has them; what cannot be seen is written out, so that it can."""
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    for unseen in "\u200b\u202a\u202c\u202e":
        text = text.replace(unseen, f"\\u{ord(unseen):04x}")
    return text


def main() -> None:
    """Writes the shipped file."""
    (FOLDER / f"{NAME}.jsonl").write_text(written(make()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

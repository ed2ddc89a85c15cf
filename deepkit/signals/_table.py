"""The table of wordings and signals, read from `data/signals/*.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from deepkit.facts import data_path
from deepkit.signals._conditions import FIELDS, Condition, Reading

Strength = Literal["shown", "strong", "weak", "faint", "needs", "against", "excludes"]
"""What a signal does to its cause; `deepkit.diagnosis` says what each means."""

_EXAMPLES = re.compile(r"^(?:not_)?examples = \[$.*?^\]$", re.DOTALL | re.MULTILINE)
"""Only the tests read the examples, and reading them takes as long as all the rest."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns under one name.

    Args:
        id: The name that signals and facts use.
        patterns: Regular expressions; case does not matter, and they are searched in text on one line.
        within: Searched only in the excerpts of these wordings, which it narrows.
        kind: A more general name that it also goes by in `with` and `without`.
        phase: The step of a call that it names.
        loose: Sought only where nothing else was recognised.
        topic: Names what people speak of and no error: it counts only together with others, and on the chat page.
    """

    id: str
    patterns: tuple[str, ...]
    within: tuple[str, ...] = ()
    kind: str = ""
    phase: str = ""
    loose: bool = False
    topic: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """What is concluded from what was read.

    Args:
        id: Stable; its meaning never changes.
        cause: The cause it speaks for.
        strength: How strongly.
        says: Why, as the end of a sentence.
        wordings: Any of these wordings must have been recognised; none asks for no wording.
        when: Alternatives; in one of them every condition must hold.
        beats: Ids of signals that it explains away.
        next_check: What would decide between this and its other readings, in words.
        source: What it rests on, where that is more than public error reports.
    """

    id: str
    cause: str
    strength: Strength
    says: str
    wordings: tuple[str, ...] = ()
    when: tuple[tuple[Condition, ...], ...] = ()
    beats: tuple[str, ...] = ()
    next_check: str | None = None
    source: str = ""

    def fits(self, reading: Reading) -> bool:
        """Tell whether it holds for a reading."""
        if self.wordings and not any(name in reading.signals for name in self.wordings):
            return False
        return not self.when or any(all(one.holds(reading) for one in every) for every in self.when)


@dataclass(frozen=True, slots=True)
class Table:
    """Every wording by id, and every signal in the order of precedence."""

    wordings: Mapping[str, Wording]
    signals: tuple[Signal, ...]


@cache
def table() -> Table:
    """Return the bundled table.

    Raises:
        ValueError: When an entry names what no file defines.
    """
    index = _file("index")
    files = [_file(name) for name in index["order"]]
    wordings = {
        one["id"]: _wording(one, {**index["words"], **file.get("words", {})})
        for file in files
        for one in file.get("wording", ())
    }
    kinds: dict[str, frozenset[str]] = {name: frozenset({name}) for name in wordings}
    for one in wordings.values():
        if one.kind:
            kinds[one.kind] = kinds.get(one.kind, frozenset()) | {one.id}
    signals = tuple(
        _signal(one, kinds, index["next_check"]) for file in files for one in file.get("signal", ())
    )
    return Table(wordings, signals)


def _file(name: str) -> dict[str, Any]:
    text = data_path("signals", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(_EXAMPLES.sub("", text))


def _wording(entry: Mapping[str, Any], words: Mapping[str, str]) -> Wording:
    """Read one wording; `<name>` in a pattern stands for an entry of the file's or the index's table of words."""
    known = {key: value for key, value in entry.items() if key not in ("examples", "not_examples")}
    patterns = tuple(known.pop("patterns"))
    if words:
        patterns = tuple(
            re.sub(r"<(\w+)>", lambda name: words.get(name[1], name[0]), one) for one in patterns
        )
    return Wording(patterns=patterns, within=tuple(known.pop("within", ())), **known)


def _signal(
    entry: Mapping[str, Any], kinds: Mapping[str, frozenset[str]], checks: Mapping[str, str]
) -> Signal:
    known = {key: value for key, value in entry.items() if key not in ("examples", "not_examples")}
    when, check = known.pop("when", []), known.pop("next_check", None)
    every = when if isinstance(when, list) else [when]
    try:
        return Signal(
            wordings=tuple(name for name in known.pop("wordings", ()) if kinds[name]),
            beats=tuple(known.pop("beats", ())),
            when=tuple(
                tuple(one for name, values in some.items() for one in _conditions(name, values, kinds))
                for some in every
            ),
            next_check=None if check is None else checks[check],
            **known,
        )
    except KeyError as name:
        raise ValueError(f"{entry['id']} names {name}, which no file of data/signals defines.") from None


def _conditions(name: str, values: list[Any], kinds: Mapping[str, frozenset[str]]) -> Iterator[Condition]:
    """Read one line of `when`; a list of lists asks for one of each."""
    for some in values if values and isinstance(values[0], list) else [values]:
        yield _condition(name, some, kinds)


def _condition(name: str, values: list[str | int], kinds: Mapping[str, frozenset[str]]) -> Condition:
    """Read `field = [values]`, `field_not = [values]`, `with = [wordings]` or `without = [wordings]`."""
    if name in ("with", "without"):
        wordings = frozenset[str | int]().union(*(kinds[str(one)] for one in values))
        return Condition("wordings", wordings, wanted=name == "with")
    field = name.removesuffix("_not")
    if field not in FIELDS:
        raise ValueError(f"{name} is no condition; there are {', '.join(FIELDS)}, with and without.")
    return Condition(field, frozenset(values), wanted=field == name)

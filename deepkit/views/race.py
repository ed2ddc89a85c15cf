"""A trial as a race: each pair ticks towards "certain it helps" or "certain it harms"; each question has its time."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from deepkit.fixes import Fix
from deepkit.fixes import fix as fix_of
from deepkit.records import Sample, Trial
from deepkit.views.html import esc, paragraph, tone
from deepkit.views.picture import cross, dot, line, picture, text, triangle
from deepkit.views.words import EFFECTS, many, seconds

DECIDES = 20.0
"""Strength from which on a trial is certain (docs/trials.md)."""
LEFT, RIGHT, TOP, MIDDLE, BOTTOM = 70.0, 690.0, 30.0, 78.0, 126.0
ROWS = {"after": (160.0, "with"), "before": (188.0, "without")}
HEIGHT = 226.0
SLOTS = 10
"""Pairs that the race has room for before it grows narrower."""
WON, LOST, TIE = 1, -1, 0


@dataclass(frozen=True, slots=True)
class Tick:
    """One complete pair: who won it, and how certain the trial was after it, from -1 (harms) to 1 (helps)."""

    won: int
    certain: float


def race(trial: Trial) -> str:
    """Show a finished trial.

    Args:
        trial: A trial with its samples.

    Returns:
        HTML: the sentence, the picture, what it cost.
    """
    word, colour = EFFECTS[trial.verdict]
    if not trial.samples:
        return paragraph(tone("Not tried.", "quiet"), esc(trial.because))
    counted = counts(trial.samples)
    head = paragraph(f"<b>{esc(counted)}.</b>", tone(f"{word.capitalize()}.", colour))
    return (
        head
        + _drawn(fix_of(trial.fix), trial.samples, counted)
        + cost(trial.samples)
        + paragraph(esc(trial.because))
    )


def running(key: str, samples: Sequence[Sample]) -> str:
    """Show a trial that still runs.

    Args:
        key: The fix's key.
        samples: What was asked so far.

    Returns:
        HTML.
    """
    if not samples:
        return paragraph(
            "The trial begins: the same small question with and without the fix, in random order."
        )
    counted = counts(samples)
    return paragraph(f"<b>{esc(counted)}</b> so far.") + _drawn(fix_of(key), samples, counted) + cost(samples)


def counts(samples: Sequence[Sample]) -> str:
    """Say how the pairs went: "8 wins, 1 loss, 1 tie"."""
    won = [WON if new.ok > old.ok else LOST if new.ok < old.ok else TIE for old, new in _pairs(samples)]
    return f"{many(won.count(WON), 'win')}, {many(won.count(LOST), 'loss')}, {many(won.count(TIE), 'tie')}"


def cost(samples: Sequence[Sample]) -> str:
    """Say what asking cost in each arm: attempts, waiting, and the time to the first word."""
    said = []
    for arm, (_, words) in ROWS.items():
        mine = [one for one in samples if one.arm == arm]
        if mine:
            first = [one.first_token_s for one in mine if one.ok and one.first_token_s is not None]
            attempts = sum(one.attempts for one in mine) / len(mine)
            begins = (
                f", first word after {seconds(median(first))} in the median (n = {len(first)})"
                if first
                else ""
            )
            waited = sum(one.waited_s for one in mine)
            pause = f", {seconds(waited)} spent waiting" if waited else ""
            good = sum(one.ok for one in mine)
            often = f"{good} of {len(mine)} answered, {attempts:.1f} attempts a question"
            said.append(f"{words.capitalize()} it: {often}{pause}{begins}.")
    return paragraph(tone(" ".join(said), "quiet"))


def ticks(fix: Fix, samples: Sequence[Sample]) -> list[Tick]:
    """Return the race of a trial, pair by pair.

    Args:
        fix: The fix, which says whether speed counts.
        samples: Of one trial, in the order asked.

    Returns:
        One tick for each complete pair.
    """
    found: list[Tick] = []
    before: list[Sample] = []
    after: list[Sample] = []
    for old, new in _pairs(samples):
        before.append(old)
        after.append(new)
        won = WON if new.ok > old.ok else LOST if new.ok < old.ok else TIE
        strength = fix.strength(before, after) or 1.0
        certain = min(1.0, max(0.0, math.log(strength) / math.log(DECIDES)))
        found.append(Tick(won, certain * _direction(before, after)))
    return found


def _direction(before: Sequence[Sample], after: Sequence[Sample]) -> int:
    """Return 1 when the arm with the fix is ahead: by answers, or by speed where those are equal."""
    ahead = sum(one.ok for one in after) - sum(one.ok for one in before)
    if not ahead:
        both = [
            (old.first_token_s, new.first_token_s)
            for old, new in zip(before, after, strict=True)
            if old.ok and new.ok
        ]
        ahead = sum((new < old) - (new > old) for old, new in both if old is not None and new is not None)
    return (ahead > 0) - (ahead < 0)


def _pairs(samples: Sequence[Sample]) -> Iterator[tuple[Sample, Sample]]:
    waiting: dict[int, Sample] = {}
    for one in samples:
        other = waiting.pop(one.pair, None)
        if other is None:
            waiting[one.pair] = one
        else:
            yield (one, other) if one.arm == "before" else (other, one)


def _drawn(fix: Fix, samples: Sequence[Sample], counted: str) -> str:
    shapes = [*_course(ticks(fix, samples)), *_clock(samples)]
    return picture(shapes, HEIGHT, f"Trial of fix {fix.number}, {fix.title}: {counted}")


def _course(done: Sequence[Tick]) -> Iterator[str]:
    yield text(LEFT, 14, "Each mark is one pair: ▲ the fix won, ▼ it lost, ● no difference")
    for y, words in ((TOP, "certain it helps"), (BOTTOM, "certain it harms")):
        yield line(LEFT, y, RIGHT, y, "soft", 1, "4 4")
        yield text(RIGHT + 8, y + 4, words)
    yield line(LEFT, MIDDLE, RIGHT, MIDDLE, "line")
    step = (RIGHT - LEFT) / max(SLOTS, len(done))
    places = [
        (LEFT + step * number, MIDDLE - (MIDDLE - TOP) * one.certain) for number, one in enumerate(done, 1)
    ]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((LEFT, MIDDLE), *places))
    yield f'<polyline points="{way}" fill="none" stroke="var(--ink)" stroke-width="1.5"/>'
    for (x, y), one in zip(places, done, strict=True):
        yield dot(x, y, "soft", 3.5) if one.won == TIE else triangle(x, y, up=one.won == WON)


def _clock(samples: Sequence[Sample]) -> Iterator[str]:
    """Draw every question where it lay on the clock: its length is its time, its end its outcome."""
    starts = [one.at if one.at is not None else float(number) for number, one in enumerate(samples)]
    begin = min(starts)
    end = max(at + (one.total_s or 0.0) for at, one in zip(starts, samples, strict=True))
    scale = (RIGHT - LEFT - 8) / ((end - begin) or 1.0)
    for y, words in ROWS.values():
        yield text(8, y + 4, words)
        yield line(LEFT, y, RIGHT, y, "line")
    for at, one in zip(starts, samples, strict=True):
        y = ROWS[one.arm][0]
        x0, x1 = LEFT + scale * (at - begin), LEFT + scale * (at - begin + (one.total_s or 0.0))
        yield line(x0, y, x1, y, "good" if one.ok else "bad", 4)
        yield dot(x1, y, "good") if one.ok else cross(x1, y)
    yield from _legend(samples, begin, end)


def _legend(samples: Sequence[Sample], begin: float, end: float) -> Iterator[str]:
    stamps = samples[0].at is not None
    span = (_hour(begin), _hour(end)) if stamps else ("first", "last")
    yield text(LEFT, 214, span[0])
    yield text(RIGHT, 214, span[1], anchor="end")
    yield text(
        (LEFT + RIGHT) / 2,
        214,
        "● answered (length: time) · ✕ not answered · order in each pair by lot",
        anchor="middle",
    )


def _hour(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC"


def outcome(trial: Trial) -> str:
    """Say a trial in a few words for a table: "helped: 8 wins, 1 loss, 1 tie"."""
    return (
        f"{EFFECTS[trial.verdict][0]}: {counts(trial.samples)}"
        if trial.samples
        else "nothing here to switch on and off"
    )


def demonstrated(trials: Mapping[str, Trial]) -> str:
    """Say in one line how many fixes worked on the made-up troubles that they are meant for."""
    good = sum(one.verdict == "helped" for one in trials.values())
    return (
        f"Demonstrated on made-up troubles: {good} of {len(trials)} work. That says nothing about your case."
    )

"""A trial as a race: each pair ticks towards "certain it helps" or "certain it harms"; each question has its time."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from deepkit.fixes import DECIDES, Fix, count_pairs, strengths
from deepkit.fixes import fix as fix_of
from deepkit.records import Sample, Trial
from deepkit.views.html import esc, paragraph, tone
from deepkit.views.picture import cross, dot, line, picture, text, triangle
from deepkit.views.words import EFFECTS, many, seconds

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
    counted = counts(trial.samples, trial.fix)
    head = paragraph(f"<b>{esc(counted)}.</b>", tone(f"{word.capitalize()}.", colour))
    return (
        head
        + _drawn(fix_of(trial.fix), trial.samples, counted, trial.family)
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
    counted = counts(samples, key)
    return paragraph(f"<b>{esc(counted)}</b> so far.") + _drawn(fix_of(key), samples, counted) + cost(samples)


def counts(samples: Sequence[Sample], key: str) -> str:
    """Say how the pairs went, by answers and, where the fix promises speed, by speed: "8 wins, 1 loss, 1 tie"."""
    won = [one.won for one in ticks(fix_of(key), samples)]
    said = ((WON, "win"), (LOST, "loss"), (TIE, "tie"))
    return ", ".join(many(won.count(sign), noun) for sign, noun in said)


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


def ticks(fix: Fix, samples: Sequence[Sample], family: int = 1) -> list[Tick]:
    """Return the race of a trial, pair by pair.

    Args:
        fix: The fix, which says whether speed counts.
        samples: Of one trial, in the order asked.
        family: Number of fixes tried together.

    Returns:
        One tick for each complete pair.
    """
    found: list[Tick] = []
    seen: list[Sample] = []
    for old, new in _pairs(samples):
        seen += [old, new]
        this = count_pairs([old], [new], fix.claim.least_ratio)
        won = WON if this.won > this.lost else LOST if this.lost > this.won else TIE
        found.append(Tick(won, _certain(fix, seen, DECIDES * family)))
    return found


def _certain(fix: Fix, samples: Sequence[Sample], decides: float) -> float:
    """Return how near a trial is to certain: 1 when it is certain that the fix helps, -1 that it harms."""
    before, after = ([one for one in samples if one.arm == arm] for arm in ("before", "after"))
    helps, harms = strengths(count_pairs(before, after, fix.claim.least_ratio))
    near = math.log(max(1.0, helps, harms)) / math.log(decides)
    return min(1.0, near) * (1 if helps >= harms else -1)


def _pairs(samples: Sequence[Sample]) -> Iterator[tuple[Sample, Sample]]:
    waiting: dict[int, Sample] = {}
    for one in samples:
        if one.control:
            continue
        other = waiting.pop(one.pair, None)
        if other is None:
            waiting[one.pair] = one
        else:
            yield (one, other) if one.arm == "before" else (other, one)


def _drawn(fix: Fix, samples: Sequence[Sample], counted: str, family: int = 1) -> str:
    shapes = [*_course(ticks(fix, samples, family)), *_clock(samples)]
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
        f"{EFFECTS[trial.verdict][0]}: {counts(trial.samples, trial.fix)}"
        if trial.samples
        else "nothing here to switch on and off"
    )


def demonstrated(trials: Mapping[str, Trial]) -> str:
    """Say in one line how many fixes worked on the made-up troubles that they are meant for."""
    good = sum(one.verdict == "helped" for one in trials.values())
    return (
        f"Demonstrated on made-up troubles: {good} of {len(trials)} work. That says nothing about your case."
    )

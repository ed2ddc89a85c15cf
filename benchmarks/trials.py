"""How often a trial errs: 10,000 simulated trials for each figure of docs/trials.md, watched after every pair."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from deepkit.fixes._verdicts import DECIDES, Pairs, effect_of, strengths
from deepkit.records import Effect
from deepkit.statistics import adjusted_e_values, e_value_above, mean_interval
from deepkit.trials import PAIRS
from tests.fixes.processes import Process, bursts, carried_over, crowded, drift, outage, steady

RUNS = 10_000
MARGIN = 0.25
RATIO = 0.8
NOISY = steady(0.5, 0.5, 1.0)
HELPFUL = steady(0.3, 0.9)


@dataclass(frozen=True, slots=True)
class Ended:
    """One simulated trial, stopped as real ones are."""

    effect: Effect
    pairs: Pairs

    @property
    def seen(self) -> float:
        """Return the gain as it was seen."""
        return (self.pairs.wins - self.pairs.losses) / self.pairs.n

    @property
    def gain(self) -> tuple[float, float]:
        """Return the limits that are told."""
        return mean_interval(self.pairs.wins, self.pairs.losses, self.pairs.n, DECIDES)


@lru_cache(maxsize=1 << 20)
def decided(wins: int, losses: int, faster: int, slower: int, n: int, decides: float) -> Effect:
    """Decide from the counts; pairs that nobody won count only in their number."""
    return effect_of(Pairs(n - wins - losses, wins, losses, 0, faster, slower), MARGIN, decides)


def looks(process: Process, rng: random.Random, pairs: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield the counts after every pair: wins, losses, faster, slower, and the number of pairs."""
    wins = losses = faster = slower = 0
    for n, (before_ok, after_ok, ratio) in zip(range(1, pairs + 1), process(rng), strict=False):
        if before_ok != after_ok:
            wins, losses = wins + after_ok, losses + before_ok
        elif before_ok and ratio is not None:
            faster, slower = faster + (ratio <= RATIO), slower + (ratio >= 1 / RATIO)
        yield wins, losses, faster, slower, n


def trial(process: Process, rng: random.Random, pairs: int = PAIRS, decides: float = DECIDES) -> Ended:
    """Run one trial: ask, look after every pair, stop once it is decided."""
    for counts in looks(process, rng, pairs):
        effect = decided(*counts, decides)
        if effect != "inconclusive":
            break
    wins, losses, faster, slower, n = counts
    return Ended(effect, Pairs(n - wins - losses, wins, losses, 0, faster, slower))


def trials(process: Process, seed: int, pairs: int = PAIRS) -> Iterator[Ended]:
    """Run them all."""
    rng = random.Random(seed)
    return (trial(process, rng, pairs) for _ in range(RUNS))


def row(name: str, process: Process, pairs: int = PAIRS) -> None:
    """Print how the trials of one process end."""
    ends = Counter(one.effect for one in trials(process, len(name), pairs))
    shares = "".join(f"{100 * ends[effect] / RUNS:9.2f} %" for effect in ("helped", "worse", "no_difference"))
    print(f"  {name:<58}{shares}", flush=True)


def useless() -> None:
    """One useless fix, under whatever the world does."""
    print(f"useless fixes, {PAIRS} pairs unless said" + " " * 26 + "helped      worse   no difference")
    for p in (0.1, 0.5, 0.9):
        row(f"answers {p:.0%}, no speed promised", steady(p, p))
        row(f"answers {p:.0%}, speed promised", steady(p, p, 1.0))
    row("answers 50 %, speed promised, 200 pairs", steady(0.5, 0.5, 1.0), 200)
    row("an outage ends on the way", outage())
    row("failures in bursts", bursts())
    row("the share of answers climbs from 10 % to 90 %", drift(0.0))
    row("the second question of a pair fails more (concurrency)", crowded())
    row("a failure makes the next question fail more (carry-over)", carried_over())


def families() -> None:
    """Twelve fixes together: how often any useless one is called helpful."""
    print(f"\ntwelve fixes tried together, {PAIRS} pairs each")
    for name, useful in (("all useless", 0), ("six useless, six that help (30 % to 90 %)", 6)):
        rng, alone, joint, found = random.Random(useful), 0, 0, 0
        for _ in range(RUNS):
            alone += any(trial(NOISY, rng).effect == "helped" for _ in range(12 - useful))
            ends = [trial(HELPFUL, rng, decides=12 * DECIDES) for _ in range(useful)]
            ends += [trial(NOISY, rng, decides=12 * DECIDES) for _ in range(12 - useful)]
            adjusted = adjusted_e_values([strengths(one.pairs)[0] for one in ends])
            joint += any(value >= DECIDES for value in adjusted[useful:])
            found += sum(value >= DECIDES for value in adjusted[:useful])
        print(f"  {name}: some useless one is called a help, each judged alone {100 * alone / RUNS:.2f} %, "
              f"judged together {100 * joint / RUNS:.2f} %", flush=True)  # fmt: skip
        if useful:
            print(f"    of those that help, found together: {100 * found / RUNS / useful:.1f} %")


def failing() -> None:
    """Twice as fast, but failing more."""
    print("\ntwice as fast, failing more" + " " * 38 + "helped      worse   no difference")
    for before, after in ((1.0, 0.95), (1.0, 0.9), (0.95, 0.85), (0.9, 0.8), (0.9, 0.7), (0.8, 0.6)):
        row(f"answers {before:.0%} before, {after:.0%} after", steady(before, after, 0.5))
    row("answers 100% before, 95% after, 150 pairs", steady(1.0, 0.95, 0.5), 150)
    row("answers 90% before, 80% after, 150 pairs", steady(0.9, 0.8, 0.5), 150)
    row("for comparison: twice as fast, answers 100% in both", steady(1.0, 1.0, 0.5))


def small() -> None:
    """Differences that are there: are they called none?"""
    print("\na true difference" + " " * 48 + "helped      worse   no difference")
    for before, after in ((0.95, 1.0), (0.9, 1.0), (0.5, 0.75), (0.7, 0.95), (0.75, 1.0)):
        row(f"answers {before:.0%} before, {after:.0%} after, 200 pairs", steady(before, after), 200)
    rng, proven = random.Random(1), 0
    for _ in range(RUNS):
        end = trial(steady(0.9, 1.0), rng, 200)
        proven += end.effect == "no_difference" and max(strengths(end.pairs)) >= DECIDES
    print(f"  proven, and yet called no difference: {proven} of {RUNS}")


def told() -> None:
    """What is seen, and what is told, of a true gain when the trial has stopped early."""
    print("\na true gain, 48 and 200 pairs; among the trials that say helped:")
    print(" " * 32 + "helped   seen (mean)   at least (median)   at least is true   covered")
    for before, after in ((0.4, 0.6), (0.5, 0.7), (0.75, 0.95), (0.5, 0.9), (0.1, 0.9)):
        for pairs in (PAIRS, 200):
            ends = [one for one in trials(steady(before, after), 7, pairs) if one.effect == "helped"]
            truth, n = after - before, max(1, len(ends))
            lows = sorted(one.gain[0] for one in ends) or [0.0]
            right = sum(low <= truth for low in lows) / n
            covered = sum(one.gain[0] <= truth <= one.gain[1] for one in ends) / n
            print(f"  {before:4.0%} to {after:4.0%}, {pairs:3} pairs {100 * len(ends) / RUNS:12.1f} %"
                  f"{100 * fmean(one.seen for one in ends):+12.1f} %{100 * lows[n // 2]:+16.1f} %"
                  f"{100 * right:18.2f} %{100 * covered:13.2f} %", flush=True)  # fmt: skip


def coverage() -> None:
    """Does the interval hold the truth: at the stop, among decided trials, and at every single pair?"""
    print("\nthe interval holds the true gain" + " " * 24 + "when decided   at the stop   at every pair")
    changes = ((0.5, 0.5), (0.4, 0.6), (0.5, 0.9), (0.9, 0.5), (0.95, 1.0), (0.2, 0.3))
    cases = [(f"{old:.0%} to {new:.0%}", steady(old, new), [new - old] * PAIRS) for old, new in changes]
    rising = [0.4 * (n + 2) / (2 * PAIRS) for n in range(PAIRS)]
    cases.append(("a gain that grows from 0 to 40 %: its mean so far", drift(0.4), rising))
    for name, process, truths in cases:
        rng, tally = random.Random(3), Counter[str]()
        for _ in range(RUNS):
            tally.update(followed(process, rng, truths))
        among = f"{100 * tally['right'] / tally['decided']:10.2f} %" if tally["decided"] else "         none"
        stopped, always = (100 * tally[key] / RUNS for key in ("stopped", "always"))
        print(f"  {name:<50}{among}{stopped:12.2f} %{always:14.2f} %", flush=True)


def followed(process: Process, rng: random.Random, truths: list[float]) -> list[str]:
    """Follow one trial to its end and beyond: was it decided, did the interval hold at the stop, and always."""
    ended, at_stop, always = False, True, True
    for (wins, losses, faster, slower, n), truth in zip(looks(process, rng, PAIRS), truths, strict=True):
        above, below = e_value_above(wins, losses, n, truth), e_value_above(losses, wins, n, -truth)
        inside = max(above, below) < DECIDES
        always &= inside
        if not ended:
            at_stop = inside
            ended = decided(wins, losses, faster, slower, n, DECIDES) in ("helped", "worse")
    told = {"decided": ended, "right": ended and at_stop, "stopped": at_stop, "always": always}
    return [name for name, holds in told.items() if holds]


def main() -> None:
    """Print all tables."""
    print(f"{RUNS} simulated trials each, looked at after every pair, stopped when decided")
    for table in (useless, families, failing, small, told, coverage):
        table()


if __name__ == "__main__":
    main()

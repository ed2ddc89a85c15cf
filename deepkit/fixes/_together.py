"""Several fixes tried together share one error rate."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from deepkit.fixes._fix import Fix
from deepkit.fixes._verdicts import DECIDES, count_pairs, strengths
from deepkit.records import Sample, Trial
from deepkit.statistics import adjusted_e_values


def judge_family(trials: Sequence[Trial], fix: Callable[[str], Fix]) -> tuple[Trial, ...]:
    """Judge them again; `deepkit.fixes.judge_together` says what that means."""
    tried = [one for one in trials if one.pairs]
    helps = [_helps(one, fix(one.fix)) for one in tried]
    judged = {
        id(one): _among(one, fix(one.fix), value, len(tried))
        for one, value in zip(tried, adjusted_e_values(helps), strict=True)
    }
    return tuple(judged.get(id(one), one) for one in trials)


def _sides(trial: Trial) -> tuple[list[Sample], list[Sample]]:
    return [s for s in trial.samples if s.arm == "before"], [s for s in trial.samples if s.arm == "after"]


def _helps(trial: Trial, chosen: Fix) -> float:
    return strengths(count_pairs(*_sides(trial), chosen.claim.least_ratio))[0]


def _among(trial: Trial, chosen: Fix, adjusted: float, family: int) -> Trial:
    alone = chosen.verify(*_sides(trial))
    if alone.effect != "helped" or adjusted >= DECIDES:
        return replace(trial, verdict=alone.effect, because=alone.because, gain=alone.gain, family=family)
    found = chosen.verify(*_sides(trial), family * DECIDES)
    because = f"{found.because} Alone it would count as proven, but {family} fixes were tried together."
    return replace(trial, verdict="inconclusive", because=because, gain=found.gain, family=family)

"""The two arms of a trial, summed up."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from deepkit.fixes import DECIDES
from deepkit.records import Sample
from deepkit.statistics import share_interval


def arm_summary(samples: Sequence[Sample], name: str) -> dict[str, Any]:
    """Sum up one arm; the interval of its share of answers holds whenever the trial stopped."""
    mine = [one for one in samples if one.arm == name and not one.control]
    good = [one for one in mine if one.ok]
    low, high = share_interval(len(good), len(mine), DECIDES)
    failures: dict[str, int] = {}
    for one in mine:
        if one.failure:
            failures[one.failure] = failures.get(one.failure, 0) + 1

    def middle(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return {
        "n": len(mine),
        "ok": len(good),
        "success": len(good) / len(mine) if mine else None,
        "success_low": low if mine else None,
        "success_high": high if mine else None,
        "first_token_s": middle([one.first_token_s for one in good]),
        "total_s": middle([one.total_s for one in good]),
        "attempts_per_question": sum(one.attempts for one in mine) / len(mine) if mine else None,
        "waited_s": sum(one.waited_s for one in mine),
        "failures": failures,
    }


def sides(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Return the samples without and with the fix."""
    return [s for s in samples if s.arm == "before"], [s for s in samples if s.arm == "after"]

"""One-way trials: blocks before and after, a control beside them, and never a proof."""

import random
from dataclasses import replace

from deepkit.fixes._judging import judge
from deepkit.records import Sample
from tests.fixes.cases import samples


def _blocks(own: tuple[str, str], control: tuple[str, str] = ("", "")) -> tuple[list[Sample], list[Sample]]:
    sides = []
    for first, arm in ((0, "before"), (100, "after")):
        side = first > 0
        asked = [
            *samples(arm, own[side]),
            *(replace(one, control=True) for one in samples(arm, control[side])),
        ]
        sides.append([replace(one, pair=one.pair + first) for one in asked])
    return sides[0], sides[1]


def test_a_block_before_and_a_block_after_shows_no_cause() -> None:
    """Samples that are not paired may look improved, but the verdict stays inconclusive and says why."""
    verdict = judge(*_blocks(("-" * 20, "+" * 20)), 0.25, None)
    assert verdict.effect == "inconclusive"
    assert verdict.because.startswith("Improved after the fix, cause not shown: 20 of 20")
    assert "nothing was asked beside it" in verdict.because


def test_what_also_improves_beside_it_is_no_improvement() -> None:
    """Where the control, which did not get the fix, improved as much, nothing is said to have improved."""
    alone = judge(*_blocks(("-" * 20, "+" * 20), ("-" * 20, "-" * 20)), 0.25, None)
    both = judge(*_blocks(("-" * 20, "+" * 20), ("-" * 20, "+" * 20)), 0.25, None)
    assert (alone.effect, both.effect) == ("inconclusive", "inconclusive")
    assert alone.because.startswith("Improved after the fix, cause not shown")
    assert both.because.startswith("No clear change after the fix")
    assert both.because.endswith("Both improved, as when an outage ends by itself.")


def test_an_outage_that_ends_is_rarely_called_an_improvement() -> None:
    """A useless change in the middle of an outage's end: the control keeps "improved" to 5 %, alone it is most."""
    rng, credited, uncontrolled = random.Random(2), 0, 0
    for _ in range(200):
        own, control = (
            tuple("".join("+" if rng.random() < p else "-" for _ in range(12)) for p in (0.3, 0.9))
            for _ in range(2)
        )
        credited += judge(*_blocks(own, control), 0.25, None).because.startswith("Improved")  # type: ignore[arg-type]
        uncontrolled += judge(*_blocks(own), 0.25, None).because.startswith("Improved")  # type: ignore[arg-type]
    assert credited <= 10
    assert uncontrolled >= 100

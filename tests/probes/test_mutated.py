"""Mutated HAR files, pasted texts and reports; the hundred thousand are `python -m benchmarks fuzz_texts`."""

import pytest

from benchmarks.fuzzing import outcome_guided


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_inputs_break_nothing(seed: int) -> None:
    """Files and texts with bytes changed, cut, repeated and spliced are read or refused in a sentence, in time."""
    done, outcomes = outcome_guided("benchmarks.fuzz_readers", 300, seed)
    assert done == 300
    assert outcomes > 60  # else the mutations reach nothing

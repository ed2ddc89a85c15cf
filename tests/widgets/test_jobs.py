"""Background work: returns at once, is cancelled cleanly, tells its errors, and updates at most ten times a second."""

import asyncio
import threading
import time
from itertools import pairwise

import pytest

from deepkit.errors import UsageError
from deepkit.widgets._job import Job
from deepkit.widgets._rate_limit import RateLimit


def test_start_returns_at_once_and_the_result_comes() -> None:
    """Starting never waits for the work, and whoever waits finds the result in place."""
    gate = threading.Event()

    async def work() -> int:
        await asyncio.to_thread(gate.wait, 10)
        return 7

    job = Job(work).start()
    assert job.running
    assert job.result is None
    gate.set()
    assert job.wait(10)
    assert job.result == 7
    assert job.error is None
    assert not job.running


def test_cancel_runs_the_clean_up() -> None:
    """Cancelling stops the work, lets it clean up, and says so; nothing is left running."""
    began, cleaned = threading.Event(), threading.Event()

    async def work() -> None:
        try:
            began.set()
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    job = Job(work).start()
    assert began.wait(10)
    job.cancel()
    assert job.wait(10)
    assert cleaned.is_set()
    assert "cancelled" in str(job.error)


def test_cancel_before_it_began() -> None:
    """A job that is cancelled before its work runs ends as cancelled too."""

    async def work() -> None:
        await asyncio.sleep(60)

    job = Job(work)
    job.cancel()
    assert job.start().wait(10)
    assert job.error


@pytest.mark.parametrize(
    ("error", "words"), [(UsageError("no such thing"), "no such thing"), (KeyError("x"), "itself")]
)
def test_errors_become_sentences(error: Exception, words: str) -> None:
    """A wrong use is told as it is; a bug of ours is told as a bug of ours."""

    async def work() -> None:
        raise error

    job = Job(work).start()
    assert job.wait(10)
    assert words in str(job.error)


def test_finished_waits_without_blocking_the_loop() -> None:
    """While one coroutine awaits a job, others on its loop run; here only they can let the job end."""
    gate = threading.Event()

    async def work() -> int:
        await asyncio.to_thread(gate.wait, 20)
        return 1

    async def open_gate() -> None:
        await asyncio.sleep(0)
        gate.set()

    async def main() -> int | None:
        job = Job(work).start()
        await asyncio.gather(job.finished(), open_gate())
        return job.result

    assert asyncio.run(asyncio.wait_for(main(), 20)) == 1


def test_done_is_called_before_the_waiter_goes_on() -> None:
    """What a view does at the end has happened once `wait` returns."""
    seen: list[int | None] = []

    async def work() -> int:
        return 3

    assert Job(work, lambda job: seen.append(job.result)).start().wait(10)
    assert seen == [3]


def test_updates_are_paced_and_the_last_one_comes() -> None:
    """A thousand changes in a quarter of a second reach the page a few times only, and the last state does."""
    shown: list[tuple[float, int]] = []
    state = 0
    pace = RateLimit(lambda: shown.append((time.monotonic(), state)))
    end = time.monotonic() + 0.25
    while time.monotonic() < end:
        state += 1
        pace.touch()
    pace.flush()
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(shown[:-1])]
    assert shown[-1][1] == state
    assert len(shown) <= 5
    assert all(gap >= 0.09 for gap in gaps)

"""The guided whole by hand, on the real sandbox: the form's answers count, and everything follows them."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from deepkit.errors import UsageError
from deepkit.fixes import FIXES
from deepkit.sandbox import scenarios
from deepkit.widgets import FixView, Walkthrough
from deepkit.widgets._batch import Batch
from deepkit.widgets.fix import Place
from deepkit.widgets.walkthrough import practice


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def guide() -> Walkthrough:
    """A walkthrough as the notebook makes it."""
    return Walkthrough()


def test_a_pasted_error_needs_no_network(guide: Walkthrough) -> None:
    """With only a pasted error, the cause is read from it and nothing is asked of anybody."""
    guide._intake.mode.value = "pasted"
    guide._intake.error.value = (
        "Error code: 402 - {'error': {'message': 'Insufficient Balance', 'code': 'invalid_request_error'}}"
    )
    asyncio.run(guide.diagnose())
    assert guide.checkup is not None
    assert guide.checkup.diagnosis.verdict == "insufficient_balance"
    assert guide.checkup.evidence.requests == 0
    assert "account" in guide._checkup.html()
    best = guide._fixes["priority_tier"]
    assert best.rank == 1
    assert [place.target for place in best.places] == ["sandbox"]


def test_another_practice_case_is_followed(guide: Walkthrough) -> None:
    """After a click on Check again the verdict, the ranks and the places belong to the newly chosen case."""
    guide._intake.scenario.value = "bad_key"
    guide._checkup.again.click()
    until(lambda: guide.checkup is not None and not guide._checkup.job.running)  # type: ignore[union-attr]
    assert guide.checkup is not None
    assert guide.checkup.diagnosis.verdict == "auth_failed"
    assert guide._fixes["official_api"].rank == 1
    assert guide._fixes["official_api"].places[0].scenario == "bad_key"
    assert guide._fixes["backoff"].places[0].scenario != "bad_key"


def test_a_click_returns_at_once_and_cancel_stops(guide: Walkthrough) -> None:
    """The button's handler does not wait for the check-up; Cancel ends it, and says that nothing of it is used."""
    started = time.monotonic()
    guide._checkup.again.click()
    assert time.monotonic() - started < 0.3
    guide._checkup.stop.click()
    job = guide._checkup.job
    assert job is not None
    assert job.wait(20)
    assert guide.checkup is None
    assert "cancelled" in str(guide._checkup.problem)
    assert not guide._checkup.again.disabled
    until(lambda: not [one for one in threading.enumerate() if one.name == "deepkit-job"])


def test_an_unreadable_har_is_one_sentence(guide: Walkthrough) -> None:
    """A HAR file that is none ends the check-up with one sentence on the page, not with a traceback."""
    from dataclasses import replace

    guide._checkup.start(replace(guide.asked, har=b"\xff\xfenot json")).wait(20)
    assert guide.checkup is None
    assert guide._checkup.problem
    assert "Traceback" not in guide._checkup.html()
    assert "itself failed" not in guide._checkup.html()


def test_try_it_runs_a_trial() -> None:
    """The Try button asks with and without the fix and shows the verdict with both arms."""
    view = FixView(
        "hard_refresh",
        Walkthrough()._fixes["hard_refresh"].evidence,
        places=(Place("here", scenario="stale_page"),),
    )
    view.widget  # noqa: B018 - builds the live view
    view.go.click()
    assert view.job is not None
    assert view.job.wait(60)
    assert view.trial is not None, view.problem
    assert view.trial.verdict == "helped"
    assert view.plot.outputs
    assert "with the fix" in view.result.value
    assert not view.go.disabled


def test_a_batch_runs_few_at_once_and_all_in_the_end() -> None:
    """A batch tries every fix, never more than it may side by side."""
    now, most, lock = 0, 0, threading.Lock()

    class Slow:
        """A fix whose trial takes a moment."""

        def start(self) -> "Slow":
            """Begin."""
            return self

        def wait(self) -> None:
            """Take a moment and count who else does."""
            nonlocal now, most
            with lock:
                now, most = now + 1, max(most, now + 1)
            time.sleep(0.02)
            with lock:
                now -= 1

        def cancel(self) -> None:
            """Nothing runs on."""

    told: list[int] = []
    batch = Batch([Slow() for _ in range(8)], lambda: told.append(1), at_once=3)  # type: ignore[misc]
    asyncio.run(batch.start().finished())
    assert most == 3
    assert len(told) == 9
    assert not batch.running


@pytest.mark.parametrize("key", [one.key for one in FIXES])
def test_each_fix_has_a_practice_case_of_its_own(key: str) -> None:
    """The case in which a fix is practised is one that it truly helps."""
    listed = {one.name: one.fixes for one in scenarios()}
    assert key in listed[practice(key)]


def test_the_environment_chooses_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenario and seed come from the environment; a seed that is no number is refused."""
    monkeypatch.setenv("DEEPKIT_SCENARIO", "stale_dns")
    monkeypatch.setenv("DEEPKIT_SEED", "9")
    guide = Walkthrough()
    assert (guide.asked.scenario, guide.seed) == ("stale_dns", 9)
    monkeypatch.setenv("DEEPKIT_SEED", "nine")
    with pytest.raises(UsageError, match="nine"):
        Walkthrough()


def test_figures_before_the_check_up_say_what_to_run(guide: Walkthrough) -> None:
    """Asking for a result that is not there yet names the cell to run first."""
    with pytest.raises(UsageError, match="diagnose"):
        guide.causes()
    with pytest.raises(UsageError, match="try_all"):
        guide.retries()

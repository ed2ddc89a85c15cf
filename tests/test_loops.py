"""The bridge between plain calls and asynchronous work."""

import asyncio
import threading

import pytest

from deepkit import loops


def test_runs_inside_a_running_loop() -> None:
    """A plain call works where a loop already runs, as in a notebook cell."""

    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    async def cell() -> int:
        return loops.run(answer())

    assert asyncio.run(cell()) == 42


def test_errors_come_through() -> None:
    """What the work raises is what the caller sees."""

    async def fails() -> None:
        raise ValueError("as it was")

    with pytest.raises(ValueError, match="as it was"):
        loops.run(fails())


def test_refuses_to_wait_for_itself() -> None:
    """A plain call from DeepKit's own loop is refused at once instead of hanging."""

    async def inner() -> None: ...

    async def outer() -> None:
        loops.run(inner())

    with pytest.raises(RuntimeError, match="own loop"):
        loops.run(outer())


def test_an_interrupt_cancels_and_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an interrupt the work has been cancelled and its clean-up has finished."""
    started, cleaned = threading.Event(), threading.Event()

    async def work() -> None:
        try:
            started.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.set()

    real = asyncio.run_coroutine_threadsafe

    def interrupted(coroutine, loop):  # type: ignore[no-untyped-def]
        future = real(coroutine, loop)

        def result(timeout: float | None = None) -> None:
            assert started.wait(5)
            raise KeyboardInterrupt

        monkeypatch.setattr(future, "result", result)
        return future

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loops.run(work())
    assert cleaned.is_set()


def test_awaits_from_another_loop() -> None:
    """Work awaited from a foreign loop runs on DeepKit's own thread."""

    async def where() -> str:
        return threading.current_thread().name

    assert asyncio.run(loops.elsewhere(where())) == "deepkit-loop"

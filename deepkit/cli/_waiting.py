"""A sign of life for commands that may be silent for minutes: a line every now and then on stderr."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from deepkit.cli._parser import note

EVERY_S = 15.0
"""How long nothing is said before a line says that the work goes on, in seconds."""


class Alive:
    """Says how long it has taken, whenever nothing else was said for a while.

    Args:
        bound_s: When it will be over at the latest, in seconds.
    """

    def __init__(self, bound_s: float) -> None:
        self._bound_s, self._began, self._told = bound_s, monotonic(), monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="deepkit-alive", daemon=True)
        self._thread.start()

    def note(self, text: str) -> None:
        """Say something."""
        self._told = monotonic()
        note(text)

    def close(self) -> None:
        """Say no more; the thread has ended when this returns."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(max(0.1, self._told + EVERY_S - monotonic())):
            if monotonic() - self._told >= EVERY_S:
                self.note(
                    f"  still waiting, {monotonic() - self._began:.0f} s of at most {self._bound_s:.0f} s"
                )


@contextmanager
def waiting(bound_s: float, *, quiet: bool = False) -> Iterator[Alive | None]:
    """Give signs of life while the body runs.

    Args:
        bound_s: When the body will be over at the latest, in seconds.
        quiet: Say nothing.

    Yields:
        What says them; None when quiet.
    """
    if quiet:
        yield None
        return
    alive = Alive(bound_s)
    try:
        yield alive
    finally:
        alive.close()

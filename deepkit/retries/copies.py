"""One copy of a request on its way, and what became of it."""

from typing import Any

from deepkit.retries.judging import Judge, failure_of


class Copy:
    """One request of an attempt.

    `broken` is the client library's exception that ended it, `bug` any other, `late` says that the deadline
    did. `judge` has read the answer's beginning, `rest` gives what comes after. `line` is the connection it is
    on, for those who may cut it; `left` says that its place in the room was given back.
    """

    __slots__ = ("broken", "bug", "judge", "late", "left", "line", "response", "rest")

    def __init__(self) -> None:
        self.broken: Exception | None = None
        self.bug: BaseException | None = None
        self.judge: Judge | None = None
        self.response: Any = None
        self.rest: Any = None
        self.line: Any = None
        self.late = self.left = False

    @property
    def failure(self) -> str | None:
        """How it failed, one of FAILURES; None is an answer."""
        if self.late:
            return "queue_timeout"
        if self.judge is not None:
            return self.judge.failure
        return None if self.broken is None else failure_of(self.broken)

    @property
    def held(self) -> bytes:
        """What was read of the body so far."""
        return b"" if self.judge is None else bytes(self.judge.held)

    @property
    def error(self) -> str:
        """The words of an error body."""
        return "" if self.judge is None else self.judge.error

"""One request of a call: sent, read until it is decided, and dropped when another is to follow."""

from collections.abc import Mapping
from typing import Any, Protocol

from deepkit.retries.call import Call
from deepkit.retries.concurrency_limit import ConcurrencyLimit
from deepkit.retries.response_classifier import ResponseClassifier, failure_of_exception
from deepkit.retries.retryability import is_final, retryable


class ClientIO(Protocol):
    """How a client waits, sends and reads: `retry_loop.SyncIO` or `retry_loop.AsyncIO`."""

    http: Any

    @property
    def concurrency(self) -> ConcurrencyLimit:
        """Counts the open requests."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def acquire(self, timeout_s: float | None) -> bool:
        """Wait until the concurrency limit allows a request; False when the time is up first."""

    async def send(self, request: Any) -> Any:
        """Send a request through the base transport and return its response."""

    def chunks(self, response: Any) -> Any:
        """Return what `read` reads from."""

    async def read(self, chunks: Any) -> bytes | None:
        """Return the next bytes of a body; None at its end."""

    async def close(self, response: Any) -> None:
        """Close a response."""


class Attempt:
    """One request and what became of it.

    `error` is the client library's exception that ended it, `bug` any other; `late` says that the policy's
    deadline did. `classifier` has read the beginning of the body, `rest` gives what comes after. `released` says
    that the concurrency limit no longer counts it.
    """

    __slots__ = ("bug", "classifier", "error", "late", "released", "response", "rest")

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.bug: Exception | None = None
        self.classifier: ResponseClassifier | None = None
        self.response: Any = None
        self.rest: Any = None
        self.late = self.released = False

    @property
    def failure(self) -> str | None:
        """How it failed, one of FAILURES; None is an answer."""
        if self.late:
            return "queue_timeout"
        if self.classifier is None:
            return None if self.error is None else failure_of_exception(self.error)
        if self.classifier.failure is not None and self.headers.get("x-should-retry") == "false":
            return "unknown"  # the server wants no retry, in the header that the OpenAI SDK obeys too
        return self.classifier.failure

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the response."""
        headers: Mapping[str, str] = {} if self.response is None else self.response.headers
        return headers

    @property
    def held(self) -> bytes:
        """What was read of the body so far."""
        return b"" if self.classifier is None else bytes(self.classifier.held)

    @property
    def message(self) -> str:
        """Text of an error body."""
        return "" if self.classifier is None else self.classifier.message

    @property
    def too_many_open(self) -> bool:
        """The server refused it because too many requests of this account are open."""
        return self.classifier is not None and self.classifier.status == 429 and not is_final(self.message)

    @property
    def may_pass(self) -> bool:
        """It failed in a way in which another attempt may not."""
        return self.bug is None and retryable(self.failure, self.message)

    def overdue(self, call: Call, http: Any) -> None:
        """Note that the deadline passed before anything of the answer had come."""
        self.late = True
        self.error = http.ReadTimeout("No answer began within the policy's deadline.", request=call.request)


async def send(attempt: Attempt, call: Call, io: ClientIO) -> None:
    """Send a request and read its response until it is decided.

    Args:
        attempt: What becomes of it; exceptions of the client library are kept in it.
        call: The call it belongs to.
        io: How to send and read.
    """
    call.tally.attempt()
    try:
        attempt.response = await io.send(call.request)
        classifier = attempt.classifier = call.classifier(attempt.response)
        chunks = attempt.rest = io.chunks(attempt.response)
        while not classifier.decided and not call.late:
            data = await io.read(chunks)
            if data is None:
                classifier.end()
            else:
                classifier.feed(data)
        if classifier.failure is None and not classifier.decided:
            attempt.overdue(call, io.http)
    except io.http.TransportError as error:
        attempt.error = error
        if attempt.classifier is not None:
            attempt.classifier.cut()
    except BaseException:
        await drop(attempt, io)
        raise


async def drop(attempt: Attempt, io: ClientIO) -> None:
    """Release an attempt's place under the concurrency limit and close its response; may be called again."""
    if not attempt.released:
        attempt.released = True
        io.concurrency.release(refused=attempt.too_many_open)
    if attempt.response is not None:
        await io.close(attempt.response)

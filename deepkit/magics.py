"""`%load_ext deepkit`: an error of an LLM client in one's own cell is explained under its traceback.

The traceback stays as it is. Other errors get no word. `%unload_ext deepkit` undoes it.
"""

import threading
from typing import Any

from deepkit.answers import document, in_short
from deepkit.probes.exceptions import read_exception
from deepkit.triage import explain

SAMPLES = (
    "openai.RateLimitError: Error code: 429 - rate limit", "Error code: 402 - Insufficient Balance",
    "Error code: 401 - Authentication Fails", "HTTP status 503 Service is too busy", "httpx.ReadTimeout: timed out",
    "httpx.ConnectError: [Errno -2] Name or service not known", "SSL: CERTIFICATE_VERIFY_FAILED",
    "Error code: 400 - maximum context length is 1 tokens", "Model Not Exist", "Connection reset by peer",
)  # fmt: skip
"""Frequent errors, read once in the background, so that the first real one is explained at once."""
_LISTENING: dict[int, Any] = {}


def load(shell: Any) -> None:
    """Begin to explain errors in a shell; a second call changes nothing."""
    if id(shell) in _LISTENING:
        return

    def after_cell(result: Any) -> None:
        show(getattr(result, "error_in_exec", None))

    _LISTENING[id(shell)] = after_cell
    shell.events.register("post_run_cell", after_cell)
    threading.Thread(target=_warm_up, daemon=True, name="deepkit-warm-up").start()


def unload(shell: Any) -> None:
    """Stop explaining errors in a shell."""
    listener = _LISTENING.pop(id(shell), None)
    if listener is not None:
        shell.events.unregister("post_run_cell", listener)


def show(error: BaseException | None) -> None:
    """Display the answer to an error of an LLM client; nothing for any other, and never an error of its own."""
    try:
        if error is None or not read_exception(error).llm:
            return
        from IPython.display import display

        case = explain(error)
        plain = "\n".join(in_short(document(case)))
        display({**case._repr_mimebundle_(), "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]
    except Exception:  # the user's traceback is what matters
        return


def _warm_up() -> None:
    for text in SAMPLES:
        explain(text)

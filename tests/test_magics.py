"""`%load_ext deepkit`: under the traceback, for errors of LLM clients alone, gone after `%unload_ext`."""

import time
from collections.abc import Iterator

import pytest

pytest.importorskip("IPython")
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from deepkit import magics

FAILS = """
import httpx
def answer(request):
    return httpx.Response({status}, json={{"error": {{"message": "{words}"}}}})
with httpx.Client(transport=httpx.MockTransport(answer)) as client:
    client.post("{url}").raise_for_status()
"""
LATER = """
import httpx
async def ask():
    def answer(request):
        raise httpx.ReadTimeout("timed out", request=request)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await client.post("https://api.deepseek.com/chat/completions")
await ask()
"""


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell with the extension loaded."""
    one = InteractiveShell.instance()
    one.run_line_magic("load_ext", "deepkit")
    yield one
    magics.unload(one)
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, code: str) -> tuple[str, list[dict[str, str]]]:
    """Run a cell and return what it printed and displayed."""
    with capture_output() as seen:
        shell.run_cell(code)  # type: ignore[no-untyped-call]
    return seen.stdout + seen.stderr, [one.data for one in seen.outputs]


def test_an_error_of_an_llm_client_is_explained_under_its_traceback(shell: InteractiveShell) -> None:
    """The traceback stays, and an answer that names the cause is displayed after it."""
    code = FAILS.format(
        status=402, words="Insufficient Balance", url="https://api.deepseek.com/chat/completions"
    )
    printed, displayed = shown(shell, code)
    assert "HTTPStatusError" in printed
    assert len(displayed) == 1
    assert "no credit left" in displayed[0]["text/markdown"]
    assert "Do this first:\n  1. " in displayed[0]["text/plain"]


def test_an_async_cell_too(shell: InteractiveShell) -> None:
    """An awaited call that times out is explained."""
    printed, displayed = shown(shell, LATER)
    assert "ReadTimeout" in printed
    assert len(displayed) == 1


@pytest.mark.parametrize(
    "code",
    [
        "1 / 0",
        "raise ValueError('rate limit exceeded')",
        FAILS.format(status=503, words="busy", url="https://api.github.com/repos"),
        "raise KeyboardInterrupt",
        "def (",
        "'no error at all'",
    ],
    ids=["arithmetic", "words", "another site", "interrupted", "syntax", "none"],
)
def test_other_errors_get_no_word(shell: InteractiveShell, code: str) -> None:
    """Nothing is displayed for what no LLM client raised."""
    assert shown(shell, code)[1] == []


def test_unloading_undoes_it(shell: InteractiveShell) -> None:
    """After `%unload_ext` nothing is displayed; loading twice displays once."""
    code = FAILS.format(status=503, words="busy", url="https://api.deepseek.com/chat/completions")
    magics.load(shell)
    assert len(shown(shell, code)[1]) == 1
    shell.run_line_magic("unload_ext", "deepkit")
    assert shown(shell, code)[1] == []


def test_its_own_failure_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in reading, the user's cell sees nothing of it."""

    def broken(error: BaseException) -> None:
        raise RuntimeError

    monkeypatch.setattr(magics, "read_exception", broken)
    magics.show(ValueError("x"))


def test_a_read_error_costs_a_small_part_of_a_second() -> None:
    """Ten answers to errors that were met before take less than fifty milliseconds each at the median."""
    import httpx

    from deepkit.triage import explain

    request = httpx.Request("POST", "https://api.deepseek.com/chat/completions")
    response = httpx.Response(429, text="Rate limit reached", request=request)
    error = httpx.HTTPStatusError("Client error 429", request=request, response=response)
    explain(error)
    took = []
    for _ in range(10):
        started = time.thread_time()
        explain(error)
        took.append(time.thread_time() - started)
    assert sorted(took)[5] < 0.05

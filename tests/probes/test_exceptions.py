"""Exceptions as text: the whole chain, what came back, no secret, and never an error of one's own."""

import httpx
import httpx2
import openai
import pytest

import deepkit
from deepkit.probes.exceptions import MOST_LINKS, read_exception

URL = "https://api.deepseek.com/chat/completions"
KEY = "sk-0123456789abcdef0123456789abcdef"


def raised(action: object) -> BaseException:
    """Return what a call raises."""
    try:
        action()  # type: ignore[operator]
    except Exception as error:
        return error
    pytest.fail("nothing was raised")


def asked(status: int, message: str) -> BaseException:
    """Return what the OpenAI SDK raises for an answer."""
    answer = httpx2.MockTransport(
        lambda request: httpx2.Response(
            status,
            json={"error": {"message": message}},
            headers={"x-request-id": "req-7", "retry-after": "3"},
        )
    )
    client = openai.OpenAI(
        api_key=KEY,
        base_url="https://api.deepseek.com",
        max_retries=0,
        http_client=httpx2.Client(transport=answer),
    )
    return raised(lambda: client.chat.completions.create(model="deepseek-chat", messages=[]))


@pytest.mark.parametrize(
    ("status", "message", "verdict"),
    [
        (402, "Insufficient Balance", "insufficient_balance"),
        (401, "Authentication Fails, Your api key: ****cdef is invalid", "auth_failed"),
        (400, "Model Not Exist", "model_not_found"),
        (503, "Service is too busy", "server_overloaded"),
    ],
)
def test_the_openai_sdk_s_errors_are_told_apart(status: int, message: str, verdict: str) -> None:
    """Body, status, address and request id are read from the exception itself; no key is."""
    error = asked(status, message)
    said = read_exception(error)
    assert said.llm
    assert (said.status, said.client) == (status, "openai")
    assert URL in said.text
    assert "req-7" in said.text
    assert KEY not in said.text
    assert deepkit.explain(error).diagnosis.verdict == verdict


def test_the_cause_behind_a_wrapper_is_read() -> None:
    """The chain is followed along cause, context and groups, each once, however it loops."""
    inner = httpx.ConnectError("[Errno -2] Name or service not known", request=httpx.Request("POST", URL))
    outer = RuntimeError("Connection error.")
    outer.__cause__ = ExceptionGroup("several", [inner])
    inner.__context__ = outer
    said = read_exception(outer)
    assert said.llm
    assert said.text.count("Name or service not known") == 1
    assert deepkit.explain(outer).diagnosis.verdict == "dns_failure"


def test_a_suppressed_context_is_not_read() -> None:
    """`raise ... from None` hides what the author meant to hide."""
    error = ValueError("shown")
    error.__context__ = httpx.ReadTimeout("hidden", request=httpx.Request("POST", URL))
    assert "hidden" in read_exception(error).text
    error.__suppress_context__ = True
    assert "hidden" not in read_exception(error).text


def test_a_long_chain_and_hostile_properties_are_survived() -> None:
    """Properties that raise, statuses that are none, and endless chains end in a text."""

    class OddError(Exception):
        status_code = "402"

        @property
        def response(self) -> object:
            raise KeyError("no response")

    error: BaseException = OddError("x" * 100_000)
    for number in range(50):
        error, error.__cause__ = ValueError(str(number)), error
    said = read_exception(error)
    assert said.status is None
    assert not said.llm
    assert len(said.text) < MOST_LINKS * 5000
    assert "OddError" in read_exception(OddError("y")).text


@pytest.mark.parametrize(
    "url", ["https://api.github.com/repos", "https://example.com/", "http://127.0.0.1:8000/items"]
)
def test_a_general_client_that_asked_somebody_else_is_none_of_ours(url: str) -> None:
    """The same classes of errors from another site are not an LLM client's."""
    assert not read_exception(httpx.ConnectError("refused", request=httpx.Request("GET", url))).llm


@pytest.mark.parametrize(
    "url", [URL, "https://openrouter.ai/api/v1/chat/completions", "http://127.0.0.1:8000/v1/chat/completions"]
)
def test_a_general_client_that_asked_a_model_is(url: str) -> None:
    """A vendor's host or a path that only models have tells it."""
    assert read_exception(httpx.ConnectError("refused", request=httpx.Request("POST", url))).llm

"""Who answers, by headers and model lists; never by the port, never by a guess."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.checks import ChatStream, Http
from deepkit.diagnosis import diagnose
from deepkit.records import Evidence, Observation
from deepkit.transport.exchange import KEPT_HEADERS, Exchange
from deepkit.transport.served_by import HEADERS, TRACES, served_by, trace_of


def models(*rows: dict[str, Any], **headers: str) -> Exchange:
    body = msgspec.json.encode({"object": "list", "data": list(rows)})
    return Exchange(status=200, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


ROUTED = {
    "id": "deepseek/deepseek-v4-pro",
    "canonical_slug": "deepseek/deepseek-v4-pro",
    "pricing": {"prompt": "0"},
}
KNOWN = [
    (models({"id": "m", "owned_by": "vllm", "root": "m"}), "vllm"),
    (models({"id": "m", "owned_by": "sglang"}), "sglang"),
    (models({"id": "m", "owned_by": "llamacpp"}), "llamacpp"),
    (models({"id": "m", "owned_by": "someone"}, server="llama.cpp"), "llamacpp"),
    (models({"id": "m", "owned_by": "organization_owner"}), "lmstudio"),
    (models({"id": "deepseek-r1:8b", "owned_by": "library"}), "ollama"),
    (models({"id": "m", "owned_by": "openai"}, x_litellm_version="1.80.0"), "litellm"),
    (models({"id": "m"}, x_siliconcloud_trace_id="ti_1"), "siliconflow"),
    (models({"id": "m", "owned_by": "custom"}, x_oneapi_request_id="2026"), "new-api"),
    (models(ROUTED), "openrouter"),
    (models({"id": "deepseek-flash", "owned_by": "deepseek"}, x_ds_trace_id="c0ffee"), "deepseek"),
    (models({"id": "m", "owned_by": "vllm"}, x_litellm_call_id="1", x_ds_trace_id="2"), "litellm"),
    (Exchange(status=503, body=b"{}", error_type="unavailable_error"), "llamacpp"),
    (models({"id": "m", "owned_by": "openai"}, server="uvicorn"), None),
    (models(), None),
    (Exchange(status=401, body=b"not json"), None),
]


@pytest.mark.parametrize(("told", "kind"), KNOWN)
def test_each_is_known_by_its_own_marks(told: Exchange, kind: str | None) -> None:
    """What a server says of itself names it; a router's mark goes before what it passes on; the rest is unknown."""
    assert served_by(told) == kind


@given(st.binary(max_size=200), st.integers(200, 599))
def test_any_answer_is_taken(body: bytes, status: int) -> None:
    """No body breaks the recognition."""
    served_by(Exchange(status=status, body=body))
    for value in (b"[]", b'{"data": 1}', b'{"data": [1, null, {"owned_by": ["vllm"]}]}'):
        assert served_by(Exchange(status=status, body=value)) is None


def test_the_headers_that_tell_are_kept() -> None:
    """Every header that is read stands in the list of the harmless ones."""
    assert {name for name, _ in HEADERS} <= KEPT_HEADERS
    assert set(TRACES) <= KEPT_HEADERS
    assert trace_of({"x-request-id": "a", "x-ds-trace-id": "b"}) == "b"
    assert trace_of({}) is None


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("vllm", "local_server_overloaded"),
        ("ollama", "local_server_overloaded"),
        ("litellm", "upstream_provider_fault"),
        ("openrouter", "upstream_provider_fault"),
        (None, "server_overloaded"),
        ("deepseek", "server_overloaded"),
    ],
)
def test_their_busy_is_not_deepseek_s(kind: str | None, cause: str) -> None:
    """A 503 from an address of one's own is laid at the door of whoever answered there."""
    facts = ChatStream(n=3, ok=0, failures={"http_503": 3}, error_message="The server is overloaded")
    front = Observation("http", "ok", facts=Http(status=200, served_by=kind))
    found = diagnose(Evidence((front, Observation("chat.stream", "fault", "http_503", facts)), "custom"))
    assert found.verdict == cause

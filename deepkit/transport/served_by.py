"""Which program or service answers, known by what it says of itself and never by the port alone.

A "busy" of a model server on one's own machine, or of a service between, is not DeepSeek's. The marks
are headers and model lists that each project documents or sends; what has none of them is unknown.
"""

from collections.abc import Mapping
from typing import Any

from deepkit.transport.bodies import json_of
from deepkit.transport.exchange import Exchange

HEADERS: tuple[tuple[str, str], ...] = (
    ("x-litellm-version", "litellm"),
    ("x-litellm-call-id", "litellm"),
    ("x-siliconcloud-trace-id", "siliconflow"),
    ("x-new-api-version", "new-api"),
    ("x-oneapi-request-id", "new-api"),
    ("x-ds-trace-id", "deepseek"),
)
"""Headers that only one kind of server sends; a router's own stand first, since it may pass others on."""
OWNERS = {
    "vllm": "vllm",
    "sglang": "sglang",
    "llamacpp": "llamacpp",
    "organization_owner": "lmstudio",
    "library": "ollama",
}
"""What each server calls the owner of its models in GET /v1/models."""
TRACES = (
    "x-ds-trace-id",
    "x-siliconcloud-trace-id",
    "x-oneapi-request-id",
    "x-litellm-call-id",
    "x-request-id",
)
"""Headers with the id that a provider's support asks for, the most telling first."""


def served_by(exchange: Exchange) -> str | None:
    """Say who answered a request for the model list.

    Args:
        exchange: The answer to GET /models, with or without a key.

    Returns:
        A provider's name (data/providers.toml), "sglang", "litellm" or "new-api"; None where nothing tells.
    """
    for header, kind in HEADERS:
        if header in exchange.headers:
            return kind
    if exchange.headers.get("server", "").lower().startswith("llama.cpp"):
        return "llamacpp"
    value = json_of(exchange.body)
    listed = value.get("data") if isinstance(value, dict) else None
    rows = [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []
    if any("canonical_slug" in row and "pricing" in row for row in rows):
        return "openrouter"
    owners = {str(row.get("owned_by", "")) for row in rows}
    known = next((kind for owner, kind in OWNERS.items() if owner in owners), None)
    if known is None and exchange.status == 503 and "unavailable_error" in (exchange.error_type or ""):
        return "llamacpp"
    return known


def trace_of(headers: Mapping[str, Any]) -> str | None:
    """Return the id under which the provider keeps a request."""
    return next((str(headers[name]) for name in TRACES if headers.get(name)), None)

"""A policy as one line for the user's own client."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from deepkit.records import Policy

TRANSPORT = "deepkit.retries.retrying_transport({policy}, library={library!r})"
LINES: Mapping[str, str] = MappingProxyType({
    "httpx": "client = httpx.Client(transport={transport}, timeout=60)",
    "httpx2": "client = httpx2.Client(transport={transport}, timeout=60)",
    "openai 1.x": "client = openai.OpenAI(http_client=httpx.Client(transport={transport}), max_retries=0)",
    "openai 3.x": "client = openai.OpenAI(http_client=httpx2.Client(transport={transport}), max_retries=0)",
    "litellm": "completion = tenacity.retry(**deepkit.retries.tenacity_options({policy}))"
               "(functools.partial(litellm.completion, max_retries=0))",
    "langchain": "model = langchain_openai.ChatOpenAI(http_client=httpx.Client(transport={transport}), max_retries=0)",
    "tenacity": "asking = tenacity.retry(**deepkit.retries.tenacity_options({policy}))(asking)",
})  # fmt: skip
"""One line for each client, once `deepkit.retries` and the libraries in it are imported."""


def spelled(policy: Policy) -> str:
    """Return a policy as Python writes it, what is left at its default left out."""
    told = [
        f"{one.name}={getattr(policy, one.name)!r}"
        for one in fields(policy)
        if getattr(policy, one.name) != one.default
    ]
    return f"deepkit.Policy({', '.join(told)})"


def lines(policy: Policy) -> dict[str, str]:
    """Return the line for each client.

    Args:
        policy: The policy.

    Returns:
        Lines by client: "httpx", "httpx2", "openai 1.x", "openai 3.x", "litellm", "langchain", "tenacity".
    """
    written = spelled(policy)
    return {
        client: line.format(
            policy=written,
            transport=TRANSPORT.format(policy=written, library="httpx2" if "httpx2" in line else "httpx"),
        )
        for client, line in LINES.items()
    }

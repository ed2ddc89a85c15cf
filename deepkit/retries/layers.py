"""Retry layers that stand on top of each other: found, counted, and said aloud.

Three layers of three attempts are 27 requests where the code says 3. What users met:
https://github.com/HKUDS/nanobot/issues/2760, https://github.com/mpfaffenberger/code_puppy/pull/317 .
"""

from dataclasses import dataclass
from typing import Any

from deepkit.records import Policy

DEEPEST = 12
"""Wrappers followed at most; a chain that runs in a circle ends here."""
INNER = (
    "root_client", "root_async_client", "model", "client", "_client",
    "_transport", "_wrapped_transport", "_base", "transport", "wrapped",
)  # fmt: skip
"""Attributes under which known clients keep what they wrap."""
HANDS_ON = ("root_client", "root_async_client")
"""Attributes of langchain's models, whose max_retries is that of the client within."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that retries by itself.

    Args:
        name: What it is, by its class.
        attempts: Requests it may send for each one it is asked for.
    """

    name: str
    attempts: int


def retry_layers(client: Any) -> tuple[Layer, ...]:
    """Find the layers of a client that retry.

    Args:
        client: An OpenAI or Anthropic client, an httpx or httpx2 client or transport, a requests
            session, a function that tenacity or stamina has decorated, or what holds such a client:
            langchain's ChatDeepSeek, pydantic-ai's Agent, model and provider, instructor's client.

    Returns:
        The layers found, outermost first. Their attempts multiply.
    """
    found: list[Layer] = []
    seen: set[int] = set()
    present = client
    while present is not None and id(present) not in seen and len(seen) < DEEPEST:
        seen.add(id(present))
        attempts = _attempts_of(present)
        if attempts > 1:
            found.append(Layer(type(present).__name__, attempts))
        present = _inside(present)
    return tuple(found)


def amplification(client: Any) -> int:
    """Return how many requests one call may become when every layer uses all of its attempts."""
    product = 1
    for layer in retry_layers(client):
        product *= layer.attempts
    return product


def _inside(client: Any) -> Any:
    for name in INNER:
        inner = getattr(client, name, None)
        if inner is not None and not callable(getattr(inner, "__func__", None)):
            return inner
    return None


def _attempts_of(client: Any) -> int:
    if any(
        getattr(client, name, None) is not None for name in HANDS_ON
    ):  # it tells its client, and does not retry
        return 1
    policy = getattr(client, "policy", None)
    if isinstance(policy, Policy):  # ours
        return (1 + (policy.retries if policy.kind != "none" else 0)) * (
            1 + (policy.hedge_after_s is not None)
        )
    for count in (
        getattr(client, "max_retries", None),  # openai, anthropic
        getattr(getattr(client, "retry", None), "total", None),  # httpx-retries
        getattr(getattr(client, "_pool", None), "_retries", None),  # httpx's own, connections only
    ):
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            return count + 1
    stop = getattr(getattr(client, "retry", None), "stop", None)  # a function decorated by tenacity
    most = getattr(stop, "max_attempt_number", None)
    if isinstance(most, int):
        return most
    adapters = getattr(client, "adapters", None)  # requests
    totals = [getattr(getattr(one, "max_retries", None), "total", 0) for one in (adapters or {}).values()]
    return 1 + max((total for total in totals if isinstance(total, int)), default=0)

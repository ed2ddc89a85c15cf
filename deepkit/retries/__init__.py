"""What a retry policy does: one delay function, the same for real calls and in the simulator.

Only the standard library is needed until a transport is made; those are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from deepkit.retries.budget import Bucket, FileBucket
from deepkit.retries.check import checked
from deepkit.retries.delays import KINDS, delay
from deepkit.retries.presets import POLICIES, policy_named
from deepkit.retries.retrier import Retrier
from deepkit.retries.retryability import RETRYABLE, parse_retry_after, retryable

if TYPE_CHECKING:
    from deepkit.retries.adapters import policy_delays, tenacity_options
    from deepkit.retries.call import Tally
    from deepkit.retries.layers import amplification, retry_layers
    from deepkit.retries.transports import retrying_async_transport, retrying_transport

_HOME = {
    "Tally": "call",
    "amplification": "layers",
    "retry_layers": "layers",
    "policy_delays": "adapters",
    "retrying_async_transport": "transports",
    "retrying_transport": "transports",
    "tenacity_options": "adapters",
}

__all__ = [
    "KINDS",
    "POLICIES",
    "RETRYABLE",
    "Bucket",
    "FileBucket",
    "Retrier",
    "Tally",
    "amplification",
    "checked",
    "delay",
    "parse_retry_after",
    "policy_delays",
    "policy_named",
    "retry_layers",
    "retryable",
    "retrying_async_transport",
    "retrying_transport",
    "tenacity_options",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"deepkit.retries.{_HOME[name]}"), name)
    message = f"module 'deepkit.retries' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

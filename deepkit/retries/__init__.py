"""What a retry policy does: one delay function, the same for real calls and in the simulator."""

from deepkit.retries.budget import Bucket
from deepkit.retries.check import checked
from deepkit.retries.delays import KINDS, delay
from deepkit.retries.judge import RETRYABLE, parse_retry_after, retryable
from deepkit.retries.presets import POLICIES, policy_named
from deepkit.retries.retrier import Retrier

__all__ = [
    "KINDS",
    "POLICIES",
    "RETRYABLE",
    "Bucket",
    "Retrier",
    "checked",
    "delay",
    "parse_retry_after",
    "policy_named",
    "retryable",
]

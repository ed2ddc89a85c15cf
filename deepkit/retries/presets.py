"""Policies by name: the guide's, the classic ones, and what well-known clients do by default."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from deepkit.errors import UnknownNameError
from deepkit.records import Policy
from deepkit.retries.check import checked

FOR_EVER = 1_000_000

POLICIES: Mapping[str, Policy] = MappingProxyType({
    "none": Policy(),
    "spam": Policy("fixed", retries=100, base_s=0.0, honour_retry_after=False),
    "guide_ladder": Policy("ladder", retries=3, ladder_s=(5.0, 10.0, 30.0)),
    "fixed": Policy("fixed", retries=3, base_s=5.0),
    "exponential": Policy("exponential", retries=5, base_s=1.0, cap_s=30.0),
    "full_jitter": Policy("full_jitter", retries=5, base_s=1.0, cap_s=30.0),
    "equal_jitter": Policy("equal_jitter", retries=5, base_s=1.0, cap_s=30.0),
    "decorrelated_jitter": Policy("decorrelated_jitter", retries=5, base_s=1.0, cap_s=30.0),
    "additive_jitter": Policy("additive_jitter", retries=5, base_s=1.0, cap_s=30.0, jitter_s=1.0),
    "retry_after": Policy("full_jitter", retries=5, base_s=1.0, cap_s=30.0, deadline_s=300.0),
    "budgeted": Policy("full_jitter", retries=5, base_s=1.0, cap_s=30.0, budget_ratio=0.1, budget_burst=5.0),
    # min(8, 0.5 * 2**n) * U(0.75, 1), two retries: openai-python 3.54.0, src/openai/_base_client.py
    "openai_sdk": Policy("scaled_jitter", retries=2, base_s=0.5, cap_s=8.0, jitter_share=0.25,
                         retry_after_cap_s=120.0),
    "anthropic_sdk": Policy("scaled_jitter", retries=2, base_s=0.5, cap_s=8.0, jitter_share=0.25,
                            retry_after_cap_s=4_294_967.0),
    # min(8, 0.5 * 2**n) + U(0, 0.75), two retries: litellm 1.109.1, router
    "litellm": Policy("additive_jitter", retries=2, base_s=0.5, cap_s=8.75, jitter_s=0.75, retry_after_cap_s=60.0),
    # A bare @retry of tenacity 9.2.1: for ever, without a wait, blind to headers
    "tenacity": Policy("fixed", retries=FOR_EVER, base_s=0.0, honour_retry_after=False),
    "tenacity_random_exponential": Policy("full_jitter", retries=FOR_EVER, base_s=1.0, cap_s=60.0,
                                          honour_retry_after=False),
    # stamina 26.1.0: 10 attempts, 45 s, min(5, 0.1 * 2**(n-1) + U(0, 1))
    "stamina": Policy("additive_jitter", retries=9, base_s=0.1, cap_s=5.0, jitter_s=1.0, deadline_s=45.0,
                      honour_retry_after=False),
    # urllib3 2.8.0 Retry(10): backoff factor 0 is no wait at all
    "urllib3": Policy("fixed", retries=10, base_s=0.0, cap_s=120.0, retry_after_cap_s=21_600.0),
    "httpx_retries": Policy("fixed", retries=10, base_s=0.0, cap_s=120.0, retry_after_cap_s=120.0),
    # botocore 1.44.5 "standard", throttled: 3 attempts, U(0, 1) * min(20, 2**i)
    "botocore": Policy("full_jitter", retries=2, base_s=1.0, cap_s=20.0),
})  # fmt: skip
"""Every policy that has a name. Names never change their meaning."""


def policy_named(name: str, *, retries: int | None = None) -> Policy:
    """Return the policy of that name.

    Args:
        name: One of POLICIES.
        retries: Most retries, instead of the preset's.

    Returns:
        The policy.

    Raises:
        UnknownNameError: When there is no such policy.
        UsageError: When `retries` is not a whole number from 0 on.
    """
    if name not in POLICIES:
        raise UnknownNameError("retry policy", name, POLICIES)
    policy = POLICIES[name]
    return policy if retries is None else checked(replace(policy, retries=retries))

"""Labels and code of RetryLab's policies."""

from collections.abc import Sequence
from dataclasses import fields

from deepkit.cluster import Standing
from deepkit.records import Policy
from deepkit.retries import POLICIES
from deepkit.views.words import seconds, spaced
from deepkit.widgets._control_values import NUMBERS, ControlValues

KNOWN = {
    "none": "no retries",
    "spam": "immediate retries without end",
    "guide_ladder": "retries after 5, 10 and 30 s",
    "openai_sdk": "the OpenAI SDK's own retries",
    "anthropic_sdk": "the Anthropic SDK's own retries",
    "litellm": "LiteLLM's own retries",
    "tenacity": "a bare tenacity decorator",
    "budgeted": "full jitter on a budget of 10 %",
}
NUMERALS = {1: "one retry", 2: "two retries", 3: "three retries"}


def brief(time_s: float) -> str:
    """Write a duration without a needless ".0"."""
    return seconds(time_s).replace(".0 s", " s")


def policy_words(now: ControlValues) -> str:
    """Say what a situation's policy does, its own numbers included."""
    preset, policy = POLICIES[now.policy], now.chosen
    if all(getattr(policy, name) == getattr(preset, name) for name in NUMBERS):
        return KNOWN.get(now.policy, f"the policy {spaced(now.policy)}")
    if not policy.retries:
        return KNOWN["none"]
    many = NUMERALS.get(
        policy.retries, f"{policy.retries} retries" if policy.retries < 1000 else "endless retries"
    )
    at_once = policy.kind in ("fixed", "none") and not policy.base_s
    budget = f" on a budget of {100 * policy.budget_ratio:g} %" if policy.budget_ratio is not None else ""
    return f"{many} {'at once' if at_once else f'({spaced(policy.kind)})'}{budget}"


def policy_code(now: ControlValues) -> str:
    """Return the lines that put a situation's policy into an OpenAI client."""
    policy, preset = now.chosen, POLICIES[now.policy]
    known = policy == preset
    imports = "" if known else "from deepkit.records import Policy\n"
    given = f'"{now.policy}"' if known else _written(policy)
    return (
        f"import httpx2, openai\n{imports}from deepkit.retries import retrying_transport\n\n"
        f'http = httpx2.Client(transport=retrying_transport({given}, library="httpx2"))\n'
        "client = openai.OpenAI(http_client=http, max_retries=0)"
    )


def _written(policy: Policy) -> str:
    plain = Policy()
    names = [one.name for one in fields(Policy) if getattr(policy, one.name) != getattr(plain, one.name)]
    return f"Policy({', '.join(f'{name}={getattr(policy, name)!r}' for name in names)})"


def contest_words(table: Sequence[Standing]) -> str:
    """Say who won a tournament, and what would be better for one and worse for all."""
    best, selfish = table[0], min(table, key=lambda one: one.alone.cost_s)
    said = (
        f"Best here: {spaced(best.name)}. A request is over after {seconds(best.alone.cost_s)} if only you use it "
        f"and after {seconds(best.everybody.cost_s)} if everybody does."
    )
    if selfish.name != best.name and selfish.alone.cost_s < 0.95 * best.alone.cost_s:
        fate = seconds(selfish.everybody.cost_s)
        said += (
            f" For you alone {spaced(selfish.name)} would be quicker ({seconds(selfish.alone.cost_s)}), "
            f"as long as not everybody does it ({fate})."
        )
    return said

"""What a trial may spend: questions, tokens, money; and what it has spent before a restart."""

from dataclasses import replace

from deepkit.errors import UsageError
from deepkit.facts import tariff
from deepkit.records import Budget, Target, Trial
from deepkit.transport.question import MAX_TOKENS, PROMPT


def spent_by(resume: Trial | None) -> Budget:
    """Return what an earlier trial has spent."""
    if resume is None:
        return Budget(0, 0)
    requests = max(resume.requests, sum(one.attempts for one in resume.samples))
    return Budget(requests, requests * MAX_TOKENS)


def left_of(budget: Budget, spent: Budget) -> Budget:
    """Return what is left of a budget."""
    return replace(
        budget,
        requests=max(0, budget.requests - spent.requests),
        tokens=max(0, budget.tokens - spent.tokens),
    )


def affordable(budget: Budget, dollars: float, target: Target) -> Budget:
    """Return a budget that costs no more than so much money at DeepSeek's dearest price for the target's model.

    Args:
        budget: What may be sent otherwise.
        dollars: The most to spend, in US dollars.
        target: Whom it is sent to; a target that is not live costs nothing.

    Returns:
        The budget with fewer requests, if need be. One character counts as one token, which is more than the
        documented 0.3 to 0.6.

    Raises:
        UsageError: When no price is known for the model.
    """
    if not target.live:
        return budget
    prices = [one for one in tariff().prices if one.model == target.model]
    if not prices:
        raise UsageError(f"No price is known for {target.model!r}; say how many requests it may be instead")
    sent = max(len(PROMPT), sum(len(str(one.get("content", ""))) for one in target.conversation))
    each = max(sent * one.cache_miss + MAX_TOKENS * one.output for one in prices) / 1e6
    return replace(budget, requests=min(budget.requests, int(dollars / each)))

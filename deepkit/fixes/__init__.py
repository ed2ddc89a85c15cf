"""The twelve fixes: each answers what it claims, whether it fits, how to do it, what changes, and if it helped.

To add one: write the module, put it into FIXES, and run the tests; they name what is
missing. docs/add-a-fix.md walks through it.
"""

from collections.abc import Sequence

from deepkit.errors import UnknownNameError
from deepkit.fixes import (
    aggregators,
    backoff,
    connection_quality,
    context_flush,
    dns_tcp_reset,
    extensions,
    firewall_allowlist,
    hard_refresh,
    off_peak,
    official_api,
    priority_tier,
    region_routing,
)
from deepkit.fixes._fix import Claim, Fix
from deepkit.fixes._power import forecast
from deepkit.fixes._rank import ranked
from deepkit.fixes._together import judge_family
from deepkit.fixes._verdicts import DECIDES, count_pairs, strengths
from deepkit.records import Diagnosis, Evidence, Trial, Verdict

FIXES: tuple[Fix, ...] = (
    region_routing.FIX,
    dns_tcp_reset.FIX,
    hard_refresh.FIX,
    extensions.FIX,
    backoff.FIX,
    off_peak.FIX,
    official_api.FIX,
    aggregators.FIX,
    context_flush.FIX,
    priority_tier.FIX,
    firewall_allowlist.FIX,
    connection_quality.FIX,
)
"""All fixes in the guide's order."""


def fix(key: str) -> Fix:
    """Return one fix.

    Args:
        key: Its key, such as "backoff".

    Returns:
        The fix.

    Raises:
        UnknownNameError: When there is none of that key.
    """
    known = {one.key: one for one in FIXES}
    if key not in known:
        raise UnknownNameError("fix", key, known)
    return known[key]


def fixes_for(diagnosis: Diagnosis, evidence: Evidence) -> tuple[tuple[Fix, Verdict], ...]:
    """Rank all fixes for a case, those worth trying first.

    Args:
        diagnosis: What the evidence means.
        evidence: What was observed.

    Returns:
        Every fix with its verdict: yes before cannot_tell before no, within each the order of
        the accused causes' fixes, and then the guide's order.
    """
    return ranked(FIXES, diagnosis, evidence)


def judge_together(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Judge the trials of several fixes again, so that they share one error rate.

    Any useless one among them is called helpful in at most 1 of 50 families, however often each was looked at.

    Args:
        trials: One trial a fix; those that could not be made count for nothing.

    Returns:
        The trials in the same order. One that helped alone, but is not proven among so many, becomes inconclusive;
        one that was held to the level of its family may turn out to have helped.
    """
    return judge_family(trials, fix)


__all__ = [
    "DECIDES", "FIXES", "Claim", "Fix", "count_pairs", "fix",
    "fixes_for", "forecast", "judge_together", "strengths",
]  # fmt: skip

"""Evidence to ranked causes, with what speaks for and against each.

`diagnose` is a pure function. Each rule looks at the facts of one or two checks and names
causes; `ranking` joins what the rules found. A wrong SHOWN is the worst fault this
package can have, so a rule says "shown" only for an artefact with one reading or for a
control that works where the user's own way fails.
"""

from deepkit.causes import BY_NAME
from deepkit.diagnosis import (
    rules_account,
    rules_between,
    rules_browser,
    rules_dns,
    rules_har,
    rules_http,
    rules_network,
    rules_server,
    rules_text,
)
from deepkit.diagnosis._calibrate import calibrate
from deepkit.diagnosis.ranking import LADDER, accuse
from deepkit.diagnosis.rule import Rule
from deepkit.diagnosis.verdict import conclude
from deepkit.errors import UnknownNameError
from deepkit.records import Diagnosis, Evidence

__all__ = ["LADDER", "RULES", "Rule", "diagnose", "explain_rule"]

MEASURED: tuple[Rule, ...] = (
    *rules_dns.RULES,
    *rules_network.RULES,
    *rules_http.RULES,
    *rules_account.RULES,
    *rules_server.RULES,
    *rules_between.RULES,
    *rules_browser.RULES,
    *rules_har.RULES,
)
"""The rules over measurements."""
RULES: tuple[Rule, ...] = (*MEASURED, *rules_text.RULES)
"""Every rule, in the order in which equal findings are ranked."""


def diagnose(evidence: Evidence) -> Diagnosis:
    """Rank the causes that the evidence speaks for.

    Args:
        evidence: Whatever was observed; nothing at all is allowed.

    Returns:
        The diagnosis. The same observations give the same one, in whatever order they stand.
    """
    found = [(rule.id, one) for rule in MEASURED for one in rule.findings(evidence)]
    # A text is judged once for all its rules, not once for each.
    found += rules_text.findings(evidence)
    assert all(one.cause in BY_NAME for _, one in found)
    return conclude(evidence, calibrate(evidence, tuple(accuse(found))))


def explain_rule(rule_id: str) -> str:
    """Say what a rule looks at and concludes.

    Args:
        rule_id: The id that stands in a diagnosis.

    Returns:
        Four lines: what it says, what it needs, what it can prove, what that rests on.

    Raises:
        UnknownNameError: When there is no such rule.
    """
    known = {rule.id: rule for rule in RULES}
    if rule_id not in known:
        raise UnknownNameError("rule", rule_id, known)
    return known[rule_id].in_words()

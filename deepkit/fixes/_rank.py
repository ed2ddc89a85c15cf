"""Which fix first: from verdicts and a diagnosis to an order."""

from collections.abc import Sequence

from deepkit.causes import BY_NAME
from deepkit.fixes._fix import Fix
from deepkit.records import Diagnosis, Evidence, Verdict

FIRST = {"yes": 0, "cannot_tell": 1, "no": 2}
CERTAIN = ("SHOWN", "LIKELY")
MEANT = "Meant for what was found, {cause} ({state}); whether it helps here was not measured."
WORTH = 2
"""How many fixes of a certain cause are worth doing where the evidence itself cannot tell (a pasted text)."""


def ranked(fixes: Sequence[Fix], diagnosis: Diagnosis, evidence: Evidence) -> tuple[tuple[Fix, Verdict], ...]:
    """Return every fix with its verdict, those worth trying first; see `deepkit.fixes.fixes_for`."""
    order = _order(diagnosis)
    judged = [(one, _verdict(one, diagnosis, evidence)) for one in fixes]

    def place(item: tuple[Fix, Verdict]) -> tuple[int, int, int]:
        one, verdict = item
        return FIRST[verdict.answer], order.get(one.key, len(order)), one.number

    return tuple(sorted(judged, key=place))


def _order(diagnosis: Diagnosis) -> dict[str, int]:
    """Return each fix's rank among those of the accused causes, best cause first."""
    open_causes = [
        one.cause for one in diagnosis.accusations if one.state not in ("RULED_OUT", "INSUFFICIENT")
    ]
    keys: dict[str, int] = {}
    for name in (diagnosis.verdict, *open_causes):
        for key in BY_NAME[name].fixes if name in BY_NAME else ():
            keys.setdefault(key, len(keys))
    return keys


def _verdict(one: Fix, diagnosis: Diagnosis, evidence: Evidence) -> Verdict:
    verdict = one.check(evidence)
    cause = BY_NAME.get(diagnosis.verdict)
    if verdict.answer != "cannot_tell" or cause is None or one.key not in cause.fixes[:WORTH]:
        return verdict
    state = next((seen.state for seen in diagnosis.accusations if seen.cause == cause.name), None)
    if state not in CERTAIN:
        return verdict
    meant = MEANT.format(cause=cause.name, state=state)
    return Verdict("yes", f"{meant} {verdict.regardless}".rstrip())

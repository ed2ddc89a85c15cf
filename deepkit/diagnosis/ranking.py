"""From findings to ranked accusations.

States differ by the kind of evidence and not by a score. SHOWN needs an artefact; LIKELY
two independent signs or one whose other readings are ruled out; a SHOWN fault of a lower
layer explains the symptoms of higher ones away. The order of findings of equal standing
follows the order of the rules, so that the same evidence always gives the same list.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from deepkit.causes import BY_NAME, CAUSES, SILENCED_BY
from deepkit.diagnosis.rule import Finding, Strength
from deepkit.records import Accusation, State

LADDER: tuple[State, ...] = ("SHOWN", "LIKELY", "POSSIBLE", "INSUFFICIENT", "RULED_OUT")
EXPLAINED = "{cause} lies below it and explains the same symptoms."
"""Why a proven cause of a lower layer silences another."""
_CAUSE_ORDER = {cause.name: number for number, cause in enumerate(CAUSES)}
_LAYER_ORDER = {layer: number for number, layer in enumerate(SILENCED_BY)}
_SURE: tuple[Strength, ...] = ("faint", "weak", "strong", "shown")
_LEAD = {"shown": 3, "strong": 3, "weak": 2, "faint": 1}

Found = tuple[str, Finding]
"""A rule's id and what it found."""


def _state(findings: Iterable[Finding]) -> State:
    by: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        by[one.strength].append(one)
    checks = {one.check for one in by["strong"]} | {one.check for one in by["weak"]}
    if by["shown"]:
        state: State = "SHOWN"
    elif by["excludes"]:
        return "RULED_OUT"
    elif by["strong"] or len(checks) > 1:
        state = "LIKELY"
    elif by["weak"] or by["faint"]:
        state = "POSSIBLE"
    else:
        return "INSUFFICIENT"
    if by["against"] and state != "POSSIBLE":  # a contradicting control lowers the verdict by one step
        state = LADDER[LADDER.index(state) + 1]
    return state


def accuse(found: list[Found]) -> list[Accusation]:
    """Join findings into one accusation for each cause, silenced and ranked.

    Args:
        found: Findings with the ids of their rules, in the order of the rules.

    Returns:
        Accusations, best first.
    """
    grouped: dict[str, list[Found]] = defaultdict(list)
    for rule, one in found:
        grouped[one.cause].append((rule, one))
    accused = {cause: _accusation(cause, some) for cause, some in grouped.items()}
    silenced = _silence(accused)
    return sorted(silenced.values(), key=lambda one: _rank(one, grouped[one.cause], silenced))


def _accusation(cause: str, found: list[Found]) -> Accusation:
    findings = [one for _, one in found]
    pro = [one for one in findings if one.strength in _LEAD]
    contra = [one for one in findings if one.strength in ("against", "excludes")]
    return Accusation(
        cause=cause,
        state=_state(findings),
        evidence_for=tuple(dict.fromkeys(one.because for one in pro)),
        evidence_against=tuple(dict.fromkeys(one.because for one in contra)),
        next_check=next((one.next_check for one in findings if one.next_check), None),
        rules=tuple(dict.fromkeys(rule for rule, one in found)),
        whose=_whose(pro),
    )


def _whose(pro: list[Finding]) -> str | None:
    """Return whose fault the strongest finding says it is, the first of equal ones; None is the cause's usual."""
    return max(pro, key=lambda one: _SURE.index(one.strength)).whose if pro else None


def _silence(accused: Mapping[str, Accusation]) -> dict[str, Accusation]:
    shown = [one.cause for one in accused.values() if one.state == "SHOWN"]
    result: dict[str, Accusation] = {}
    for cause, one in accused.items():
        below = SILENCED_BY[BY_NAME[cause].layer]
        by = [name for name in shown if BY_NAME[name].layer in below]
        if by and one.state in ("SHOWN", "LIKELY", "POSSIBLE"):
            lowest = min(by, key=lambda name: _LAYER_ORDER[BY_NAME[name].layer])
            reason = EXPLAINED.format(cause=lowest)
            against = (*one.evidence_against, reason)
            one = replace(one, state="POSSIBLE", evidence_against=against, silenced_by=lowest)
        result[cause] = one
    return result


def _rank(one: Accusation, found: list[Found], accused: Mapping[str, Accusation]) -> tuple[float, ...]:
    """Order by state, then by the kind and number of signs; ties go by rule order, then by the cause's place."""
    pro = [finding for _, finding in found if finding.strength in _LEAD]
    strongest = max((_LEAD[finding.strength] for finding in pro), default=0)
    weight = sum(finding.weight for finding in pro if _LEAD[finding.strength] == strongest)
    order = list(accused).index(one.cause)  # grouped in rule order
    return (
        LADDER.index(one.state),
        one.silenced_by is not None,
        -strongest,
        -weight,
        order,
        _CAUSE_ORDER[one.cause],
    )

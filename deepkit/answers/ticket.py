"""The text to send to whoever can help: what, when, where, which ids, and what was ruled out."""

from datetime import UTC, datetime

from deepkit import __version__
from deepkit.answers.speaker import Speaker
from deepkit.cases import Case
from deepkit.checks import Answered

MOST_TRACES = 3


def ticket_for(case: Case, speaker: Speaker) -> str:
    """Write the ticket.

    Args:
        case: The case.
        speaker: Who answered.

    Returns:
        Lines for a mail or an issue; practice gives none, since its ids belong to nobody.
    """
    if case.kind == "practice":
        return ""
    found = case.diagnosis
    where = "an error text that was pasted" if case.kind == "pasted" else case.stamp
    lines = [f"What: {found.verdict}", f"Where: {speaker.title or speaker.name}, {where}"]
    if case.evidence.at and case.kind == "yours":  # when a text was pasted says nothing of when it failed
        at = datetime.fromtimestamp(case.evidence.at, UTC)
        lines.append(f"When: {at:%Y-%m-%d %H:%M:%S} UTC, {at.astimezone():%H:%M:%S %Z}")
    if case.person.client:
        lines.append(f"Client: {case.person.client}")
    ids = [one.facts.trace_id for one in case.evidence.observations if isinstance(one.facts, Answered)]
    traces = [one for one in dict.fromkeys(ids) if one][:MOST_TRACES]
    if traces:
        lines.append(f"Trace ids: {', '.join(traces)}")
    out = [one.cause for one in found.accusations if one.state == "RULED_OUT"]
    if out:
        lines.append(f"Ruled out: {', '.join(out)}")
    done = "Read" if case.kind == "pasted" else "Measured"
    return "\n".join([*lines, f"{done} with DeepKit {__version__}"])

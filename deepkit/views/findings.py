"""What was found: every check as it arrives, and every cause that was weighed."""

from collections.abc import Sequence

from deepkit.answers import MOST_TRACES, support, support_words
from deepkit.cases import Case
from deepkit.records import Observation
from deepkit.views.html import bullets, card, esc, fold, label, paragraph, table, tone
from deepkit.views.words import CHECKS, OUTCOMES, STATES, seconds, spaced


def checks_table(seen: Sequence[Observation]) -> str:
    """Show every check with what it found."""
    rows = (
        (
            esc(CHECKS.get(one.check, one.check)),
            tone(*OUTCOMES[one.outcome]),
            esc(one.reason or one.failure or ""),
            esc(seconds(one.elapsed_s)) if one.elapsed_s is not None else "",
        )
        for one in seen
    )
    return table(("Check", "Result", "What was seen", "Took"), rows)


def arriving(words: str, seen: Sequence[Observation]) -> str:
    """Show a check-up that still runs.

    Args:
        words: What is being checked.
        seen: What arrived so far.

    Returns:
        HTML.
    """
    last = seen[-1] if seen else None
    now = f"{len(seen)} results so far" + (f"; last: {CHECKS.get(last.check, last.check)}" if last else "")
    faults = [one for one in seen if one.outcome == "fault"]
    first = (
        paragraph(tone("First fault seen:", "warn"), esc(faults[0].reason or faults[0].failure or ""))
        if faults
        else ""
    )
    head = f'<div class="dk-headline" role="status"><b>Checking {esc(words)} …</b></div>'
    return card(head, paragraph(esc(now)), first, fold("What was seen", checks_table(seen) if seen else ""))


def findings(case: Case) -> str:
    """Show the evidence: the causes that were weighed, all checks, and the ids for support.

    Args:
        case: The case.

    Returns:
        HTML, folded.
    """
    weighed = (
        (
            esc(spaced(one.cause)),
            tone(*STATES[one.state]),
            esc(
                "; ".join(one.evidence_against if one.state == "RULED_OUT" else one.evidence_for)
                or "nothing seen"
            ),
        )
        for one in case.diagnosis.accusations
    )
    causes = fold(
        f"{len(case.diagnosis.accusations)} causes were weighed",
        table(("Cause", "How sure", "Because"), weighed),
    )
    checks = fold(f"All {len(case.evidence.observations)} results", checks_table(case.evidence.observations))
    traces = bullets(support_words(one) for one in support(case)[:MOST_TRACES])
    ids = fold("For the provider's support", traces)
    return card(label("What was found"), causes, checks, ids, anchor="dk-found")

"""The answer card: what it is, how sure, whose fault, what to do first, how to be sure, and what to send."""

from collections.abc import Sequence

from deepkit.answers import answer_for, words
from deepkit.cases import Action, Answer, Case, Step
from deepkit.fixes import fix as fix_of
from deepkit.records import Accusation, Guide
from deepkit.views.html import bullets, card, esc, fold, label, paragraph, practice, tone
from deepkit.views.race import counts
from deepkit.views.words import EFFECTS, LABELS

HOW = {
    Action.WAIT_AND_RETRY: "backoff", Action.SWITCH_PROVIDER: "aggregators", Action.NEW_CHAT: "context_flush",
    Action.SHORTEN_REQUEST: "context_flush", Action.TOP_UP: "priority_tier",
    Action.TRUST_CERTIFICATE: "firewall_allowlist", Action.ASK_NETWORK_ADMIN: "firewall_allowlist",
    Action.CLEAR_SITE_DATA: "hard_refresh", Action.DISABLE_EXTENSION: "extensions",
    Action.RAISE_TIMEOUT: "connection_quality",
}  # fmt: skip
"""The fix whose steps say how an action is done."""
NETWORK = ("dns_tcp_reset", "region_routing", "firewall_allowlist", "connection_quality")
"""Fixes that change the way to the server, the nearest first."""
MOST_REASONS = 3
SURE = {"proven": "good", "likely": "info", "possible": "warn", "cannot_tell": "quiet"}


def how(case: Case, action: Action) -> str | None:
    """Return the fix whose steps say how an action is done here: one that fits, or, for a text, the action's own."""
    fits = {one.key for one in case.fixes if one.verdict.answer == "yes"}
    if action is Action.CHANGE_NETWORK:
        return next((key for key in NETWORK if key in fits), None)
    key = HOW.get(action)
    return key if key in fits or case.kind == "pasted" else None


def guide_for(key: str, case: Case) -> Guide:
    """Return a fix's steps for the person's system and browser."""
    fix = fix_of(key)
    person = case.person
    variants = (person.system, person.browser)
    system, browser = (name if name in fix.variants else None for name in variants)
    return fix.guide(case.evidence, system=system, browser=browser)


def reasons(case: Case) -> Sequence[str]:
    """Return what shows the verdict, in the order of its weight."""
    found: Accusation | None = next(
        (one for one in case.diagnosis.accusations if one.cause == case.diagnosis.verdict), None
    )
    return found.evidence_for if found else ()


def answer_card(case: Case, *, language: str | None = None, note: str = "") -> str:
    """Show what a person is told.

    Args:
        case: The case.
        language: "en" or "zh"; chosen by the person and the text unless given.
        note: A line above the answer: that the results are old, or that a run was cancelled.

    Returns:
        HTML; practice bears its banner.
    """
    told = answer_for(case, language=language)
    say = LABELS[told.language]
    old = f'<div class="dk-old" role="status">{esc(note)}</div>' if note else ""
    banner = practice(say["practice"]) if case.kind == "practice" else ""
    return banner + card(
        old,
        f'<div class="dk-stamp">{esc(case.stamp)}</div>',
        f'<div class="dk-headline" role="heading" aria-level="3"><b>{esc(told.headline)}</b></div>',
        paragraph(
            tone(words(told.language, f"certainty.{told.certainty}"), SURE[told.certainty]),
            esc(told.whose_words),
        ),
        _measured(case),
        label(say["first"]),
        _steps(case, told, say["how"]),
        _sure(told.to_be_sure, say["sure"]),
        _why(case, say["why"], say["reasons"]),
        _send(told, say["send"], say["ticket"]),
        anchor="dk-answer",
    )


def _measured(case: Case) -> str:
    """Say what the trials of this very case decided."""
    decided = [one for one in case.trials if one.verdict in ("helped", "worse")]
    lines = (
        f"<b>{esc(fix_of(one.fix).title)}</b>: {tone(EFFECTS[one.verdict][0], EFFECTS[one.verdict][1])} "
        f"({esc(counts(one.samples, one.fix))}, measured here)"
        for one in decided
    )
    return "".join(paragraph(one) for one in lines)


def _steps(case: Case, told: Answer, more: str) -> str:
    """List the steps; how the first is done stands open below it."""
    key = how(case, told.first.action)
    detail = ""
    if key is not None:
        guide = guide_for(key, case)
        commands = (f"<code>{esc(' '.join(one))}</code>" for one in guide.commands)
        whole = [*(esc(one) for one in guide.steps), *commands]
        detail = bullets(whole[:MOST_REASONS], ready=True) + fold(
            more, bullets(whole[MOST_REASONS:], ready=True)
        )
    first = f"<b>{esc(told.first.text)}</b>{detail}"
    return bullets([first, *(esc(one.text) for one in told.then)], ordered=True, ready=True)


def _sure(step: Step | None, heading: str) -> str:
    return label(heading) + paragraph(esc(step.text)) if step is not None else ""


def _why(case: Case, heading: str, rest: str) -> str:
    found = reasons(case)
    if not found:
        return ""
    more = fold(rest, bullets(found[MOST_REASONS:]))
    return label(heading) + bullets(found[:MOST_REASONS]) + more


def _send(told: Answer, heading: str, ticket: str) -> str:
    return label(heading) + fold(ticket, f"<pre>{esc(told.ticket)}</pre>") if told.ticket else ""

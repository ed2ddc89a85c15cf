"""The fixes: a table in two spans (in your case, what is known), and a compact card for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deepkit.answers import answer_for
from deepkit.cases import Case, RankedFix
from deepkit.fixes import fix as fix_of
from deepkit.records import Evidence, Sample, Trial
from deepkit.views.card import guide_for, how
from deepkit.views.html import bullets, card, esc, fold, label, link, paragraph, table, tone
from deepkit.views.race import demonstrated, outcome, race, running
from deepkit.views.words import CLAIMS, EFFECTS, FITS, SYSTEMS

ORDER = {"helped": 0, "inconclusive": 2, "no_difference": 3, "worse": 4}
UNTRIED = 1
SPANS = (
    '<tr><td></td><th class="dk-span" scope="colgroup" colspan="2">In your case</th>'
    '<th class="dk-span" scope="col">What is known</th></tr>'
)
HEAD = ("Fix", "Fits?", "Measured here", "The guide's claim")
NOT_HERE = {
    "pasted": "nothing was asked of any server",
    "practice": "not tried in this practice case",
    "yours": "not tried: it needs your click",
}


@dataclass(frozen=True, slots=True)
class Trials:
    """What was tried beside the case's own finished trials.

    Args:
        running: Samples of trials in the case that still run, by fix.
        shown: Demonstrations on made-up troubles, by fix: never part of the case.
    """

    running: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    shown: Mapping[str, Trial] = field(default_factory=dict)


NONE, NOTHING = Trials(), Evidence()


def trial_of(case: Case, key: str) -> Trial | None:
    """Return the trial of a fix made in this very case."""
    return next((one for one in case.trials if one.fix == key), None)


def in_order(case: Case) -> list[RankedFix]:
    """Return the fixes: by what was measured here first, then by how well they fit."""

    def place(item: tuple[int, RankedFix]) -> tuple[int, int]:
        rank, one = item
        tried = trial_of(case, one.key)
        return (ORDER[tried.verdict] if tried else UNTRIED), rank

    return [one for _, one in sorted(enumerate(case.fixes), key=place)]


def fixes_table(case: Case, trials: Trials = NONE) -> str:
    """Show all fixes for a case.

    Args:
        case: The case.
        trials: What else was tried; demonstrations stand in the foot, never in the columns.

    Returns:
        HTML: those that fit or were tried first, the others folded.
    """
    ranked = in_order(case)
    tried = {one.fix for one in case.trials} | set(trials.running)
    near = [one for one in ranked if one.verdict.answer == "yes" or one.key in tried]
    far = [one for one in ranked if one not in near]
    top = (
        table(HEAD, [_row(case, one, trials) for one in near], spans=SPANS)
        if near
        else paragraph("No fix fits what was found.")
    )
    rest = table(HEAD, [_row(case, one, trials) for one in far], spans=SPANS) if far else ""
    foot = paragraph(tone(demonstrated(trials.shown), "quiet")) if trials.shown else ""
    return card(
        label("The fixes"),
        top,
        fold(f"{len(far)} fixes that do not fit, or nobody can tell yet", rest),
        foot,
        anchor="dk-fixes",
    )


def _row(case: Case, one: RankedFix, trials: Trials) -> list[str]:
    fix, tried = fix_of(one.key), trial_of(case, one.key)
    name = f'<a href="#dk-{one.key}">{one.number}. {esc(one.title)}</a>'
    measured = (
        tone(outcome(tried), EFFECTS[tried.verdict][1]) if tried else tone(NOT_HERE[case.kind], "quiet")
    )
    if one.key in trials.running and not tried:
        measured = tone("trying now", "info")
    return [name, tone(*FITS[one.verdict.answer]), measured, tone(*CLAIMS[fix.claim.verdict])]


def fix_card(key: str, case: Case | None, trials: Trials = NONE) -> str:
    """Show one fix: does it fit, what the guide claims and what is true, what was measured, the steps.

    Args:
        key: The fix's key.
        case: The case; None shows what is known without one.
        trials: What else was tried.

    Returns:
        HTML: open where it is worth it, folded where not.
    """
    fix = fix_of(key)
    own = next((one for one in case.fixes if one.key == key), None) if case else None
    fits, colour = FITS[own.verdict.answer] if own else ("nothing was measured yet", "quiet")
    tried = trial_of(case, key) if case else None
    body = [
        paragraph("<b>Fits your case?</b>", tone(fits, colour), esc(own.verdict.because) if own else ""),
        paragraph("<b>The guide claims:</b>", esc(fix.claim.promise)),
        paragraph(
            "<b>True?</b>",
            tone(*CLAIMS[fix.claim.verdict]),
            esc(fix.claim.reality),
            f"({link(fix.claim.source, 'source')}, {esc(fix.claim.date)})",
        ),
        _measured(key, tried, trials),
        _steps(key, case),
        _demonstration(trials.shown.get(key)),
    ]
    worth = (own is not None and own.verdict.answer == "yes") or tried is not None or key in trials.running
    summary = f"{fix.number}. {fix.title} — {fits}" + (f"; {outcome(tried)}" if tried else "")
    return card(fold(summary, *body, open_=worth), anchor=f"dk-{key}")


def _measured(key: str, tried: Trial | None, trials: Trials) -> str:
    if tried is not None:
        return paragraph("<b>Measured here:</b>") + race(tried)
    if key in trials.running:
        return paragraph("<b>Being measured:</b>") + running(key, trials.running[key])
    return ""


def _steps(key: str, case: Case | None) -> str:
    fix = fix_of(key)
    guide = guide_for(key, case) if case else fix.guide(NOTHING)
    commands = bullets((f"<code>{esc(' '.join(one))}</code>" for one in guide.commands), ready=True)
    where = f" ({SYSTEMS[guide.system]})" if guide.system in SYSTEMS else ""
    told = case is not None and how(case, answer_for(case).first.action) == key
    body = bullets(guide.steps, ordered=True)
    if commands:
        body += paragraph("These commands change your system; nothing here runs them:") + commands
    body += bullets(guide.notes)
    body += paragraph("<b>Cost:</b>", esc(fix.claim.cost), "<b>Risk:</b>", esc(fix.claim.risk))
    return fold(f"Steps{where}", body, open_=told)


def _demonstration(shown: Trial | None) -> str:
    if shown is None:
        return ""
    inner = paragraph(
        "<b>Practice: demonstrated on a made-up trouble that this fix is meant for.</b>",
        "It says nothing about your case.",
    ) + race(shown)
    return fold("Show how this works", f'<div class="dk-frame"><div>{inner}</div></div>')

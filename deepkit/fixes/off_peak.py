"""Fix 6: come back at a quiet hour; the guide's own hour is not one."""

from datetime import UTC, date, datetime

from deepkit.facts import best_hours, fleet_day, incident_starts_by_hour, tariff, tariff_window
from deepkit.fixes._evidence import (
    OVERLOAD,
    among,
    answered,
    cannot_tell,
    failures,
    mostly,
    no,
    ratio_of,
    spelled,
    yes,
)
from deepkit.fixes._fix import assume, claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "6",
    causes=("server_overloaded", "empty_response_under_load"),
    changes=("assume",),
    cost="You wait for hours; the off-peak price is half the peak price.",
    risk="None.",
    least_ratio=0.8,
)
FULL = OVERLOAD - {"stream_silent"}
"""Failures that come with full servers and hardly otherwise; a silent stream has other causes too."""
CONTRADICTED = "The guide's 01:00-05:00 UTC is not quiet: it is the Chinese morning and mostly peak tariff"


def _now(evidence: Evidence) -> str:
    if evidence.at is None:
        return ""
    when = datetime.fromtimestamp(evidence.at, UTC)
    word = {"peak": "inside", "off_peak": "outside"}[tariff_window(when)]
    return f"It was {when:%H:%M} UTC, {word} DeepSeek's peak tariff. "


def _day(evidence: Evidence) -> date:
    """Return the day of the look, or a working day where it is not known: the same evidence, the same words."""
    return datetime.fromtimestamp(evidence.at, UTC).date() if evidence.at is not None else tariff().date


def _quiet(evidence: Evidence) -> str:
    best = best_hours(3, day=_day(evidence), top=1)[0]
    return f"{best.start:%H:%M}-{best.end:%H:%M} UTC"


def check(evidence: Evidence) -> Verdict:
    """Look whether the servers were full; only then does the hour matter."""
    if mostly(evidence, FULL):
        return yes(
            f"Not at the guide's hour, which the record contradicts, but at {_quiet(evidence)}, the quietest by the "
            f"published record. {_now(evidence)}The servers were full ({ratio_of(evidence)}; "
            f"{spelled(among(evidence, FULL))})."
        )
    failed = failures(evidence)
    if mostly(evidence, OVERLOAD):
        return cannot_tell(
            f"Answers fell silent ({spelled(among(evidence, OVERLOAD))}), under load or by a cut on the way: nothing "
            "shows that the hour matters.",
            f"{CONTRADICTED}.",
        )
    if answered(evidence) is None and not failed:
        return cannot_tell(
            "No question was asked, so nothing shows that the servers are full.", f"{CONTRADICTED}."
        )
    told = f"{ratio_of(evidence)}; {spelled(failed)}" if failed else ratio_of(evidence)
    return no(f"The servers are not full as far as seen ({told}); another hour would change nothing.")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps with the quiet windows in UTC and on this machine's clock."""
    began, most = sum(incident_starts_by_hour()), max(one.nodes for one in fleet_day())
    peaks = listed(f"{start}-{end}" for start, end in tariff().peak_utc)
    rows = [
        f"{one.start:%H:%M}-{one.end:%H:%M} UTC ({one.start.astimezone():%H:%M}-{one.end.astimezone():%H:%M} on this "
        f"machine's clock): {one.incidents} of {began} incidents began in these hours, {one.nodes:.0f} of {most} nodes"
        for one in best_hours(3, day=_day(evidence))
    ]
    return Guide(
        variant,
        (
            f"Quietest first: {'; '.join(rows)}.",
            "Move what can wait (batches, evaluations) to one of these windows, or to the weekend.",
            f"Avoid {peaks} UTC from Monday to Friday: DeepSeek's own peak tariff, twice the price.",
            "Let DeepKit record for a week (deepkit watch); your own history by hour is better than any table.",
        ),
        notes=(
            f"{CONTRADICTED}.",
            "Incidents are posted in staff hours, so that night ones may be missing; nobody publishes load by hour.",
        ),
    )


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Take a quiet hour as given."""
    return assume(settings, "quiet_hour")


FIX = define(
    number=6,
    key="off_peak",
    title="Come back at a quiet hour",
    claim=CLAIM,
    needs=("chat.stream", "chat.plain"),
    check=check,
    guide=guide,
    apply=apply,
)

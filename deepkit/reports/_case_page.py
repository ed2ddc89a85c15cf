"""A case as one HTML page: the answer first, then the ticket, the fixes, and everything else folded."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deepkit.answers import answer_for
from deepkit.case_file import case_json
from deepkit.cases import Case
from deepkit.records import Trial
from deepkit.reports._html import document
from deepkit.views import Trials, answer_card, findings, fix_card, fixes_table, hours, timing
from deepkit.views.html import card, esc, fold, label, table
from deepkit.views.picture import without_stills

MARK = "deepkit-case"
"""Id of the element that holds the case."""
BUTTONS = (("ticket", "Copy ticket"), ("summary", "Copy summary"), ("data", "Download the data (JSON)"))


def title_of(case: Case, language: str | None = None) -> str:
    """Return a report's title: verdict, target, date."""
    at = f", {datetime.fromtimestamp(case.evidence.at, UTC):%Y-%m-%d %H:%M} UTC" if case.evidence.at else ""
    return f"{answer_for(case, language=language).headline} {_target(case)}{at}"


def _target(case: Case) -> str:
    kinds = {"practice": f"Practice: {case.scenario or 'sandbox'}", "pasted": "Pasted text"}
    return kinds.get(case.kind, case.evidence.target)


def case_page(
    case: Case,
    about: Sequence[tuple[str, str]],
    *,
    shown: Mapping[str, Trial],
    language: str | None,
    more: str,
    alarm: str,
) -> str:
    """Write a case as a page.

    Args:
        case: The case, secrets removed.
        about: Pairs of name and words for the foot.
        shown: Demonstrations on made-up troubles, by fix.
        language: "en" or "zh"; chosen by the case unless given.
        more: HTML of one more section, such as a comparison.
        alarm: What went wrong while the case was made, or nothing.

    Returns:
        The page, which asks for nothing from anywhere.
    """
    told, trials = answer_for(case, language=language), Trials(shown=shown)
    summary = f"{told.headline} {told.whose_words}\n{told.first.text}\n({case.stamp})"
    body = [
        f'<div class="dk-old" role="alert">{esc(alarm)}</div>' if alarm else "",
        answer_card(case, language=language),
        _send(told.ticket, summary),
        more,
        fixes_table(case, trials),
        '<section class="dk-appendix">',
        *(fix_card(one.key, case, trials) for one in case.fixes),
        timing(case.evidence),
        fold("The hours of a day", hours()),
        findings(case),
        card(label("About this report"), table(("", ""), [(esc(name), esc(words)) for name, words in about])),
        "</section>",
    ]
    data = (
        json.dumps(case_json(case), ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    )
    held = f'<script type="application/json" id="{MARK}">{data}</script>'
    return document(
        title_of(case, language),
        _risen(without_stills("".join(body))) + held,
        language=told.language,
        simulated=case.kind == "practice",
    )


def _send(ticket: str, summary: str) -> str:
    """Return the ticket and the buttons; a practice case has nothing to send."""
    names = [(name, words) for name, words in BUTTONS if ticket or name != "ticket"]
    buttons = "".join(f'<button type="button" data-do="{name}">{words}</button> ' for name, words in names)
    shown = f'<pre id="dk-ticket">{esc(ticket)}</pre>' if ticket else ""
    return card(
        label("Send this"),
        shown,
        f'<p class="dk-buttons">{buttons}</p><pre id="dk-summary" hidden>{esc(summary)}</pre>',
    )


def _risen(html: str) -> str:
    """Let the answer be the page's first heading: in a notebook it stands below the notebook's own."""
    return html.replace('aria-level="3"', 'aria-level="1"').replace('aria-level="4"', 'aria-level="2"')


def case_in(html: str) -> Any:
    """Return the JSON values of the case inside a page, or None when there is none."""
    head = f'<script type="application/json" id="{MARK}">'
    _, found, rest = html.partition(head)
    return json.loads(rest.partition("</script>")[0]) if found else None

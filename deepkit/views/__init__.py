"""Records as HTML with SVG inside: the same in a notebook, a saved notebook, a report, and where no style is kept.

Each function takes records and returns a piece; `fragment(...)` makes pieces an output of their own.
"""

from deepkit.views.card import answer_card
from deepkit.views.findings import arriving, findings
from deepkit.views.fixes import NONE, Trials, fix_card, fixes_table
from deepkit.views.hours import hours
from deepkit.views.html import fragment
from deepkit.views.race import race
from deepkit.views.throttling import throttling
from deepkit.views.timing import timing

__all__ = [
    "NONE", "Trials", "answer_card", "arriving", "findings", "fix_card", "fixes_table", "fragment", "hours", "race",
    "throttling", "timing",
]  # fmt: skip

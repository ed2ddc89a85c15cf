"""Records become figures: trials, check-ups, hours, and what retries do to a cluster under load.

Every function takes records and returns a plotly figure that reads well on light and dark
pages: transparent background, mid-grey text, half-transparent grid, colours that a
colour-blind reader can tell apart (Okabe and Ito, 2008), and a word beside each colour.
`figure.layout.meta["alt"]` says in words what the figure shows.

    python -m deepkit.plots        draws the gallery into ./gallery.html, from small built-in records
"""

from deepkit.extras import extra

with extra("lab"):
    from deepkit.plots._shared import seconds, share
    from deepkit.plots.client import client_calls
    from deepkit.plots.contest import standings
    from deepkit.plots.day import hours
    from deepkit.plots.film import collapse, over_time
    from deepkit.plots.load import attempts, waiting_times
    from deepkit.plots.look import causes, latency
    from deepkit.plots.trial import before_after, retry_outcomes

__all__ = [
    "attempts",
    "before_after",
    "causes",
    "client_calls",
    "collapse",
    "hours",
    "latency",
    "over_time",
    "retry_outcomes",
    "seconds",
    "share",
    "standings",
    "waiting_times",
]

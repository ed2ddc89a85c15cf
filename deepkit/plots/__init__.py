"""Records become figures: what retries do to a cluster under load, and what a client's calls cost.

Every function takes records and returns a plotly figure that reads well on light and dark pages: transparent
background, mid-grey text, half-transparent grid, colours that a colour-blind reader can tell apart (Okabe and Ito,
2008), and a word beside each colour. `figure.layout.meta["alt"]` says in words what the figure shows. A case, its
trials and its report are drawn by `deepkit.views`, without plotly.
"""

from deepkit.extras import extra

with extra("lab"):
    from deepkit.plots.client import client_calls
    from deepkit.plots.contest import standings
    from deepkit.plots.film import collapse, over_time
    from deepkit.plots.load import attempts, waiting_times

__all__ = ["attempts", "client_calls", "collapse", "over_time", "standings", "waiting_times"]

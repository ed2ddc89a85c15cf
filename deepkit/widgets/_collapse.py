"""The published example of a collapse, run three times: as it was, with half the load, and with a budget."""

from dataclasses import replace

from deepkit.cluster import timeline
from deepkit.plots import collapse
from deepkit.widgets._control_values import values_named
from deepkit.widgets.figure import FigureView

HORIZON_S, STEP_S, GONE, BACK = 400.0, 2.0, 60.0, 70.0
RUNS = (
    ("metastable", "280 requests a second, one retry"),
    ("recovery", "140 requests a second, one retry"),
    ("budget", "280, retries for 2 % of them at most"),
)
CAPTION = (
    "Servers for 300 requests a second are gone for ten seconds (shaded). Whoever is not answered within one second "
    "asks once more, and the servers still work on the first question. At 280 a second that doubles the load for "
    "good: nobody is answered, long after the outage. Half the load, or a budget for retries, ends it."
)


def collapse_view() -> FigureView:
    """Run the example of Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021), and show it.

    Returns:
        One line a run: the share of requests answered over time.
    """
    outage = ((GONE, 0), (BACK, 1))
    clusters = [replace(values_named(name).cluster(), capacity=outage) for name, _ in RUNS]
    films = {
        words: timeline(cluster, horizon_s=HORIZON_S, step_s=STEP_S)
        for (_, words), cluster in zip(RUNS, clusters, strict=True)
    }
    return FigureView(collapse(films, clusters[0]), CAPTION)

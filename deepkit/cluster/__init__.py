"""An inference cluster under load, with clients that come back.

Names are loaded when first used: describing a cluster loads no WebAssembly runtime.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from deepkit.extras import extra

if TYPE_CHECKING:
    from deepkit.cluster.advice import Recommendation, recommend
    from deepkit.cluster.capacity import Fleet, fleet_named, fleets, published_day
    from deepkit.cluster.contest import Standing, tournament
    from deepkit.cluster.exact import exact_waits
    from deepkit.cluster.fitting import Fit, fit
    from deepkit.cluster.model import SERVICE_LAWS, Cluster
    from deepkit.cluster.presence import occupancy
    from deepkit.cluster.simulation import Outcome, simulate
    from deepkit.cluster.situations import SITUATIONS, Situation, situation_named
    from deepkit.cluster.sweeping import Table, sweep
    from deepkit.cluster.timelines import Timeline, timeline

_HOME = {
    "advice": ("Recommendation", "recommend"),
    "capacity": ("Fleet", "fleet_named", "fleets", "published_day"),
    "contest": ("Standing", "tournament"),
    "exact": ("exact_waits",),
    "fitting": ("Fit", "fit"),
    "model": ("SERVICE_LAWS", "Cluster"),
    "presence": ("occupancy",),
    "simulation": ("Outcome", "simulate"),
    "situations": ("SITUATIONS", "Situation", "situation_named"),
    "sweeping": ("Table", "sweep"),
    "timelines": ("Timeline", "timeline"),
}

__all__ = [
    "SERVICE_LAWS",
    "SITUATIONS",
    "Cluster",
    "Fit",
    "Fleet",
    "Outcome",
    "Recommendation",
    "Situation",
    "Standing",
    "Table",
    "Timeline",
    "exact_waits",
    "fit",
    "fleet_named",
    "fleets",
    "occupancy",
    "published_day",
    "recommend",
    "simulate",
    "situation_named",
    "sweep",
    "timeline",
    "tournament",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            with extra("simulate"):
                return getattr(import_module(f"deepkit.cluster.{module}"), name)
    message = f"module 'deepkit.cluster' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

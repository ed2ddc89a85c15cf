"""An inference cluster under load, with clients that come back.

Names are loaded when first used: describing a cluster or following its load needs no
compiler, and importing this package loads none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepkit.cluster.advice import Recommendation, recommend
    from deepkit.cluster.contention import contend
    from deepkit.cluster.contest import Standing, tournament
    from deepkit.cluster.engine import Outcome, simulate
    from deepkit.cluster.exact import exact_waits
    from deepkit.cluster.fitting import Fit, fit
    from deepkit.cluster.interpreted import occupancy
    from deepkit.cluster.model import SERVICE_LAWS, Cluster
    from deepkit.cluster.sweeping import Table, sweep
    from deepkit.cluster.timelines import Timeline, timeline

_HOME = {
    "SERVICE_LAWS": "model",
    "Cluster": "model",
    "Fit": "fitting",
    "Outcome": "engine",
    "Recommendation": "advice",
    "Standing": "contest",
    "Table": "sweeping",
    "Timeline": "timelines",
    "contend": "contention",
    "exact_waits": "exact",
    "fit": "fitting",
    "occupancy": "interpreted",
    "recommend": "advice",
    "simulate": "engine",
    "sweep": "sweeping",
    "timeline": "timelines",
    "tournament": "contest",
}

__all__ = [
    "SERVICE_LAWS",
    "Cluster",
    "Fit",
    "Outcome",
    "Recommendation",
    "Standing",
    "Table",
    "Timeline",
    "contend",
    "exact_waits",
    "fit",
    "occupancy",
    "recommend",
    "simulate",
    "sweep",
    "timeline",
    "tournament",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"deepkit.cluster.{_HOME[name]}"), name)
    message = f"module 'deepkit.cluster' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

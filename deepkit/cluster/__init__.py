"""An inference cluster under load, with clients that come back.

Names are loaded when first used: describing a cluster or following its load needs no
compiler, and importing this package loads none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from deepkit.extras import extra

if TYPE_CHECKING:
    from deepkit.cluster.advice import Recommendation, recommend
    from deepkit.cluster.contention import contend
    from deepkit.cluster.contest import Standing, tournament
    from deepkit.cluster.engine import Outcome, simulate
    from deepkit.cluster.exact import exact_waits
    from deepkit.cluster.fitting import Fit, fit
    from deepkit.cluster.fleet.engine import FleetOutcome, simulate_fleet
    from deepkit.cluster.fleet.film import FleetTimeline, fleet_timeline
    from deepkit.cluster.fleet.hardware import Speeds
    from deepkit.cluster.fleet.model import Fleet
    from deepkit.cluster.fleet.presets import FLEETS, fleet_named, published_day
    from deepkit.cluster.interpreted import occupancy
    from deepkit.cluster.model import SERVICE_LAWS, Cluster
    from deepkit.cluster.situations import SITUATIONS, Situation, situation_named
    from deepkit.cluster.sweeping import Table, sweep
    from deepkit.cluster.timelines import Timeline, timeline

_HOME = {
    "FLEETS": "fleet.presets",
    "SERVICE_LAWS": "model",
    "SITUATIONS": "situations",
    "Cluster": "model",
    "Fit": "fitting",
    "Fleet": "fleet.model",
    "FleetOutcome": "fleet.engine",
    "FleetTimeline": "fleet.film",
    "Outcome": "engine",
    "Situation": "situations",
    "Recommendation": "advice",
    "Speeds": "fleet.hardware",
    "Standing": "contest",
    "Table": "sweeping",
    "Timeline": "timelines",
    "contend": "contention",
    "exact_waits": "exact",
    "fit": "fitting",
    "fleet_named": "fleet.presets",
    "fleet_timeline": "fleet.film",
    "occupancy": "interpreted",
    "published_day": "fleet.presets",
    "recommend": "advice",
    "simulate": "engine",
    "simulate_fleet": "fleet.engine",
    "situation_named": "situations",
    "sweep": "sweeping",
    "timeline": "timelines",
    "tournament": "contest",
}

__all__ = [
    "FLEETS",
    "SERVICE_LAWS",
    "SITUATIONS",
    "Cluster",
    "Fit",
    "Fleet",
    "FleetOutcome",
    "FleetTimeline",
    "Outcome",
    "Recommendation",
    "Situation",
    "Speeds",
    "Standing",
    "Table",
    "Timeline",
    "contend",
    "exact_waits",
    "fit",
    "fleet_named",
    "fleet_timeline",
    "occupancy",
    "published_day",
    "recommend",
    "simulate",
    "simulate_fleet",
    "situation_named",
    "sweep",
    "timeline",
    "tournament",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        with extra("simulate"):
            return getattr(import_module(f"deepkit.cluster.{_HOME[name]}"), name)
    message = f"module 'deepkit.cluster' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""The form of RetryLab as data: names, labels, and the values that each control offers."""

from collections.abc import Mapping, Sequence
from typing import Any

from deepkit.cluster import SERVICE_LAWS, SITUATIONS
from deepkit.retries import POLICIES
from deepkit.views.words import spaced
from deepkit.widgets._control_values import OFFERED, OWN, VIEWS
from deepkit.widgets._policy_labels import brief

MANY = 1000
"""From so many retries on it is "for ever"."""
SCALES: Mapping[str, Sequence[Any]] = {
    "load": [round(0.1 + 0.05 * step, 2) for step in range(39)],
    "servers": (1, 2, 4, 8, 16, 32, 64, 100, 128, 200, 256, 500, 1000),
    "queue": (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000),
    "service_s": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0),
    "outage_s": (0.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0),
    "patience_s": (None, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0),
    "timeout_s": (None, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0),
    "retries": (*range(11), 20, 50, 100, 1_000_000),
    "base_s": (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0),
    "cap_s": (0.0, 1.0, 2.0, 5.0, 8.0, 10.0, 20.0, 30.0, 60.0, 120.0),
    "budget_ratio": (None, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 3.0),
}
LABELS: Mapping[str, str] = {
    "preset": "Situation",
    "load": "Load",
    "policy": "Retry policy",
    "servers": "Servers",
    "queue": "Waiting places",
    "service_s": "Service time, mean",
    "service_law": "Law of service times",
    "outage_s": "Outage",
    "patience_s": "Patience in the queue",
    "timeout_s": "Timeout of an attempt",
    "abandoned_work": "Servers finish work whose client has left",
    "retries": "Most retries",
    "base_s": "First wait",
    "cap_s": "Longest wait",
    "budget_ratio": "Retry budget",
}
GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    ("", ("preset", "load", "policy")),
    ("Servers", ("servers", "queue", "service_s", "service_law", "outage_s")),
    ("Clients", ("patience_s", "timeout_s", "abandoned_work")),
    ("Numbers of the policy", ("retries", "base_s", "cap_s", "budget_ratio")),
)


def words(name: str, value: Any) -> str:
    """Say a control's value."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "preset":
        return str(dict(choices(name)).get(value, value))
    if name == "policy":
        return spaced(value)
    if name == "load":
        return f"{value:.3g} × capacity"
    if name == "outage_s" and not value:
        return "none"
    if name == "retries":
        return "for ever" if value >= MANY else str(value)
    if name == "budget_ratio":
        return f"{100 * value:g} % of requests"
    if name.endswith("_s"):
        return brief(float(value)) if value else "at once"
    return f"{value:,}" if isinstance(value, int) else str(value)


def choices(name: str) -> list[tuple[Any, str]]:
    """Return what a list offers, as pairs of value and words."""
    if name == "preset":
        return [*((key, SITUATIONS[key].title) for key in OFFERED), (OWN, "Your own")]
    if name == "policy":
        return [(key, spaced(key)) for key in POLICIES]
    return [(law, law) for law in SERVICE_LAWS if law != "empirical"]


def form() -> dict[str, Any]:
    """Return the form as JSON values: the views, and groups of controls with their options."""
    groups = []
    for title, names in GROUPS:
        controls = []
        for name in names:
            kind = "check" if name == "abandoned_work" else "range" if name in SCALES else "list"
            pairs = [(one, words(name, one)) for one in SCALES[name]] if name in SCALES else []
            options = choices(name) if kind == "list" else pairs
            controls.append({"name": name, "label": LABELS[name], "kind": kind, "options": options})
        groups.append({"title": title, "controls": controls})
    return {"views": list(VIEWS.items()), "groups": groups}

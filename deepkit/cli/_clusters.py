"""What `deepkit simulate` reads and shows of a cluster: options into a record, an outcome into lines."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepkit.errors import UsageError

if TYPE_CHECKING:
    from deepkit.cluster import Cluster, Outcome, Timeline


def described(preset: str | None, outages: Sequence[str], given: dict[str, Any]) -> "Cluster":
    """Return the cluster that the options describe.

    Args:
        preset: A situation to begin with; None is 8 servers at nine tenths of capacity.
        outages: "BEGIN-END" in seconds: no server from the one to the other.
        given: Fields of Cluster that were named; None where not. `service_rate`, `load`, `capacity` and
            `priorities` as they were written.

    Returns:
        The cluster.
    """
    from deepkit.cluster import Cluster, situation_named

    base = situation_named(preset).cluster if preset else Cluster(8, 16, 7.2, 1.0)
    changes = {name: value for name, value in given.items() if value is not None and value != []}
    rate = changes.pop("service_rate", None)
    if rate is not None:
        if not rate > 0:
            raise UsageError(f"--service-rate must be above 0, not {rate}.")
        changes["service_s"] = 1 / rate
    if "priorities" in changes:
        changes["priorities"] = tuple(_numbers("--priorities", changes["priorities"], ","))
    for name, whole in (("load", False), ("capacity", True)):
        if name in changes:
            steps = [_numbers(f"--{name}", step, ":", 2) for step in changes[name]]
            changes[name] = tuple((at, int(value) if whole else value) for at, value in steps)
    servers = changes.get("servers", base.servers)
    if outages:
        spans = [_numbers("--outage", outage, "-", 2) for outage in outages]
        changes["capacity"] = tuple(step for begin, end in spans for step in ((begin, 0), (end, servers)))
    if changes.get("population") is not None and "arrival_rate" not in changes:
        changes["arrival_rate"] = 0.0
    return replace(base, **changes)


def _numbers(option: str, text: str, between: str, count: int | None = None) -> list[float]:
    try:
        values = [float(part) for part in text.split(between)]
    except ValueError:
        values = []
    if not values or (count is not None and len(values) != count):
        shape = between.join(["NUMBER"] * (count or 2))
        raise UsageError(f"{option} is {text!r}; write {shape}")
    return values


def names_as_json() -> dict[str, Any]:
    """Return the names of the situations (and what they show), policies and service laws."""
    from deepkit.cluster import SERVICE_LAWS, SITUATIONS
    from deepkit.retries import POLICIES

    says = {name: one.says for name, one in SITUATIONS.items()}
    return {"presets": says, "policies": list(POLICIES), "service_laws": list(SERVICE_LAWS)}


def names() -> str:
    """Return the situations and policies there are, one a line."""
    from deepkit.cluster import SERVICE_LAWS, SITUATIONS
    from deepkit.retries import POLICIES

    lines = ["Situations (--preset)"]
    lines += [f"  {name:<28} {one.says}" for name, one in SITUATIONS.items()]
    lines += ["Policies (--policy)"]
    for name, policy in POLICIES.items():
        retries = "for ever" if policy.retries >= 1_000_000 else f"{policy.retries} retries"
        lines.append(f"  {name:<28} {policy.kind}, {retries}")
    return "\n".join([*lines, f"Service laws (--service-law): {', '.join(SERVICE_LAWS)}"])


GROUPS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Clients": (
        ("success", "answered", "%"),
        ("attempts_per_request", "attempts a request", ""),
        ("time_to_success", "time to the answer", " s"),
        ("abandoned", "gave up waiting", "%"),
    ),
    "Queue": (
        ("blocked", "attempts rejected", "%"),
        ("wait_probability", "had to wait", "%"),
        ("mean_wait", "mean wait", " s"),
        ("queue_length", "waiting at a time", ""),
    ),
    "Servers": (
        ("utilisation", "busy", "%"),
        ("goodput", "answers", " /s"),
        ("offered", "attempts", " /s"),
    ),
}
"""Groups of figures: the outcome's name, what people call it, its unit."""


def shown(cluster: "Cluster", policy: str, outcome: "Outcome") -> Iterable[str]:
    """Yield the lines that a person reads: what was simulated, figures with their standard errors, a note."""
    who = f"{cluster.arrival_rate:g} requests/s"
    if cluster.population is not None:
        who = f"{cluster.population} clients who think for {cluster.think_s:g} s"
    yield (
        f"{cluster.servers} servers, {cluster.queue:,} waiting places, {who}, {cluster.mean_service_s:.4g} s each "
        f"({cluster.service_law}): {cluster.utilisation:.0%} of capacity"
    )
    yield f"policy {policy}; {outcome.requests:,} requests, {outcome.seconds:,.0f} s counted after a warm-up"
    for title, figures in GROUPS.items():
        yield ""
        yield f"{title:<28} ± standard error" if title == "Clients" else title
        for name, called, unit in figures:
            yield f"  {called:<20} {_figure(getattr(outcome, name), outcome.errors[name], unit)}"
    yield ""
    yield f"{outcome.events:,} events, {outcome.events_per_s / 1e6:.2f} million a second"
    if outcome.note:
        yield outcome.note


def _figure(value: float, error: float, unit: str) -> str:
    if value != value:
        return "not measured"
    scale = 100.0 if unit == "%" else 1.0
    unit = " %" if unit == "%" else unit
    margin = f" ± {scale * error:.2g}" if error == error else ""
    return f"{scale * value:.4g}{margin}{unit}"


def film_lines(film: "Timeline") -> Iterable[str]:
    """Yield what happened over time, for clusters whose load or capacity changes."""
    yield ""
    yield "Over time            answers/s  attempts/s  waiting"
    begin = 0.0
    for end, good, sent, waiting in zip(film.time, film.goodput, film.offered, film.waiting, strict=True):
        yield f"  {begin:7.0f} - {end:7.0f} s {good:9.1f}  {sent:10.1f}  {waiting:7.0f}"
        begin = end

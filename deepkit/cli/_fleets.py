"""The part of deepkit simulate that knows what servers are made of: GPUs that serve a language model."""

from dataclasses import replace
from typing import Any

from deepkit.cli._parser import Parser, put_json, real, say, whole
from deepkit.records import Policy


def add_fleet(parser: Parser) -> None:
    """Add the options of a fleet."""
    group = parser.add_argument_group("what servers are made of")
    group.add_argument(
        "--fleet", metavar="NAME", help="simulate GPUs that serve DeepSeek-V3, by a preset's name"
    )
    group.add_argument(
        "--gpus", type=whole(), metavar="N", help="GPUs of the fleet; the preset's unless given"
    )
    group.add_argument("--gpu", metavar="KIND", help="kind of GPU: H800, H100, H200")
    group.add_argument("--precision", metavar="P", help="fp16, fp8, or mixed (FP8 weights)")
    group.add_argument("--context", type=whole(), metavar="N", help="most tokens of a prompt and its answer")
    group.add_argument(
        "--fleet-load", type=real(), default=1.0, metavar="X", help="times the preset's arrival rate"
    )
    group.add_argument("--hours", type=real(), metavar="H", help="simulated hours, instead of --requests")


def show_fleet(
    name: str,
    levers: dict[str, Any],
    policy: Policy,
    *,
    fleet_load: float,
    hours: float | None,
    requests: int,
    seed: int,
    as_json: bool,
) -> int:
    """Simulate a preset with some of its fields changed, and print what it showed.

    Args:
        name: The preset's name.
        levers: Fields of the fleet to change, and patience_s; those that are None stay.
        policy: What the clients do.
        fleet_load: Factor on the arrival rate.
        hours: Simulated hours, about; None counts requests.
        requests: New requests to let in.
        seed: Seed of all draws.
        as_json: Print one JSON object.

    Returns:
        The exit status, 0.
    """
    from deepkit.cluster import fleet_named, simulate
    from deepkit.retries.check import number

    number("--fleet-load", fleet_load, 1e-9, 1e9)
    fleet = fleet_named(name)
    patience_s = levers.pop("patience_s", None)
    changed = {field: value for field, value in levers.items() if value is not None}
    fleet = replace(fleet, **changed, arrival_rate=fleet.arrival_rate * fleet_load)
    cluster = fleet.cluster(patience_s=patience_s)
    if hours is not None:
        number("--hours", hours, 1e-9, 1e6)
        requests = max(100, round(3600.0 * hours * fleet.arrival_rate))
    result = {
        "fleet": name, "gpus": fleet.gpus, "gpu": fleet.gpu, "precision": fleet.precision,
        "servers": cluster.servers, "service_s": cluster.service_s, "streams_per_gpu": fleet.streams,
        "most_streams_per_gpu": fleet.most_streams, "step_s": fleet.step_s(fleet.streams),
        "prefill_s": fleet.prefill_s, "load": cluster.utilisation,
        **simulate(cluster, policy, requests=requests, seed=seed).as_json(),
    }  # fmt: skip
    if as_json:
        put_json(result, own=True)
    else:
        say("\n".join(f"{key:<22} {value}" for key, value in result.items()), own=True)
    return 0

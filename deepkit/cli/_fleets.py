"""The part of deepkit simulate that runs an LLM fleet."""

from dataclasses import replace
from typing import Any

from deepkit.cli._parser import Parser, put_json, real, say, whole
from deepkit.records import Policy


def add_fleet(parser: Parser) -> None:
    """Add the options of a fleet."""
    group = parser.add_argument_group("an LLM fleet instead")
    group.add_argument("--fleet", metavar="NAME", help="simulate a fleet, by its preset's name")
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
        levers: Fields of the fleet to change; those that are None stay.
        policy: What the clients do.
        fleet_load: Factor on the arrival rate.
        hours: Simulated hours; None counts requests.
        requests: New requests to let in.
        seed: Seed of all draws.
        as_json: Print one JSON object.

    Returns:
        The exit status, 0.
    """
    from deepkit.cluster import fleet_named, simulate_fleet
    from deepkit.retries.check import number

    number("--fleet-load", fleet_load, 1e-9, 1e9)
    fleet = fleet_named(name)
    changed = {field: value for field, value in levers.items() if value is not None}
    fleet = replace(fleet, **changed, arrival_rate=fleet.arrival_rate * fleet_load)
    result = simulate_fleet(fleet, policy, requests=requests, hours=hours, seed=seed).as_json()
    result = {"fleet": name, "gpus": fleet.gpus, "gpu": fleet.gpu, "precision": fleet.precision, **result}
    if as_json:
        put_json(result, own=True)
    else:
        say("\n".join(f"{key:<22} {value}" for key, value in result.items()), own=True)
    return 0

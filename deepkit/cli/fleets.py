"""The part of deepkit simulate that knows what servers are made of: GPUs that serve a language model."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from deepkit.cli._app import put_json
from deepkit.records import Policy

FleetOption = Annotated[
    str | None, typer.Option("--fleet", help="Simulate GPUs that serve DeepSeek-V3, by a preset's name.")
]
GpusOption = Annotated[
    int | None, typer.Option("--gpus", help="GPUs of the fleet; the preset's unless given.")
]
GpuOption = Annotated[str | None, typer.Option("--gpu", help="Kind of GPU: H800, H100, H200.")]
PrecisionOption = Annotated[
    str | None, typer.Option("--precision", help="fp16, fp8, or mixed (FP8 weights).")
]
ContextOption = Annotated[
    int | None, typer.Option("--context", help="Most tokens of a prompt and its answer.")
]
FleetLoadOption = Annotated[float, typer.Option("--fleet-load", help="Times the preset's arrival rate.")]
HoursOption = Annotated[float | None, typer.Option("--hours", help="Simulated hours, instead of --requests.")]


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
        put_json(result)
    else:
        print("\n".join(f"{key:<22} {value}" for key, value in result.items()))
    return 0

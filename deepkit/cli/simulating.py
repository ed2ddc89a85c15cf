"""deepkit simulate."""

from typing import Annotated

import typer

from deepkit.cli import clusters
from deepkit.cli import fleets as llm
from deepkit.cli._app import JsonOption, SeedOption, app, put_json


@app.command()
def simulate(
    preset: Annotated[str | None, typer.Option(help="A situation to begin with; --list names them.")] = None,
    servers: Annotated[int | None, typer.Option(help="Requests served at once [8].")] = None,
    queue: Annotated[int | None, typer.Option(help="Waiting places beyond the servers [16].")] = None,
    arrival_rate: Annotated[float | None, typer.Option(help="New requests a second [7.2].")] = None,
    population: Annotated[int | None, typer.Option(help="Clients of a closed population instead.")] = None,
    think: Annotated[
        float | None, typer.Option(help="Mean seconds such a client thinks before it asks again.")
    ] = None,
    service_rate: Annotated[
        float | None, typer.Option(help="Requests a second that one server completes [1].")
    ] = None,
    service_law: Annotated[str | None, typer.Option(help="Law of the service times [exponential].")] = None,
    service_cv: Annotated[
        float | None, typer.Option(help="Standard deviation over mean (lognormal, hyperexponential) [2].")
    ] = None,
    service_phases: Annotated[int | None, typer.Option(help="Phases of the Erlang law [2].")] = None,
    requests: Annotated[int, typer.Option(help="New requests to simulate.")] = 100_000,
    policy: Annotated[str, typer.Option(help="Retry policy; --list names them.")] = "none",
    retries: Annotated[int | None, typer.Option(help="Most retries; the preset's unless given.")] = None,
    patience: Annotated[
        float | None, typer.Option(help="Mean seconds until a waiting client gives up.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds after which a client takes an attempt for failed.")
    ] = None,
    abandoned_work: Annotated[
        bool | None, typer.Option(help="Work of clients that have left is done all the same.")
    ] = None,
    failure_share: Annotated[
        float | None, typer.Option(help="Share of served requests that fail all the same.")
    ] = None,
    reject_cost: Annotated[float | None, typer.Option(help="Service seconds that a rejection costs.")] = None,
    round_trip: Annotated[
        float | None, typer.Option(help="Seconds until a client knows of a failure [0.05].")
    ] = None,
    clients: Annotated[int | None, typer.Option(help="Clients, each with a budget of its own [1].")] = None,
    priorities: Annotated[
        str | None, typer.Option(help="Shares of the classes, most important first: 0.2,0.8")
    ] = None,
    load: Annotated[
        list[str] | None, typer.Option(help="SECOND:FACTOR on the arrivals from then on; repeatable.")
    ] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="SECOND:SERVERS from then on; repeatable.")
    ] = None,
    outage: Annotated[list[str] | None, typer.Option(help="BEGIN-END in seconds; repeatable.")] = None,
    names: Annotated[bool, typer.Option("--list", help="Print the presets, policies and laws.")] = False,
    fleet: llm.FleetOption = None,
    gpus: llm.GpusOption = None,
    gpu: llm.GpuOption = None,
    precision: llm.PrecisionOption = None,
    context: llm.ContextOption = None,
    fleet_load: llm.FleetLoadOption = 1.0,
    hours: llm.HoursOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = 0,
) -> int:
    """Run a retry policy against an inference cluster under load."""
    if names:
        put_json(clusters.names_as_json()) if as_json else print(clusters.names())
        return 0
    from deepkit.cluster import simulate, timeline
    from deepkit.retries import policy_named

    chosen = policy_named(policy, retries=retries)
    if fleet is not None:
        levers = {
            "gpus": gpus,
            "gpu": gpu,
            "precision": precision,
            "context": context,
            "patience_s": patience,
        }
        return llm.show_fleet(
            fleet,
            levers,
            chosen,
            fleet_load=fleet_load,
            hours=hours,
            requests=requests,
            seed=seed,
            as_json=as_json,
        )
    cluster = clusters.described(preset, outage or [], {
        "servers": servers, "queue": queue, "arrival_rate": arrival_rate, "population": population,
        "think_s": think, "service_rate": service_rate, "service_law": service_law, "service_cv": service_cv,
        "service_phases": service_phases, "patience_s": patience, "timeout_s": timeout,
        "abandoned_work": abandoned_work, "failure_share": failure_share, "reject_s": reject_cost,
        "round_trip_s": round_trip, "clients": clients, "priorities": priorities, "load": load,
        "capacity": capacity,
    })  # fmt: skip
    outcome = simulate(cluster, chosen, requests=requests, seed=seed)
    if as_json:
        put_json(outcome.as_json())
        return 0
    print("\n".join(clusters.shown(cluster, policy, outcome)))
    if (cluster.load or cluster.capacity) and outcome.seconds > 0:
        horizon = outcome.seconds / 0.9
        film = timeline(cluster, chosen, horizon_s=horizon, step_s=horizon / 12, seed=seed)
        print("\n".join(clusters.film_lines(film)))
    return 0

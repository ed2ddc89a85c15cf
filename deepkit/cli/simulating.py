"""deepkit simulate."""

from typing import Annotated

import typer

from deepkit.cli._app import JsonOption, SeedOption, app, put_json


@app.command()
def simulate(
    servers: Annotated[int, typer.Option(help="Requests served at once.")] = 8,
    queue: Annotated[int, typer.Option(help="Waiting places beyond the servers.")] = 16,
    arrival_rate: Annotated[float, typer.Option(help="New requests a second.")] = 7.2,
    service_rate: Annotated[float, typer.Option(help="Requests a second that one server completes.")] = 1.0,
    service_law: Annotated[str, typer.Option(help="Law of the service times.")] = "exponential",
    requests: Annotated[int, typer.Option(help="New requests to simulate.")] = 100_000,
    policy: Annotated[str, typer.Option(help="Retry policy, by its preset's name.")] = "none",
    retries: Annotated[int | None, typer.Option(help="Most retries; the preset's unless given.")] = None,
    patience: Annotated[float | None, typer.Option(help="Seconds until a waiting client gives up.")] = None,
    as_json: JsonOption = False,
    seed: SeedOption = 0,
) -> int:
    """Run a retry policy against an inference cluster under load."""
    from deepkit.cluster import Cluster, simulate
    from deepkit.errors import UsageError
    from deepkit.retries import policy_named

    if not service_rate > 0:
        message = f"--service-rate must be above 0, not {service_rate}."
        raise UsageError(message)
    chosen = policy_named(policy, retries=retries)
    cluster = Cluster(
        servers=servers,
        queue=queue,
        arrival_rate=arrival_rate,
        service_s=1 / service_rate,
        service_law=service_law,
        patience_s=patience,
    )
    result = simulate(cluster, chosen, requests=requests, seed=seed).as_json()
    if as_json:
        put_json(result)
    else:
        print("\n".join(f"{name:<22} {value}" for name, value in result.items()))
    return 0

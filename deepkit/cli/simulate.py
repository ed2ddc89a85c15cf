"""The cluster has 8 servers, 16 waiting places and 7.2 arrivals a second unless options say otherwise."""

import argparse
from typing import TYPE_CHECKING, Any

from deepkit.cli import _clusters, _fleets
from deepkit.cli._parser import Parser, add_json, add_seed, put_json, real, say, whole
from deepkit.extras import extra

if TYPE_CHECKING:
    from deepkit.records import Policy

FIELDS: tuple[tuple[str, Any, str], ...] = (
    ("servers", whole(), "requests served at once [8]"),
    ("queue", whole(), "waiting places beyond the servers [16]"),
    ("arrival-rate", real(), "new requests a second [7.2]"),
    ("population", whole(), "clients of a closed population instead"),
    ("think", real(), "mean seconds such a client thinks before it asks again"),
    ("service-rate", real(), "requests a second that one server completes [1]"),
    ("service-law", str, "law of the service times [exponential]"),
    ("service-cv", real(), "standard deviation over mean (lognormal, hyperexponential) [2]"),
    ("service-phases", whole(), "phases of the Erlang law [2]"),
    ("patience", real(), "mean seconds until a waiting client gives up"),
    ("timeout", real(), "seconds after which a client takes an attempt for failed"),
    ("failure-share", real(), "share of served requests that fail all the same"),
    ("reject-cost", real(), "service seconds that a rejection costs"),
    ("round-trip", real(), "seconds until a client knows of a failure [0.05]"),
    ("clients", whole(), "clients, each with a budget of its own [1]"),
    ("priorities", str, "shares of the classes, most important first: 0.2,0.8"),
)
"""Options that are fields of the model: name, type, help."""
CHANGES = (
    ("load", "SECOND:FACTOR", "factor on the arrivals from then on"),
    ("capacity", "SECOND:SERVERS", "servers from then on"),
    ("outage", "BEGIN-END", "no servers, in seconds"),
)
"""Options that change with time; each may be given several times."""


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument("--preset", metavar="P", help="a situation to begin with; --list names them")
    for name, kind, says in FIELDS:
        parser.add_argument(f"--{name}", type=kind, metavar="X", help=says)
    parser.add_argument(
        "--abandoned-work",
        action=argparse.BooleanOptionalAction,
        help="work of clients that have left is done all the same",
    )
    for name, shape, says in CHANGES:
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar=shape, help=f"{says}; repeatable"
        )
    parser.add_argument(
        "--requests",
        type=whole(),
        default=100_000,
        metavar="N",
        help="new requests to simulate; 100000 unless given",
    )
    parser.add_argument("--policy", default="none", metavar="P", help="retry policy; --list names them")
    parser.add_argument(
        "--retries", type=whole(), metavar="N", help="most retries; the policy's unless given"
    )
    parser.add_argument(
        "--list", action="store_true", dest="names", help="print the presets, policies and laws"
    )
    _fleets.add_fleet(parser)
    add_json(parser)
    add_seed(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    if options.names:
        put_json(_clusters.names_as_json(), own=True) if options.as_json else say(_clusters.names(), own=True)
        return 0
    from deepkit.retries import policy_named

    policy = policy_named(options.policy, retries=options.retries)
    return _fleet(options, policy) if options.fleet is not None else _cluster(options, policy)


def _fleet(options: argparse.Namespace, policy: "Policy") -> int:
    levers = {name: getattr(options, name) for name in ("gpus", "gpu", "precision", "context")}
    return _fleets.show_fleet(
        options.fleet,
        {**levers, "patience_s": options.patience},
        policy,
        fleet_load=options.fleet_load,
        hours=options.hours,
        requests=options.requests,
        seed=options.seed,
        as_json=options.as_json,
    )


def _cluster(options: argparse.Namespace, policy: "Policy") -> int:
    with extra("simulate"):
        from deepkit.cluster import simulate, timeline

    cluster = _clusters.described(options.preset, options.outage, {
        "servers": options.servers, "queue": options.queue, "arrival_rate": options.arrival_rate,
        "population": options.population, "think_s": options.think, "service_rate": options.service_rate,
        "service_law": options.service_law, "service_cv": options.service_cv,
        "service_phases": options.service_phases, "patience_s": options.patience, "timeout_s": options.timeout,
        "abandoned_work": options.abandoned_work, "failure_share": options.failure_share,
        "reject_s": options.reject_cost, "round_trip_s": options.round_trip, "clients": options.clients,
        "priorities": options.priorities, "load": options.load, "capacity": options.capacity,
    })  # fmt: skip
    outcome = simulate(cluster, policy, requests=options.requests, seed=options.seed)
    if options.as_json:
        put_json(outcome.as_json(), own=True)
        return 0
    say("\n".join(_clusters.shown(cluster, options.policy, outcome)), own=True)
    if (cluster.load or cluster.capacity) and outcome.seconds > 0:
        horizon = outcome.seconds / 0.9
        film = timeline(cluster, policy, horizon_s=horizon, step_s=horizon / 12, seed=options.seed)
        say("\n".join(_clusters.film_lines(film)), own=True)
    return 0

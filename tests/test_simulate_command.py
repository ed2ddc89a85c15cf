"""`deepkit simulate`: what its options mean, what it shows, and what it refuses."""

import json
from dataclasses import replace

import pytest

from deepkit.cli import _clusters as clusters
from deepkit.cli import status
from deepkit.cli._parser import Parser
from deepkit.cli.simulate import add_options
from deepkit.cluster import SERVICE_LAWS, SITUATIONS, Cluster, simulate
from deepkit.retries import POLICIES

KEYS = {
    "blocked", "wait_probability", "mean_wait", "success", "attempts_per_request", "goodput", "requests", "events",
    "events_per_s",
}  # fmt: skip
"""What the JSON always has."""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run the command in this process and return what it printed."""
    assert status(["simulate", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "cluster"),
    [
        ([], Cluster(8, 16, 7.2, 1.0)),
        (["--servers", "3", "--queue", "0", "--arrival-rate", "2", "--service-rate", "4"], Cluster(3, 0, 2.0, 0.25)),
        (
            ["--service-law", "lognormal", "--service-cv", "1.5", "--patience", "3", "--timeout", "9",
             "--abandoned-work", "--failure-share", "0.1", "--reject-cost", "0.01", "--round-trip", "0.2",
             "--clients", "7", "--priorities", "0.25,0.75"],
            Cluster(8, 16, 7.2, 1.0, service_law="lognormal", service_cv=1.5, patience_s=3.0, timeout_s=9.0,
                    abandoned_work=True, failure_share=0.1, reject_s=0.01, round_trip_s=0.2, clients=7,
                    priorities=(0.25, 0.75)),
        ),
        (["--population", "40", "--think", "5"], Cluster(8, 16, population=40, think_s=5.0)),
        (["--outage", "100-110", "--outage", "200-230"],
         Cluster(8, 16, 7.2, 1.0, capacity=((100.0, 0), (110.0, 8), (200.0, 0), (230.0, 8)))),
        (["--load", "0:1", "--load", "60:3", "--capacity", "80:4"],
         Cluster(8, 16, 7.2, 1.0, load=((0.0, 1.0), (60.0, 3.0)), capacity=((80.0, 4),))),
        (["--preset", "rush_hour", "--servers", "9"], replace(SITUATIONS["rush_hour"].cluster, servers=9)),
        (["--preset", "quiet", "--population", "4", "--think", "2"],
         replace(SITUATIONS["quiet"].cluster, arrival_rate=0.0, population=4, think_s=2.0)),
    ],
)  # fmt: skip
def test_options_are_the_model_s_fields(
    words: list[str], cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each option sets its field and nothing else: the figures are those of `simulate` itself."""
    told = json.loads(
        said(capsys, *words, "--policy", "full_jitter", "--requests", "2000", "--seed", "5", "--json")
    )
    truth = simulate(cluster, "full_jitter", requests=2000, seed=5).as_json()
    assert set(told) >= KEYS
    assert {**told, "events_per_s": 0} == {**truth, "events_per_s": 0}


@pytest.mark.parametrize("preset", SITUATIONS)
def test_every_preset_is_shown_whole(preset: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each situation runs; people read every figure with its unit, and a film where something changes."""
    text = said(capsys, "--preset", preset, "--requests", "3000")
    for figures in clusters.GROUPS.values():
        assert all(called in text for _, called, _ in figures)
    assert "nan" not in text
    changes = SITUATIONS[preset].cluster.capacity or SITUATIONS[preset].cluster.load
    assert ("Over time" in text) == bool(changes)


def test_figures_say_how_sure_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A share is printed in per cent with its standard error in per cent."""
    outcome = simulate(Cluster(8, 16, 7.2, 1.0), requests=5000, seed=2)
    text = said(capsys, "--requests", "5000", "--seed", "2")
    share, error = 100 * outcome.blocked, 100 * outcome.errors["blocked"]
    assert f"{share:.4g} ± {error:.2g} %" in text


def test_what_was_not_measured_is_said() -> None:
    """A figure without a value is no number, and one without an error shows none."""
    assert clusters._figure(float("nan"), 0.0, " s") == "not measured"
    assert clusters._figure(2.0, float("nan"), " s") == "2 s"


def test_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` names every situation, policy and law, for people and as JSON."""
    text = said(capsys, "--list")
    told = json.loads(said(capsys, "--list", "--json"))
    assert told == {
        "presets": {name: one.says for name, one in SITUATIONS.items()},
        "policies": list(POLICIES),
        "service_laws": list(SERVICE_LAWS),
    }
    assert all(name in text for name in (*SITUATIONS, *POLICIES, *SERVICE_LAWS))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--preset", "rush"], "rush_hour"),
        (["--outage", "5"], "--outage"),
        (["--outage", "9-x"], "--outage"),
        (["--outage", "20-10"], "must rise"),
        (["--load", "1"], "--load"),
        (["--load", "1:-2"], "load"),
        (["--capacity", "3:"], "--capacity"),
        (["--priorities", "0.5;0.5"], "--priorities"),
        (["--priorities", "0.5,0.6"], "sum to"),
        (["--population", "5"], "think_s"),
        (["--think", "5"], "population"),
        (["--population", "5", "--think", "1", "--arrival-rate", "2"], "not both"),
        (["--preset", "team", "--arrival-rate", "2"], "not both"),
        (["--service-rate", "nan"], "service"),
        (["--timeout", "0"], "timeout_s"),
    ],
)
def test_bad_options_are_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option ends with status 64 and one line that names it."""
    assert status(["simulate", *words]) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_it_is_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Every field of a cluster can be set from the command line but measured times and the policy as data."""
    parser = Parser("simulate", "")
    add_options(parser)
    named = {one.dest for one in parser._actions}
    called = {"service_s": "service_rate", "patience_s": "patience", "timeout_s": "timeout", "reject_s": "reject_cost",
              "round_trip_s": "round_trip", "think_s": "think"}  # fmt: skip
    fields = {called.get(field, field) for field in Cluster.__dataclass_fields__} - {"service_samples"}
    assert fields <= named

"""`deepkit simulate --fleet`: presets and levers from the command line."""

import json

import pytest

from deepkit.cli import status


def simulated(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, object]:
    """Run the command with --json and return its one object."""
    assert status(["simulate", "--fleet", "deepseek_rush", "--requests", "200000", "--json", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    return dict(json.loads(lines[0]))


def test_levers_reach_the_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    """GPUs, their kind, precision and load change the outcome, and the JSON says which fleet it was."""
    busy = simulated(capsys, "--fleet-load", "1.5")
    relieved = simulated(
        capsys, "--fleet-load", "1.5", "--gpus", "222", "--gpu", "H200", "--precision", "fp8"
    )
    assert (busy["fleet"], busy["gpus"], relieved["gpus"]) == ("deepseek_rush", 111, 222)
    assert (relieved["gpu"], relieved["precision"]) == ("H200", "fp8")
    assert float(str(busy["blocked"])) > 0.2
    assert relieved["blocked"] == 0.0
    names = {"success", "mean_wait", "goodput", "servers", "service_s", "step_s", "load", "errors", "stable"}
    assert names <= set(busy)


def test_hours_replace_requests(capsys: pytest.CaptureFixture[str]) -> None:
    """With --hours the run lasts about that long, and shorter context is taken."""
    result = simulated(capsys, "--hours", "1.0", "--context", "2048", "--fleet-load", "0.5")
    assert 0.8 * 3600 < float(str(result["seconds"])) < 3600
    assert float(str(result["service_s"])) < float(str(simulated(capsys, "--fleet-load", "0.5")["service_s"]))


@pytest.mark.parametrize(
    "wrong",
    [
        ["--fleet", "deepseek"], ["--fleet", "deepseek_noon", "--gpus", "0"],
        ["--fleet", "deepseek_noon", "--gpus", "1"], ["--fleet", "deepseek_noon", "--gpu", "GTX"],
        ["--fleet", "two_h200_nodes", "--precision", "fp16"], ["--fleet", "deepseek_noon", "--precision", "int4"],
        ["--fleet", "two_h200_nodes", "--context", "9000000"], ["--fleet", "deepseek_noon", "--fleet-load", "nan"],
        ["--fleet", "deepseek_noon", "--hours", "-1"], ["--fleet", "deepseek_noon", "--hours", "1e9"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_calls_exit_64(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is not known and a fleet that cannot be are one line on stderr and exit status 64."""
    assert status(["simulate", *wrong]) == 64
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1

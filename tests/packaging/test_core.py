"""The core alone: what it does, what it says of the rest, and what needs nothing but Python."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deepkit.sandbox import open_sandbox
from tests.packaging.conftest import ROOT, Install

Run = Callable[..., subprocess.CompletedProcess[str]]
TEXT = "Error code: 402 - {'error': {'message': 'Insufficient Balance'}}"
USES_A_POLICY = """
import httpx
from deepkit.records import Policy
from deepkit.retries import retrying_transport
replies = iter([httpx.Response(503), httpx.Response(200)])
base = httpx.MockTransport(lambda request: next(replies))
with httpx.Client(transport=retrying_transport(Policy("fixed", retries=1, base_s=0.01), base=base)) as client:
    print(client.get("http://127.0.0.1/").status_code)
"""


@pytest.fixture(scope="module")
def core(installed: Install) -> Path:
    """The Python of an environment with the core alone."""
    return installed("")


@pytest.fixture
def run(core: Path, clean_environment: dict[str, str], tmp_path: Path) -> Run:
    """Run that Python away from the checkout."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [core, *words],
            cwd=tmp_path,
            env=clean_environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_it_explains(run: Run) -> None:
    """A pasted text is explained."""
    done = run("-m", "deepkit", "explain", TEXT, "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "insufficient_balance"


def test_it_measures_an_address(run: Run) -> None:
    """A server at an address is checked, and every check could be made."""
    with open_sandbox("no_balance") as box:
        done = run("-m", "deepkit", "doctor", "--target", box.target.base_url, "--json")
    body = json.loads(done.stdout)
    assert body["case"] == "yours"
    assert body["requests"] > 0, done.stderr  # without a key no more can be said than who answers
    assert "check_failed" not in {one["outcome"] for one in body["observations"]}


def test_it_retries(run: Run) -> None:
    """A policy works in a client of the user's own."""
    done = run("-c", USES_A_POLICY)
    assert done.stdout.strip() == "200", done.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["doctor"], "sandbox"),
        (["try", "backoff"], "sandbox"),
        (["sandbox"], "sandbox"),
        (["lab"], "lab"),
        (["report", "--target", "http://127.0.0.1:9"], "lab"),
        (["history"], "history"),
        (["simulate"], "simulate"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_missing_extra_is_one_sentence(run: Run, words: list[str], extra: str) -> None:
    """A command whose extra is missing exits 64 and ends with one sentence: the line that installs it."""
    done = run("-m", "deepkit", *words)
    assert done.returncode == 64, done.stderr
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].endswith(f"install it with: pip install 'deepkit-jupyter[{extra}]'")
    assert "Traceback" not in done.stderr


def test_a_missing_extra_is_an_import_error(run: Run) -> None:
    """Code that tries an import and does without goes on working."""
    code = "try:\n import deepkit.widgets\nexcept ImportError as problem:\n print(problem)"
    assert "pip install 'deepkit-jupyter[lab]'" in run("-c", code).stdout


def bare(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line from the source tree with the standard library alone."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONTZPATH": ""}  # Windows has no time zones
    return subprocess.run(
        [sys.executable, "-S", "-m", "deepkit", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "text", [TEXT, "服务器繁忙，请稍后再试", "dial tcp: lookup api.deepseek.com: no such host", ""]
)
def test_a_text_needs_python_alone(text: str) -> None:
    """With nothing installed, a text gives the very same answer as with everything, in words and as JSON."""
    words = ["explain", text, "--json"]
    with_all = subprocess.run(
        [sys.executable, "-m", "deepkit", *words], capture_output=True, text=True, timeout=60, check=False
    )
    alone = bare(*words)
    assert alone.returncode == with_all.returncode, alone.stderr
    bodies = [{**json.loads(one.stdout), "elapsed_s": 0} for one in (alone, with_all)]
    for body in bodies:
        body["observations"] = [{**one, "elapsed_s": 0} for one in body["observations"]]
    assert bodies[0] == bodies[1]
    assert bare("explain", text).returncode == alone.returncode


def test_the_core_s_own_libraries_are_named() -> None:
    """With nothing installed, what needs the core says how to get it."""
    done = bare("doctor", "--target", "http://127.0.0.1:9")
    assert done.returncode == 64, done.stderr
    assert done.stderr.strip().endswith("install it with: pip install deepkit-jupyter")

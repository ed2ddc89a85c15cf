"""Unmodified OpenAI SDKs, 3.x and 1.x, against the sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deepkit.records import Target

ROOT = Path(__file__).parent.parent.parent
ONE = Path(os.environ.get("DEEPKIT_OPENAI1_PYTHON", ROOT / ".cache" / "openai1" / "bin" / "python"))
PROGRAM = Path(__file__).with_name("openai_client.py")


@pytest.fixture(params=["3", "1"])
def sdk(request) -> str:
    """An interpreter with that major version of the SDK."""
    if request.param == "3":
        return sys.executable
    if not ONE.exists():
        pytest.skip(
            f"no OpenAI SDK 1.x at {ONE.name}: make .cache/openai1/.ready, or set DEEPKIT_OPENAI1_PYTHON"
        )
    return str(ONE)


def drive(sdk: str, target: Target) -> dict:
    """Run the client in a process of its own."""
    assert target.key is not None
    words = [sdk, str(PROGRAM), target.base_url, target.key.reveal(), target.model]
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, env=clean, check=False)
    assert told.returncode == 0, told.stderr
    found: dict = json.loads(told.stdout)
    return found


def test_whole_and_streamed(opened, sdk: str, request) -> None:
    """Text, reasoning, usage and models arrive alike in one piece and in many."""
    found = drive(sdk, opened("healthy").target)
    assert found["version"].split(".")[0] == request.node.callspec.params["sdk"]
    assert found["text"] == found["streamed"]
    assert found["text"].startswith("Hello")
    assert found["reasoning"]
    assert found["finish"] == "stop"
    assert found["tokens"] == found["streamed_tokens"] > 0
    assert found["models"] == ["deepseek-flash", "deepseek-v4-pro"]


@pytest.mark.parametrize(
    ("scenario", "error", "status", "kind"),
    [
        ("bad_key", "AuthenticationError", 401, "authentication_error"),
        ("retired_model", "BadRequestError", 400, "invalid_request_error"),
        ("no_balance", "APIStatusError", 402, "unknown_error"),
        ("official_down_aggregator_up", "InternalServerError", 500, None),
    ],
)
def test_errors_become_the_sdks_own(
    opened, sdk: str, scenario: str, error: str, status: int, kind: str | None
) -> None:
    """Each refusal becomes the SDK's exception of that status, with the body's fields in it."""
    found = drive(sdk, opened(scenario).target)
    assert (found["error"], found["status"]) == (error, status)
    if kind is not None:
        assert found["body"]["type"] == kind


def test_the_aggregator_serves_the_sdk(opened, sdk: str) -> None:
    """A client that is pointed at the alternative, with its key and model id, works."""
    (other,) = opened("official_down_aggregator_up").target.alternatives
    assert drive(sdk, other)["text"].startswith("Hello")

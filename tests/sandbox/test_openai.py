"""Unmodified OpenAI SDKs, 3.x and 1.x, against the sandbox."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deepkit.sandbox import open_sandbox

ROOT = Path(__file__).parent.parent.parent
ONE = Path(os.environ.get("DEEPKIT_OPENAI1_PYTHON", ROOT / ".cache" / "openai1" / "bin" / "python"))
PROGRAM = Path(__file__).with_name("openai_client.py")
ERRORS = {
    "bad_key": ("AuthenticationError", 401, "authentication_error"),
    "retired_model": ("BadRequestError", 400, "invalid_request_error"),
    "no_balance": ("APIStatusError", 402, "unknown_error"),
    "official_down_aggregator_up": ("InternalServerError", 500, None),
}


@pytest.fixture(scope="module", params=["3", "1"])
def found(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """What the client found in each sandbox, and at the alternative, in one process for each major version."""
    sdk = sys.executable if request.param == "3" else str(ONE)
    if not Path(sdk).exists():
        pytest.skip(
            f"no OpenAI SDK 1.x at {ONE.name}: make .cache/openai1/.ready, or set DEEPKIT_OPENAI1_PYTHON"
        )
    with ExitStack() as stack:
        boxes = {name: stack.enter_context(open_sandbox(name)) for name in ("healthy", *ERRORS)}
        targets = {name: box.target for name, box in boxes.items()}
        (targets["aggregator"],) = targets["official_down_aggregator_up"].alternatives
        asked = [(one.base_url, one.key.reveal(), one.model) for one in targets.values() if one.key]
        clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        told = subprocess.run(
            [sdk, str(PROGRAM), json.dumps(asked)],
            capture_output=True, text=True, timeout=60, env=clean, check=False,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        assert [box.faults for box in boxes.values()] == [()] * len(boxes)
    answers = dict(zip(targets, json.loads(told.stdout), strict=True))
    assert {one["version"].split(".")[0] for one in answers.values()} == {request.param}
    return answers


def test_whole_and_streamed(found: dict[str, dict[str, Any]]) -> None:
    """Text, reasoning, usage and models arrive alike in one piece and in many."""
    one = found["healthy"]
    assert one["text"] == one["streamed"]
    assert one["text"].startswith("Hello")
    assert one["reasoning"]
    assert one["finish"] == "stop"
    assert one["tokens"] == one["streamed_tokens"] > 0
    assert one["models"] == ["deepseek-flash", "deepseek-v4-pro"]


@pytest.mark.parametrize("scenario", ERRORS)
def test_errors_become_the_sdks_own(found: dict[str, dict[str, Any]], scenario: str) -> None:
    """Each refusal becomes the SDK's exception of that status, with the body's fields in it."""
    one, (error, status, kind) = found[scenario], ERRORS[scenario]
    assert (one["error"], one["status"]) == (error, status)
    if kind is not None:
        assert one["body"]["type"] == kind


def test_the_aggregator_serves_the_sdk(found: dict[str, dict[str, Any]]) -> None:
    """A client that is pointed at the alternative, with its key and model id, works."""
    assert found["aggregator"]["text"].startswith("Hello")

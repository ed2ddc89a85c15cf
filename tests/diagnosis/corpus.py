"""Errors in the dialects of many clients, each with its cause, from `texts/*.jsonl`.

They were written for these tests; none is taken from a report. A line holds `cause`, `text`
and what is known apart from the text: `surface`, `http_status`, `client`.
"""

import json
from pathlib import Path
from typing import Any

Case = tuple[str, str, dict[str, Any]]
"""The cause ("inconclusive" where no reason is given), the text, and what else is known."""

API = {"surface": "api"}
BETWEEN = {"surface": "third_party"}


def cases(name: str) -> list[Case]:
    """Read one file."""
    path = Path(__file__).parent / "texts" / f"{name}.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(row.pop("cause"), row.pop("text"), row) for row in rows]


CASES = [
    one for path in sorted((Path(__file__).parent / "texts").glob("*.jsonl")) for one in cases(path.stem)
]


def body(message: str, kind: str = "invalid_request_error") -> str:
    """DeepSeek's error object as JSON."""
    return json.dumps(
        {"error": {"message": message, "type": kind, "param": None, "code": "invalid_request_error"}}
    )

"""Evidence as a file: saved redacted, replayed offline to the same diagnosis."""

from pathlib import Path
from typing import Any

import msgspec

from deepkit.errors import UsageError
from deepkit.records import FAILURES, Evidence
from deepkit.redaction import Redactor

KIND = "deepkit-evidence"
SCHEMA = 1
MOST_BYTES = 20_000_000
"""Largest file that is read; a check-up's evidence has some ten kilobytes."""


def write_evidence(evidence: Evidence, path: Path) -> None:
    """Save evidence without its secrets; nothing half written is ever left behind.

    Args:
        evidence: What was observed.
        path: Where to; an existing file is replaced.
    """
    body: dict[str, Any] = {"kind": KIND, "schema": SCHEMA, "evidence": msgspec.to_builtins(evidence)}
    clean = Redactor().redact_tree(body)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(clean), indent=1))
    partial.replace(path)


def read_evidence(path: Path) -> Evidence:
    """Read saved evidence.

    Args:
        path: A file that `write_evidence` wrote.

    Returns:
        The evidence.

    Raises:
        UsageError: When the file is missing, too large, or not saved evidence.
    """
    try:
        with path.open("rb") as source:
            raw = source.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError("it is too large")
        body = msgspec.json.decode(raw)
        if not isinstance(body, dict) or body.get("kind") != KIND:
            raise ValueError("it holds something else")
        evidence = msgspec.convert(body["evidence"], Evidence)
        strange = {one.failure for one in evidence.observations if one.failure} - FAILURES
        if strange:
            raise ValueError(f"unknown failure {min(strange)!r}")
    except (OSError, ValueError, KeyError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        message = f"{path.name} is not saved evidence ({reason}); save some with: deepkit doctor --save FILE"
        raise UsageError(message) from None
    return evidence

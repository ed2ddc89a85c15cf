"""Evidence as a file: saved redacted, replayed offline to the same diagnosis."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
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
NUMBERS = frozenset({
    "cookie_bytes", "failed", "family", "hello_pairs", "http_status", "interfaces_up", "keep_alives", "large_hello_ok",
    "messages", "mtu", "n", "ndots", "not_after", "ok", "page_status", "retransmits", "search_domains",
    "session_status", "small_hello_ok", "status", "tokens_estimate", "udp_lost", "udp_sent",
})  # fmt: skip
"""Facts that are numbers (yes and no among them), beside all whose name ends in "_s": seconds."""
ROWS = frozenset({"alternatives", "assets", "balances", "chain", "connects", "routes", "servers", "stalls"})
"""Facts that are lists of objects, whose own facts have the same kinds."""
TEXTS = frozenset({"addresses", "ids", "problems", "search_addresses"})
"""Facts that are lists of texts."""
TABLES = frozenset({"components", "concurrency", "decisions", "environment", "kernel", "signals", "usage"})
"""Facts that are objects."""

LISTED = ROWS | TEXTS | TABLES | {"failures"}


def of_known_kinds(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts without those of another kind than docs/design.md says: they count as not measured.

    A saved file may come from anywhere; whoever judges it relies on what stands in that table.
    """
    kept = {name: _kept(name, value) for name, value in facts.items()}
    return {
        name: one
        for name, one in kept.items()
        if one is not None or (facts[name] is None and name not in LISTED)
    }


def _kept(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ROWS:
        return (
            [of_known_kinds(row) for row in value if isinstance(row, dict)]
            if isinstance(value, list)
            else None
        )
    if name in TEXTS:
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None
    if name == "failures":
        counts = value.items() if isinstance(value, dict) else ()
        return {key: count for key, count in counts if type(count) is int and count >= 0}
    if name in TABLES:
        return value if isinstance(value, dict) else None
    if name in NUMBERS or name.endswith("_s"):
        return value if isinstance(value, int | float) and isfinite(value) else None
    return None if isinstance(value, list | dict) and name in SCALARS else value


SCALARS = frozenset({
    "block_page", "body_kind", "detail", "error_message", "error_type", "failure", "finish_reason", "host", "incident",
    "indicator", "issuer", "key_shape", "location", "mechanism", "name", "path", "reason", "subject", "trace_id",
    "waited_for", "wanted",
})  # fmt: skip
"""Facts that are one text, name or nothing."""


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
        seen = tuple(replace(one, facts=of_known_kinds(one.facts)) for one in evidence.observations)
        evidence = replace(evidence, observations=seen)
        strange = {one.failure for one in evidence.observations if one.failure} - FAILURES
        if strange:
            raise ValueError(f"unknown failure {min(strange)!r}")
    except (OSError, ValueError, KeyError, RecursionError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        message = f"{path.name} is not saved evidence ({reason}); save some with: deepkit doctor --save FILE"
        raise UsageError(message) from None
    return evidence

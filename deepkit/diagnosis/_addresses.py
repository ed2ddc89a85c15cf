"""What lookups and connects gave: read by the rules of names and by those of connections."""

from typing import Any

from deepkit.diagnosis._rule import facts
from deepkit.records import Evidence

FRESH = "dns.fresh: ask other name servers for the same name"


def connects(evidence: Evidence, check: str) -> list[dict[str, Any]]:
    """Return the connects of a check."""
    listed = facts(evidence, check).get("connects")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list | tuple) else []


def addresses(evidence: Evidence, check: str) -> set[str]:
    """Return the addresses that a lookup gave."""
    return {str(one) for one in facts(evidence, check).get("addresses") or ()}


def reachable(evidence: Evidence) -> bool:
    """Tell whether any looked-up address took a connection."""
    return any(not one.get("failure") for one in connects(evidence, "tcp"))

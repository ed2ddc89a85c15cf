"""The sandbox's accounts: one that is well, one short of credit, one without."""

from dataclasses import dataclass
from random import Random
from typing import Any

from deepkit.sandbox.load import Occupancy
from deepkit.sandbox.scenario import Load

SHORT_LIMIT = 4
"""Concurrency that a nearly empty account is left with; public reports name 5 to 39."""
OWN_JOBS = Load(servers=SHORT_LIMIT, queue=0, arrival_rate=20.0, service_s=0.8)
"""The short account's other programs: they hold its few slots most of the time."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its balance in US dollars, and its other programs where they are near its limit."""

    balance: str
    jobs: Occupancy | None = None

    def crowd(self) -> tuple[int, int] | None:
        """Return (current, limit) of concurrency when one request more exceeds the limit."""
        if self.jobs is None:
            return None
        running = self.jobs.number(self.jobs.elapsed())
        return (running + 1, SHORT_LIMIT) if running >= SHORT_LIMIT else None

    def as_json(self) -> dict[str, Any]:
        """Return what GET /user/balance answers; amounts are strings."""
        return {
            "is_available": float(self.balance) > 0,
            "balance_infos": [
                {
                    "currency": "USD",
                    "total_balance": self.balance,
                    "granted_balance": "0.00",
                    "topped_up_balance": self.balance,
                }
            ],
        }


class Accounts:
    """All accounts by key.

    Args:
        seed: Seed of the keys; the same seed gives the same keys.
        short_in_use: The short account's other programs are running.
    """

    def __init__(self, seed: int, *, short_in_use: bool) -> None:
        rng = Random(seed)
        self.keys = {
            kind: f"sk-sandbox{rng.getrandbits(88):022x}" for kind in ("funded", "short", "empty", "unknown")
        }
        self.keys["aggregator"] = f"sk-or-sandbox{rng.getrandbits(88):022x}"
        self.by_key = {
            self.keys["funded"]: Account("42.00"),
            self.keys["short"]: Account("0.21", Occupancy(OWN_JOBS, seed) if short_in_use else None),
            self.keys["empty"]: Account("0.00"),
        }
        self.at_aggregator = {self.keys["aggregator"]: Account("5.00")}

    def find(self, key: str, provider: str) -> Account | None:
        """Return the account that a key opens at a provider."""
        return (self.at_aggregator if provider == "aggregator" else self.by_key).get(key)

"""What the scenario's browser brings along."""

from deepkit.records import Profile
from deepkit.sandbox.web import EXPIRED, SESSION, asset_path

OLD_HASH = "9f2c51d07b64e8a3c0f5d1427be96a38d0417ce2a55b90f3e6c8174d2b0a9f1e"
"""Hash of the release that this browser once loaded and never let go."""
LEFT_OVER = 5600
"""Bytes of cookies that many visits left behind."""
BLOCKED = ("*/static/analytics.*", "*/api/v0/analytics/*", "*/api/v0/chat/completion*")
"""What an over-eager list stops: the counting, and by one broad rule the question itself."""


def profile(kind: str) -> Profile:
    """Return the browser of a scenario: "plain", "stale" or "blocker"."""
    if kind == "stale":
        left = {f"ds_experiment_{number}": "x" * 255 for number in range(LEFT_OVER // 275)}
        return Profile(
            cookies={SESSION: f"{EXPIRED}2025-11-02", **left}, cached={asset_path("app"): OLD_HASH}
        )
    if kind == "blocker":
        return Profile(cookies={SESSION: "0c4f19a2b7d35e8861fa902d"}, blocked=BLOCKED)
    return Profile()

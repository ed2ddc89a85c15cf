"""The made-up trouble on which each fix is demonstrated."""

from deepkit.sandbox import scenarios

CLEAREST = {
    "backoff": "blank_200",
    "official_api": "web_busy_api_fine",
    "priority_tier": "no_balance",
    "off_peak": "busy_by_day",
}
"""Where several scenarios list a fix first, the one that shows the guide's own claim."""


def practice_for(key: str) -> str:
    """Return the scenario in which a fix is at its best: the clearest one, or the one that lists it first."""
    if key in CLEAREST:
        return CLEAREST[key]
    listed = [
        (one.fixes.index(key), place, one.name) for place, one in enumerate(scenarios()) if key in one.fixes
    ]
    return min(listed)[2] if listed else "rush_hour"

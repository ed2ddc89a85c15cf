"""What the provider's status page says; a page that cannot be read says nothing."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation
from deepkit.transport import send
from deepkit.transport.bodies import json_of

CHECKS = ("status",)
RANK = ("operational", "under_maintenance", "degraded", "partial_outage", "full_outage")
"""States of the page's components, better first."""
_OTHER_WORDS = {
    "degraded_performance": "degraded",
    "major_outage": "full_outage",
    "maintenance": "under_maintenance",
    "none": "operational",
    "minor": "degraded",
    "major": "partial_outage",
    "critical": "full_outage",
}


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Read the page's JSON: Flashduty's shape, or Statuspage's."""
    watch = Stopwatch()
    if look.target.status_url is None:
        yield watch.not_checked("status", "no status page is known")
        return
    told = await send(look.target, look.single(), look.meter, "GET", look.target.status_url, with_key=False)
    if told.failure == "budget_spent":
        yield watch.not_checked("status", told.detail)
        return
    facts: dict[str, Any] = {"indicator": "unknown", "source": look.target.status_url}
    read = read_page(json_of(told.body)) if told.ok else None
    if read is None:
        reason = "the status page could not be read, which says nothing about the service"
        failure = told.failure or "bad_body"
        yield watch.saw("status", "partial", reason, failure=failure, facts=facts)
        return
    facts |= read
    if facts["indicator"] == "operational":
        yield watch.saw("status", "ok", facts=facts)
        return
    troubled = [name for name, state in facts["components"].items() if state != "operational"]
    reason = (
        f"the status page says {facts['indicator']}: {', '.join(troubled[:5]) or facts.get('incident', '')}"
    )
    yield watch.saw("status", "fault", reason, facts=facts)


def read_page(value: Any) -> dict[str, Any] | None:
    """Read the page's JSON.

    Args:
        value: What the page answered.

    Returns:
        `indicator`, `components` by name and, if there is one, the title of the open `incident`;
        None when this is no status page. Components are known by name: their ids change.
    """
    if not isinstance(value, dict):
        return None
    data = value.get("data")
    if isinstance(data, dict) and isinstance(data.get("page"), dict):
        return _flashduty(data)
    if isinstance(value.get("components"), list):
        return _statuspage(value)
    return None


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _flashduty(data: Mapping[str, Any]) -> dict[str, Any] | None:
    page, changes = data["page"], _rows(data.get("active_changes"))
    names: dict[str, str] = {}
    states: dict[str, str] = {}
    for row in _rows(page.get("components")):
        key, name = str(row.get("component_id") or row.get("id") or row.get("name")), str(row.get("name", ""))
        if name:
            names[key], states[name] = name, _state(row.get("status")) or "operational"
    if not states:
        return None
    for change in changes:
        for key, state in _affected(change).items():
            name = names.get(key, key)
            if name in states and RANK.index(state) > RANK.index(states[name]):
                states[name] = state
    title = next((str(one["title"]) for one in changes if one.get("title")), None)
    return _summed(states, title)


def _affected(change: Mapping[str, Any]) -> dict[str, str]:
    """Return the newest state of each component that a change touches."""
    found: dict[str, str] = {}
    updates = sorted(_rows(change.get("updates")), key=lambda one: float(one.get("at_seconds") or 0))
    rows = [*_rows(change.get("affected_components"))]
    rows += [row for update in updates for row in _rows(update.get("component_changes"))]
    for row in rows:
        state = _state(row.get("status"))
        key = str(row.get("component_id") or row.get("id") or row.get("name"))
        if state:
            found[key] = state
    return found


def _statuspage(value: Mapping[str, Any]) -> dict[str, Any] | None:
    states = {
        str(row["name"]): _state(row.get("status")) or "operational"
        for row in _rows(value["components"])
        if row.get("name")
    }
    title = next((str(one["name"]) for one in _rows(value.get("incidents")) if one.get("name")), None)
    return _summed(states, title) if states else None


def _state(word: Any) -> str | None:
    text = str(word or "").lower()
    text = _OTHER_WORDS.get(text, text)
    return text if text in RANK else None


def _summed(states: dict[str, str], title: str | None) -> dict[str, Any]:
    worst = max(states.values(), key=RANK.index)
    told: dict[str, Any] = {"indicator": worst, "components": states}
    if title:
        told["incident"] = title[:200]
    return told

"""What the provider's status page says; a page that cannot be read says nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deepkit.checks import Indicator, StatusPage, checked
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.transport import send
from deepkit.transport.bodies import json_of

CHECKS = ("status",)
NAMED = 5
"""Most components that a sentence names."""
RANK = tuple(one for one in Indicator if one is not Indicator.UNKNOWN)
"""States of the page's components, better first."""
_OTHER_WORDS = {
    "degraded_performance": Indicator.DEGRADED,
    "major_outage": Indicator.FULL_OUTAGE,
    "maintenance": Indicator.UNDER_MAINTENANCE,
    "none": Indicator.OPERATIONAL,
    "minor": Indicator.DEGRADED,
    "major": Indicator.PARTIAL_OUTAGE,
    "critical": Indicator.FULL_OUTAGE,
}
Row = Mapping[str, Any]


async def probe(context: Context) -> Observations:
    """Read the page's JSON: Flashduty's shape, or Statuspage's."""
    watch, url = Stopwatch(), context.target.status_url
    if url is None:
        yield watch.not_checked(StatusPage, "no status page is known")
        return
    told = await send(context.target, context.single(), context.meter, "GET", url, with_key=False)
    if told.failure == "budget_spent":
        yield watch.not_checked(StatusPage, told.detail)
        return
    read = read_page(json_of(told.body)) if told.ok else None
    if read is None:
        reason = "the status page could not be read, which says nothing about the service"
        unknown = StatusPage(indicator=Indicator.UNKNOWN, source=url)
        yield watch.saw(unknown, "partial", reason, failure=told.failure or "bad_body")
        return
    facts = replace(read, source=url)
    if facts.indicator is Indicator.OPERATIONAL:
        yield watch.saw(facts, "ok")
        return
    troubled = [name for name, state in facts.components.items() if state is not Indicator.OPERATIONAL]
    named = ", ".join(troubled[:NAMED]) or facts.incident or ""
    yield watch.saw(facts, "fault", f"the status page says {facts.indicator}: {named}")


def read_page(value: Any) -> StatusPage | None:
    """Read the page's JSON.

    Args:
        value: What the page answered.

    Returns:
        The facts; None when this is no status page. Components are known by name: their ids change.
    """
    if not isinstance(value, dict):
        return None
    data = value.get("data")
    if isinstance(data, dict) and isinstance(data.get("page"), dict):
        return _flashduty(data)
    if isinstance(value.get("components"), list):
        return _statuspage(value)
    return None


def _rows(value: Any) -> list[Row]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _word(*values: Any) -> str:
    """Return the first text or number among some values; anything else is no name."""
    return next((str(one) for one in values if isinstance(one, str | float) and one), "")


def _flashduty(data: Row) -> StatusPage | None:
    page, changes = data["page"], _rows(data.get("active_changes"))
    names: dict[str, str] = {}
    states: dict[str, Indicator] = {}
    for row in _rows(page.get("components")):
        name = _word(row.get("name"))
        if name:
            names[_id(row)], states[name] = name, _state(row.get("status")) or Indicator.OPERATIONAL
    for change in changes:
        for key, state in _affected(change).items():
            name = names.get(key, key)
            if name in states and RANK.index(state) > RANK.index(states[name]):
                states[name] = state
    return _summed(states, [_word(one.get("title")) for one in changes])


def _id(row: Row) -> str:
    return _word(row.get("component_id"), row.get("id"), row.get("name"))


def _affected(change: Row) -> dict[str, Indicator]:
    """Return the newest state of each component that a change touches."""
    updates = sorted(_rows(change.get("updates")), key=_at)
    rows = [*_rows(change.get("affected_components"))]
    rows += [row for update in updates for row in _rows(update.get("component_changes"))]
    return {_id(row): state for row in rows if (state := _state(row.get("status")))}


def _at(update: Row) -> float:
    at = update.get("at_seconds")
    return at if isinstance(at, int | float) else 0.0


def _statuspage(value: Row) -> StatusPage | None:
    rows = [(_word(row.get("name")), row) for row in _rows(value["components"])]
    states = {name: _state(row.get("status")) or Indicator.OPERATIONAL for name, row in rows if name}
    return _summed(states, [_word(one.get("name")) for one in _rows(value.get("incidents"))])


def _state(word: Any) -> Indicator | None:
    text = _word(word).lower()
    text = _OTHER_WORDS.get(text, text)
    return next((one for one in RANK if one == text), None)


def _summed(states: Mapping[str, Indicator], titles: list[str]) -> StatusPage | None:
    if not states:
        return None
    worst, incident = max(states.values(), key=RANK.index), next(filter(None, titles), None)
    return checked(StatusPage, {"indicator": worst, "components": states, "incident": incident})

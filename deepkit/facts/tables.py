"""The bundled files as records; each file is read once."""

from functools import cache

from deepkit.facts.files import read_csv, read_toml
from deepkit.facts.records import Calibration, FleetSpan, GuideClaim, Incident, Model, Tariff


@cache
def incidents() -> tuple[Incident, ...]:
    """Return the published incidents, oldest first."""
    return read_csv("incidents.csv", Incident)


@cache
def fleet_day() -> tuple[FleetSpan, ...]:
    """Return the node count by UTC time of the one day that DeepSeek published (27/28 February 2025)."""
    return read_csv("fleet_day.csv", FleetSpan)


@cache
def tariff() -> Tariff:
    """Return the price windows in force."""
    return read_toml("tariff.toml", Tariff)


@cache
def models() -> tuple[Model, ...]:
    """Return the known model ids of DeepSeek's own API, current ones first."""
    return read_toml("models.toml", dict[str, tuple[Model, ...]])["models"]


@cache
def claims() -> tuple[GuideClaim, ...]:
    """Return every claim of the guide in its order: B1 to B4, 1 to 12, F1, O."""
    return read_toml("claims.toml", dict[str, tuple[GuideClaim, ...]])["claims"]


@cache
def calibration() -> Calibration:
    """Return how often readings of pasted texts were right on labelled reports."""
    return read_toml("calibration.toml", Calibration)


def claim(claim_id: str) -> GuideClaim:
    """Return one claim of the guide by its id, or raise KeyError."""
    return {one.id: one for one in claims()}[claim_id]

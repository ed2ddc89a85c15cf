"""The bundled facts: incidents, tariff, fleet, models, providers and the guide's claims.

Everything that is known about the world and may go out of date lies in `data/`, each
entry with its source and date; no price, address or model id stands in code. Readers
are cached and return frozen records. They need the standard library alone.
"""

from deepkit.facts.files import data_path, notebook_path, read_toml
from deepkit.facts.hours import best_hours, incident_starts_by_hour, nodes_by_hour, tariff_window, zone_named
from deepkit.facts.records import (
    Calibration,
    FleetSpan,
    GuideClaim,
    Holds,
    Incident,
    Model,
    Odds,
    Price,
    QuietWindow,
    Tariff,
    Window,
)
from deepkit.facts.tables import (
    calibration,
    claim,
    claims,
    fleet_day,
    incidents,
    models,
    tariff,
)
from deepkit.vendors import Provider, provider, providers

__all__ = [
    "Calibration",
    "FleetSpan",
    "GuideClaim",
    "Holds",
    "Incident",
    "Model",
    "Odds",
    "Price",
    "Provider",
    "QuietWindow",
    "Tariff",
    "Window",
    "best_hours",
    "calibration",
    "claim",
    "claims",
    "data_path",
    "fleet_day",
    "incident_starts_by_hour",
    "incidents",
    "models",
    "nodes_by_hour",
    "notebook_path",
    "provider",
    "providers",
    "read_toml",
    "tariff",
    "tariff_window",
    "zone_named",
]

"""The bundled facts: complete, dated, sourced, and counted as the pages say."""

import itertools
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import pytest

from deepkit.causes import CAUSES
from deepkit.facts import (
    best_hours,
    claim,
    claims,
    data_path,
    fleet_day,
    incident_starts_by_hour,
    incidents,
    models,
    nodes_by_hour,
    notebook_path,
    provider,
    providers,
    tariff,
    tariff_window,
)
from deepkit.facts.conversion import converted
from deepkit.vendors import speaker

CLAIM_IDS = ["B1", "B2", "B3", "B4", *map(str, range(1, 13)), "F1", "O"]
READERS = (incidents, fleet_day, models, providers, claims)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_every_entry_has_source_and_date(reader: object) -> None:
    """Each fact says where it stands and of which day it is, and none is from the future of the collection."""
    entries = reader()  # type: ignore[operator]
    assert entries
    for one in (*entries, tariff()):
        assert urlsplit(one.source).scheme == "https", one
        assert urlsplit(one.source).hostname, one
        assert date(2024, 1, 1) < one.date <= date(2026, 11, 23), one


@pytest.mark.parametrize("reader", [*READERS, tariff], ids=lambda reader: reader.__name__)
def test_readers_are_cached(reader: object) -> None:
    """A second call reads no file."""
    assert reader() is reader()  # type: ignore[operator]


def test_every_claim_is_judged() -> None:
    """All of the guide's claims are there in its order, each with evidence; numbers 1 to 12 name their fix."""
    assert [one.id for one in claims() if one.id in CLAIM_IDS] == CLAIM_IDS
    assert all(len(one.evidence) > 60 and one.text and one.title for one in claims())
    assert [bool(one.fix) for one in claims()] == [one.id.isdigit() for one in claims()]
    assert {one.fix for one in claims() if one.fix} == {key for cause in CAUSES for key in cause.fixes}
    assert claim("6").verdict == "contradicted"


def test_incidents_agree_with_the_claim_that_counts_them() -> None:
    """100 incidents, of which 96 are counted by hour; 22 began at 01:00-04:59 UTC and none at 19:00-21:59."""
    starts = incident_starts_by_hour()
    assert (len(incidents()), sum(starts), sum(starts[1:5]), sum(starts[19:22])) == (100, 96, 22, 0)
    for one in incidents():
        assert one.start_utc < one.end_utc
        assert (one.end_utc - one.start_utc) / timedelta(minutes=1) == pytest.approx(one.minutes, abs=0.1)
        assert one.start_utc.tzinfo is not None
    assert [one.start_utc for one in incidents()] == sorted(one.start_utc for one in incidents())


def test_the_fleet_day_is_a_whole_day() -> None:
    """The spans follow each other from 00:00 to 24:00; the full fleet runs in all of the guide's quiet hours."""
    spans = fleet_day()
    assert (spans[0].start_utc, spans[-1].end_utc) == ("00:00", "24:00")
    assert all(one.end_utc == other.start_utc for one, other in itertools.pairwise(spans))
    assert nodes_by_hour()[1:5] == (278.0,) * 4
    assert min(nodes_by_hour()) == nodes_by_hour()[20] == 68.0
    mean = sum(nodes_by_hour()) / 24
    assert mean == pytest.approx(226.75, rel=0.02), "the published mean, read from the chart within 2 %"


@pytest.mark.parametrize(
    ("when", "window"),
    [
        ("2026-10-27T00:59:59", "off_peak"),
        ("2026-10-27T01:00:00", "peak"),
        ("2026-10-27T03:59:59", "peak"),
        ("2026-10-27T04:00:00", "off_peak"),
        ("2026-10-27T06:00:00", "peak"),
        ("2026-10-27T10:00:00", "off_peak"),
        ("2026-10-24T02:00:00", "off_peak"),
        ("2026-10-25T02:00:00", "off_peak"),
        ("2026-10-01T02:00:00", "off_peak"),
        ("2026-10-08T02:00:00", "peak"),
    ],
)
def test_tariff_window(when: str, window: str) -> None:
    """Edges, weekends and Chinese holidays; a naive time is UTC, an aware one may be in any zone."""
    naive = datetime.fromisoformat(when)
    assert tariff_window(naive) == window
    beijing = naive.replace(tzinfo=UTC).astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo)
    assert tariff_window(beijing) == window


def test_peak_costs_twice() -> None:
    """Every price of a model at peak is twice its off-peak price, as the tariff says."""
    prices = {(one.model, one.window): one for one in tariff().prices}
    for model in {one.model for one in tariff().prices}:
        low, high = prices[model, "off_peak"], prices[model, "peak"]
        for name in ("cache_hit", "cache_miss", "output"):
            assert getattr(low, name) == pytest.approx(getattr(high, name) * tariff().off_peak_factor)


def test_best_hours_are_quiet() -> None:
    """The best stretch of a working day avoids the peak tariff and the guide's hours; stretches do not overlap."""
    found = best_hours(3, day=date(2026, 10, 27), top=5)
    assert (found[0].start.hour, found[0].end.hour) == (19, 22)
    assert found[0].peak_hours == found[0].incidents == 0
    spans = sorted((one.start, one.end) for one in found)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    for length in range(1, 25):
        for one in best_hours(length, day=date(2026, 10, 27)):
            assert one.end - one.start == timedelta(hours=length)


def test_best_hours_in_local_time() -> None:
    """Another zone changes the clock on the wall, not the moment; a change of summer time is no trouble."""
    day = date(2026, 10, 25)
    for ours, theirs in zip(
        best_hours(4, day=day), best_hours(4, zone="Europe/Berlin", day=day), strict=True
    ):
        assert ours.start == theirs.start
        assert str(theirs.start.tzinfo) == "Europe/Berlin"


@pytest.mark.parametrize(
    ("length", "zone"), [(0, "UTC"), (25, "UTC"), (3, "Mars/Base"), (3, "../etc/passwd"), (3, "")]
)
def test_best_hours_refuses_nonsense(length: int, zone: str) -> None:
    """A length or a zone that does not exist is refused with what to write instead."""
    with pytest.raises(ValueError, match=r"give 1 to 24|write it like"):
        best_hours(length, zone=zone)


def test_models_agree_with_prices_and_providers() -> None:
    """Current models are priced and offered by DeepSeek; others name a current one that replaces them."""
    current = [one.id for one in models() if one.state == "current"]
    assert current == list(provider("deepseek").models)
    assert {one.model for one in tariff().prices} == set(current)
    assert all(one.replaced_by in current for one in models() if one.state != "current")
    assert {one.id for one in models() if one.until} == {one.id for one in models() if one.state == "retired"}


def test_providers_are_usable() -> None:
    """Names are unique, addresses have no trailing slash, remote ones are encrypted and named among their hosts."""
    assert len({one.name for one in providers()}) == len(providers())
    assert providers()[0].name == "deepseek"
    for one in providers():
        parts = urlsplit(one.base_url.replace("{resource}", "mine"))
        assert not one.base_url.endswith("/")
        assert parts.scheme == ("http" if one.kind == "local" else "https")
        assert parts.port in one.ports if one.kind == "local" else speaker(parts.hostname or "") is one
        assert (one.key_variable is None) == (one.kind == "local")
    with pytest.raises(KeyError):
        provider("nobody")


def test_paths_lead_into_the_project() -> None:
    """Bundled data and notebooks are found from a checkout."""
    assert data_path("claims.toml").is_file()
    assert data_path("scenarios", "x.toml").parent.name == "scenarios"
    assert notebook_path("x.ipynb").parent.name in ("notebooks", "_notebooks")


def test_reading_facts_is_light() -> None:
    """Facts load none of the heavy libraries."""
    heavy = ("numpy", "pandas", "scipy", "plotly", "httpx", "sqlalchemy", "numba")
    code = (
        f"import deepkit.facts, sys; deepkit.facts.claims(); print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@dataclass(frozen=True)
class Sample:
    """One field of each kind that the files hold."""

    number: float
    kind: Literal["a", "b"]
    day: date
    names: tuple[str, ...] = ()
    pair: tuple[int, str] | None = None
    table: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


GOOD = {"number": 1, "kind": "a", "day": date(2026, 1, 2)}


def test_plain_data_becomes_records() -> None:
    """Every kind of field is read, whole numbers where parts are allowed, and texts where CSV has nothing else."""
    given = {**GOOD, "names": ["x"], "pair": [1, "y"], "table": {"t": [1, 2.5]}}
    read = converted(given, Sample)
    assert read == Sample(1.0, "a", date(2026, 1, 2), ("x",), (1, "y"), {"t": (1.0, 2.5)})
    assert isinstance(read.number, float)
    assert converted({"number": "1.5", "kind": "b", "day": "2026-01-02"}, Sample) == Sample(
        1.5, "b", date(2026, 1, 2)
    )


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"number": None}, "number"),
        ({"kind": "c"}, "kind"),
        ({"day": 3}, "day"),
        ({"names": "x"}, "names"),
        ({"names": [1]}, r"names\[0\]"),
        ({"pair": [1]}, "pair"),
        ({"table": {"t": 1}}, r"table\.t"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_what_does_not_fit_is_named(wrong: dict[str, object], named: str) -> None:
    """A value of another kind, and a field too many or too few, is refused with the name of its place."""
    with pytest.raises(TypeError, match=named):
        converted({**GOOD, **wrong}, Sample)
    with pytest.raises(TypeError, match="Sample"):
        converted({"number": 1}, Sample)

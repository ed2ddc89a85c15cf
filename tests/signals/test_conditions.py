"""The words in which signals state when they hold."""

import pytest

from deepkit.signals import Reading, matches, table
from deepkit.signals._table import _condition

KINDS = {"busy": frozenset({"busy"}), "spoken": frozenset({"busy", "auth"})}


@pytest.mark.parametrize(
    ("reading", "peers"),
    [
        (Reading({}), {"official"}),
        (Reading({}, surface="web"), {"official"}),
        (Reading({}, peer="official", surface="third_party"), {"between"}),
        (Reading({}, peer="provider"), {"between", "provider"}),
        (Reading({}, peer="look_alike", surface="api"), {"between", "look_alike"}),
        (Reading({}, provider="openrouter"), {"between"}),
        (Reading({}, provider="openrouter", surface="api"), {"official"}),
        (Reading({"gateway": "upstream"}), {"between"}),
        (Reading({}, surface="local"), {"local"}),
        (Reading({}, peer="local", surface="third_party", provider="ollama"), {"local", "model_server"}),
        (Reading({"local_log": "ollama serve"}, surface="local"), {"local", "model_server"}),
        (Reading({"local_busy": "loading model"}, surface="api"), {"official", "model_server"}),
        (Reading({}, peer="side"), {"official", "side"}),
    ],
)
def test_who_answered(reading: Reading, peers: set[str]) -> None:
    """Host, surface, provider and a relay's own words tell who answered."""
    assert reading.answers["peer"] == peers


@pytest.mark.parametrize(
    ("name", "values", "reading", "holds"),
    [
        ("status", [503, "none"], Reading({}), True),
        ("status", [503, "none"], Reading({}, status=500), False),
        ("status_not", [404], Reading({}, status=404), False),
        ("status_not", [404], Reading({}), True),
        ("with", ["spoken"], Reading({"auth": ""}), True),
        ("without", ["spoken"], Reading({"auth": ""}), False),
        ("without", ["busy"], Reading({"auth": ""}), True),
        ("surface_not", ["web"], Reading({}, surface="api"), True),
        ("deepseek_body", ["yes"], Reading({}, deepseek_body=True), True),
        ("key_tail", ["quote"], Reading({}), False),
    ],
)
def test_a_condition(name: str, values: list[str | int], reading: Reading, holds: bool) -> None:
    """A field holds one of the values, `_not` none of them; a kind stands for all of its wordings."""
    assert _condition(name, values, KINDS).holds(reading) is holds


def test_an_unknown_condition_is_refused() -> None:
    """A slip of the pen in the data is named, with what there is."""
    with pytest.raises(ValueError, match=r"stauts is no condition; there are surface, peer, status"):
        _condition("stauts", [503], KINDS)


def test_alternatives_and_what_is_beaten() -> None:
    """One of the tables in `when` is enough; a signal that another one beats is not matches."""
    limit = Reading(
        {"concurrency_deepseek": "61 of 60", "balance": "top up"}, status=429, surface="third_party"
    )
    ids = [one.signal.id for one in matches(limit)]
    assert "text.concurrency-relayed" in ids
    assert "text.balance" not in ids
    assert "text.balance" in [one.signal.id for one in matches(Reading({"balance": "top up"}))]


def test_the_order_is_the_tables() -> None:
    """What fits is found in the table's order, the leading signal first."""
    order = [one.id for one in table().signals]
    found = [one.signal.id for one in matches(Reading(dict.fromkeys(table().wordings, ""), surface="api"))]
    assert found == sorted(found, key=order.index)
    assert len(found) > 5

"""The table of signals: every example of every signal is judged by the whole table."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepkit.causes import BY_NAME
from deepkit.diagnosis import diagnose
from deepkit.facts import data_path
from deepkit.probes.text import read_text
from deepkit.records import Diagnosis, Evidence, Settings
from deepkit.signals import table
from deepkit.signals._conditions import FIELDS
from deepkit.signals._table import _signal
from tests.diagnosis.corpus import CASES

LEADING = ("shown", "strong", "weak")
FILES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in data_path("signals").glob("*.toml")}
ENTRIES: list[dict[str, Any]] = [one for file in FILES.values() for one in file.get("signal", ())]


def cases(kind: str) -> list[Any]:
    """Every example of a kind, with its signal."""
    return [
        pytest.param(
            entry, example if isinstance(example, dict) else {"text": example}, id=f"{entry['id']}-{n}"
        )
        for entry in ENTRIES
        for n, example in enumerate(entry.get(kind, ()))
    ]


def judged(
    text: str, *, status: int | None = None, surface: str | None = None, client: str | None = None
) -> Diagnosis:
    """The diagnosis of one text by itself."""
    seen = read_text(text, http_status=status, surface=surface, client=client)
    return diagnose(Evidence((seen,), settings=Settings(surface="web" if surface == "web" else "api")))


def rules_of(found: Diagnosis) -> set[str]:
    """The ids of every rule that found something."""
    return {rule for one in found.accusations for rule in one.rules}


@pytest.mark.parametrize(("entry", "example"), cases("examples"))
def test_an_example_leads_to_its_cause(entry: dict[str, Any], example: dict[str, Any]) -> None:
    """The signal fits its example, and its cause comes first unless it only says what else may be."""
    found = judged(**example)
    assert entry["id"] in rules_of(found)
    if entry["strength"] in LEADING:
        assert found.accusations[0].cause == entry["cause"]


@pytest.mark.parametrize(("entry", "example"), cases("not_examples"))
def test_a_not_example_is_none(entry: dict[str, Any], example: dict[str, Any]) -> None:
    """A signal stays silent where its words mean something else."""
    assert entry["id"] not in rules_of(judged(**example))


def test_every_signal_has_an_example() -> None:
    """What no text can trigger has no place in the table."""
    assert [one["id"] for one in ENTRIES if not one.get("examples")] == []


def test_every_name_is_defined_once_and_used() -> None:
    """Ids are unique, causes exist, each wording is used by a signal, and `beats` names signals."""
    signals, wordings = table().signals, table().wordings
    ids = [one.id for one in signals]
    assert len(ids) == len(set(ids)) == len(ENTRIES)
    assert {one.cause for one in signals} <= set(BY_NAME)
    assert {name for one in signals for name in one.beats} <= set(ids)
    asked = {str(name) for one in signals for every in one.when for part in every for name in part.values}
    asked |= {name for one in signals for name in one.wordings}
    assert set(wordings) - asked == set()
    assert {name for one in wordings.values() for name in one.within} <= set(wordings)
    assert set(FILES) == {"index", *FILES["index"]["order"]}


def test_the_page_about_it_holds() -> None:
    """The entry that docs/add-a-signal.md shows can be read, and its table names every condition."""
    page = (Path(__file__).parents[2] / "docs/add-a-signal.md").read_text("utf-8")
    block = next(one for one in page.split("\n\n") if one.startswith("    [[signal]]"))
    entry = tomllib.loads(re.sub(r"^ {4}", "", block, flags=re.MULTILINE))["signal"][0]
    known = {name: frozenset({name}) for name in ("lines_full", "auth")}
    assert _signal(entry, known, FILES["index"]["next_check"]).id == "text.lines-full"
    assert set(entry["beats"]) <= {one.id for one in table().signals}
    for name in (*FIELDS, "with", "without"):
        assert f"`{name}`" in page


@pytest.mark.parametrize(
    "slip", [{"wordings": ["bussy"]}, {"next_check": "asks"}, {"when": {"without": ["bussy"]}}]
)
def test_a_name_that_nothing_defines_is_refused(slip: dict[str, Any]) -> None:
    """A slip of the pen is named together with the signal that holds it."""
    entry = {"id": "text.busy", "cause": "server_overloaded", "strength": "weak", "says": "busy.", **slip}
    with pytest.raises(ValueError, match=r"text\.busy names '(?:bussy|asks)'"):
        _signal(entry, {"busy": frozenset({"busy"})}, {"ask": "ask it"})


def test_no_diagnosis_depends_on_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every sentence of the table written backwards, causes, states and order stay what they are."""

    def causes() -> list[list[tuple[str, str, tuple[str, ...]]]]:
        told = (
            judged(text, surface=known.get("surface"), status=known.get("http_status"))
            for _, text, known in CASES[::4]
        )
        return [[(one.cause, one.state, one.rules) for one in found.accusations] for found in told]

    before, plain = causes(), table()
    turned = tuple(
        replace(one, says=one.says[::-1], next_check=one.next_check and one.next_check[::-1])
        for one in plain.signals
    )
    monkeypatch.setattr("deepkit.signals.table", lambda: replace(plain, signals=turned))
    assert judged("402 Insufficient Balance").accusations[0].evidence_for[0].endswith(turned[2].says)
    assert causes() == before

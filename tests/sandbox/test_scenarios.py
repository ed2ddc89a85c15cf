"""The scenarios as data."""

import tomllib
from dataclasses import fields

import pytest

from deepkit.causes import BY_NAME
from deepkit.errors import UnknownNameError
from deepkit.facts import data_path
from deepkit.fixes import FIXES
from deepkit.sandbox import Scenario, open_sandbox, scenarios
from deepkit.sandbox.scenario import Client, Load, Site

FILES = sorted(data_path("scenarios").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_nothing_that_is_not_read(path) -> None:
    """Each key of a scenario file is a field: a misspelt one would silently change nothing."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(raw) <= {one.name for one in fields(Scenario)}
    assert set(raw.get("client", {})) <= {one.name for one in fields(Client)}
    for site in raw.get("sites", {}).values():
        assert set(site) <= {one.name for one in fields(Site)}
        assert set(site.get("load", {})) <= {one.name for one in fields(Load)}
    assert raw["name"] == path.stem


@pytest.mark.parametrize("one", scenarios(), ids=lambda one: one.name)
def test_a_scenario_names_a_cause_and_fixes_that_exist(one: Scenario) -> None:
    """The cause is of the closed set; whoever is not healthy has a fix; each fix is one of the twelve."""
    assert one.cause == "healthy" or one.cause in BY_NAME
    assert bool(one.fixes) == (one.cause != "healthy")
    assert set(one.fixes) <= {fix.key for fix in FIXES}
    assert one.title
    assert one.story
    assert one.source
    assert set(one.regions.values()) <= {*one.sites, "blocked"} | {"main"}


def test_every_fix_has_a_scenario_in_which_it_helps() -> None:
    """Each of the twelve can be seen to help somewhere."""
    assert {key for one in scenarios() for key in one.fixes} == {fix.key for fix in FIXES}


def test_an_unknown_scenario_is_named_with_those_that_exist() -> None:
    """The error lists the known names and carries them."""
    with pytest.raises(UnknownNameError) as caught:
        open_sandbox("rush_our")
    assert "rush_hour" in str(caught.value)
    assert "healthy" in caught.value.known

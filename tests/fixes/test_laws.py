"""The laws that every fix obeys, the thirteenth as well."""

import random
import re
from dataclasses import fields
from pathlib import Path

import pytest

from deepkit.causes import BY_NAME, CAUSES
from deepkit.errors import UnknownNameError
from deepkit.facts import claims, data_path
from deepkit.fixes import DECIDES, FIXES, Fix, fix
from deepkit.fixes._fix import BROWSERS, SYSTEMS, changed_fields
from deepkit.fixes._reset import DESTROYS, SAVES
from deepkit.records import Evidence, Policy, Settings, Timeouts
from tests.fixes.cases import BUSY, HEALTHY, anything, evidence, samples, saw

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "deepkit" / "fixes"
SOME = [
    Settings(),
    Settings(surface="web", history="fresh", assume=frozenset({"topped_up"})),
    Settings(
        policy=Policy("fixed", 3), timeouts=Timeouts(connect=0.3, idle=0.5, total=1.0), failover=("mine",)
    ),
]
each_fix = pytest.mark.parametrize("one", FIXES, ids=lambda one: one.key)


@each_fix
def test_apply_twice_is_once(one: Fix) -> None:
    """`apply` is idempotent and leaves its argument alone, whatever was measured."""
    rng = random.Random(one.number)
    for settings in SOME:
        for seen in [Evidence(), HEALTHY, BUSY, *(anything(rng) for _ in range(200))]:
            once = one.apply(settings, seen)
            assert one.apply(once, seen) == once


@each_fix
def test_apply_changes_only_what_it_names(one: Fix) -> None:
    """Only the fields in `claim.changes` differ afterwards, and each named field exists."""
    rng = random.Random(one.number)
    assert set(one.claim.changes) <= {field.name for field in fields(Settings)}
    for settings in SOME:
        for seen in [Evidence(), HEALTHY, BUSY, *(anything(rng) for _ in range(200))]:
            after = one.apply(settings, seen)
            assert set(changed_fields(settings, after)) <= set(one.claim.changes)
            assert after.assume >= settings.assume, "an outside change that was made is not taken back"


@each_fix
def test_nothing_measured_tells_nothing(one: Fix) -> None:
    """Without evidence, and with checks that did not look, the answer is cannot_tell."""
    assert one.check(Evidence()).answer == "cannot_tell"
    blind = evidence(*(saw(name, "not_checked") for name in one.needs))
    assert one.check(blind).answer == "cannot_tell"


@each_fix
def test_the_healthy_are_left_alone(one: Fix) -> None:
    """Where everything was measured and nothing is wrong, the answer is no, with the numbers."""
    verdict = one.check(HEALTHY)
    assert verdict.answer == "no"
    assert re.search(r"\d+ of \d+", verdict.because)


@each_fix
def test_check_survives_anything(one: Fix) -> None:
    """Missing, empty and contradictory facts give one of the three answers and a sentence, never an exception."""
    rng = random.Random(100 + one.number)
    for _ in range(500):
        seen = anything(rng)
        verdict = one.check(seen)
        assert verdict.answer in ("yes", "no", "cannot_tell")
        assert verdict.because.endswith((".", "?"))
        for system in SYSTEMS:
            one.guide(seen, system=system)
        one.apply(Settings(), seen)


@each_fix
def test_the_same_never_helped(one: Fix) -> None:
    """Equal arms are never called a help or a harm."""
    for outcomes in ("", "+", "-" * 40, "+" * 40, "+-" * 50):
        same = samples("before", outcomes)
        assert one.verify(same, same).effect in ("no_difference", "inconclusive")
    assert one.verify([], []).effect == "inconclusive"


@each_fix
def test_verify_sees_a_help_and_a_harm(one: Fix) -> None:
    """Eight pairs all in favour decide for it, and the mirrored trial against it."""
    bad, good = samples("before", "-" * 8), samples("after", "+" * 8)
    assert one.verify(bad, good).effect == "helped"
    assert one.verify(good, bad).effect == "worse"
    assert (one.verify(bad, good).e_value or 0) >= DECIDES


@each_fix
def test_guides_exist_for_every_system_and_browser(one: Fix) -> None:
    """There are steps for each system, and for each browser where the fix is the browser's."""
    assert one.variants in (SYSTEMS, BROWSERS, ("any",))
    for system in SYSTEMS:
        for browser in BROWSERS:
            guide = one.guide(BUSY, system=system, browser=browser)
            assert guide.system in ({system} | {browser} | {"any"})
            assert len(guide.steps) >= 3
            assert all(step and step[0].isupper() for step in guide.steps)
    with pytest.raises(UnknownNameError):
        one.guide(BUSY, system="beos")
    with pytest.raises(UnknownNameError):
        one.guide(BUSY, browser="mosaic")


@each_fix
def test_commands_are_named_where_consent_is_asked(one: Fix) -> None:
    """No step hides a command that needs rights: whatever a step names stands in `commands`, without a shell."""
    rng = random.Random(one.number)
    for seen in [Evidence(), BUSY, *(anything(rng) for _ in range(50))]:
        for system in SYSTEMS:
            guide = one.guide(seen, system=system)
            lines = {" ".join(words) for words in guide.commands}
            for command in re.findall(
                r"(?:sudo|netsh|ipconfig|resolvectl|dscacheutil) [^.`]*", " ".join(guide.steps)
            ):
                assert command.strip() in lines
            assert not [word for words in guide.commands for word in words if set(word) & set("|&;<>$")]


@each_fix
def test_dangerous_resets_say_what_to_save_first(one: Fix) -> None:
    """Before a command that destroys settings stands one that saves them, and a note says so."""
    rng = random.Random(one.number)
    for seen in [BUSY, *(anything(rng) for _ in range(100))]:
        for system in SYSTEMS:
            guide = one.guide(seen, system=system)
            commands = list(guide.commands)
            for destroyer in set(DESTROYS) & set(commands):
                assert all(commands.index(saver) < commands.index(destroyer) for saver in SAVES)
                assert any(note.startswith("Save first") for note in guide.notes)


@each_fix
def test_the_claim_says_where_it_is_known_from(one: Fix) -> None:
    """Promise, reality, verdict, source and date come from the bundled claims, and the causes are known."""
    by_id = {said.id: said for said in claims()}
    said = by_id[one.claim.claim_ids[0]]
    assert said.fix == one.key, f'data/claims.toml: add fix = "{one.key}" to claim {said.id}'
    assert (one.claim.promise, one.claim.reality, one.claim.verdict) == (
        said.text,
        said.evidence,
        said.verdict,
    )
    assert one.claim.source.startswith("https://")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", one.claim.date)
    assert set(one.claim.causes) <= BY_NAME.keys()
    assert one.claim.cost
    assert one.claim.risk


@each_fix
def test_causes_and_fixes_agree(one: Fix) -> None:
    """A cause names exactly those fixes that name the cause."""
    naming = {cause.name for cause in CAUSES if one.key in cause.fixes}
    missing, extra = naming - set(one.claim.causes), set(one.claim.causes) - naming
    assert not missing, f"add {sorted(missing)} to causes of {one.key}'s claim"
    assert not extra, f"name {one.key} in the fixes of {sorted(extra)} in deepkit/causes.py"


def test_no_module_is_forgotten() -> None:
    """Every module of the folder stands in FIXES and has its test."""
    for path in sorted(PACKAGE.glob("[!_]*.py")):
        assert path.stem in {one.key for one in FIXES}, (
            f"add {path.stem}.FIX to FIXES in deepkit/fixes/__init__.py"
        )
        test = HERE / f"test_{path.stem}.py"
        assert test.exists(), f"write tests/fixes/{test.name}"


@each_fix
def test_a_scenario_names_it(one: Fix) -> None:
    """Some scenario of the sandbox names the fix, and so tries it against real sockets."""
    import tomllib

    files = sorted(data_path("scenarios").glob("*.toml"))
    if not files:
        pytest.skip("no scenario is written yet")
    named = {key for file in files for key in _named(tomllib.loads(file.read_text(encoding="utf-8")))}
    assert one.key in named, f"name {one.key} in the fixes of a scenario in data/scenarios/"


def _named(scenario: dict[str, object]) -> list[str]:
    value = scenario.get("fixes")
    return [str(key) for key in value] if isinstance(value, list) else []


def test_twelve_in_the_guides_order() -> None:
    """Numbers count up from one, keys and titles are unique, and `fix` finds each."""
    assert [one.number for one in FIXES] == list(range(1, len(FIXES) + 1))
    assert len({one.key for one in FIXES}) == len({one.title for one in FIXES}) == len(FIXES)
    assert all(fix(one.key) is one for one in FIXES)
    with pytest.raises(UnknownNameError, match="backoff"):
        fix("backof")

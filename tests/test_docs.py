"""Pages and code say the same: what is forgotten or drifted apart is named with what to write."""

import re
import runpy
from pathlib import Path

import pytest

from deepkit.fixes import FIXES, Fix
from deepkit.fixes._fix import SYSTEMS
from deepkit.records import Evidence, Settings

DOCS = Path(__file__).parent.parent / "docs"
HEADINGS = (
    "What the guide claims",
    "What is known",
    "What DeepKit measures",
    "What it changes",
    "Steps",
    "How the trial decides",
    "Safety and cost",
)
GENERATED = {"It can help against": "What DeepKit measures", "In short": "Safety and cost"}
each_fix = pytest.mark.parametrize("one", FIXES, ids=lambda one: one.key)


def page(one: Fix) -> str:
    """The text of a fix's page, or a failure that says to write it."""
    path = DOCS / "fixes" / f"{one.key}.md"
    assert path.exists(), f"write docs/fixes/{one.key}.md"
    return path.read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands below one heading."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0].strip()


@each_fix
def test_the_same_headings_in_every_page(one: Fix) -> None:
    """Number and title come first, then the same seven headings in the same order, none of them empty."""
    text = page(one)
    assert text.startswith("# "), f"docs/fixes/{one.key}.md: begin with a title"
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    for heading in HEADINGS:
        assert heading in found, f'docs/fixes/{one.key}.md: add the heading "## {heading}"'
        assert len(section(text, heading)) > 40, f'docs/fixes/{one.key}.md: write something below "{heading}"'
    assert tuple(found) == HEADINGS


def test_the_claims_on_the_pages_are_new() -> None:
    """docs/guide-claims.md and the fixes' pages say what data/claims.toml says now."""
    pages = runpy.run_path(str(DOCS.parent / "tools" / "claims_pages.py"))["pages"]()
    stale = [path.name for path, text in pages.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python tools/claims_pages.py"


@each_fix
def test_the_page_names_what_changes(one: Fix) -> None:
    """Every field and every assumed change that `apply` makes is named; the generated lines have their places."""
    text, where = page(one), f"docs/fixes/{one.key}.md"
    changes = section(text, "What it changes")
    names = [f"Settings.{name}" for name in one.claim.changes] + sorted(one.apply(Settings()).assume)
    for name in names:
        assert f"`{name}`" in changes, f'{where}: name `{name}` below "What it changes"'
    for line, heading in GENERATED.items():
        assert f"\n{line}: " in section(text, heading), (
            f'{where}: begin a line with "{line}: " below "{heading}"'
        )


@each_fix
def test_the_page_shows_every_command(one: Fix) -> None:
    """Each command of each system stands on the page, word for word."""
    steps = section(page(one), "Steps")
    for system in SYSTEMS:
        for words in one.guide(Evidence(), system).commands:
            assert f"`{' '.join(words)}`" in steps, f"docs/fixes/{one.key}.md: show {' '.join(words)!r}"
    assert f"`deepkit fixes {one.key}`" in steps


def test_no_page_without_a_fix() -> None:
    """A page that belongs to no fix is a leftover."""
    assert {path.stem for path in (DOCS / "fixes").glob("*.md")} == {one.key for one in FIXES}


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link in docs/ points to a file that is there."""
    for path in sorted(DOCS.rglob("*.md")):
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.relative_to(DOCS.parent)}: {link} is not there"


def test_adding_a_fix_is_described_as_it_is() -> None:
    """docs/add-a-fix.md names the files, functions and messages that really exist."""
    text = (DOCS / "add-a-fix.md").read_text(encoding="utf-8")
    fixes = DOCS.parent / "deepkit" / "fixes"
    shortest = min(
        (fixes / f"{one.key}.py" for one in FIXES), key=lambda path: len(path.read_text().splitlines())
    )
    assert f"cp deepkit/fixes/{shortest.name}" in text, f"the shortest fix to copy is {shortest.name} now"
    source = shortest.read_text(encoding="utf-8")
    for name in ("def check(", "def guide(", "def apply(", "CLAIM", "FIX = define("):
        assert name in source
        assert name.removeprefix("def ").removesuffix("define(").split(" ")[0] in text
    for message in (
        "to FIXES in deepkit/fixes/__init__.py",
        "write tests/fixes/test_",
        "write docs/fixes/",
        "add the heading",
    ):
        assert message in text

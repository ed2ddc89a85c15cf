"""CONTRIBUTING.md tells of this house: its rows, its paths, its commands."""

import re
from pathlib import Path

import pytest

from tests.test_architecture import ROWS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/design.md"])
def test_the_picture_is_the_house(page: str) -> None:
    """The rows of the picture are those that the architecture test holds, in the same order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    picture = text[text.index("    cli | aio") :].split("\n\n")[0]
    rows = [re.split(r" {2,}", line.strip())[0] for line in picture.splitlines()]
    assert [set(row.split(" | ")) for row in rows] == [set(row) for row in ROWS]


def test_every_path_exists() -> None:
    """What is named as a path in this repository is there."""
    named = re.findall(r"`((?:deepkit|tests|data|docs|tools)/[\w./-]+)`", TEXT) + re.findall(
        r"\]\(([\w./-]+)\)", TEXT
    )
    assert len(named) > 8
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_the_commands_are_those_of_the_makefile() -> None:
    """Every `make` command named exists, and every one for developers is named."""
    named = set(re.findall(r"`make ([\w-]+)`", TEXT))
    there = set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split())  # type: ignore[index]
    assert named == there - {"guide", "report", "clean"}

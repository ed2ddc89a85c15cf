"""The catalogues: complete, alike, compiled, and asked for nothing that they do not hold."""

import re
import string
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from deepkit.answers.compose import CERTAINTY
from deepkit.answers.steps import table
from deepkit.answers.tried import ACTION_OF
from deepkit.answers.words import LANGUAGES, choose, words
from deepkit.cases import Action
from deepkit.causes import CAUSES, WHOSE
from deepkit.fixes import FIXES

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "data" / "language"


def catalogue(language: str) -> Catalog:
    """Read one catalogue's source."""
    with (FOLDER / f"{language}.po").open("rb") as source:
        return read_po(source)


def sentences(language: str) -> dict[str, str]:
    """Return its keys and sentences."""
    return {str(one.id): str(one.string) for one in catalogue(language) if one.id}


def places(sentence: str) -> set[str]:
    """Return what stands in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_is_what_is_written(language: str) -> None:
    """The compiled catalogue is that of the source; `make words` makes it."""
    made = BytesIO()
    write_mo(made, catalogue(language))
    assert (FOLDER / f"{language}.mo").read_bytes() == made.getvalue()


def test_both_languages_say_the_same_things() -> None:
    """The same keys, each with the same values in its sentence, and none empty."""
    english, chinese = (sentences(one) for one in LANGUAGES)
    assert english.keys() == chinese.keys()
    assert [key for key in english if places(english[key]) != places(chinese[key])] == []
    assert all(english.values())
    assert all(chinese.values())
    assert [key for key, said in english.items() if re.search(r"[\u4e00-\u9fff]", said)] == []


def test_every_sentence_that_code_can_ask_for_is_there() -> None:
    """Each cause, verdict, action, certainty, fault, fix and written-out label has a sentence."""
    keys = {f"cause.{one.name}" for one in CAUSES} | {"cause.healthy", "cause.inconclusive", "cause.no_error"}
    keys |= {f"step.{one.value}" for one in Action} | {f"whose.{one}" for one in WHOSE}
    keys |= {f"certainty.{one}" for one in CERTAINTY.values()} | {f"helped.{one.key}" for one in FIXES}
    keys |= {f"state.{one}" for one in CERTAINTY}
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "deepkit").rglob("*.py"))
    keys |= set(re.findall(r'"((?:label|why|practice|who)\.\w+)"', written))
    assert keys - sentences("en").keys() == set()


def test_every_variant_is_one_that_code_can_ask_for() -> None:
    """No sentence lies unused: a variant is a row's, a detail's, a meaning's, a person's or a speaker's."""
    from deepkit.answers.particulars import DETAILS
    from deepkit.vendors import CATEGORIES, vendors

    variants = {row.words for row in table()} | {name for name, _ in DETAILS} | set(CATEGORIES)
    variants |= {"web", "developer", "operator", "measured", "local", "unknown"}
    variants |= {one.name for one in vendors()}
    asked = [key.split(".") for key in sentences("en") if key.startswith(("cause.", "step."))]
    assert [parts for parts in asked if len(parts) == 3 and parts[2] not in variants] == []


def test_a_particular_is_never_taken_for_a_meaning() -> None:
    """Names of particulars are none of the meanings', so that no sentence is chosen whose value is missing."""
    from deepkit.answers.particulars import DETAILS
    from deepkit.vendors import CATEGORIES

    assert not {name for name, _ in DETAILS} & set(CATEGORIES)


def test_every_fix_is_a_step() -> None:
    """A trial of any fix can become a step."""
    assert {one.key for one in FIXES} <= ACTION_OF.keys()


@pytest.mark.parametrize(("language", "key"), list(product(LANGUAGES, sorted(sentences("en")))))
def test_a_value_that_is_not_known_leaves_no_brace(language: str, key: str) -> None:
    """Without any value no brace, None or traceback is left."""
    said = words(language, key)
    assert "{" not in said
    assert "None" not in said


@pytest.mark.parametrize(
    ("wanted", "text", "locale", "taken"),
    [
        ("zh", "en", "en_US.UTF-8", "zh"),
        (None, "zh", "en_US.UTF-8", "zh"),
        (None, "ru", "zh_CN.UTF-8", "en"),
        (None, None, "zh_CN.UTF-8", "zh"),
        (None, None, "C", "en"),
        (None, None, "", "en"),
    ],
)
def test_the_language_is_chosen_by_wish_text_and_locale(
    wanted: str | None, text: str | None, locale: str, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked for comes first, then the text's own, then the locale's."""
    monkeypatch.setenv("LC_ALL", locale)
    assert choose(wanted, text) == taken

"""Sentences in a person's language: gettext catalogues of keys, in `data/language/`.

The keys stand in code (`step.new_chat.web`), the sentences in `en.po` and `zh.po`; `make words` compiles them
to the `.mo` files that are read here. The text's own language is taken first, then the locale's.
"""

import gettext
import os
import re
from functools import cache

from deepkit.facts import data_path

LANGUAGES = ("en", "zh")
"""English, and Simplified Chinese."""
_LATIN_AFTER = re.compile(r"([\u4e00-\u9fff])([A-Za-z0-9])")
_LATIN_BEFORE = re.compile(r"([A-Za-z0-9])([\u4e00-\u9fff])")


@cache
def _catalogue(language: str) -> gettext.GNUTranslations:
    with data_path("language", f"{language}.mo").open("rb") as source:
        return gettext.GNUTranslations(source)


def words(language: str, *keys: str, **values: object) -> str:
    """Return the sentence of the first key that has one.

    Args:
        language: One of LANGUAGES.
        keys: The most special first.
        values: What stands in the sentence's braces; a value that is empty is left out with its brackets.

    Returns:
        The sentence.

    Raises:
        KeyError: When no key has a sentence: a fault of this program.
    """
    catalogue = _catalogue(language)
    for key in keys:
        sentence = catalogue.gettext(key)
        if sentence != key:
            said = sentence.format_map(_Known(values))
            return _spaced(said) if language == "zh" else _begun(said, sentence)
    raise KeyError(keys[-1])


def _begun(said: str, sentence: str) -> str:
    """Begin with a capital what begins with a value, as a sentence does."""
    return said[:1].upper() + said[1:] if sentence.startswith("{who}") else said


def _spaced(sentence: str) -> str:
    """Put a space between Chinese and Latin, as Chinese is set, but not into what is quoted."""
    parts = sentence.split("“")
    return "“".join(
        one if number else _LATIN_AFTER.sub(r"\1 \2", _LATIN_BEFORE.sub(r"\1 \2", one))
        for number, one in enumerate(parts)
    )


class _Known(dict[str, object]):
    """Braces whose value is not known stay out of the sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def choose(wanted: str | None, text_language: str | None = None) -> str:
    """Choose a language.

    Args:
        wanted: What the person asked for (`--lang`, the form), if anything.
        text_language: The language of the text that was pasted, if any.

    Returns:
        One of LANGUAGES.
    """
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    for one in (wanted, text_language, locale):
        code = (one or "").lower().replace("_", "-").split("-")[0].split(".")[0]
        if code in LANGUAGES:
            return code
        if code and code != "c" and one is not locale:
            return "en"  # a third language: English is read by more of its speakers than Chinese
    return "en"

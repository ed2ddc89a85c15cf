"""What a text says of itself and is worth saying back: limits, dates, names, times to wait."""

from deepkit.answers.words import words
from deepkit.checks import Text

MINUTE, HOUR, DAY = 60, 3600, 86_400
LONGEST_WAIT_S = 30 * DAY
FEWEST_TOKENS = 1000
"""A smaller limit counts requests, not tokens."""
DETAILS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("asked", ("limit", "asked")),
    ("until", ("until",)),
    ("wait", ("wait",)),
    ("model_name", ("model",)),
    ("field", ("field",)),
    ("limit", ("limit",)),
)
"""Variants of a sentence and the values that each needs, the most telling first."""


def particulars(text: Text, language: str) -> dict[str, str]:
    """Return what can be said back, by the name of its place in a sentence.

    Args:
        text: The facts of the pasted text.
        language: The language of the sentences.

    Returns:
        limit, asked, until, wait, model, field: those that the text holds and that make sense together.
    """
    said: dict[str, str] = {}
    if text.limit and text.limit > 1 and (text.asked is None or text.asked > text.limit):
        said["limit"] = f"{text.limit:,}"
        said |= {"asked": f"{text.asked:,}"} if text.asked else {}
    if text.until:
        said["until"] = text.until.replace("T", " ").replace("Z", " UTC")
    if text.wait_s and 1 <= text.wait_s <= LONGEST_WAIT_S:
        said["wait"] = duration(text.wait_s, language)
    said |= {name: value for name in ("model", "field") if (value := getattr(text, name))}
    return said


def details(said: dict[str, str], meaning: str | None) -> tuple[str, ...]:
    """Name the variants of a sentence that these values allow, the vendor's own meaning last."""
    fitting = [name for name, needs in DETAILS if all(one in said for one in needs)]
    return (*fitting, *([meaning] if meaning else []))


def oversize(text: Text) -> bool:
    """Tell whether one request alone is beyond the limit in tokens, so that waiting cannot help."""
    many = text.limit is not None and text.limit >= FEWEST_TOKENS
    return many and text.asked is not None and text.limit is not None and text.asked > text.limit


def duration(seconds: float, language: str) -> str:
    """Say a time in words, rounded up to a whole unit: whoever waits less long is refused again."""
    unit, size = next(
        (
            (name, size)
            for name, size in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE))
            if seconds >= 2 * size
        ),
        ("seconds", 1),
    )
    return words(language, f"unit.{unit}", n=max(2, -int(-seconds // size)))

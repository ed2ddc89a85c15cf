"""The account: the key's shape and standing, the balance, the models it may ask for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deepkit.checks import Balance, Key, KeyShape, Models, checked
from deepkit.probes._context import Context, Observations, Stopwatch, answered
from deepkit.records import Observation, Secret
from deepkit.transport import Exchange, listed_models
from deepkit.transport.bodies import json_of

CHECKS = ("key", "balance", "models")
MOST_MODELS = 200
"""Most models of the list that are kept."""
MOST_CREDIT = 1e12
"""No account holds more, in any currency."""
_QUOTES = "\"'`“”‘’„«»"
_UNSEEN = frozenset((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xA0))
_SHAPES: Mapping[KeyShape, str] = {
    KeyShape.MISSING: "no key is given",
    KeyShape.BLANK: "the key is blank",
    KeyShape.QUOTES: "the key holds quotation marks, probably from copying",
    KeyShape.SPACES: "the key holds white space, probably from copying",
}
_WITHHELD = "the key was not sent: anybody on the way could read it"


async def probe(context: Context) -> Observations:
    """Ask for the balance; where there is no such page, the model list tells whether the key is taken."""
    watch = Stopwatch()
    shape = key_shape(context.target.key)
    if shape is not KeyShape.OK:
        reason = _SHAPES[shape]
        if shape is KeyShape.MISSING:
            yield watch.saw(Key(key_shape=shape), "not_checked", reason)
        else:
            yield watch.saw(Key(key_shape=shape), "fault", f"{reason}; it was not sent")
        yield watch.not_checked(Balance, reason)
        yield watch.not_checked(Models, reason)
        return
    told = await context.get("/user/balance", with_key=True)
    fallback = told.status in (404, 405) or (told.ok and not isinstance(json_of(told.body), dict))
    asked = await context.models() if fallback else told
    yield _key(watch, asked)
    yield _not_here(watch) if fallback else _balance(watch, told)
    yield _models(context, watch, await context.models())


def key_shape(key: Secret | None) -> KeyShape:
    """Say what a key looks like, without sending it."""
    if key is None:
        return KeyShape.MISSING
    text = key.reveal()
    if not text.strip():
        return KeyShape.BLANK
    if any(letter in _QUOTES for letter in text):
        return KeyShape.QUOTES
    odd = any(letter.isspace() or not letter.isprintable() or ord(letter) in _UNSEEN for letter in text)
    return KeyShape.SPACES if odd else KeyShape.OK


def _key(watch: Stopwatch, told: Exchange) -> Observation:
    facts = answered(Key, told, key_shape=KeyShape.OK)
    unsaid = _unsaid(told)
    if unsaid:
        return watch.saw(facts, "not_checked", unsaid)
    if told.failure is None:
        return watch.saw(facts, "ok")
    if told.status in (401, 402, 403):
        said = told.error_message or f"HTTP {told.status}"
        return watch.saw(facts, "fault", f"the server says: {said}", failure=told.failure)
    return watch.saw(facts, "partial", "the key could not be tried", failure=told.failure)


def _unsaid(told: Exchange) -> str:
    """Say why an answer tells nothing about the account; nothing where it does."""
    if told.failure == "budget_spent":
        return told.detail
    return _WITHHELD if told.key_sent is False else ""


def _not_here(watch: Stopwatch) -> Observation:
    return watch.not_checked(Balance, "this provider has no balance page at this address")


def _balance(watch: Stopwatch, told: Exchange) -> Observation:
    value = json_of(told.body) if told.ok else None
    if not isinstance(value, dict):
        return watch.not_checked(Balance, f"the balance could not be read ({told.failure or 'no JSON'})")
    facts = balance_facts(value)
    if facts.is_available is False:
        return watch.saw(facts, "fault", "the balance is used up", failure="http_402")
    return watch.saw(facts, "ok")


def balance_facts(value: Mapping[str, Any]) -> Balance:
    """Read the answer to GET /user/balance.

    Args:
        value: Its JSON object.

    Returns:
        The facts; the total is that of the currency with the largest number, as there is no rate.
    """
    rows = value.get("balance_infos")
    rows = [_as_texts(row) for row in rows] if isinstance(rows, list) else rows
    facts = checked(Balance, {"is_available": value.get("is_available"), "balances": rows})
    known = [(float(row.total_balance), row.currency) for row in facts.balances if row.total_balance]
    total, currency = max(known, key=lambda one: one[0], default=(None, None))
    return replace(facts, total=total, currency=currency)


def _as_texts(row: Any) -> Any:
    """Return a row with its numbers as texts: some providers write amounts so."""
    if not isinstance(row, dict):
        return row
    return {name: str(one) if _is_amount(one) else one for name, one in row.items()}


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST_CREDIT


def _models(context: Context, watch: Stopwatch, told: Exchange) -> Observation:
    unsaid = _unsaid(told)
    ids = listed_models(told)
    if unsaid and not ids:
        return watch.saw(answered(Models, told), "not_checked", unsaid)
    if not ids:
        reason = "the list of models could not be read"
        return watch.saw(answered(Models, told), "partial", reason, failure=told.failure or "bad_body")
    given = context.settings.model
    wanted = given if given and given != "listed" else context.target.model
    facts = answered(Models, told, ids=ids[:MOST_MODELS], wanted=wanted, listed=wanted in ids)
    if wanted in ids:
        return watch.saw(facts, "ok")
    # A server may take names that it does not list, so the missing name is a sign and no proof.
    return watch.saw(facts, "partial", f"{wanted} is not among the models listed")

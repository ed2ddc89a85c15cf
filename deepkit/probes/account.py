"""The account: the key's shape and standing, the balance, the models it may ask for."""

from collections.abc import AsyncIterator
from typing import Any

from deepkit.probes._look import Look, Stopwatch, exchange_facts
from deepkit.records import Observation, Secret
from deepkit.transport import Exchange, listed_models
from deepkit.transport.bodies import json_of

CHECKS = ("key", "balance", "models")
_QUOTES = "\"'`“”‘’„«»"


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Ask for the balance; where there is no such page, the model list tells whether the key is taken."""
    watch = Stopwatch()
    shape = key_shape(look.target.key)
    if shape == "missing":
        for check in CHECKS:
            if check == "key":
                yield watch.saw("key", "not_checked", "no key is given", facts={"key_shape": shape})
            else:
                yield watch.not_checked(check, "no key is given")
        return
    if shape != "ok":
        reason = _SHAPES[shape]
        yield watch.saw("key", "fault", f"{reason}; it was not sent", facts={"key_shape": shape})
        yield watch.not_checked("balance", reason)
        yield watch.not_checked("models", reason)
        return
    told = await look.get("/user/balance", with_key=True)
    fallback = told.status in (404, 405) or (told.ok and not isinstance(json_of(told.body), dict))
    asked = await look.models() if fallback else told
    yield _key(watch, asked)
    yield _not_here(watch) if fallback else _balance(watch, told)
    yield _models(look, watch, await look.models())


_SHAPES = {
    "blank": "the key is blank",
    "quotes": "the key holds quotation marks, probably from copying",
    "spaces": "the key holds white space, probably from copying",
}


def key_shape(key: Secret | None) -> str:
    """Say what a key looks like, without sending it: ok, missing, blank, quotes or spaces."""
    if key is None:
        return "missing"
    text = key.reveal()
    if not text.strip():
        return "blank"
    if any(letter in _QUOTES for letter in text):
        return "quotes"
    odd = any(letter.isspace() or not letter.isprintable() or ord(letter) in _UNSEEN for letter in text)
    return "spaces" if odd else "ok"


_UNSEEN = frozenset((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xA0))


def _key(watch: Stopwatch, told: Exchange) -> Observation:
    facts = {**exchange_facts(told), "key_shape": "ok"}
    if told.failure == "budget_spent":
        return watch.not_checked("key", told.detail)
    if told.failure is None:
        return watch.saw("key", "ok", facts=facts)
    if told.status in (401, 402, 403):
        said = told.error_message or f"HTTP {told.status}"
        return watch.saw("key", "fault", f"the server says: {said}", failure=told.failure, facts=facts)
    return watch.saw("key", "partial", "the key could not be tried", failure=told.failure, facts=facts)


def _not_here(watch: Stopwatch) -> Observation:
    return watch.not_checked("balance", "this provider has no balance page at this address")


def _balance(watch: Stopwatch, told: Exchange) -> Observation:
    value = json_of(told.body) if told.ok else None
    if not isinstance(value, dict):
        return watch.not_checked("balance", f"the balance could not be read ({told.failure or 'no JSON'})")
    rows = [row for row in value.get("balance_infos") or () if isinstance(row, dict)]
    facts: dict[str, Any] = {"is_available": value.get("is_available")}
    amounts = [(amount, str(row.get("currency", ""))) for row in rows if (amount := _amount(row)) is not None]
    if amounts:
        facts["total"], facts["currency"] = max(amounts)
        facts["balances"] = [{name: row[name] for name in _SHOWN if name in row} for row in rows]
    if facts["is_available"] is False:
        return watch.saw("balance", "fault", "the balance is used up", failure="http_402", facts=facts)
    return watch.saw("balance", "ok", facts=facts)


_SHOWN = ("currency", "total_balance", "granted_balance", "topped_up_balance")


def _amount(row: dict[str, Any]) -> float | None:
    try:
        return float(row.get("total_balance", ""))
    except (TypeError, ValueError):
        return None


def _models(look: Look, watch: Stopwatch, told: Exchange) -> Observation:
    if told.failure == "budget_spent":
        return watch.not_checked("models", told.detail)
    ids = listed_models(told)
    if not ids:
        reason = "the list of models could not be read"
        failure = told.failure or "bad_body"
        return watch.saw("models", "partial", reason, failure=failure, facts=exchange_facts(told))
    given = look.settings.model
    wanted = given if given and given != "listed" else look.target.model
    facts = {"ids": list(ids[:200]), "wanted": wanted, "listed": wanted in ids}
    if wanted in ids:
        return watch.saw("models", "ok", facts=facts)
    # A server may take names that it does not list, so the missing name is a sign and no proof.
    return watch.saw("models", "partial", f"{wanted} is not among the models listed", facts=facts)

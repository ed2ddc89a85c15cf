"""Fix 7: the API where it works and the chat does not, and a set-up that is right."""

import pytest

from deepkit.facts import models
from deepkit.fixes.official_api import FIX
from deepkit.records import Evidence, Observation, Settings
from tests.fixes.cases import BUSY, chat, evidence, saw, web


@pytest.mark.parametrize(
    "seen",
    [
        BUSY,
        evidence(chat(0, 3, http_503=3), web(False)),
        evidence(chat(0, 3, http_429=3)),
        evidence(saw("http", "fault", "block_page", status=403, body_kind="html", block_page="edgeone"),
                 chat(0, 1, block_page=1)),
    ],
)  # fmt: skip
def test_left_alone(seen: Evidence) -> None:
    """Both surfaces failing alike, or a limit or block, is not cured by the API."""
    assert FIX.check(seen).answer == "no"


def test_not_asked() -> None:
    """Without a key the API cannot be compared."""
    assert FIX.check(evidence(web(False), surface="web")).answer == "cannot_tell"
    assert FIX.check(evidence(saw("status", "fault"))).answer == "cannot_tell"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (saw("key", "fault", "http_401", status=401, key_shape="ok"), "401"),
        (saw("key", "fault", None, key_shape="quotes"), "quotes"),
        (
            saw("models", "fault", None, ids=["deepseek-flash"], wanted="deepseek-chat", listed=False),
            "deepseek-chat",
        ),
        (saw("http", "fault", "http_404", status=404, body_kind="html"), "404"),
        (saw("tcp", "fault", "connection_refused", connects=[]), "address"),
        (chat(0, 2, message="Model Not Exist", http_400=2), "model"),
    ],
)
def test_a_wrong_set_up_is_named(wrong: Observation, words: str) -> None:
    """Key, model and address that are wrong are a yes that says which."""
    verdict = FIX.check(evidence(wrong))
    assert verdict.answer == "yes"
    assert words in verdict.because


def test_the_chat_page_is_down_alone() -> None:
    """The API answering while the page does not is the guide's own case."""
    assert FIX.check(evidence(chat(3, 3), web(False), surface="web")).answer == "yes"


def test_the_api_is_set_up() -> None:
    """Surface, model and key change together."""
    after = FIX.apply(Settings(surface="web"))
    assert (after.surface, after.model, after.assume) == ("api", "listed", {"working_key"})


def test_retired_models_are_named() -> None:
    """The steps name the current model and those that are refused, from the bundled list."""
    steps = " ".join(FIX.guide(evidence()).steps)
    assert all(one.id in steps for one in models() if one.state == "retired")
    assert "deepseek-flash" in steps


def test_an_old_address_is_no_wrong_set_up() -> None:
    """Where a fresh lookup gives an address that connects, the set-up is right and the lookup is not."""
    refused = saw("tcp", "fault", "connection_refused", connects=[])
    fresh = saw("tcp.fresh", connects=[{"address": "203.0.113.9:443", "family": 4, "failure": None}])
    seen = evidence(refused, fresh, chat(0, 3, connection_refused=3))
    assert FIX.check(seen).answer == "no"
    assert FIX.check(evidence(refused, chat(0, 3, connection_refused=3))).answer == "yes"


def test_a_refused_local_server_is_not_cured_by_another_service() -> None:
    """Where the user's own server refused, it must be started; where an address on the network did, nothing is said."""
    here = {"signals": {"refused": "ECONNREFUSED 127.0.0.1:11434"}, "peer": "local"}
    assert FIX.check(evidence(saw("text", "fault", None, **here))).answer == "no"
    there = {**here, "peer": "official"}
    assert FIX.check(evidence(saw("text", "fault", None, **there))).answer == "cannot_tell"


def test_a_look_alike_is_left_for_the_official_address() -> None:
    """An address that only bears DeepSeek's name is wrong, whatever it answered."""
    seen = evidence(saw("text", "fault", None, signals={}, peer="look_alike"))
    assert FIX.check(seen).answer == "yes"

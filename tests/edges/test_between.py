"""Real relays and gateways on loopback: what they do is never called the provider's or the user's fault for sure."""

import asyncio
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from deepkit.checks import ChatPlain, ChatStream, Http
from deepkit.diagnosis import diagnose
from deepkit.probes import probe_async
from deepkit.records import Diagnosis, Evidence
from deepkit.redaction import Redacted, redact
from deepkit.transport import send
from tests.servers import (
    DONE,
    GOOD,
    STREAM_END,
    STREAM_HEAD,
    Handler,
    answer,
    chunk,
    delta,
    refused_port,
    request,
    reset,
    serving,
)
from tests.transport.kit import FAST, KEY, meter, run, target
from tests.transport.name_server import names, says

CHECKS = ("tcp", "tls", "http", "key", "balance", "models", "chat.stream", "chat.plain")
WHOLE = json.dumps({"choices": [{"message": {"content": "pong"}, "finish_reason": "stop"}]})
MODELS = json.dumps({"data": [{"id": "deepseek-flash"}]})
NO_HEADER = json.dumps(
    {"error": {"message": "You didn't provide an API key.", "type": "invalid_request_error"}}
)


def api(**replies: bytes) -> Handler:
    """An API whose answers to `models`, `balance`, `stream` and `whole` questions can be replaced; a 401 wants a key."""
    usual = {
        "models": answer(200, MODELS),
        "balance": answer(404),
        "stream": GOOD,
        "whole": answer(200, WHOLE),
    }

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, headers, body = await request(reader)
            asked = "models" if "/models" in line else "balance" if "/balance" in line else "whole"
            if asked == "whole" and json.loads(body)["stream"]:
                asked = "stream"
            reply = {**usual, **replies}[asked]
            if "authorization" not in headers and asked != "models":
                reply = answer(401, NO_HEADER)
            writer.write(reply)
            await writer.drain()

    return handler


def relay(to: int, *, strip: bool = False, cut_after: int | None = None) -> Handler:
    """A relay that takes the key out of requests, or resets after so many bytes of an answer to a question."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, headers, body = await request(reader)
        if strip:
            headers.pop("authorization", None)
        up, down = await asyncio.open_connection("127.0.0.1", to)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "connection")
        down.write(f"{line}\r\n{head}connection: close\r\n\r\n".encode() + body)
        left = cut_after if cut_after is not None and "/chat/" in line else 10**9
        try:
            while left > 0 and (data := await up.read(min(left, 65536))):
                left -= len(data)
                writer.write(data)
                await writer.drain()
            if left <= 0:
                await asyncio.sleep(0.05)  # so that the bytes before the reset are read
                reset(writer)
        finally:
            down.close()

    return handler


def look(handler: Handler, **relayed: Any) -> tuple[Evidence, Diagnosis]:
    """Look at an API, through a relay if one is described."""

    async def body() -> Evidence:
        async with serving(handler) as port:
            if not relayed:
                return await probe_async(target(port, name="custom"), FAST, only=CHECKS)
            async with serving(relay(port, **relayed)) as between:
                return await probe_async(target(between, name="custom"), FAST, only=CHECKS)

    found = run(body(), count=False)
    return found, diagnose(found)


def test_a_relay_that_takes_the_key_out() -> None:
    """The key was sent, the server saw none: the way between is named, and the user is not."""
    _, found = look(api(), strip=True)
    assert (found.verdict, found.whose, found.accusations[0].state) == ("auth_failed", "between", "LIKELY")


def test_a_relay_that_cuts_answers() -> None:
    """Streams that a relay cuts in their middle are not the provider's fault for sure."""
    long = STREAM_HEAD + b"".join(chunk(delta(f"word {n} ")) for n in range(40)) + chunk(DONE) + STREAM_END
    evidence, found = look(api(stream=long), cut_after=2000)
    assert evidence.facts(ChatStream).failures == {"stream_cut": 6}
    assert (found.verdict, found.whose, found.accusations[0].state) == ("stream_cut", "between", "LIKELY")


def test_an_event_stream_under_another_name_is_read() -> None:
    """The official clients go by what they asked for and not by the content type; so does a look."""
    plain = GOOD.replace(b"text/event-stream", b"text/plain")
    evidence, found = look(api(stream=plain, whole=answer(200, WHOLE, "text/plain")))
    assert evidence.facts(ChatStream).ok == 6
    assert evidence.facts(ChatPlain).ok == 1
    assert found.verdict == "healthy"


def test_a_packed_answer_that_is_cut() -> None:
    """Gzip that ends too early could not be read; it is no web page and no wrong address."""
    packed = gzip.compress(WHOLE.encode() * 20)[:-12]
    broken = answer(200, packed, content_encoding="gzip")
    evidence, found = look(api(models=broken, balance=broken, stream=broken, whole=broken))
    assert evidence.facts(ChatStream).failures == {"bad_body": 6}
    assert evidence.facts(Http).status == 200
    assert found.verdict == "inconclusive"
    assert "wrong_endpoint" not in {one.cause for one in found.accusations}
    assert any("cut before its end" in one for one in found.accusations[0].evidence_for)


def test_a_gateway_s_own_key() -> None:
    """A refusal that shows the end of another key than the one that was sent is about the gateway's key."""
    message = "Authentication Fails, Your api key: ****wxyz is invalid"
    other = answer(401, json.dumps({"error": {"message": message, "type": "authentication_error"}}))
    _, found = look(api(stream=other, whole=other))
    assert (found.verdict, found.whose) == ("auth_failed", "between")
    own = answer(401, json.dumps({"error": {"message": message.replace("wxyz", KEY[-4:]), "type": "a"}}))
    _, found = look(api(stream=own, whole=own))
    assert (found.verdict, found.whose) == ("auth_failed", "account")


def test_streams_that_the_server_does_not_offer() -> None:
    """501 for streams alone: the sentence says that whole answers come."""
    _, found = look(api(stream=answer(501, "{}")))
    assert found.verdict == "server_error"
    assert "without streaming" in found.accusations[0].evidence_for[0]


def test_nothing_listens_here() -> None:
    """A refusal by this machine is the user's own server that is not running."""
    with refused_port() as port:
        evidence = run(probe_async(target(port, name="custom"), FAST, only=CHECKS))
    found = diagnose(evidence)
    assert (found.verdict, found.whose) == ("connection_refused", "you")
    assert "start the server" in (found.next_check or "")


@pytest.mark.parametrize(("leads_to", "sent"), [("127.0.0.1", True), ("100.64.0.7", False)])
def test_a_name_that_leaves_this_network_does_not_get_the_key(leads_to: str, sent: bool) -> None:
    """A name that led here when the run began is not followed anywhere else with a key in the clear."""
    seen: list[dict[str, str]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, headers, _ = await request(reader)
        seen.append(headers)
        writer.write(answer(200, MODELS))

    async def body() -> str | None:
        async with serving(handler) as port, names(says(leads_to)) as dns:
            whom = replace(target(port), base_url=f"http://gateway.test:{port}", system_dns=dns, private=True)
            return (await send(whom, FAST, meter(), "GET", "/models")).failure

    failure = run(body())
    assert failure == (None if sent else "dns_error")
    assert ["authorization" in one for one in seen] == ([True] if sent else [])


def test_a_message_of_a_megabyte_is_cut_before_it_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server says is cut before it is searched for secrets, and no check is lost by it."""
    from deepkit.transport import failures

    searched: list[int] = []

    def counting(text: str) -> Redacted:
        searched.append(len(text))
        return redact(text)

    monkeypatch.setattr(failures, "redact", counting)
    huge = answer(503, json.dumps({"error": {"message": "x y " * 250_000, "type": "t" * 10_000}}))
    evidence, _ = look(api(models=huge, balance=huge, stream=huge, whole=huge))
    assert evidence.facts(ChatStream).n == 6
    assert not [one for one in evidence.observations if one.outcome == "check_failed"]
    assert max(searched) <= failures.SEARCHED_CHARS

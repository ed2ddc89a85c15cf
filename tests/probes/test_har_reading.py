"""The reader's laws: what a JSON library reads out of a HAR file is read here too, whole or cut, in bounded memory."""

import gzip
import json
import random
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.errors import UsageError
from deepkit.probes import _har_source, _har_tape
from deepkit.probes._har_brackets import Brackets
from deepkit.probes._har_file import Recording
from deepkit.probes._har_times import when
from deepkit.probes.har import read_har

TRICKY = st.text('{}[]",:\\\n é服🙂\x00', max_size=6) | st.sampled_from(
    ['},{"startedDateTime":1', '"entries":[', "\n      },\n      {", '\\"', "]}}"]
)
NESTED = st.recursive(
    TRICKY | st.none() | st.booleans() | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRICKY, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def entries(draw: st.DrawFn) -> Any:
    """An exchange with anything in it, or something that is none."""
    one: dict[str, Any] = {
        "startedDateTime": draw(TRICKY),
        "request": {"method": "GET", "url": "https://a.example/" + draw(TRICKY)},
        "response": {"status": 200, "content": {"text": draw(TRICKY)}},
    }
    if draw(st.booleans()):
        one = {"_initiator": draw(NESTED), **one, "_more": draw(NESTED)}
    return draw(st.sampled_from([one, one, one, 7, None, "x}{", [1, {}], {}]))


@st.composite
def files(draw: st.DrawFn) -> tuple[list[Any], bytes]:
    """The entries of a recording, and its bytes as one of many exporters would write them."""
    some = draw(st.lists(entries(), max_size=6))
    log: dict[str, Any] = {"version": "1.2", "pages": [{"entries": [1, 2], "id": draw(TRICKY)}]}
    log |= {"entries": some, "creator": {"name": "X"}}
    if draw(st.booleans()):
        log = {"entries": log.pop("entries"), **log}
    outer = {"entries": [5], "log": log} if draw(st.booleans()) else {"log": log, "z": {"entries": [9]}}
    indent = draw(st.sampled_from([None, None, 1, 2, "\t"]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    text = json.dumps(outer, indent=indent, separators=separators, ensure_ascii=draw(st.booleans()))
    return some, text.encode()


def addresses(some: list[Any]) -> list[str]:
    """What must be read: the address of each real exchange, in order."""
    return [one["request"]["url"] for one in some if isinstance(one, dict) and "request" in one]


@pytest.fixture(params=[1, 2], ids=["tiny", "odd"])
def windows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows so small that every boundary falls everywhere."""
    sizes = {1: (16, 7, 3), 2: (300, 128, 40)}[request.param]
    monkeypatch.setattr(_har_tape, "WINDOW", sizes[0])
    monkeypatch.setattr(_har_source, "PIECE", sizes[1])
    monkeypatch.setattr(_har_tape, "STEP", sizes[2])


@pytest.mark.usefixtures("windows")
def test_every_file_is_read_like_json() -> None:
    """Order, addresses and number of entries are those of the JSON library, however the file is laid out."""

    @settings(max_examples=120, derandomize=True, deadline=None)
    @given(files())
    def check(made: tuple[list[Any], bytes]) -> None:
        some, raw = made
        recording = Recording(raw)
        assert [one.request.url for one in recording.entries() if one.request] == addresses(some)
        assert (recording.seen, recording.cut, recording.exporter) == (len(some), False, "X")

    check()


@pytest.mark.usefixtures("windows")
def test_a_cut_file_gives_what_is_whole() -> None:
    """Cut anywhere, a file gives a beginning of its entries and says that it is cut, or is refused in a sentence."""

    @settings(max_examples=120, derandomize=True, deadline=None)
    @given(files(), st.floats(0, 1, exclude_max=True))
    def check(made: tuple[list[Any], bytes], where: float) -> None:
        some, raw = made
        whole = addresses(some)
        try:
            recording = Recording(raw[: int(len(raw) * where)])
            found = [str(one.request.url) for one in recording.entries() if one.request]
        except UsageError:
            return
        assert found == whole[: len(found)]
        # After the list's end the log may lose its tail unnoticed only where nothing but braces is left.
        assert recording.cut or recording.seen == len(some)

    check()


@settings(max_examples=300, derandomize=True, deadline=None)
@given(NESTED.map(lambda value: json.dumps([value], ensure_ascii=False).encode()), st.randoms())
def test_brackets_find_the_end_at_any_cut(value: bytes, rng: random.Random) -> None:
    """A value's end is found by its brackets wherever the pieces are cut."""
    text, scanner, at = value + rng.choice([b",1", b" ]", b"\n}"]), Brackets(), 0
    while True:
        size = rng.randint(1, 9)
        end = scanner.end(text[at : at + size])
        if end is not None:
            break
        at += size
    assert at + end == len(value)


def exchange(url: str, text: str = "", **more: Any) -> dict[str, Any]:
    """A plain exchange."""
    answer = {"status": 200, "content": {"text": text}}
    return {"request": {"method": "GET", "url": url, "headers": []}, "response": answer, **more}


def log(*some: Any) -> bytes:
    """A file of these entries."""
    return json.dumps({"log": {"creator": {"name": "X"}, "entries": list(some)}}).encode()


ASK = exchange("https://chat.deepseek.com/api/v0/chat/completion", "data: {}\n\n")


@pytest.mark.parametrize(
    "broken",
    [
        b'{"request":{"url":"https://a.example/"},"time":NaN}',
        b'{"request":{"url":"https://a.example/"},"time":-Infinity,"x":1e999}',
        b'{"request":{"url":"https://a.example/\\ud800"}}',
        b'{"request":{"url":"https://a.example/"},"x":"line\nbreak\ttab"}',
        b'{"request":{"url":"https://a.example/"},"response":{"content":{"text":"\xff\xfe"}}}',
        b'{"request":{"url":"https://a.example/"},"response":"none","timings":[1]}',
        b'{"request":{"url":"https://a.example/"},"time":' + b"9" * 5000 + b"}",
        b'{"request":{"url":"https://b.example/"},"request":{"url":"https://a.example/"}}',
        b'{"request":{"url":"https://a.example/","headers":{"a":1}},"cache":7}',
    ],
    ids=["nan", "infinity", "half-pair", "control", "utf8", "types", "number", "twice", "headers"],
)
def test_a_careless_entry_is_read_and_harms_no_other(broken: bytes) -> None:
    """What JSON forbids, or HAR does not foresee, costs at most itself."""
    around = json.dumps(exchange("https://a.example/")).encode()
    raw = b'{"log":{"entries":[' + b",".join([around, broken, around]) + b"]}}"
    recording = Recording(raw)
    read = [str(one.request.url) for one in recording.entries() if one.request]
    assert (len(read), recording.seen, recording.bad, recording.cut) == (3, 3, 0, False)
    assert all(url.startswith("https://a.example/") for url in read)


@pytest.mark.parametrize("junk", [b"}", b"]]", b"nonsense", b"{]}", b'{"a":}', b"{,}", b"1 2 3", b"'x'"])
def test_junk_ends_the_reading_in_order(junk: bytes) -> None:
    """Where no JSON stands, the entries before it are read and the reader comes to an end."""
    one = json.dumps(ASK).encode()
    recording = Recording(b'{"log":{"entries":[' + one + b"," + junk + b"," + one + b"]}}")
    assert [one for one in recording.entries() if one.request]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding: str) -> None:
    """A file is read in whichever Unicode encoding it is, with a mark or without."""
    assert read_har(log(ASK).decode().encode(encoding)).facts["deepseek"] == 1


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, zlib.compress, lambda raw: gzip.compress(raw[:50]) + gzip.compress(raw[50:])],
    ids=["gzip", "zhar", "members"],
)
def test_packed_files(pack: Any) -> None:
    """Gzip (also in several members) and mitmproxy's .zhar are unpacked; a broken end is a cut."""
    packed = pack(log(ASK, ASK))
    assert read_har(packed).facts["deepseek"] == 2
    large = pack(log(*[ASK] * 5000))
    assert read_har(large[:-40]).facts["cut"] is True


@pytest.mark.usefixtures("windows")
def test_any_piece_may_be_a_byte() -> None:
    """UTF-16 in packed members of one byte each is read like the whole."""
    raw = log(ASK).decode().encode("utf-16")
    packed = b"".join(gzip.compress(raw[at : at + 1]) for at in range(len(raw)))
    seen = read_har(packed)
    assert (seen.facts["deepseek"], seen.facts.get("cut")) == (1, None)


def test_a_bomb_is_refused_by_name() -> None:
    """A packed file is bounded by what it unpacks to, and the refusal says how to record less."""
    bomb = gzip.compress(b'{"log":{"entries":[' + b" " * 30_000_000)
    with pytest.raises(UsageError, match="larger than 20 MB"):
        read_har(bomb, max_bytes=20_000_000)


def test_a_cut_file_is_never_healthy() -> None:
    """The answered question before the cut proves nothing about what stood behind it."""
    whole = json.dumps(ASK).encode()
    seen = read_har(b'{"log":{"entries":[' + whole + b"," + whole[:40])
    assert (seen.outcome, seen.facts["cut"], seen.facts["ok"]) == ("partial", True, False)
    assert "cut off" in seen.reason


def test_large_entries_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry beyond the bound is counted and skipped; the ones behind it are read."""
    monkeypatch.setattr(_har_tape, "MOST_ENTRY", 1000)
    monkeypatch.setattr(_har_tape, "WINDOW", 500)
    monkeypatch.setattr(_har_source, "PIECE", 100)
    seen = read_har(log(exchange("https://a.example/", 'x"]}' * 2000), ASK))
    assert (seen.facts["entries"], seen.facts["bad_entries"], seen.facts["deepseek"]) == (2, 1, 1)


MEASURED = """
import resource, sys
from deepkit.probes.har import read_har
read_har(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = read_har(sys.argv[2])
print(seen.facts["entries"], seen.facts["deepseek"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """160 MB, 100 MB of them in one string, need less than 64 MB more than a small file does."""
    small, large = tmp_path / "small.har", tmp_path / "large.har"
    small.write_bytes(log(ASK))
    filler = b"," + json.dumps(exchange("https://a.example/", "y\\n" * 333_333)).encode()
    with large.open("wb") as out:
        out.write(log(ASK)[:-3] + b',{"request":{"url":"https://a.example/"},"response":{"content":{"text":"')
        for _ in range(100):
            out.write(b"x" * 1_000_000)
        out.write(b'"}}}' + filler * 45 + b"]}}")
    command = [sys.executable, "-c", MEASURED, str(small), str(large)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told[:2] == ["47", "1"]
    assert int(told[2]) < 64 * 1024


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-05-01T10:00:00.000Z", 1777629600.0),
        ("2026-05-01T12:00:00.000+02:00", 1777629600.0),
        ("2026-05-01T10:00:00.123456789Z", 1777629600.123456),
        ("2026-05-01T10:00:00+0000", 1777629600.0),
        ("2026-05-01 10:00:00", 1777629600.0),
        (1777629600, 1777629600.0),
        (1777629600000, 1777629600.0),
        ("May 1", None),
        ("", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        ("9999-12-31T23:59:59+99:99", None),
        ([], None),
    ],
)
def test_dates(text: Any, seconds: float | None) -> None:
    """Dates are read in each form that exporters write, and what is none is not measured."""
    read = when(text)
    assert read == (pytest.approx(seconds, abs=1e-3) if seconds is not None else None)

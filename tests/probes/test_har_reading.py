"""The reader's laws: what a JSON library reads out of a HAR file is read here too, whole or cut, in the file's size of memory."""

import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.errors import UsageError
from deepkit.probes.har import file, read_har
from deepkit.probes.har.entries import Recording, open_recording
from deepkit.probes.har.exchanges import when
from deepkit.probes.har.file import elements
from tests.probes.recorded import facts_of

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


def read(recording: Recording) -> list[str]:
    """The addresses that were read."""
    return [str(one.request.url) for one in recording.entries() if one is not None]


def addresses(some: list[Any]) -> list[str]:
    """What must be read: the address of each real exchange, in order."""
    return [one["request"]["url"] for one in some if isinstance(one, dict) and "request" in one]


def begun(urls: list[str], raw: bytes) -> int:
    """How many of these addresses stand in a file, one after the other."""
    at, count = 0, 0
    for url in urls:
        places = [
            raw.find(json.dumps(url, ensure_ascii=ascii_only).encode(), at) for ascii_only in (True, False)
        ]
        if max(places) < 0:
            break
        at, count = min(one for one in places if one >= 0) + 1, count + 1
    return count


@settings(max_examples=200, derandomize=True, deadline=None)
@given(files())
def test_every_file_is_read_like_json(made: tuple[list[Any], bytes]) -> None:
    """Order, addresses and number of entries are those of the JSON library, however the file is laid out."""
    some, raw = made
    recording = open_recording(raw)
    assert read(recording) == addresses(some)
    assert (len(recording.raw_entries), recording.cut, recording.exporter) == (len(some), False, "X")


@settings(max_examples=200, derandomize=True, deadline=None)
@given(files())
def test_an_unsound_file_is_split_like_a_sound_one(made: tuple[list[Any], bytes]) -> None:
    """NaN in the log, which no sound JSON holds, costs nothing: the brackets show the same entries."""
    some, raw = made
    recording = open_recording(raw.replace(b"1.2", b"1.2\n", 1))
    assert read(recording) == addresses(some)
    assert (len(recording.raw_entries), recording.cut, recording.exporter) == (len(some), False, "X")


@settings(max_examples=200, derandomize=True, deadline=None)
@given(files(), st.floats(0, 1, exclude_max=True))
def test_a_cut_file_gives_what_is_whole(made: tuple[list[Any], bytes], where: float) -> None:
    """Cut anywhere, a file gives the entries before the cut and says that it is cut, or is refused in a sentence."""
    some, raw = made
    whole, end = addresses(some), int(len(raw) * where)
    try:
        recording = open_recording(raw[:end])
    except UsageError:
        return
    found = read(recording)
    assert recording.cut
    assert found == whole[: len(found)]
    assert len(found) >= begun(whole, raw[:end]) - 1


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(NESTED, max_size=5), st.booleans(), st.integers(0, 9))
def test_brackets_split_a_list(some: list[Any], ascii_only: bool, indent: int) -> None:
    """A list's elements are found by its brackets alone, whatever stands in their strings."""
    raw = json.dumps(some, ensure_ascii=ascii_only, indent=indent).encode()
    spans, end = elements(memoryview(raw), 1)
    assert [json.loads(raw[begun:ended]) for begun, ended in spans] == some
    assert end == len(raw) - 1
    cut, closed = elements(memoryview(raw)[:-1], 1)
    assert closed is None
    assert cut == spans[: len(cut)]


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
    recording = open_recording(raw)
    found = read(recording)
    assert (len(found), len(recording.raw_entries), recording.cut) == (3, 3, False)
    assert all(url.startswith("https://a.example/") for url in found)


@pytest.mark.parametrize("junk", [b"}", b"]]", b"nonsense", b"{]}", b'{"a":}', b"{,}", b"1 2 3", b"'x'"])
def test_junk_ends_the_reading_in_order(junk: bytes) -> None:
    """Where no JSON stands, the entries before it are read and the reader comes to an end."""
    one = json.dumps(ASK).encode()
    assert read(open_recording(b'{"log":{"entries":[' + one + b"," + junk + b"," + one + b"]}}"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding: str) -> None:
    """A file is read in whichever Unicode encoding it is, with a mark or without."""
    assert facts_of(log(ASK).decode().encode(encoding)).deepseek == 1


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, zlib.compress, lambda raw: gzip.compress(raw[:50]) + gzip.compress(raw[50:])],
    ids=["gzip", "zhar", "members"],
)
def test_packed_files(pack: Any) -> None:
    """Gzip (also in several members) and mitmproxy's .zhar are unpacked; a broken end is a cut."""
    packed = pack(log(ASK, ASK))
    assert facts_of(packed).deepseek == 2
    large = pack(log(*[ASK] * 5000))
    assert facts_of(large[:-40]).cut is True


def test_any_piece_may_be_a_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """UTF-16 in packed members of one byte each is read like the whole."""
    monkeypatch.setattr(file, "PIECE", 1)
    raw = log(ASK).decode().encode("utf-16")
    packed = b"".join(gzip.compress(raw[at : at + 1]) for at in range(len(raw)))
    found = facts_of(packed)
    assert (found.deepseek, found.cut) == (1, None)


def test_a_bomb_is_refused_by_name() -> None:
    """A packed file is bounded by what it unpacks to, and the refusal says how to record less."""
    bomb = gzip.compress(b'{"log":{"entries":[' + b" " * 30_000_000)
    with pytest.raises(UsageError, match="larger than 20 MB"):
        read_har(bomb, max_bytes=20_000_000)


def test_a_cut_file_is_never_healthy() -> None:
    """The answered question before the cut proves nothing about what stood behind it."""
    whole = json.dumps(ASK).encode()
    raw = b'{"log":{"entries":[' + whole + b"," + whole[:40]
    assert (facts_of(raw).cut, facts_of(raw).ok) == (True, False)
    assert read_har(raw).outcome == "partial"
    assert "cut off" in read_har(raw).reason


MEASURED = """
import resource, sys
from deepkit.probes.har import read_har
read_har(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = read_har(sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, seen.reason)
"""


@pytest.mark.parametrize("ending", [b"]}}", b""], ids=["whole", "cut"])
def test_memory_is_at_most_one_and_a_half_times_the_file(tmp_path: Path, ending: bytes) -> None:
    """80 MB, half of them in one string and half in many, whose bodies nobody reads."""
    small, large = tmp_path / "small.har", tmp_path / "large.har"
    small.write_bytes(log(ASK))
    filler = b"," + json.dumps(exchange("https://a.example/", "y\\n" * 333_333)).encode()
    with large.open("wb") as out:
        out.write(log(ASK)[:-3] + b',{"request":{"url":"https://a.example/"},"response":{"content":{"text":"')
        out.write(b"x" * 40_000_000 + b'"}}}' + filler * 30 + ending)
    command = [sys.executable, "-c", MEASURED, str(small), str(large)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "1 of 32 exchanges" in told
    assert int(told.split()[0]) * 1024 < 1.5 * large.stat().st_size


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

"""The event stream parser: the same events wherever the bytes are split."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.sse import LINE_BYTES, Event, Parser, TooLargeError, read_events

SAMPLE = (
    '\ufeffretry: 3000\n\n: keep-alive\n\nid: 1\r\ndata: {"a": "服务器繁忙 😀"}\r\n\r\n'
    'data:\n\ndata: one\rdata: two\r\r: again\r\nevent: x\ndata:  padded\n\n{"error": "raw"}\ndata: [DONE]\n\n'
).encode()
EVENTS = [
    Event("comment", "keep-alive"),
    Event("data", '{"a": "服务器繁忙 😀"}'),
    Event("data", "one\ntwo"),
    Event("comment", "again"),
    Event("data", " padded", "x"),
    Event("stray", '{"error": "raw"}'),
    Event("data", "[DONE]"),
]


def parsed(pieces: list[bytes]) -> list[Event]:
    parser = Parser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.finish()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_any_split_gives_the_same_events(places: list[int]) -> None:
    """Comments, retry, id, empty data, CR, LF, CRLF, a BOM and cut characters: no split changes an event."""
    assert parsed(cut(SAMPLE, places)) == EVENTS


def test_one_byte_at_a_time() -> None:
    """The finest split is one of the splits."""
    assert parsed([bytes([one]) for one in SAMPLE]) == EVENTS


LINES = st.lists(
    st.tuples(
        st.sampled_from(["data: ", "data:", ":", "id: ", "retry: ", "event: ", "x: ", ""]),
        st.text(max_size=8),
    ),
    max_size=12,
)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(0, 10_000), max_size=20))
def test_any_stream_any_split(lines: list[tuple[str, str]], ending: str, places: list[int]) -> None:
    """Whatever a server writes, the split does not matter and nothing is raised."""
    data = "".join(head + tail + ending for head, tail in lines).encode()
    assert parsed(cut(data, places)) == parsed([data])


def test_an_open_event_is_marked() -> None:
    """A stream that ends without the empty line still hands over its last event, marked as open."""
    assert parsed([b"data: [DONE]"]) == [Event("data", "[DONE]", last=True)]


def test_events_come_as_soon_as_their_bytes() -> None:
    """An event that ended with a lone CR is not held back until the next byte comes."""
    assert Parser().feed(b"data: a\r\r") == [Event("data", "a")]


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_a_recording_is_read_as_the_stream_was(lines: list[tuple[str, str]], ending: str) -> None:
    """A recorded text gives the events that its bytes gave, however long its lines are."""
    text = "".join(head + tail + ending for head, tail in lines)
    assert read_events(text) == parsed([text.encode()])
    assert read_events("data: " + "x" * (2 * LINE_BYTES)) == [
        Event("data", "x" * (2 * LINE_BYTES), last=True)
    ]


@pytest.mark.parametrize("piece", [b"x" * 100, b": " + b"y" * 100])
def test_a_line_is_bounded(piece: bytes) -> None:
    """A line that never ends is refused at its bound, however it is fed."""
    parser = Parser(line_bytes=1000)
    for _ in range(1000 // len(piece)):
        parser.feed(piece)
    with pytest.raises(TooLargeError):
        parser.feed(piece)


def test_a_stream_is_bounded() -> None:
    """A stream that never ends is refused at its bound."""
    parser = Parser(total_bytes=1000)
    for _ in range(1000):
        parser.feed(b"\n")
    with pytest.raises(TooLargeError):
        parser.feed(b"\n")

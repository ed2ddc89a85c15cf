"""What a response is, wherever its bytes are split."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from deepkit.retries.response_classifier import ResponseClassifier, classifier_for
from tests.retries.scripted import ROLE, SSE, STARVED, WORD, sse

ERROR = '{"error":{"message":"overloaded"}}'
STREAMS = {
    "a word": (sse(ROLE, WORD), None),
    "no word": (sse(ROLE), "empty_body"),
    "starved": (sse(ROLE, STARVED), "insufficient_system_resource"),
    "an error": ([b": keep-alive\n\n", *sse(ROLE, ERROR)], "stream_error"),
    "cut": (sse(ROLE, done=False), "stream_cut"),
    "only keep-alives": ([b": keep-alive\n\n"] * 3, "empty_body"),
    "a word, then starved": (sse(ROLE, WORD, STARVED), None),
}


def read(pieces: list[bytes], kind: str = SSE) -> ResponseClassifier:
    """Feed a body's pieces as a client does: until it is decided."""
    one = classifier_for(200, kind, chat=True)
    for piece in pieces:
        if not one.decided:
            one.feed(piece)
    if not one.decided:
        one.end()
    return one


@given(
    st.sampled_from(sorted(STREAMS)),
    st.lists(st.integers(0, 400), max_size=8),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_the_verdict_does_not_depend_on_the_split(name: str, cuts: list[int], line_end: bytes) -> None:
    """However the bytes are cut, and with either line end, the failure is the same."""
    pieces, failure = STREAMS[name]
    whole = b"".join(pieces).replace(b"\n", line_end)
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    parts = [whole[start:end] for start, end in pairwise(places)]
    assert read(parts).failure == failure


@given(st.binary(max_size=300), st.sampled_from([SSE, "application/json", "text/plain", ""]))
def test_any_body_is_decided(body: bytes, kind: str) -> None:
    """Whatever comes, the classifier ends in an answer or a failure, and holds what came."""
    one = read([body], kind)
    assert one.decided
    assert bytes(one.held) == body


def test_a_stream_without_text_is_not_held_for_ever() -> None:
    """Beyond a megabyte without a word, or in one endless line, it is handed over as it comes."""
    assert read([b": keep-alive\n\n" * 90_000]).failure is None
    assert read([b"data: " + b"x" * (1 << 20)]).failure is None

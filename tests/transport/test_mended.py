"""Repaired conversations keep the API's rules, and repairing twice changes nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deepkit.transport import estimate_tokens, repair_messages
from deepkit.transport.conversations import mended_after


def calls(*ids: str) -> dict[str, Any]:
    made = [{"id": one, "type": "function", "function": {"name": "f", "arguments": "{}"}} for one in ids]
    return {"role": "assistant", "content": None, "tool_calls": made}


def tool(name: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": name, "content": "42"}


USER = {"role": "user", "content": "hi"}
MESSAGES = st.lists(
    st.one_of(
        st.just(USER),
        st.just({"role": "system", "content": "be brief"}),
        st.just({"role": "assistant", "content": "yes"}),
        st.just({"role": "assistant", "content": "", "reasoning_content": "hm"}),
        st.just({"role": "stranger", "content": "x"}),
        st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(lambda ids: calls(*ids)),
        st.sampled_from("abc").map(tool),
        st.text(max_size=30).map(lambda text: {"role": "user", "content": text}),
    ),
    max_size=14,
)


def lawful(messages: tuple[Any, ...]) -> bool:
    """The API's rules: every call answered right after it, no tool message without a call, reasoning kept."""
    thinking = any("reasoning_content" in one for one in messages)
    due: set[str] = set()
    for one in messages:
        if one["role"] == "tool":
            if one["tool_call_id"] not in due:
                return False
            due.discard(one["tool_call_id"])
            continue
        if due:
            return False
        due = {call["id"] for call in one.get("tool_calls") or ()}
        if due and thinking and not one.get("reasoning_content"):
            return False
    return not due and any(one["role"] == "user" for one in messages)


@given(MESSAGES)
def test_a_repaired_conversation_is_lawful(messages: list[Any]) -> None:
    """Whatever was broken, the result keeps every rule, says what was done, and is left alone by a second repair."""
    before = repr(messages)
    mended, notes = repair_messages(messages)
    assert lawful(mended)
    assert repr(messages) == before
    assert (list(mended) == messages) == (not notes)
    assert repair_messages(mended) == (mended, ())


@given(MESSAGES, st.integers(20, 200))
def test_a_trimmed_conversation_fits(messages: list[Any], limit: int) -> None:
    """The oldest turns go first, whole; what is left is lawful, keeps the system's words, and fits."""
    mended, _ = repair_messages(messages, limit)
    assert lawful(mended)
    systems = [one for one in messages if one["role"] == "system"]
    assert [one for one in mended if one["role"] == "system"] == systems
    if estimate_tokens(systems) + 60 < limit:  # room for one turn's frames
        assert estimate_tokens(mended) <= limit


def test_the_newest_words_survive() -> None:
    """Trimming never drops the last question."""
    talk = [{"role": "user", "content": f"question {at} " + "x" * 100} for at in range(50)]
    mended, notes = repair_messages(talk, 300)
    assert mended[-1] == talk[-1]
    assert estimate_tokens(mended) <= 300
    assert notes


def test_partly_answered_calls() -> None:
    """Of several calls the answered ones are kept, the others removed; an answer too many is an orphan."""
    mended, notes = repair_messages([USER, calls("a", "b"), tool("a"), tool("x"), USER])
    assert [call["id"] for call in mended[1]["tool_calls"]] == ["a"]
    assert mended[2] == tool("a")
    assert len(notes) == 2


def test_a_refusal_tells_what_to_mend() -> None:
    """Missing reasoning and excess length are read from the server's words; other words mend nothing."""
    talk = [USER, calls("a"), tool("a"), USER]
    mended = mended_after(
        "The `reasoning_content` in the thinking mode must be passed back to the API.", talk
    )
    assert mended is not None
    assert mended[0][1]["reasoning_content"]
    assert mended_after("Model Not Exist", talk) is None


def test_chinese_counts_double() -> None:
    """DeepSeek's rule of thumb: 0.3 token a letter, 0.6 a Chinese character."""
    assert estimate_tokens([{"role": "user", "content": "a" * 100}]) == 34
    assert estimate_tokens([{"role": "user", "content": "忙" * 100}]) == 64

"""A conversation from a file: what is taken, what is refused, and that none of it is kept."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.errors import UsageError
from deepkit.transport.conversations import MOST_MESSAGES, read_conversation

SAID = {"role": "user", "content": "the secret plan"}
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
        optional={"content": st.none() | st.text(), "tool_calls": st.lists(st.integers(), max_size=2)},
    ),
    min_size=1,
    max_size=5,
)


@given(messages, st.none() | st.just("deepseek-flash"), st.booleans())
def test_a_list_and_a_body_give_the_same_messages(
    tmp_path_factory: pytest.TempPathFactory, said: list[dict[str, Any]], model: str | None, mark: bool
) -> None:
    """Messages are taken as they stand, faults and all, from a list as from a request body; its model is kept."""
    path = tmp_path_factory.mktemp("talk") / "talk.json"
    start = b"\xef\xbb\xbf" if mark else b""
    path.write_bytes(start + msgspec.json.encode(said))
    assert list(read_conversation(path).messages) == said
    path.write_bytes(start + msgspec.json.encode({"messages": said, "model": model, "stream": True}))
    told = read_conversation(path)
    assert (list(told.messages), told.model) == (said, model)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b"7", b'{"messages": {}}', b'["x"]', b'[{"content": "the secret plan"}]', b"\xff\xfe",
        b"[" * 100_000, b'[{"role": 1}]', msgspec.json.encode([SAID] * (MOST_MESSAGES + 1)), b" " * 8_000_001,
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    """What is no conversation is refused with what to write instead, and nothing of it is repeated."""
    path = tmp_path / "talk.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="write a JSON list of messages") as refused:
        read_conversation(path)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)

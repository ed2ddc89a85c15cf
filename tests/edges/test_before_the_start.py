"""What a person is told before anything is sent, and what is said while nothing comes."""

import pytest

from deepkit.cli import _waiting, doctor
from deepkit.cli._parser import Parser, opened
from deepkit.errors import UsageError
from deepkit.records import Budget

BUDGET = Budget(requests=60, tokens=2000)


def read(*words: str):  # type: ignore[no-untyped-def]
    """The options of `deepkit doctor`."""
    parser = Parser("doctor", "")
    doctor.add_options(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("as_json", [False, True])
def test_who_is_asked_and_that_a_key_stays_here_is_said_first(
    as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is asked and the cost are said to a person; that the key stays here is said in any case, on stderr."""
    monkeypatch.setenv("DEEPKIT_API_KEY", "sk-mine-1234567890")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-1234567890")
    monkeypatch.setattr("deepkit.targets.system_lookup", lambda _: ("100.64.0.1",))
    words = [
        "--target",
        "http://gateway.test/v1",
        "--alternatives",
        "openrouter",
        *(["--json"] if as_json else []),
    ]
    case = opened(read(*words), BUDGET)
    out, err = capsys.readouterr()
    assert case is not None
    assert out == ""
    assert "The key is not sent" in err
    assert ("one question each to openrouter" in err) is not as_json
    assert "sk-" not in err
    assert "The key is not sent" not in capsys_of(capsys, *words, "--send-key-in-clear")


def capsys_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What is said on stderr before the start."""
    opened(read(*words), BUDGET)
    return capsys.readouterr().err


def test_the_sandbox_asks_nobody_else() -> None:
    """The sandbox has alternatives of its own; a live one beside it is refused, and without any it needs no word."""
    assert opened(read(), BUDGET) is None
    with pytest.raises(UsageError, match="live target"):
        opened(read("--alternatives", "openrouter"), BUDGET)


def test_a_long_silence_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else is said for a while a line says how long it has taken and when it will be over."""
    import threading

    said, told = list[str](), threading.Event()
    monkeypatch.setattr(_waiting, "EVERY_S", 0.01)
    monkeypatch.setattr(_waiting, "note", lambda text: (said.append(text), told.set()))
    with _waiting.waiting(600.0) as alive:
        assert alive is not None
        assert told.wait(10)
    assert "of at most 600 s" in said[0]
    assert not [one for one in threading.enumerate() if one.name == "deepkit-alive"]
    with _waiting.waiting(600.0, quiet=True) as alive:
        assert alive is None

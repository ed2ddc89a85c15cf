"""What the process knows: where it is collected from, and that no way out lets it through."""

import json
from pathlib import Path

import pytest

from deepkit.checks import ChatStream
from deepkit.errors import UsageError
from deepkit.evidence import write_evidence
from deepkit.records import Evidence, Observation, Secret
from deepkit.redaction import Redactor, redact
from deepkit.redaction.files import write_whole
from deepkit.redaction.gate import note, put_json, say
from deepkit.redaction.known import Known, environment_secrets
from tests.plantings import SPELLINGS

VALUE = "Zq7-velvet.Hammer_42x"


def left(text: str) -> bool:
    """Whether the value or half of it is still there."""
    return any(part in text for part in (VALUE, VALUE[:11], VALUE[10:], VALUE[::-1], VALUE.upper()))


@pytest.mark.parametrize(
    "name", ["DEEPKIT_API_KEY", "HF_TOKEN", "MY_CLIENT_SECRET", "DB_PASSWORD", "AWS_ACCESS_KEY_ID"]
)
@pytest.mark.parametrize("spelling", sorted(SPELLINGS))
def test_a_variable_of_a_telling_name_is_known(
    monkeypatch: pytest.MonkeyPatch, name: str, spelling: str
) -> None:
    """The value of such a variable is gone from any text, however it is spelled."""
    monkeypatch.setenv(name, VALUE)
    spelled = SPELLINGS[spelling](VALUE)
    done = redact(f"the server said {spelled} again").text
    assert spelled not in done
    assert spelled[: len(spelled) // 2] not in done
    assert done.startswith("the server said ")


def test_passwords_of_proxies_and_routes_are_known() -> None:
    """The login of an address in a variable or an argument is known, percent signs taken off."""
    found = environment_secrets(
        {"HTTPS_PROXY": "http://ada:p%40ssw0rd9@proxy:3128", "PATH": "/bin", "PWD": "/x"},
        ["x=http://bob:routepass1@h:1"],
    )
    assert {"p@ssw0rd9", "routepass1"} <= found
    assert not found & {"/bin", "/x", "ada", "bob"}


@pytest.mark.parametrize("value", ["ollama", "none", "not-needed", "deepseek", "EMPTY", "1", ""])
def test_what_is_no_secret_is_not_looked_for(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A placeholder in a variable for a key takes nothing out of anybody's text."""
    monkeypatch.setenv("LOCAL_API_KEY", value)
    text = f"deepseek answered: none of the {value or 'keys'} is empty"
    assert redact(text).text == text


def test_a_word_inside_a_secret_stays_elsewhere() -> None:
    """Half of a secret that is an everyday word is not taken out of texts that only hold the word."""
    text = "api.deepseek.com set a cookie for the sandbox password field"
    assert Redactor(secrets=["deepseek-cookie-2024", "sandbox-password-7"]).redact(text).text == text


def test_every_secret_object_is_known() -> None:
    """A key that was made a Secret anywhere in the process is removed everywhere."""
    Secret(VALUE)
    assert not left(redact(f"upstream says {VALUE[::-1]}").text)


def test_short_values_go_as_they_stand() -> None:
    """A value of four or five characters is removed as a word, not as part of one."""
    known = Known(["pw1!"])
    assert known.spans("a pw1! b") == [(2, 6)]
    assert known.spans("xpw1!") == []


@pytest.mark.parametrize("way", ["say", "note", "json", "key of json", "evidence", "exception"])
def test_no_way_out_lets_it_through(
    way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The target's key, said back by a server in any field, is in no output: stdout, stderr, JSON, evidence, errors."""
    monkeypatch.setenv("DEEPKIT_API_KEY", VALUE)
    path = tmp_path / "e.json"
    match way:
        case "say":
            say(f"server: {VALUE}")
        case "note":
            note(f"  ok chat.stream {VALUE.upper()}")
        case "json":
            put_json({"trace_id": VALUE, "models": [VALUE[::-1]], "currency": VALUE[:11]})
        case "key of json":
            put_json({f"name {VALUE}": 1})
        case "exception":
            note(str(UsageError(f"{VALUE} is not a provider")))
        case "evidence":
            facts = ChatStream(trace_id=VALUE, error_message=VALUE[::-1])
            write_evidence(
                Evidence((Observation("chat.stream", "fault", facts=facts, reason=f"got {VALUE}"),)), path
            )
    shown = capsys.readouterr()
    told = shown.out + shown.err + (path.read_text() if path.exists() else "")
    assert told
    assert not left(told)


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed as JSON reads back as what was given, signs that act written out."""
    value = {"a": "red \x1b[31m \u202e \u200b \x85", "n": [1, 2.5, None, True]}
    put_json(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert not set(printed) & set("\x1b\u202e\u200b\x85")


@pytest.mark.parametrize(
    "sign",
    [
        "\x1b]0;title\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x00",
        "\x9b31m",
        "\u202e",
        "\u200b",
        "\u2066",
        "\ufeff",
        "\r",
    ],
)
def test_signs_that_act_are_shown(sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters, directions of writing and zero-width signs reach neither stdout nor stderr."""
    say(f"name {sign} end")
    note(f"name {sign} end")
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert not any(not one.isprintable() for one in text.rstrip("\n"))
        assert "\\x" in text or "\\u" in text


def test_lines_and_ordinary_words_stay(capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks, tabs, umlauts, Chinese and emoji are printed as they are."""
    text = "eins\n\tzwei über 服务器繁忙 ⚠️"
    say(text)
    assert capsys.readouterr().out == text + "\n"


def test_a_written_file_holds_what_it_was_given(tmp_path: Path) -> None:
    """Text is written as UTF-8, half a character pair as a question mark."""
    assert write_whole(tmp_path / "a", "ü\ud800").read_bytes() == "ü?".encode()

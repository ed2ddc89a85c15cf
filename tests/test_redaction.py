"""Redaction: secrets vanish wherever they stand, plain text stays, doing it twice changes nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.redaction import Redactor, local_names, redact

SECRETS = {
    "key": "sk-0123456789abcdef0123456789abcdef",
    "key_dashed": "sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "key_google": "AIzaSyA0B1C2D3E4F5G6H7I8J9K0L1M2N3O4P5Q",
    "key_groq": "gsk_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "email": "ada.lovelace@example.org",
    "private": "192.168.17.23",
    "public": "104.18.26.90",
    "six": "2606:4700::6812:1a5a",
}
AROUND = [
    "{}",
    "error: {} was refused",
    '{{"message": "used {} today"}}',
    "<td>{}</td>",
    "({})",
    "a\n{}\nb",
    "`{}`",
    "x={}, y=2",
    "'{}'",
    "“{}”",
    "密钥 {} 无效",
]
PLAIN = [
    "The",
    "server",
    "is",
    "busy,",
    "please",
    "try",
    "again",
    "later",
    ".",
    "503",
    "0.9",
    "-",
    "12:34:56",
    "v3.1.2",
    "1.2.3",
    "plotly==6.1.0.2",
    "Chrome/120.1.2.3",
    "api.deepseek.com",
    "https://api.deepseek.com/v1/chat/completions",
    "127.0.0.1",
    "127.0.0.1:8080",
    "::1",
    "localhost:8888",
    "http://localhost:11434/v1",
    "http://HOST:PORT",
    "std::vector",
    "a::b",
    "服务器繁忙",
    "max_tokens=200",
    "total_tokens",
    "prompt_tokens",
    "token",
    "tokens",
    "threading.local()",
    "self.home",
    "=",
    "python3.11",
    "Authorization",
    "bearer",
    "password",
    "secret",
    "2026-01-31T10:20:30Z",
    "1e-3",
    "99.5%",
    "#12",
    "foo@bar",
    "***bold",
    "text***",
    "sk-learn",
    "[link](page.md)",
    "path/to/file.py",
    "C:\\Windows\\System32",
]
WORDS = st.sampled_from(PLAIN)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", SECRETS)
def test_secret_vanishes_anywhere(kind: str, around: str) -> None:
    """A secret disappears whatever stands around it, and its removal is counted."""
    done = redact(around.format(SECRETS[kind]))
    assert SECRETS[kind] not in done.text
    assert sum(count for _, count in done.removed) == 1
    assert redact(done.text) == (redact(done.text).__class__(done.text, ()))


@pytest.mark.parametrize(
    ("text", "secret", "kept"),
    [
        ("Authorization: Bearer abcdEFGH1234", "abcdEFGH1234", "Authorization:"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "authorization:"),
        ("> Cookie: session=abc; theme=dark", "session=abc", "Cookie:"),
        ('{"Set-Cookie": "sid=s3cret; Path=/"}', "s3cret", "Set-Cookie"),
        (
            "curl -H 'X-Api-Key: abcdefgh99' https://api.deepseek.com",
            "abcdefgh99",
            "https://api.deepseek.com",
        ),
        ("HTTPS_PROXY=http://bob:pw1@127.0.0.1:3128", "bob:pw1", "127.0.0.1:3128"),
        ("socks5://bob:p@ss@127.0.0.1:1080", "p@ss", "127.0.0.1:1080"),
        ("postgres://admin:hunter2@127.0.0.1/db", "hunter2", "127.0.0.1/db"),
        ('{"api_key": "se\\"cret", "model": "m"}', "cret", '"model": "m"'),
        ("{&quot;password&quot;: &quot;hunter2&quot;}", "hunter2", "&quot;password&quot;"),
        ('{"body": "{\\"token\\": \\"hunter2\\"}"}', "hunter2", '\\"token\\"'),
        ("DEEPSEEK_API_KEY=hunter2hunter2", "hunter2", "DEEPSEEK_API_KEY="),
        ("client = OpenAI(api_key='plainkey')", "plainkey", "OpenAI(api_key='"),
        ("https://x.example/v1?api_key=hunter22&model=m", "hunter22", "&model=m"),
        ("Your api key: ****0a1b2c3d is invalid", "0a1b2c3d", "****2c3d"),
        ("key sk-ab…wxyz", "wxyz", "key "),
        ("/home/ada/code/a.py", "ada", "/code/a.py"),
        ("/Users/ada/Library", "ada", "/Library"),
        ("C:\\Users\\Ada\\x.py", "Ada", "\\x.py"),
        ("C:\\\\Users\\\\Ada\\\\x.py", "Ada", "\\\\x.py"),
        ("ada@lovelace-pc:~/work$ ls", "lovelace-pc", "$ ls"),
        ("no answer from git.intra.corp:8443", "intra", ":8443"),
        ("printer-3.local", "printer", "host-1"),
        ("http://proxy01:3128", "proxy01", ":3128"),
        ("https_proxy=http://gate.bigfirm.com:8080", "bigfirm", ":8080"),
        ("api.deepseek.com/104.18.26.90:443", "104.18", "api.deepseek.com/"),
        ("link/ether 02:42:ac:11:00:02", "02:42", "link/ether"),
    ],
)
def test_secret_goes_and_the_rest_stays(text: str, secret: str, kept: str) -> None:
    """What is secret goes; what tells the reader where it stood stays."""
    done = redact(text)
    assert secret not in done.text
    assert kept in done.text
    assert done.removed
    assert redact(done.text).text == done.text


@settings(derandomize=True, deadline=None)
@given(st.lists(WORDS, max_size=12))
def test_plain_text_is_left_alone(words: list[str]) -> None:
    """Prose, numbers, versions, times, public hosts and loopback addresses come back unchanged."""
    text = " ".join(words)
    assert redact(text).text == text


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    st.lists(st.one_of(WORDS, st.sampled_from(sorted(SECRETS.values())), st.text(max_size=8)), max_size=10),
    st.sampled_from(["", " ", "\n", '"', "/", "@", ":"]),
)
def test_twice_is_once(pieces: list[str], joint: str) -> None:
    """Redacting what is redacted changes nothing and removes nothing, however the pieces are joined."""
    once = redact(joint.join(pieces))
    again = redact(once.text)
    assert again.text == once.text
    assert again.removed == ()


def test_numbers_stay_the_same_through_a_report() -> None:
    """One Redactor gives one address one number in every text, and two addresses two."""
    both = Redactor()
    first = both.redact("10.0.0.1 then 10.0.0.2").text
    second = both.redact("again 10.0.0.2").text
    assert first == "ip-1 then ip-2"
    assert second == "again ip-2"
    assert dict(both.removed) == {"ip": 3}


def test_a_number_in_use_is_not_handed_out() -> None:
    """A text that already holds ip-1 (a shared report) gets ip-2 for its own first address."""
    assert redact("ip-1 and 10.0.0.9").text == "ip-1 and ip-2"


def test_given_names_are_removed_as_whole_words() -> None:
    """The machine's own names go where they stand alone, not inside other words."""
    done = Redactor(names=["ada"]).redact("ada wrote Canada; ADA-7 stays, (ada) goes")
    assert done.text == "host-1 wrote Canada; ADA-7 stays, (host-1) goes"


def test_local_names_are_words_worth_hiding() -> None:
    """No empty, short or common account name is ever taken for a private name."""
    assert all(len(name) >= 4 and name != "root" for name in local_names())


def test_tree_keeps_its_shape() -> None:
    """A JSON value keeps its keys, numbers and order; secret fields, HAR headers and cookies lose their values."""
    value = {
        "password": "hunter2",
        "DEEPSEEK_API_KEY": "plain",
        "empty": {"token": "", "api_key": None},
        "headers": [{"name": "Authorization", "value": "Bearer x"}, {"name": "Accept", "value": "*/*"}],
        "cookies": [{"name": "sid", "value": "abc", "httpOnly": True}],
        "facts": {
            "address": "10.0.0.1:443",
            "n": 3,
            "s": 0.25,
            "ok": True,
            "none": None,
            "list": (1, "me@x.org"),
        },
        "fixes": [{"key": "backoff", "number": 5}],
    }
    clean = Redactor().redact_tree(value)
    text = json.dumps(clean)
    assert all(
        secret not in text for secret in ("hunter2", "plain", "Bearer x", "abc", "10.0.0.1", "me@x.org")
    )
    assert clean["headers"][1] == {"name": "Accept", "value": "*/*"}
    assert clean["facts"] | {"list": [1]} == {
        "address": "ip-1:443", "n": 3, "s": 0.25, "ok": True, "none": None, "list": [1],
    }  # fmt: skip
    assert clean["fixes"] == [{"key": "backoff", "number": 5}]
    assert clean["empty"] == {"token": "", "api_key": None}
    assert clean["cookies"][0]["name"] == "sid"
    assert Redactor().redact_tree(clean) == clean


@pytest.mark.timeout(60)
def test_a_huge_text_is_no_hang() -> None:
    """The rules are linear: a hundred kilobytes of hostile near-misses take seconds, not hours."""
    for piece in (
        "sk-",
        "a.",
        "1.",
        ":",
        '"token": "',
        "http://",
        "*",
        "a@",
        "eyJ",
        "/home/",
        "cookie: ",
        "\\",
        "token=",
        "?code=",
        "密钥：",
        "A\\",
        "aA1_",
        "+1 ",
        "a\u200bb",
        "C:\\Users\\a ",
    ):
        redact(piece * (100_000 // len(piece)))

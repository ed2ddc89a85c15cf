"""The command line: exit statuses, one line for a wrong call, and JSON that is alone on stdout."""

import json
import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from deepkit import __version__
from deepkit.cli import COMMANDS as TABLE
from deepkit.cli import status
from deepkit.cli._parser import Parser

COMMANDS = [
    "app",
    "doctor",
    "explain",
    "fixes",
    "history",
    "lab",
    "redact",
    "report",
    "sandbox",
    "simulate",
    "try",
    "watch",
]
BUSY = "The server is busy. Please try again later."


def deepkit(*words: str, stdin: bytes = b"", timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
    """Run the real program as a process."""
    return subprocess.run(
        [sys.executable, "-m", "deepkit", *words],
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )


def test_the_commands_are_those_documented() -> None:
    """Every command has help and stands in docs/command-line.md, and no other does."""
    page = (Path(__file__).parent.parent / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert sorted(set(re.findall(r"^\| `deepkit (\w+)", page, re.MULTILINE))) == COMMANDS
    assert sorted(TABLE) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` says how to call a command, what it does and what each option means, and exits 0."""
    assert status([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: deepkit {command}")
    assert TABLE[command][1] in out
    parser = Parser(command, "")
    import_module(f"deepkit.cli.{TABLE[command][0]}").add_options(parser)
    assert all(one.help for one in parser._actions)


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`deepkit --help` has a line for each command; `--version` is the package's."""
    assert status(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name:<9} {says}" in out for name, (_, says) in TABLE.items())
    assert status(["--version"]) == 0
    assert capsys.readouterr().out == f"deepkit {__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--help"),
        (["nosuch"], "nosuch"),
        (["doctr"], "did you mean 'doctor'"),
        (["--nosuch"], "--nosuch"),
        (["doctor", "surplus"], "surplus"),
        (["doctor", "--targ", "sandbox"], "--targ"),
        (["doctor", "--seed", "9" * 400 + "x"], "--seed"),
        (["doctor", "--target"], "--target"),
        (["doctor", "--nosuch"], "--nosuch"),
        (["doctor", "--target", "nonsense"], "neither a known target nor an address"),
        (["doctor", "--scenario", "rush"], "rush_hour"),
        (["doctor", "--surface", "phone"], "web or api"),
        (["doctor", "--replay", "missing.json"], "is not saved evidence"),
        (["doctor", "--explain", "nosuch"], "rule"),
        (["doctor", "--conversation", "missing.json"], "is not a conversation"),
        (["doctor", "--route", "tokyo"], "NAME=http://HOST:PORT"),
        (["explain"], "nothing to explain"),
        (["explain", "--har", "missing.har"], "missing.har"),
        (["explain", "--jsonl", "missing.jsonl"], "cannot be read"),
        (["fixes", "nosuch"], "no fix"),
        (["try", "backof"], "backoff"),
        (["try", "backoff", "--pairs", "0"], "--pairs"),
        (["report", "--format", "pdf"], "pdf"),
        (["report", "--target", "deepseek", "--scenario", "healthy"], "sandbox"),
        (["report", "missing.ipynb"], "missing.ipynb"),
        (["simulate", "--service-rate", "0"], "--service-rate"),
        (["simulate", "--policy", "nosuch"], "policy"),
        (["simulate", "--servers", "-1"], "servers"),
        (["sandbox", "--scenario", "nosuch"], "scenario"),
        (["history", "--zone", "Mars/Base"], "time zone"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "says",
)
def test_a_wrong_call_is_one_line(
    words: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong call exits 64, says why in one line on stderr, and writes nothing to stdout or the disk."""
    monkeypatch.chdir(tmp_path)
    assert status(words) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert says in err
    assert list(tmp_path.iterdir()) == []


def test_explain_needs_no_network_and_speaks_json() -> None:
    """`explain --json` prints one object with the promised keys, and its exit status is the verdict's."""
    done = deepkit("explain", "Error code: 402 - {'error': {'message': 'Insufficient Balance'}}", "--json")
    body = json.loads(done.stdout)
    assert done.returncode == 1
    assert {"schema", "verdict", "whose", "causes", "fixes", "observations", "requests", "elapsed_s"} <= set(
        body
    )
    assert {"cause", "state", "probability", "for", "against", "next_check"} <= set(body["causes"][0])
    assert {"number", "key", "verdict", "because"} <= set(body["fixes"][0])
    assert body["verdict"] == "insufficient_balance"
    assert body["requests"] == 0
    assert len(body["fixes"]) == 12


def test_explain_warns_and_is_brief(capsys: pytest.CaptureFixture[str]) -> None:
    """A host that only bears the name is warned of; the answer has twelve lines at most, and --long has the fixes."""
    status(["explain", 'Post "https://api-deepseek.example/v1/chat/completions": 404 page not found'])
    out = capsys.readouterr().out
    assert "Careful: api-deepseek.example" in out
    assert out.count("\n") <= 12
    status(["explain", "connect ECONNREFUSED 127.0.0.1:11434", "--long"])
    out = capsys.readouterr().out
    assert "Careful" not in out
    assert "Would not help: dns_tcp_reset" in out


def test_explain_speaks_the_language_of_the_text_or_the_one_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A Chinese text is answered in Chinese, unless --lang says otherwise."""
    for words, chinese in (([], True), (["--lang", "en"], False)):
        status(["explain", "服务器繁忙，请稍后再试", *words])
        assert ("先做这一步" in capsys.readouterr().out) is chinese


def test_explain_reads_any_bytes_from_a_pipe() -> None:
    """Whatever the encoding, the text is read and nothing breaks."""
    for raw in (
        "服务器繁忙，请稍后再试".encode("gb18030"),
        BUSY.encode("utf-16"),
        b"\xff\xfe\x00\xd8",
        b"",
        b"\x00" * 1000,
    ):
        done = deepkit("explain", "-", "--json", stdin=raw)
        assert done.returncode in (1, 2), done.stderr
        json.loads(done.stdout)


def test_jsonl_prints_a_line_for_each_report(tmp_path: Path) -> None:
    """Many reports give as many lines, in order, each with its id."""
    path = tmp_path / "reports.jsonl"
    reports = [{"id": str(n), "symptom": BUSY, "surface": "web", "http_status": None} for n in range(3)]
    path.write_text("\n".join(map(json.dumps, reports)))
    done = deepkit("explain", "--jsonl", str(path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [line["id"] for line in lines] == ["0", "1", "2"]
    assert {line["verdict"] for line in lines} == {"server_overloaded"}


def test_a_broken_report_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that is no report is named by its number."""
    path = tmp_path / "r.jsonl"
    path.write_text('{"symptom": "x"}\nnot json\n')
    assert status(["explain", "--jsonl", str(path)]) == 64
    assert "Line 2" in capsys.readouterr().err


@pytest.mark.parametrize(("scenario", "code"), [("healthy", 0), ("no_balance", 1)])
def test_doctor_tells_by_its_exit_status(scenario: str, code: int) -> None:
    """Healthy is 0 and a found cause 1; stdout holds one JSON object and nothing else."""
    done = deepkit("doctor", "--scenario", scenario, "--json")
    assert done.returncode == code, done.stderr
    assert (
        json.loads(done.stdout)["verdict"]
        == {"healthy": "healthy", "no_balance": "insufficient_balance"}[scenario]
    )


def test_saved_evidence_replays_to_the_same_diagnosis(tmp_path: Path) -> None:
    """Evidence saved by one run gives the same causes, states and fixes when judged again offline."""
    path = tmp_path / "e.json"
    first = json.loads(deepkit("doctor", "--scenario", "stale_dns", "--json", "--save", str(path)).stdout)
    again = json.loads(deepkit("doctor", "--replay", str(path), "--json").stdout)
    for key in ("verdict", "whose", "next_check"):
        assert first[key] == again[key]
    assert [(c["cause"], c["state"], c["rules"]) for c in first["causes"]] == [
        (c["cause"], c["state"], c["rules"]) for c in again["causes"]
    ]
    assert [(f["key"], f["verdict"]) for f in first["fixes"]] == [
        (f["key"], f["verdict"]) for f in again["fixes"]
    ]


def test_the_sandbox_says_where_it_is_and_leaves() -> None:
    """The first line gives the addresses; after a stop signal the process ends by itself with 0."""
    import httpx

    box = subprocess.Popen(
        [sys.executable, "-m", "deepkit", "sandbox", "--scenario", "healthy", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with box:
        assert box.stdout is not None
        info = json.loads(box.stdout.readline())
        assert {"base_url", "web_url", "status_url", "dns", "proxies", "ca", "api_key"} <= set(info)
        headers = {"Authorization": f"Bearer {info['api_key']}"}
        with httpx.Client(trust_env=False) as client:
            assert client.get(info["base_url"] + "/models", headers=headers, timeout=5).status_code == 200
        box.send_signal(signal.SIGTERM)
        assert box.wait(10) == 0


def test_a_port_in_use_is_one_sentence(free_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody else holds is a usage error, not a stack trace."""
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free_port))
        holder.listen()
        assert status(["sandbox", "--port", str(free_port), "--scenario", "healthy"]) == 64
    assert str(free_port) in capsys.readouterr().err


@pytest.mark.parametrize("key", ["", "  ", " sk-x ", '"sk-x"', "'sk-x'", "sk-x\nsk-y"])
def test_a_bad_key_is_not_sent_and_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty, quoted and spaced keys end in a diagnosis of the key, and never in the output."""
    from deepkit.sandbox import open_sandbox

    with open_sandbox("healthy") as box:
        env = dict(os.environ, DEEPKIT_API_KEY=key)
        done = subprocess.run(
            [sys.executable, "-m", "deepkit", "doctor", "--target", box.target.base_url, "--json"],
            env=env, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    body = json.loads(done.stdout)
    assert body["verdict"] == "auth_failed", body["causes"]
    if key.strip():
        assert key.strip() not in done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"symptom": "' + b"x" * 3_000_000], ids=["deep", "long"])
def test_a_report_without_end_is_refused(
    line: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that nests or runs on for ever is named with its number; nothing of it is kept."""
    path = tmp_path / "reports.jsonl"
    path.write_bytes(line + b"\n")
    assert status(["explain", "--jsonl", str(path)]) == 64
    told = capsys.readouterr().err
    assert "Line 1 of reports.jsonl" in told
    assert len(told) < 300

"""Starting and stopping."""

import gc
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deepkit.errors import UsageError
from deepkit.sandbox import open_sandbox, scenarios
from tests.sandbox.conftest import client, question


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files of this test alone, so that other programs' do not count."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def traces() -> tuple[set[str], int, set[str]]:
    """Threads, open sockets and temporary folders of this process."""
    gc.collect()
    threads = {one.name for one in threading.enumerate()}
    folders = {one.name for one in Path(tempfile.gettempdir()).glob("deepkit-sandbox-*")}
    return threads, sockets(), folders


def sockets() -> int:
    """How many sockets this process has open, without a look at the whole machine's."""
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the descriptor that lists the others is gone by now
            found += str(one.readlink()).startswith("socket:")
    return found


@pytest.mark.parametrize("name", [one.name for one in scenarios()])
def test_nothing_is_left_behind(name: str) -> None:
    """After close there is no thread, socket or temporary file more than before, whatever was going on."""
    before = traces()
    with open_sandbox(name) as box:
        assert "deepkit-sandbox" in traces()[0]
        with httpx.Client(trust_env=False, timeout=2) as plain:
            assert plain.get(f"{box.target.status_url}/summary/active").status_code == 200
    assert box.faults == ()
    assert traces() == before


@pytest.mark.timeout(60)
def test_closing_ends_a_stream_that_is_silent() -> None:
    """A stream in its silence, which lasts two minutes, does not hold up the close, and its client notices."""
    cut = 0
    with ExitStack() as stack:
        box = stack.enter_context(open_sandbox("silent_stream"))
        asking = stack.enter_context(client(box.target, timeout=10))
        body, streams = question(box.target, stream=True), []
        for _ in range(4):  # of four answers in a row three go silent
            answer = stack.enter_context(asking.stream("POST", "/chat/completions", json=body))
            streams.append(answer.iter_lines())
            assert any("The user" in line for line in islice(streams[-1], 7))
        box.close()
        for lines in streams:
            try:
                list(lines)
            except httpx.RemoteProtocolError:
                cut += 1
    assert cut >= 3


@pytest.mark.parametrize("name", ["firewall", "stale_dns", "lossy_line", "healthy"])
@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n"])
def test_connections_in_the_making_are_closed(name: str, sent: bytes) -> None:
    """Clients that connect and say nothing, or half a sentence, leave no socket open after the close."""
    before = traces()
    box = open_sandbox(name)
    found = box.info()
    addresses = [found["base_url"], *found["proxies"].values(), f"http://{found['dns']['system']}"]
    clients = [
        socket.create_connection(("127.0.0.1", urlsplit(one).port), timeout=2) for one in addresses * 3
    ]
    for one in clients:
        one.sendall(sent)
    box.close()
    for one in clients:
        one.close()
    assert traces() == before


def test_closing_twice_does_no_harm() -> None:
    """A second close is a no-operation."""
    box = open_sandbox("healthy")
    box.close()
    box.close()


def test_a_port_in_use_is_one_clear_sentence(opened) -> None:
    """The second sandbox on one port fails at once, leaves the first alone and leaves nothing behind."""
    first = opened("healthy")
    port = int(first.target.base_url.rpartition(":")[2])
    before = traces()
    with pytest.raises(UsageError, match=rf"^Port {port} is in use by another program; choose another"):
        open_sandbox("healthy", port=port)
    assert traces() == before
    with client(first.target) as asking:
        assert asking.get("/models").status_code == 200


def test_the_port_asked_for_is_the_apis(free_port: int) -> None:
    """`port` is where the API answers, behind a firewall or a bad line as well; it is free again at once."""
    for name in ("healthy", "firewall", "lossy_line", "stale_dns"):
        with open_sandbox(name, port=free_port) as box:
            assert box.target.base_url.endswith(f":{free_port}")


def test_opening_loads_no_compiler_and_no_tables() -> None:
    """Neither numba nor pandas nor scipy is imported for a sandbox, and importing it loads no server."""
    program = (
        "import sys, deepkit.sandbox as s\n"
        "assert 'uvicorn' not in sys.modules\n"
        "s.open_sandbox('rush_hour').close()\n"
        "heavy = {'numba', 'pandas', 'scipy', 'plotly'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_seed_gives_the_same_sandbox() -> None:
    """Keys, load and the order of failing answers come from the seed alone."""

    def shape(seed: int) -> tuple[object, ...]:
        with open_sandbox("rush_hour", seed=seed) as box, open_sandbox("blank_200", seed=seed) as other:
            load = box._world.sites["main"].load
            assert load is not None
            with client(other.target) as asking:
                kinds = [
                    bool(asking.post("/chat/completions", json=question(other.target)).content)
                    for _ in range(12)
                ]
            return box.info()["api_key"], tuple(load.numbers), tuple(kinds)

    assert shape(3) == shape(3)
    assert shape(3) != shape(4)


def test_info_has_the_fixed_keys(opened) -> None:
    """The addresses that other programs rely on keep their names."""
    found = opened("healthy").info()
    assert set(found) == {
        "base_url", "web_url", "status_url", "dns", "proxies", "ca", "api_key", "scenario", "seed",
    }  # fmt: skip
    assert set(found["proxies"]) == {"singapore", "tokyo", "frankfurt"}


def test_the_target_prints_no_key(opened) -> None:
    """The key is in no representation of the target."""
    box = opened("healthy")
    assert box.info()["api_key"] not in repr(box.target)

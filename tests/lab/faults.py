"""What puts a trouble into a pair of namespaces: packet filters, name servers, proxies, gateways, lines."""

from collections.abc import Callable

import trustme

from tests.lab.netns import HOST, MITMDUMP, SERVER, SERVER6, Net

Setup = Callable[[Net], None]
RIGHT = f"--address=/{HOST}/{SERVER}"


def well(net: Net) -> None:
    """Put a server on a good day there."""
    net.serve("well", 80)


def behaviour(name: str) -> Setup:
    """Put a server with another behaviour there."""
    return lambda net: net.serve(name, 80)


def behind(name: str) -> Setup:
    """Put a server where only another on its machine reaches it."""
    return lambda net: net.serve(name, 8080)


def beside(*several: Setup) -> Setup:
    """Make one thing after the other."""

    def setup(net: Net) -> None:
        for one in several:
            one(net)

    return setup


def filtered(*rules: str, hook: str = "input") -> Setup:
    """Put a packet filter before a good server."""

    def setup(net: Net) -> None:
        net.serve("well", 80)
        net.rules(*rules, hook=hook)

    return setup


def named(*options: str, right: bool = False) -> Setup:
    """Put a name server there for the user; with `right`, another one that tells the truth."""

    def setup(net: Net) -> None:
        net.serve("well", 80)
        net.names(*options)
        if right:
            net.names(RIGHT, port=5354)

    return setup


def no_names(net: Net) -> None:
    """Drop every question to a name server."""
    net.serve("well", 80)
    net.names(RIGHT)
    net.names(RIGHT, port=5354)
    net.rules("udp dport 53 drop", "tcp dport 53 drop")


def dropped6(net: Net) -> None:
    """Announce IPv6 and drop it."""
    net.serve("well", 80)
    net.names(RIGHT, f"--address=/{HOST}/{SERVER6}")
    net.rules("meta nfproto ipv6 tcp dport 80 drop")


def portal(behaviour: str) -> Setup:
    """Answer in the server's place, as a network does that wants a login."""

    def setup(net: Net) -> None:
        net.serve("well", 80)
        net.serve(behaviour, 8083)
        net.rules("tcp dport 80 redirect to :8083", hook="nat:prerouting:-100")

    return setup


def on_link(then: Setup = well, **what: float) -> Setup:
    """Put a line there that delays, shakes, swells or loses; see `tests.lab.link`."""

    def setup(net: Net) -> None:
        net.link(**what)
        then(net)

    return setup


def forgetful(net: Net) -> None:
    """Forget a connection that was quiet for a second, and drop what it still sends, as a small router does."""
    net.serve("thinks-three-seconds", 80)
    for name, value in (("tcp_timeout_established", 1), ("tcp_loose", 0)):
        net.inside("sh", "-c", f"echo {value} > /proc/sys/net/netfilter/nf_conntrack_{name}")
    net.rules("tcp sport 80 ct state invalid drop", "tcp sport 80 ct state new drop", hook="output")


SQUID = """
http_port 3128
pid_filename {folder}/squid.pid
cache_log {folder}/cache.log
access_log none
cache deny all
coredump_dir {folder}
shutdown_lifetime 0 seconds
pinger_enable off
"""
LOGIN = (
    "auth_param basic program /usr/lib/squid/basic_ncsa_auth /dev/null",
    "acl known proxy_auth REQUIRED",
    "http_access allow known",
    "http_access deny all",
)
ANYBODY = ("acl CONNECT method CONNECT", "http_access allow all", "connect_timeout 1 second")


def squid(*rules: str) -> Setup:
    """Put a squid proxy beside a good server."""

    def setup(net: Net) -> None:
        net.serve("well", 80)
        net.folder.chmod(0o777)
        conf = net.folder / "squid.conf"
        conf.write_text(SQUID.format(folder=net.folder) + "\n".join(rules) + "\n")
        net.spawn("squid", "-N", "-f", str(conf))
        net.await_port(3128)

    return setup


def socks(*options: str, server: bool = True) -> Setup:
    """Put a SOCKS5 proxy beside a good server, or beside none."""

    def setup(net: Net) -> None:
        if server:
            net.serve("well", 80)
        net.spawn("microsocks", "-p", "1080", *options)
        net.await_port(1080)

    return setup


NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ {listen} location / {{ proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1; {how} }} }}
}}
"""


def _nginx(net: Net, how: str, listen: str, port: int) -> None:
    conf = net.folder / "nginx.conf"
    conf.write_text(NGINX.format(folder=net.folder, how=how, listen=listen))
    net.spawn("nginx", "-c", str(conf), "-p", str(net.folder), "-e", str(net.folder / "error.log"))
    net.await_port(port)


def nginx(how: str, behaviour: str | None) -> Setup:
    """Put nginx before a server, or before none."""

    def setup(net: Net) -> None:
        if behaviour is not None:
            net.serve(behaviour, 8080)
        _nginx(net, how, "listen 80;", 80)

    return setup


STREAMS = "proxy_buffering off;"


def secure(
    behaviour: str = "well", *, roots: str = "public", port: int = 443, how: str = STREAMS, right: str = RIGHT
) -> Setup:
    """Put nginx with TLS before a server, and a name server.

    Writes public.pem, the roots that programs bring along, and machine.pem, the machine's own store: those
    and the company's.

    Args:
        behaviour: The server's behaviour.
        roots: Who signed for the server: "public" or "company".
        port: Where TLS is spoken.
        how: Further lines for nginx.
        right: dnsmasq's option with the server's address.
    """

    def setup(net: Net) -> None:
        signers = {name: trustme.CA(organization_name=f"Lab {name} roots") for name in ("public", "company")}
        signers["public"].cert_pem.write_to_path(net.folder / "public.pem")
        both = signers["public"].cert_pem.bytes() + signers["company"].cert_pem.bytes()
        (net.folder / "machine.pem").write_bytes(both)
        leaf = signers[roots].issue_cert(HOST)
        leaf.private_key_and_cert_chain_pem.write_to_path(net.folder / "server.pem")
        net.names(right)
        net.serve(behaviour, 8080)
        pem = net.folder / "server.pem"
        _nginx(net, how, f"listen {port} ssl; ssl_certificate {pem}; ssl_certificate_key {pem};", port)

    return setup


TO_PLAIN, TO_SECURE = "reverse:http://127.0.0.1:8080", "reverse:https://127.0.0.1:8443"


def intercepted(then: Setup, *mode: str, port: int) -> Setup:
    """Put mitmproxy on the way to a server; machine.pem then trusts its root as well.

    Args:
        then: Makes the server and its certificates.
        mode: mitmdump's options.
        port: Where it listens.
    """

    def setup(net: Net) -> None:
        then(net)
        home = net.folder / "mitmproxy"
        net.spawn(
            str(MITMDUMP), "-q", "--set", f"confdir={home}", "--listen-port", str(port), *mode,
            "--set", "ssl_insecure=true", "--set", "connection_strategy=lazy",
        )  # fmt: skip
        net.await_port(port)
        machine = net.folder / "machine.pem"
        machine.touch()
        machine.write_bytes(machine.read_bytes() + (home / "mitmproxy-ca-cert.pem").read_bytes())

    return setup

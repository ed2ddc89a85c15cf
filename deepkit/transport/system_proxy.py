"""The proxy settings that a system keeps for its browsers: Windows, macOS, GNOME. A PAC script is named, never run."""

import os
import shutil
import subprocess
import sys
from typing import Any

from deepkit.transport.proxy_rules import SystemProxies

WAIT_S = 1.0
"""Longest wait for a system's own tool, in seconds."""
MOST_BYTES = 100_000


def system_proxy() -> SystemProxies:
    """Read the settings; it runs a small program on macOS and GNOME, so call it in a thread.

    Returns:
        The settings; a source without proxies is a system that sends everything direct.
    """
    try:
        if sys.platform == "win32":
            return read_registry(_registry())
        if sys.platform == "darwin":
            return read_scutil(_told("scutil", "--proxy"))
        if "gnome" in os.environ.get("XDG_CURRENT_DESKTOP", "").lower():
            return read_gsettings(_told("gsettings", "list-recursively", "org.gnome.system.proxy"))
    except (OSError, subprocess.SubprocessError):
        return SystemProxies()
    return SystemProxies()


def _told(program: str, *arguments: str) -> str:
    found = shutil.which(program)
    if found is None:
        return ""
    done = subprocess.run((found, *arguments), capture_output=True, timeout=WAIT_S, check=False)  # noqa: S603
    return done.stdout[:MOST_BYTES].decode("utf-8", "replace")


def _registry() -> dict[str, Any]:
    import winreg

    kit: Any = winreg
    path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
    names = ("ProxyEnable", "ProxyServer", "ProxyOverride", "AutoConfigURL")
    values: dict[str, Any] = {}
    with kit.OpenKey(kit.HKEY_CURRENT_USER, path) as key:
        for name in names:
            try:
                values[name] = kit.QueryValueEx(key, name)[0]
            except OSError:
                continue
    return values


def read_registry(values: dict[str, Any]) -> SystemProxies:
    """Read Windows' internet settings: one proxy for all, or "http=host:port;https=host:port"."""
    pac = str(values.get("AutoConfigURL") or "") or None
    if not values.get("ProxyEnable"):
        return SystemProxies("windows", pac=pac)
    proxies: dict[str, str] = {}
    for part in str(values.get("ProxyServer") or "").split(";"):
        scheme, is_one, address = part.partition("=")
        for name in (scheme.strip().lower(),) if is_one else ("http", "https"):
            known = (address if is_one else part).strip()
            kind = "socks5" if name == "socks" else "http"
            if known:
                proxies[name] = known if "://" in known else f"{kind}://{known}"
    exceptions = tuple(
        one.strip() for one in str(values.get("ProxyOverride") or "").split(";") if one.strip()
    )
    return SystemProxies("windows", proxies, exceptions, pac)


def read_scutil(text: str) -> SystemProxies:
    """Read what `scutil --proxy` prints on macOS."""
    values: dict[str, str] = {}
    exceptions: list[str] = []
    for line in text.splitlines():
        name, colon, value = line.strip().partition(" : ")
        if not colon:
            continue
        if name.isdigit():
            exceptions.append(value.strip())
        else:
            values[name] = value.strip()
    proxies = {
        scheme: f"{kind}://{values[f'{key}Proxy']}:{values.get(f'{key}Port', '80')}"
        for scheme, key, kind in (
            ("http", "HTTP", "http"),
            ("https", "HTTPS", "http"),
            ("socks", "SOCKS", "socks5"),
        )
        if values.get(f"{key}Enable") == "1" and values.get(f"{key}Proxy")
    }
    automatic = values.get("ProxyAutoConfigEnable") == "1"
    simple = ("<local>",) if values.get("ExcludeSimpleHostnames") == "1" else ()
    pac = values.get("ProxyAutoConfigURLString", "found by itself") if automatic else None
    if pac is None and values.get("ProxyAutoDiscoveryEnable") == "1":
        pac = "found by itself"
    return SystemProxies("macos" if text.strip() else "", proxies, (*exceptions, *simple), pac)


def read_gsettings(text: str) -> SystemProxies:
    """Read what `gsettings list-recursively org.gnome.system.proxy` prints."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        schema, _, rest = line.partition(" ")
        key, _, value = rest.partition(" ")
        group = schema.removeprefix("org.gnome.system.proxy").lstrip(".")
        values[f"{group}.{key}".lstrip(".")] = value.strip().strip("'")
    mode = values.get("mode", "")
    if mode == "auto":
        return SystemProxies("gnome", pac=values.get("autoconfig-url") or "found by itself")
    if mode != "manual":
        return SystemProxies("gnome" if mode else "")
    proxies = {
        scheme: f"{'socks5' if scheme == 'socks' else 'http'}://{values[f'{scheme}.host']}:{values.get(f'{scheme}.port')}"
        for scheme in ("http", "https", "socks")
        if values.get(f"{scheme}.host") and values.get(f"{scheme}.port", "0") != "0"
    }
    listed = values.get("ignore-hosts", "").removeprefix("@as ").strip("[]")
    return SystemProxies(
        "gnome", proxies, tuple(one.strip().strip("'") for one in listed.split(",") if one.strip())
    )

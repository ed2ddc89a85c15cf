"""Commands that flush name caches and reset network stacks, with what each of them endangers.

Each command is a list of words, for a run without a shell and only after consent. What
saves the old state stands before what destroys it.
Sources: https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/ipconfig,
https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/netsh-winsock,
https://isitdown.io/blog/flush-dns-cache-windows-mac-linux-commands (all read 2026-11-23).
"""

Commands = tuple[tuple[str, ...], ...]

FLUSH: dict[str, Commands] = {
    "windows": (("ipconfig", "/flushdns"),),
    "macos": (("sudo", "dscacheutil", "-flushcache"), ("sudo", "killall", "-HUP", "mDNSResponder")),
    "linux": (("resolvectl", "flush-caches"),),
}
"""What empties the machine's name cache; harmless."""

RESET: dict[str, Commands] = {
    "windows": (
        ("netsh", "interface", "dump"),
        ("netsh", "winsock", "dump"),
        ("netsh", "winsock", "reset"),
        ("netsh", "int", "ip", "reset"),
    ),
    "macos": (),
    "linux": (),
}
"""What sets the network stack back; the first two save what the others destroy."""

SAVES = (("netsh", "interface", "dump"), ("netsh", "winsock", "dump"))
DESTROYS = (("netsh", "winsock", "reset"), ("netsh", "int", "ip", "reset"))

RESET_NOTES: dict[str, tuple[str, ...]] = {
    "windows": (
        (
            "Save first: keep what `netsh interface dump` and `netsh winsock dump` print in a file; each is a script "
            "that restores the old state."
        ),
        "Danger: `netsh winsock reset` breaks VPN, filter and antivirus parts that hook into the network.",
        "Danger: `netsh int ip reset` deletes static addresses, gateways and DNS servers. Both need a restart.",
    ),
    "macos": (
        (
            "There is no reset command. Removing and adding the network service does the same: save its addresses and "
            "proxies first, for they are lost."
        ),
    ),
    "linux": (
        (
            "There is no reset command. Restarting the network service cuts remote sessions and notebook kernels: "
            "save your work and have a second way in first."
        ),
        "Where systemd-resolved is not in use, the cache is nscd (`nscd -i hosts`) or dnsmasq (SIGHUP), if any.",
    ),
}

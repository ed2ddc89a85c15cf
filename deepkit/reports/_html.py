"""The frame of every page: one file, its own policy forbids every request and every script but its own."""

import secrets
from html import escape
from importlib.resources import files

from deepkit.views.html import css


def _asset(name: str) -> str:
    return files("deepkit.reports").joinpath(name).read_text(encoding="utf-8")


def document(title: str, body: str, *, language: str = "en", simulated: bool = False) -> str:
    """Return a whole page.

    Args:
        title: Its title, plain text.
        body: Its HTML.
        language: Of its words.
        simulated: Whether it is of a practice case.

    Returns:
        The page.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{css()}{_asset("page.css")}</style>
</head>
<body>
<main class="dk{" dk-sim" if simulated else ""}">
{body}
</main>
<script nonce="{nonce}">{_asset("page.js")}</script>
</body>
</html>
"""

"""Write what data/claims.toml says into docs/guide-claims.md and into the page of each fix.

    python tools/claims_pages.py

docs/guide-claims.md is written whole. On a fix's page the title, the sections "What the guide claims" and
"What is known", and the lines that begin with "It can help against:" and "In short:" are written; the rest
is by hand.
"""

import re
from pathlib import Path

from deepkit.facts import GuideClaim, claims
from deepkit.fixes import FIXES, Fix

DOCS = Path(__file__).parents[1] / "docs"
HEAD = """# The guide's claims, judged

<!-- Written by tools/claims_pages.py from data/claims.toml; change that. -->

Every claim of the guide that DeepKit starts from ("The Ultimate Guide to solve DeepSeek server busy error: 12 Proven \
Fixes for 2025", web article, 2026-05-25), retold, with its verdict and what that rests on. B is its background, O its \
outlook, F its questions and answers; 1 to 12 are the fixes.

| verdict | claims |
| --- | --- |
"""
VERDICTS = ("holds", "holds_in_part", "outdated", "contradicted", "cannot_be_told")


def pages() -> dict[Path, str]:
    """Return the text of every page, by its path."""
    return {DOCS / "guide-claims.md": claims_page()} | {path_of(one): fix_page(one) for one in FIXES}


def claims_page() -> str:
    """Return the page of all claims."""
    by_verdict = {word: [one.id for one in claims() if one.verdict == word] for word in VERDICTS}
    rows = [f"| {_plain(word)} | {', '.join(ids)} |" for word, ids in by_verdict.items() if ids]
    return HEAD + "\n".join(rows) + "\n" + "".join(map(_entry, claims()))


def _entry(one: GuideClaim) -> str:
    link = f" ([the fix](fixes/{one.fix}.md))" if one.fix else ""
    judged = f"**{_plain(one.verdict).capitalize()}.** {one.evidence}"
    return f"\n## {one.id}. {one.title}\n\n{one.text}{link}\n\n{judged}\n\n{_source(one.source, str(one.date))}\n"


def _plain(verdict: str) -> str:
    return verdict.replace("_", " ")


def _source(address: str, date: str) -> str:
    return f"Source: <{address}> ({date})."


def path_of(one: Fix) -> Path:
    """Return where a fix's page is."""
    return DOCS / "fixes" / f"{one.key}.md"


def fix_page(one: Fix) -> str:
    """Return a fix's page with what its claim says, the rest as it stands."""
    said, text = one.claim, path_of(one).read_text(encoding="utf-8")
    known = f"Verdict: **{_plain(said.verdict)}**. {said.reality}\n\n{_source(said.source, said.date)}"
    helps = ", ".join(f"`{cause}`" for cause in said.causes)
    text = re.sub(r"\A# .*", f"# {one.number}. {one.title}", text)
    text = _section(text, "What the guide claims", said.promise)
    text = _section(text, "What is known", known)
    text = _line(text, "It can help against: ", f"{helps}.")
    return _line(text, "In short: ", f"{said.cost} {said.risk}")


def _section(text: str, heading: str, body: str) -> str:
    return re.sub(
        rf"(?<=^## {heading}\n\n).*?(?=\n\n## )",
        lambda _: body,
        text,
        count=1,
        flags=re.DOTALL | re.MULTILINE,
    )


def _line(text: str, start: str, rest: str) -> str:
    return re.sub(rf"(?<=^{start}).*", lambda _: rest, text, count=1, flags=re.MULTILINE)


if __name__ == "__main__":
    for where, said in pages().items():
        where.write_text(said, encoding="utf-8")

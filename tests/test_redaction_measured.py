"""The figures of docs/redaction.md on a smaller sample; `python -m benchmarks redaction` has the large one."""

import pytest

from deepkit.redaction import Redactor, redact
from tests import plantings


def test_what_a_label_announces_never_survives() -> None:
    """Behind a label, in any of its forms, neither a key nor a password nor half of one is left."""
    left = [
        text
        for _, value, text in plantings.labelled(1_500, seed=11)
        if plantings.survives(value, redact(text).text)
    ]
    assert not left


def test_keys_that_nothing_announces_rarely_survive() -> None:
    """At most 2 % of keys of a hundred formats are left where nothing but their shape tells."""
    left = [
        (kind, text)
        for kind, value, text in plantings.unlabelled(1_500, seed=12)
        if plantings.survives(value, redact(text).text)
    ]
    assert len(plantings.FORMATS) >= 100
    assert len(left) <= 30, left[:5]


def test_known_values_never_survive() -> None:
    """A value that is known is found however it is spelled, whole or half, whatever stands around it."""
    left = [
        (spelling, value)
        for spelling, value, spelled, text in plantings.known(1_000, seed=13)
        if plantings.survives(spelled, Redactor(secrets=[value]).redact(text).text)
    ]
    assert not left


def test_harmless_texts_stay() -> None:
    """At most 1 % of prose, code, model names, hosts, versions, times and labelled ids change."""
    changed = [text for text in plantings.harmless(2_000, seed=14) if redact(text).text != text]
    assert len(changed) <= 20, changed[:5]


def test_ids_that_support_needs_stay() -> None:
    """No id changes that a label or a field's name says is one; a bare one becomes the same stand-in everywhere."""
    assert [text for text in plantings.ids(1_000, seed=15) if redact(text).text != text] == []
    bare = "7f8c1e0b9a3d4c5e8f7061524334b5a6"
    kept = Redactor().redact_tree({"trace_id": bare, "note": f"seen {bare} and {bare}"})
    assert kept == {"trace_id": bare, "note": "seen token-1 and token-1"}


def test_twice_is_once_for_plantings() -> None:
    """Redacting what was redacted changes nothing, whatever was planted."""
    for _, _, text in (*plantings.labelled(300, seed=16), *plantings.unlabelled(300, seed=17)):
        once = redact(text).text
        assert redact(once).text == once


@pytest.mark.parametrize(
    ("text", "private", "kept"),
    [
        (r"open \\fileserver01\projects\x.docx", ("fileserver01", "projects"), "x.docx"),
        (r"login SOMEBANK\jdoe failed", ("SOMEBANK", "jdoe"), "failed"),
        ("llm-gw.somebank.com refused", ("somebank",), "refused"),
        ("box.tail1234.ts.net", ("tail1234",), "host-1"),
        ("call +49 30 1234567 now", ("1234567",), "now"),
        ("switch 0011.2233.aabb", ("2233",), "switch"),
        ("用户@例子.广告 wrote", ("例子",), "wrote"),
        ("C:\\Users\\Ada Lovelace\\x.py", ("Ada", "Lovelace"), "\\x.py"),
        ("curl: (7) litellm.bigco.net port 443", ("bigco",), "port 443"),
        ("Authorization: Bearer abcdefghijkl0123\r\n mnopqrstuvwx4567\r\nHost: x", ("mnopqrst",), "Host: x"),
        ("sk-0123456789\u200babcdef0123456789abcdef", ("0123456789",), "[removed"),
    ],
)
def test_private_names_go(text: str, private: tuple[str, ...], kept: str) -> None:
    """Shares, accounts, company hosts, telephone numbers and folded or divided secrets go; the rest stays."""
    done = redact(text).text
    assert not [one for one in private if one in done]
    assert kept in done


def test_one_name_has_one_stand_in() -> None:
    """A spelling of a hardware address or a host that differs in form alone keeps its stand-in."""
    assert redact("0011.2233.aabb is 00:11:22:33:aa:bb").text == "mac-1 is mac-1"
    assert redact("GIT.corp and git.CORP").text == "host-1 and host-1"

"""The laws of data/providers.toml and of its readers: who speaks, and what an error means there."""

import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit.vendors import (
    CATEGORIES,
    KINDS,
    RETRIES,
    VERIFIED,
    Provider,
    meaning,
    mentions,
    named_in,
    older_than,
    on_port,
    provider,
    providers,
    speaker,
    vendors,
)
from deepkit.vendors.meanings import _pattern
from deepkit.vendors.tables import _entry

URLS = ("web_url", "status_url", "status_page", "key_url", "money_url", "limits_url")
each_vendor = pytest.mark.parametrize("one", vendors(), ids=lambda one: one.name)


def concrete(pattern: str, filler: str = "x1") -> str:
    """One host that a pattern stands for."""
    return pattern.replace("*", filler)


@each_vendor
def test_entries_are_whole(one: Provider) -> None:
    """Every entry says where it is from, how sure it is, and has something to be known by."""
    assert one.source
    assert one.title
    assert date(2024, 1, 1) < one.date <= date.today()
    assert one.kind in KINDS
    assert one.verified in VERIFIED
    assert one.hosts or one.words or one.ports or one.marks
    assert bool(one.copied) >= bool(one.hints), "say who copies the hints"
    assert all(getattr(one, field) for field in one.unverified), "only what stands there can be unverified"


@each_vendor
def test_errors_take_their_words_from_the_closed_sets(one: Provider) -> None:
    """Category, retry and verification are of the closed sets; each error has a key, a sentence and a source."""
    for row in one.errors:
        assert row.category in CATEGORIES
        assert row.retry in RETRIES
        assert row.verified in VERIFIED
        assert row.status or row.code
        assert all(100 <= status <= 599 for status in row.status)
        assert row.text[0].isupper()
        assert row.text.endswith(".")
        assert row.source
        assert row.date <= date.today()


@each_vendor
def test_no_error_hides_behind_another(one: Provider) -> None:
    """A status has one bare meaning at a vendor, and no code stands twice for a status."""
    keys = Counter((status, row.code) for row in one.errors for status in row.status or (0,))
    assert not [key for key, times in keys.items() if times > 1]


@each_vendor
def test_money_is_never_cured_by_waiting(one: Provider) -> None:
    """What money, a key, a model or the request itself would cure is never called passing."""
    for row in one.errors:
        if row.category in {
            "auth",
            "perm",
            "credit",
            "model",
            "context",
            "content",
            "param",
            "setup",
            "region",
        }:
            assert row.retry == "no", row
        if row.category in {"overload", "burst", "concurrency"}:
            assert row.retry == "yes", row


@each_vendor
def test_patterns_are_lower_case_and_sound(one: Provider) -> None:
    """Patterns compile, match no empty text, and are written in lower case, as the text is read."""
    for pattern in (*one.words, *one.marks, *one.hints):
        assert not re.search(pattern, "")
        assert re.sub(r"\\[A-Z]", "", pattern) == re.sub(r"\\[A-Z]", "", pattern).lower()
    for row in one.errors:
        assert _pattern(row.code)
        assert re.sub(r"\\[A-Z]", "", row.code) == re.sub(r"\\[A-Z]", "", row.code).lower()


@each_vendor
def test_pages_are_encrypted_and_its_own(one: Provider) -> None:
    """Every page that a person is sent to is https, and its host belongs to this vendor."""
    for field in URLS:
        url = getattr(one, field)
        if url is not None:
            assert urlsplit(url).scheme == "https", field
            assert speaker(urlsplit(url).hostname or "") is one, f"{field}: {url}"


def test_nobody_claims_what_is_another_s() -> None:
    """No host, domain, port, mark, hint or word belongs to two vendors."""
    for field in ("hosts", "domains", "ports", "marks", "hints", "words"):
        claimed = Counter(value for one in vendors() for value in getattr(one, field))
        assert not [value for value, times in claimed.items() if times > 1], field
    assert not {one for v in vendors() for one in v.hosts} & {one for v in vendors() for one in v.domains}
    assert len({one.name for one in vendors()}) == len(vendors())


@each_vendor
def test_hosts_speak_for_their_vendor(one: Provider) -> None:
    """A host, one below it, one in capitals and one with a dot at its end are the vendor's; wildcards fill."""
    for pattern in (*one.hosts, *one.domains):
        host = concrete(pattern)
        assert "*" not in ".".join(pattern.split(".")[-2:]), "two labels at least are fixed"
        for spelled in (host, f"a.b.{host}", host.upper(), f"{host}."):
            assert speaker(spelled) is one, spelled


@pytest.mark.parametrize(
    "host", sorted({concrete(h) for one in vendors() for h in (*one.hosts, *one.domains)})
)
def test_a_host_that_merely_contains_the_name_is_nobody(host: str) -> None:
    """Look-alikes of every host are nobody's: another ending, a name glued on, a foreign letter, a path."""
    first, registered = host.split(".")[-2], ".".join(host.split(".")[-2:])
    for alike in (
        f"{host}.evil.example", f"evil{registered}", f"evil-{registered}", f"{host}.cn.evil.io", f"{host}-login.example", f"evil.example/{host}", f"{host}@evil.example",
        host.replace(first, f"{first}-x", 1), host.replace(first, first[:-1] + "\u0435", 1), f"{host.rpartition('.')[0]}.invalid",
    ):  # fmt: skip
        found = speaker(alike)
        assert named_in(f"POST https://{alike}/v1 said no") is None or "/" in alike or found, alike
        assert found is None or any(f".{alike}".endswith(f".{whole}") for whole in found.domains), alike


@given(st.text(max_size=60))
def test_any_text_may_be_asked(text: str) -> None:
    """Reading never fails, and names at most vendors that are known, each once."""
    assert speaker(text) is None or speaker(text) in vendors()
    names = [one.provider.name for one in mentions(text, text)]
    assert len(names) == len(set(names))
    for one in vendors()[:3]:
        assert meaning(one, None, text) in (*one.errors, None)


def test_glued_names_are_read_only_where_no_name_ends() -> None:
    """Chinese text may touch a host; inside an address it makes another host, and an @ hides the true one."""
    for text in (
        "请访问api.deepseek.com报错",
        "打开https://api.deepseek.com报错",
        "https://me:pw@api.deepseek.com:443/v1",
    ):
        assert named_in(text) is provider("deepseek"), text
    for text in ("https://中deepseek.com/v1", "https://api.deepseek.com@evil.example/", "https://api.deepseek.com中.example/",
                 "http://login.example/portal?from=api.deepseek.com", "https://x.example/https://api.deepseek.com", "me@deepseek.com",
                 "api.deepsee\u212a.com", "api.deepseek.com\u0435", "\u0435deepseek.com"):  # fmt: skip
        assert named_in(text) is None, text


@pytest.mark.parametrize(
    ("text", "client", "name", "by"),
    [
        ("https://openrouter.ai/api/v1 said x-ds-trace-id: 1", "siliconflow", "openrouter", "host"),
        ("x-ds-trace-id: 1, openrouter was mentioned", "novita", "deepseek", "mark"),
        ("a relay: X-DS-Trace-Id: 1 (request id: 20250423020142736330894abc)", "", "new-api", "mark"),
        ("Error from provider(openrouter,x: 401): {}", "", "claude-code-router", "mark"),
        ("Error from provider (Console Go): upstream", "", "opencode", "mark"),
        ("Find your API key at https://platform.openai.com/account/api-keys.", "", "openai", "page"),
        ("429 from the pool", "SiliconFlow", "siliconflow", "client"),
        ("硅基流动 一直 503", "", "siliconflow", "word"),
        ("connect to 127.0.0.1:11434 failed", "", "ollama", "port"),
        ('{"object":"error","message":"x"}', "", "vllm", "hint"),
    ],
)  # fmt: skip
def test_hosts_beat_marks_and_marks_beat_words(text: str, client: str, name: str, by: str) -> None:
    """What tells best decides: host, mark (a relay's first), page, client, word, port; a hint alone names nobody."""
    found = mentions(text, client)[0]
    assert (found.provider.name, found.by) == (name, by)
    assert named_in(text, client) is (provider(name) if by != "hint" else None)


def test_a_page_of_help_names_nobody() -> None:
    """A link to documentation at the end of an error is no speaker."""
    assert named_in("see https://docs.together.ai/docs/error-codes") is None
    assert named_in("see docs.together.ai for more") is None


@pytest.mark.parametrize(
    ("name", "status", "text", "category", "retry"),
    [
        ("deepseek", 402, "Insufficient Balance", "credit", "no"),
        ("deepseek", None, "Insufficient Balance", "credit", "no"),
        ("deepseek", 429, "", "concurrency", "yes"),
        ("openai", 429, "insufficient_quota", "credit", "no"),
        ("alibaba", 429, '{"code":"insufficient_quota"}', "rate_tokens", "yes"),
        ("modelscope", 429, "insufficient_quota", "rate_requests", "yes"),
        ("alibaba", 400, '{"code":"Arrearage"}', "credit", "no"),
        ("alibaba", 403, "AllocationQuota.FreeTierOnly", "quota", "no"),
        ("nvidia", 400, "DEGRADED function cannot be invoked", "server", "yes"),
        ("openrouter", 402, "openrouter_in_flight_budget", "concurrency", "yes"),
        ("openrouter", 402, "", "credit", "no"),
        ("volcengine", 429, "ServerOverloaded", "overload", "yes"),
        ("volcengine", 429, "ModelAccountTpmRateLimitExceeded", "rate_tokens", "yes"),
        ("volcengine", 403, "AccountOverdueError", "credit", "no"),
        ("siliconflow", 403, '{"code":30001,"message":"x"}', "credit", "no"),
        ("siliconflow", 400, '{"code":20012}', "model", "no"),
        ("huawei", 401, "ModelArts.81005", "quota", "no"),
        ("baidu", 401, "invalid_model", "model", "no"),
        ("baidu", 429, "cluster_tpm_rate_limit_exceeded", "overload", "yes"),
        ("zhipu", 429, '{"error":{"code":"1113","message":"x"}}', "credit", "no"),
        ("zhipu", 429, "1302", "concurrency", "yes"),
        ("zhipu", 429, "you asked for 1113 tokens", "rate_requests", "yes"),
        ("together", 403, "", "context", "no"),
        ("llamacpp", 503, "Loading model", "server", "yes"),
        ("llamacpp", 503, "no slot available", "overload", "yes"),
        ("openrouter", 503, "no provider meets your routing requirements", "route", "no"),
        ("copilot", 429, "UserByModelByDay", "quota", "after"),
        ("opencode", 402, "Insufficient Balance", "route", "yes"),
    ],
)
def test_one_word_means_other_things_elsewhere(
    name: str, status: int, text: str, category: str, retry: str
) -> None:
    """The vendor decides what a status or a code means, codes before the bare status."""
    found = meaning(provider(name), status, text)
    assert found is not None
    assert (found.category, found.retry) == (category, retry)


def test_what_a_vendor_does_not_say_is_not_borrowed() -> None:
    """An unknown code falls back to the vendor's own status, an unknown status to nothing."""
    assert meaning(provider("together"), 402, "AccountOverdueError") is meaning(provider("together"), 402)
    assert meaning(provider("nebius"), 429, "rate_limit_exceeded") is None
    assert meaning(provider("deepseek"), 418) is None
    assert meaning(provider("deepseek"), None) is None


def test_deepseek_can_be_reached_and_paid() -> None:
    """DeepSeek comes first and alone is official; its pages of keys, money and status are known, its own hosts allowed."""
    first, *others = vendors()
    assert (first.name, first.kind) == ("deepseek", "official")
    assert all(one.kind != "official" for one in others)
    assert first.key_url
    assert first.money_url
    assert first.status_page
    assert first.status_url
    assert {*first.hosts, "fe-static.deepseek.com", "captcha.fengkongcloud.com"} <= set(first.allow)
    assert speaker("captcha.fengkongcloud.com") is None, "allowed, yet not DeepSeek's"


def test_enough_are_known() -> None:
    """At least thirty vendors and hosts are known, of every kind; those that can be asked have an address."""
    assert len(vendors()) >= 30
    assert {one.kind for one in vendors()} == set(KINDS)
    assert set(providers()) == {one for one in vendors() if one.base_url}
    assert all(one.models for one in vendors() if one.kind == "official")
    assert on_port(11434) is provider("ollama")
    assert on_port(1) is None


def test_old_claims_are_listed_and_nothing_fails_by_age() -> None:
    """Claims older than asked are listed, the oldest first; on the day of the newest one none is too new to list."""
    newest = max(row.date for one in vendors() for row in (one, *one.errors))
    everything = older_than(0, today=newest + timedelta(days=1))
    assert {claim.name for claim in everything} == {one.name for one in vendors()}
    assert all(before.date <= after.date for before, after in pairwise(everything))
    assert not older_than(365 * 20, today=newest)
    some = older_than(180, today=newest)
    assert set(some) <= set(everything)
    assert all((newest - claim.date).days > 180 for claim in some)


def test_a_slip_in_the_file_names_its_entry() -> None:
    """A field that is not known or lacks is told with the entry's name."""
    row = {
        "name": "x",
        "title": "X",
        "kind": "host",
        "source": "s",
        "date": date(2026, 1, 1),
        "verified": "general",
    }
    assert _entry(row).name == "x"
    for slip in ({**row, "host": ["a"]}, {**row, "errors": [{"status": 400}]}):
        with pytest.raises(ValueError, match="entry 'x'"):
            _entry(slip)
    with pytest.raises(KeyError):
        provider("nobody")


def test_the_standard_library_is_enough() -> None:
    """Reading vendors, speakers and meanings loads no other package."""
    code = (
        "import sys; before = set(sys.modules); from deepkit.vendors import meaning, named_in, provider;"
        "meaning(provider('openrouter'), 402); named_in('https://api.deepseek.com');"
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names; print(sorted(new))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "['deepkit']"

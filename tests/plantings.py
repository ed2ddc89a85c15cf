"""Secrets, private names and harmless texts by the thousand, from a seed: what redaction is measured with.

The formats follow public documents (data/secrets.toml names most); every value is made here at random.
"""

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote

HEX = "0123456789abcdef"
B36 = string.ascii_lowercase + string.digits
UP36 = string.ascii_uppercase + string.digits
B62 = string.ascii_letters + string.digits
B64U = B62 + "-_"

FORMATS: dict[str, tuple[tuple[str, str, int], ...]] = {
    # name: pieces of (fixed text, alphabet, how many)
    "deepseek": (("sk-", HEX, 32),), "openai": (("sk-", B62, 20), ("T3BlbkFJ", B62, 20)),
    "openai_project": (("sk-proj-", B64U, 74), ("T3BlbkFJ", B64U, 74)), "openai_service": (("sk-svcacct-", B64U, 58),),
    "anthropic": (("sk-ant-api03-", B64U, 93), ("AA", "", 0)), "anthropic_admin": (("sk-ant-admin01-", B64U, 93),),
    "openrouter": (("sk-or-v1-", HEX, 64),), "groq": (("gsk_", B62, 52),), "xai": (("xai-", B62, 80),),
    "perplexity": (("pplx-", B62, 48),), "nvidia": (("nvapi-", B64U, 64),), "huggingface": (("hf_", string.ascii_letters, 34),),
    "replicate": (("r8_", B62, 37),), "fireworks": (("fw_", B62, 24),), "mistral": (("", B62, 32),), "cohere": (("", B62, 40),),
    "together": (("", HEX, 64),), "together_v1": (("tgp_v1_", B64U, 43),), "azure_openai": (("", HEX, 32),),
    "azure_openai_long": (("", B62, 84),), "volcengine": (("", HEX, 8), ("-", HEX, 4), ("-", HEX, 4), ("-", HEX, 4), ("-", HEX, 12)),
    "voyage": (("pa-", B64U, 43),), "jina": (("jina_", B62, 60),), "elevenlabs": (("sk_", HEX, 48),), "novita": (("sk_", B64U, 43),),
    "siliconflow": (("sk-", string.ascii_lowercase, 48),), "moonshot": (("sk-", B62, 48),), "zhipu": (("", HEX, 32), (".", B62, 16)),
    "dashscope": (("sk-", HEX, 32),), "baidu": (("bce-v3/ALTAK-", B62, 21), ("/", HEX, 40)), "google_ai": (("AIza", B64U, 35),),
    "google_oauth": (("ya29.", B64U, 120),), "google_secret": (("GOCSPX-", B64U, 28),), "deepinfra": (("", B62, 32),),
    "cerebras": (("csk-", B36, 48),), "sambanova": (("", HEX[:10] + "abcdef", 32),), "chutes": (("cpk_", HEX, 32), (".", HEX, 32), (".", B62, 32)),
    "friendli": (("flp_", B62, 48),), "predibase": (("pb_", B64U, 22),), "anyscale": (("esecret_", B36, 26),), "modal_id": (("ak-", B62, 22),),
    "modal_secret": (("as-", B62, 22),), "lambda": (("secret_", B36, 32), (".", B62, 32)), "poe": (("", B64U, 43),), "tavily": (("tvly-", B62, 32),),
    "langsmith": (("lsv2_pt_", HEX, 32), ("_", HEX, 10)), "pinecone": (("pcsk_", B62, 70),), "runpod": (("rpa_", UP36, 44),),
    "vercel_gateway": (("vck_", B62, 56),), "litellm": (("sk-", B64U, 22),), "aws_id": (("AKIA", string.ascii_uppercase + "234567", 16),),
    "aws_session_id": (("ASIA", string.ascii_uppercase + "234567", 16),), "aws_secret": (("", B62 + "+/", 40),),
    "azure_storage": (("", B62 + "+/", 86), ("==", "", 0)), "azure_secret": (("", B62, 3), ("8Q~", B62 + "_-", 34)),
    "github_pat": (("ghp_", B62, 36),), "github_fine": (("github_pat_", B62, 22), ("_", B62, 59)), "github_server": (("ghs_", B62, 36),),
    "github_user": (("ghu_", B62, 36),), "github_oauth": (("gho_", B62, 36),), "github_refresh": (("ghr_", B62, 36),), "gitlab": (("glpat-", B64U, 20),),
    "gitlab_runner": (("glrt-", B64U, 20),), "gitlab_deploy": (("gldt-", B64U, 20),), "slack_bot": (("xoxb-", string.digits, 12), ("-", string.digits, 12), ("-", B62, 24)),
    "slack_user": (("xoxp-", string.digits, 12), ("-", string.digits, 12), ("-", string.digits, 12), ("-", HEX, 32)),
    "slack_app": (("xapp-1-A", UP36, 10), ("-", string.digits, 13), ("-", HEX, 64)), "slack_hook": (("https://hooks.slack.com/services/T", UP36, 10), ("/B", UP36, 10), ("/", B62, 24)),
    "stripe_live": (("sk_live_", B62, 24),), "stripe_test": (("sk_test_", B62, 24),), "stripe_restricted": (("rk_live_", B62, 24),),
    "sendgrid": (("SG.", B64U, 22), (".", B64U, 43)), "twilio": (("SK", HEX, 32),), "mailgun": (("key-", HEX, 32),), "mailchimp": (("", HEX, 32), ("-us12", "", 0)),
    "npm": (("npm_", B62, 36),), "pypi": (("pypi-AgEIcHlwaS5vcmc", B64U, 120),), "rubygems": (("rubygems_", HEX, 48),), "digitalocean": (("dop_v1_", HEX, 64),),
    "databricks": (("dapi", HEX, 32),), "discord": (("M", B62, 23), (".", B64U, 6), (".", B64U, 38)), "telegram": (("", string.digits[1:], 9), (":AA", B64U, 33)),
    "cloudflare": (("", B64U, 40),), "fly": (("fo1_", B64U, 43),), "linear": (("lin_api_", B62, 40),), "notion": (("ntn_", string.digits, 11), ("", B62, 35)),
    "shopify": (("shpat_", HEX, 32),), "square": (("sq0atp-", B64U, 22),), "postman": (("PMAK-", HEX, 24), ("-", HEX, 34)), "pulumi": (("pul-", HEX, 40),),
    "planetscale": (("pscale_tkn_", B64U, 43),), "prefect": (("pnu_", B62, 36),), "doppler": (("dp.pt.", B36, 43),), "dynatrace": (("dt0c01.", UP36, 24), (".", UP36, 64)),
    "vault": (("hvs.", B64U, 95),), "sentry": (("sntryu_", HEX, 64),), "newrelic": (("NRAK-", UP36, 27),), "brevo": (("xkeysib-", HEX, 64), ("-", B36, 16)),
    "atlassian": (("ATATT3", B64U, 186),), "artifactory": (("AKCp", B62, 69),), "alibaba": (("LTAI", B62, 20),), "easypost": (("EZAK", B62, 54),),
    "jwt": (("eyJ", B64U, 33), (".eyJ", B64U, 80), (".", B64U, 43)), "okta": (("00", B64U, 40),), "heroku": (("HRKU-", B64U, 60),), "typeform": (("tfp_", B64U, 59),),
    "readme": (("rdme_", B36, 70),), "supabase": (("sbp_", HEX, 40),), "octopus": (("API-", UP36, 26),),
}  # fmt: skip
PASSWORDS = ("hunter2", "correct-horse-battery-staple", "Tr0ub4dor&3", "S3cr3t!Pa55", "qwertz2024")

LABELS = (
    "password: {}", "api-key : {}", "<apiKey>{}</apiKey>", "curl -u ada:{} https://x.example/v1", "curl -b sid={} https://x.example/v1",
    "Incorrect API key provided: {}", "GET /cb?code={} HTTP/1.1", "Authorization: Bearer {}", '{{"api_key": "{}"}}', '{{"credential": "{}", "n": 1}}',
    "DEEPSEEK_API_KEY={}", "export OPENAI_API_KEY='{}'", "X-Api-Key: {}", "token={} refused", '"password": "{}"', "| api key | {} |", "access_token: '{}'",
    "--api-key {} --model m", 'client = OpenAI(api_key="{}")', "https://ada:{}@x.example/v1", "Cookie: sid={}; theme=dark", "client_secret={}&grant=x",
    "密钥：{}", "Invalid API key: {}", "secret_key = '{}'", "Proxy-Authorization: Basic {}", '{{\\"token\\": \\"{}\\"}}', "<add key=\"Password\" value=\"{}\"/>",
)  # fmt: skip
BARE = (
    "{}",
    "error: {} was refused",
    "used {} today",
    "({})",
    "a\n{}\nb",
    "`{}`",
    "“{}”",
    "https://x.example/v1/{}/raw",
    "- {}",
    "got '{}', why?",
)


def make(kind: str, rng: random.Random) -> str:
    """Return one new value of a format."""
    return "".join(
        fixed + "".join(rng.choice(alphabet) for _ in range(n)) for fixed, alphabet, n in FORMATS[kind]
    )


def unlabelled(count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield (format, value, text): keys that nothing announces."""
    rng = random.Random(seed)
    kinds = sorted(FORMATS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        value = make(kind, rng)
        yield kind, value, rng.choice(BARE).format(value)


def labelled(count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield (label, value, text): keys and passwords behind a label."""
    rng = random.Random(seed)
    kinds = sorted(FORMATS)
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        value = rng.choice(PASSWORDS) if rng.random() < 0.2 else make(rng.choice(kinds), rng)
        if ("&" in value and ("=" in label or "?" in label)) or value.startswith("https:"):
            value = make("mistral", rng)
        yield label, value, label.format(value)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "reversed": lambda s: s[::-1],
    "json": lambda s: json.dumps(s)[1:-1],
    "json escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "percent": lambda s: quote(s, safe=""),
    "percent all": lambda s: "".join(f"%{b:02X}" for b in s.encode()),
    "hex": lambda s: s.encode().hex(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 +1": lambda s: base64.b64encode(b"x" + s.encode() + b"yz").decode(),
    "base64 +2": lambda s: base64.b64encode(b"xy" + s.encode() + b"z").decode(),
    "base64url": lambda s: base64.urlsafe_b64encode(b"key=" + s.encode()).decode(),
    "dashes": lambda s: "-".join(s[i : i + 4] for i in range(0, len(s), 4)),
    "zero width": lambda s: "\u200b".join(s),
    "lines": lambda s: f"{s[: len(s) // 2]}\n  {s[len(s) // 2 :]}",
    "spaces": lambda s: " ".join(s),
    "first half": lambda s: s[: (len(s) + 1) // 2],
    "last half": lambda s: s[len(s) // 2 :],
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
}


def known(count: int, seed: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield (spelling, value, spelled, text): values that the process knows, however spelled."""
    rng = random.Random(seed)
    kinds, names = sorted(FORMATS), list(SPELLINGS)
    for number in range(count):
        value = (
            make(rng.choice(kinds), rng)
            if rng.random() < 0.9
            else "".join(rng.choice(B62 + "!%+") for _ in range(12))
        )
        spelling = names[number % len(names)]
        spelled = SPELLINGS[spelling](value)
        around = rng.choice(
            (
                "{}",
                "server: {}",
                "x-trace-id: {}",
                "model {} not found",
                '{{"currency": "{}"}}',
                "a{}b",
                "/{}/",
            )
        )
        yield spelling, value, spelled, around.format(spelled)


_PROSE = [
    "the",
    "server",
    "is",
    "busy",
    "please",
    "try",
    "again",
    "later",
    "request",
    "failed",
    "with",
    "status",
    "connection",
    "reset",
    "while",
    "reading",
    "response",
    "headers",
    "upstream",
    "timed",
    "out",
    "rate",
    "limit",
    "reached",
    "for",
    "model",
    "in",
    "organization",
    "on",
    "tokens",
    "per",
    "minute",
]
_CODE = (
    "api_key = settings.api_key", "password = getpass.getpass()", "API_KEY=your_api_key_here", "import app.core.internal",
    'client = OpenAI(api_key=os.environ["DEEPSEEK_API_KEY"])', "token = tokenizer.encode(text)", "def login(user, password):",
    "if token is None:", "api_key: str = Field(...)", "secret: Optional[str] = None", "password=None", "key = lambda item: item.name",
    "headers = {'Authorization': f'Bearer {token}'}", "max_tokens=4096", "stop_token_id = 151643", "export API_KEY=<your key>",
    "api_key=api_key,", "self.token = token", "from home.private import tools", "sorted(rows, key=itemgetter(1))", "process.env.API_KEY",
    "const apiKey = process.env.DEEPSEEK_API_KEY;", "OPENAI_API_KEY=${OPENAI_API_KEY}", "api_key=\"YOUR_API_KEY\"", "password: string;",
    "token: expired", "Authorization header is missing", "primary key: id", "A key is a password: keep it out of code", "raw token=\" + repr(raw))", "prompt='Password: ', stream=None",
    "https://github.com/a/b/tree/5e9710f3875107d068e7679fd7fec9cfab0eff3b/c", "if token == 0x33:", "cookie: none", "session = requests.Session()",
    "raise AuthenticationError('no API key was given')", "tokens: 512 in, 128 out", "code=503", "error_code: invalid_api_key", "x = [token for token in tokens]",
    "return jsonify(key=value)", "config.get('api_key')", "api_key = config['deepseek']['api_key']", "sk-learn==1.4.2", "KeyError: 'choices'",
)  # fmt: skip
_MODELS = (
    "deepseek-ai/DeepSeek-V3.1-Terminus", "deepseek-r1-distill-qwen-32b", "accounts/fireworks/models/deepseek-v3p1", "Qwen2.5-Coder-32B-Instruct-AWQ",
    "meta-llama/Llama-3.3-70B-Instruct-Turbo-Free", "unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF:Q4_K_M", "tp-link-archer-ax50", "claude-3-7-sonnet-20250219",
    "gpt-4o-mini-2024-07-18", "text-embedding-3-large", "gemini-2.5-flash-lite-preview-06-17", "mistralai/Mixtral-8x22B-Instruct-v0.1", "kimi-k2-0711-preview",
    "glm-4.5-air", "nvidia/llama-3.1-nemotron-ultra-253b-v1", "microsoft/Phi-4-mini-instruct-onnx", "bge-reranker-v2-m3",
)  # fmt: skip
_HOSTS = (
    "api.deepseek.com", "chat.deepseek.com", "openrouter.ai", "api.openai.com", "api.siliconflow.cn", "ark.cn-beijing.volces.com", "dashscope.aliyuncs.com",
    "gateway.ai.cloudflare.com", "api.together.xyz", "router.huggingface.co", "github.com", "docs.python.org", "raw.githubusercontent.com", "go.dev",
    "ai-gateway.vercel.sh", "status.deepseek.com", "generativelanguage.googleapis.com", "bedrock-runtime.us-east-1.amazonaws.com", "d1a2b3.cloudfront.net",
    "models.inference.ai.azure.com", "api.ppinfra.com", "integrate.api.nvidia.com", "localhost:11434", "127.0.0.1:8080",
)  # fmt: skip
_VERSIONS = (
    "iOS {}", "schannel {}", "Chrome/{}", "version {}", "Windows {}", "foo=={}", "OpenSSL {}", "WeChat {}", "driver-{}", "v{}",
    "cursor/{} (darwin arm64)", "libcurl/{}", "firmware {}",
)  # fmt: skip
_IDS = (
    "request id: {}", "x-request-id: {}", '"trace_id": "{}"', "trace {}", "cf-ray: {}", "x-ds-trace-id: {}", "(request_id={})", "Request ID {}", "requestId: '{}'",
    "correlation-id={}", "commit {}", "sha256:{}", "X-Amzn-RequestId: {}", '"id":"{}"', "traceparent: 00-{}-01", "请求ID：{}", "span_id={}", "ETag: \"{}\"", "RID: {}",
    "apim-request-id: {}", "x-tt-logid: {}", "Tracking ID: {}",
)  # fmt: skip


def ids(count: int, seed: int) -> Iterator[str]:
    """Yield texts with ids that a label names."""
    rng = random.Random(seed)
    for _ in range(count):
        value = rng.choice((
            make("volcengine", rng), make("together", rng)[:32], make("mistral", rng)[:24], f"chatcmpl-{make('cohere', rng)[:29]}",
            f"20260131{make('together', rng)[:26].upper()}", f"req_{make('together', rng)[:32]}",
        ))  # fmt: skip
        yield rng.choice(_IDS).format(value)


def harmless(count: int, seed: int) -> Iterator[str]:
    """Yield texts that hold nothing secret: prose, code, models, hosts, versions, ids, times."""
    rng = random.Random(seed)
    id_texts = ids(count, seed + 1)
    for _ in range(count):
        kind = rng.randrange(8)
        if kind == 0:
            yield " ".join(rng.choices(_PROSE, k=rng.randint(3, 20)))
        elif kind in (1, 2):
            yield f"{' ' * rng.choice((0, 4))}{rng.choice(_CODE)}"
        elif kind == 3:
            yield rng.choice(("model {} not found", "{}", '"model": "{}"', "using {} now")).format(
                rng.choice(_MODELS)
            )
        elif kind == 4:
            yield rng.choice(
                ("https://{}/v1", "{}", "cannot resolve {}", "HTTPSConnectionPool(host='{}', port=443)")
            ).format(rng.choice(_HOSTS))
        elif kind == 5:
            numbers = f"{rng.randint(1, 30)}.{rng.randint(0, 20)}.{rng.randint(0, 250)}.{rng.randint(0, 250)}"
            yield rng.choice(_VERSIONS).format(numbers)
        elif kind == 6:
            yield next(id_texts)
        else:
            yield f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:15:42.{rng.randrange(1000):03d}Z took {rng.random() * 20:.3f} s, {rng.randrange(500)} tokens"


def survives(value: str, text: str) -> bool:
    """Tell whether a value, or half of it, is still in a text."""
    half = max(6, len(value) // 2)
    return value in text or (len(value) >= 12 and (value[:half] in text or value[-half:] in text))

"""Scenarios in which somebody other than DeepSeek answers: resellers, gateways, servers of one's own.

Texts follow each project's documents or source: OpenRouter and SiliconFlow error pages, Groq's
deprecations, Ollama server/sched.go, llama.cpp server, vLLM and LiteLLM exceptions.
"""

from typing import Any

from tests.lab.replies import Behaviour, Reply, body, error, models, stream
from tests.lab.scenario import Scenario
from tests.servers import WORDS, event


def _at(
    provider: str,
    name: str,
    cause: str,
    *replies: Reply,
    model: str = "deepseek/deepseek-v4-pro",
    **more: Any,
) -> Scenario:
    bare = more.pop("bare", error(401, "No auth credentials found", "invalid_request_error", 401))
    listed = more.pop("listed", models(model, owner=provider))
    gone = error(404, "Not Found")
    behaviour = Behaviour(replies, more.pop("plain", replies), bare=bare, models=listed, balance=gone)
    return Scenario(
        f"{provider}-{name}",
        cause,
        behaviour,
        provider=provider,
        path="/v1",
        model=model,
        family="other_providers",
        **more,
    )


def _router(status: int, message: str, **more: Any) -> Reply:
    return body(status, {"error": {"code": status, "message": message, **more}})


def _flow(status: int, code: int, message: str) -> Reply:
    return body(status, {"code": code, "message": message, "data": None})


OPENROUTER = (
    _at("openrouter", "no-credit", "insufficient_balance", _router(402, "This request requires more credits, or fewer max_tokens. You requested up to 8 tokens, but can only afford 2.")),
    _at("openrouter", "daily-limit", "rate_limited", _router(429, "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day")),
    _at("openrouter", "upstream-429", "upstream_provider_fault", _router(429, "Provider returned error", metadata={"raw": "deepseek/deepseek-v4-pro is temporarily rate-limited upstream", "provider_name": "Novita"})),
    _at("openrouter", "upstream-502", "upstream_provider_fault", _router(502, "Provider returned error", metadata={"provider_name": "DeepInfra"})),
    _at("openrouter", "no-provider-503", "upstream_provider_fault", _router(503, "There is no available provider that meets your routing requirements")),
    _at("openrouter", "error-in-stream", "upstream_provider_fault", stream(*WORDS, event({"error": {"code": 502, "message": "Provider returned error: upstream idle timeout exceeded"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]})), plain=(_router(200, "Provider returned error"),)),
    _at("openrouter", "model-unknown", "model_not_found", _router(400, "deepseek/deepseek-v9 is not a valid model ID"), model="deepseek/deepseek-v9", listed=models("deepseek/deepseek-v4-pro")),
    _at("openrouter", "bad-key", "auth_failed", _router(401, "User not found."), listed=_router(401, "User not found.")),
    _at("openrouter", "408", "upstream_provider_fault", _router(408, "Provider returned error: your request timed out")),
)  # fmt: skip
SILICONFLOW = (
    _at("siliconflow", "busy-503", "upstream_provider_fault", _flow(503, 50508, "System is too busy now. Please try again later.")),
    _at("siliconflow", "504", "upstream_provider_fault", body(504, "504 Gateway Timeout upstream")),
    _at("siliconflow", "tokens-a-minute", "rate_limited", _flow(429, 50603, "Request was rejected due to rate limiting. Details: TPM limit reached.")),
    _at("siliconflow", "no-credit", "insufficient_balance", _flow(403, 30001, "Sorry, your account balance is insufficient")),
    _at("siliconflow", "model-unknown", "model_not_found", _flow(400, 20012, "Model does not exist. Please check it carefully.")),
    _at("siliconflow", "bad-key", "auth_failed", body(401, '"Invalid token"', "application/json"), listed=body(401, '"Invalid token"', "application/json")),
)  # fmt: skip
GROQ = (
    _at("groq", "model-retired", "model_not_found", error(400, "The model `deepseek-r1-distill-llama-70b` has been decommissioned and is no longer supported.", code="model_decommissioned")),
    _at("groq", "tokens-a-minute", "rate_limited", error(429, "Rate limit reached for model `m` in organization `org_1` on tokens per minute (TPM): Limit 6000, Used 5999, Requested 40.", "tokens", "rate_limit_exceeded")),
    _at("groq", "too-large-413", "rate_limited", error(413, "Request too large for model `m` in organization `org_1` on tokens per minute (TPM): Limit 6000, Requested 7200, please reduce your message size and try again.", "tokens", "rate_limit_exceeded")),
    _at("groq", "over-capacity", "upstream_provider_fault", error(503, "m is currently over capacity. Please try again and back off exponentially.", "internal_server_error", None)),
)  # fmt: skip
OPEN = models("deepseek-r1", owner="library")
OLLAMA = (
    _at("ollama", "busy", "local_server_overloaded", body(503, {"error": "server busy, please try again.  maximum pending requests exceeded"}), model="deepseek-r1", bare=OPEN),
    _at("ollama", "no-slots", "local_server_overloaded", error(503, "llm busy - no slots available", "api_error", None), model="deepseek-r1", bare=OPEN),
    _at("ollama", "model-missing", "model_not_found", error(404, 'model "deepseek-r1:70b" not found, try pulling it first', "api_error", None), model="deepseek-r1:70b", bare=OPEN, listed=OPEN),
    _at("ollama", "memory", "local_server_overloaded", error(500, "model requires more system memory (38.4 GiB) than is available (14.9 GiB)", "api_error", None), model="deepseek-r1", bare=OPEN),
    _at("ollama", "runner-died", "server_error", error(500, "llama runner process has terminated: exit status 2", "api_error", None), model="deepseek-r1", bare=OPEN),
)  # fmt: skip
LOADING = error(503, "Loading model", "unavailable_error", 503)
LLAMACPP = (
    _at("llamacpp", "loading", "local_server_overloaded", LOADING, bare=LOADING, listed=LOADING),
    _at("llamacpp", "no-slot", "local_server_overloaded", error(503, "slot unavailable", "unavailable_error", 503), bare=OPEN),
    _at("llamacpp", "context-long", "context_too_long", error(400, "the request exceeds the available context size (4096 tokens), try increasing it", "exceed_context_size_error", 400), bare=OPEN),
)  # fmt: skip
LMSTUDIO = (
    _at("lmstudio", "no-model", "model_not_found", error(404, "No models loaded. Please load a model in the developer page or use the 'lms load' command.", "invalid_request_error", "model_not_found"), bare=OPEN),
    _at("lmstudio", "context-long", "context_too_long", error(400, "Trying to keep the first 5200 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"), bare=OPEN),
    _at("lmstudio", "wrong-path", "wrong_endpoint", body(200, {"error": "Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway"}), bare=body(200, {"error": "Unexpected endpoint or method. (GET /models). Returning 200 anyway"}), listed=body(200, {"error": "Unexpected endpoint or method. (GET /models). Returning 200 anyway"})),
)  # fmt: skip
VLLM = (
    _at("vllm", "model-missing", "model_not_found", error(404, "The model `deepseek-v4` does not exist.", "NotFoundError", 404), bare=OPEN),
    _at("vllm", "context-long", "context_too_long", error(400, "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens", "BadRequestError", 400), bare=OPEN),
    _at("vllm", "bad-key", "auth_failed", body(401, {"error": "Unauthorized"}), bare=body(401, {"error": "Unauthorized"}), listed=body(401, {"error": "Unauthorized"})),
    _at("vllm", "engine-dead", "server_error", error(500, "EngineCore encountered an issue. See stack trace (above) for the root cause.", "InternalServerError", 500), bare=OPEN),
)  # fmt: skip
LITELLM = (
    _at("litellm", "upstream-connect", "upstream_provider_fault", error(500, "litellm.APIConnectionError: DeepseekException - upstream connect error or disconnect/reset before headers", "None", "500")),
    _at("litellm", "no-deployment", "upstream_provider_fault", error(429, "No deployments available for selected model, Try again in 5 seconds. Passed model=deepseek. pre-call-checks=False, upstream cooldown_list=['a']", "None", "429")),
    _at("litellm", "deepseek-busy", "server_overloaded", error(503, "litellm.ServiceUnavailableError: DeepseekException - Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.", "None", "503")),
    _at("litellm", "bad-key", "auth_failed", error(401, "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...89ab", "token_not_found_in_db", "401"), listed=error(401, "Authentication Error, Invalid proxy server token passed.", "token_not_found_in_db", "401")),
    _at("new-api", "no-channel", "upstream_provider_fault", error(503, "No available channel for model deepseek-chat under group default (distributor)", "new_api_error", "model_not_found")),
    _at("new-api", "no-channel-chinese", "upstream_provider_fault", error(503, "当前分组 default 下对于模型 deepseek-chat 无可用渠道", "new_api_error", "")),
    _at("new-api", "quota", "insufficient_balance", error(403, "用户额度不足, 剩余额度: ¥0.000000", "new_api_error", "insufficient_user_quota")),
)  # fmt: skip

SCENARIOS = (*OPENROUTER, *SILICONFLOW, *GROQ, *OLLAMA, *LLAMACPP, *LMSTUDIO, *VLLM, *LITELLM)

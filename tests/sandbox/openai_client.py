"""Drives sandboxes with whichever OpenAI SDK this interpreter has; writes one JSON list.

Usage: python openai_client.py JSON, a list of [base URL, key, model]. Run by test_openai.py, once for each major
version.
"""

import json
import sys

import openai


def main(base_url: str, key: str, model: str) -> dict:
    """Ask streamed and not, and list the models."""
    client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=5)
    asked = {"model": model, "messages": [{"role": "user", "content": "Hello?"}]}
    found: dict = {"version": openai.__version__}
    try:
        whole = client.chat.completions.create(**asked)
        found["text"] = whole.choices[0].message.content
        found["reasoning"] = whole.choices[0].message.reasoning_content
        found["tokens"] = whole.usage.total_tokens
        chunks = list(
            client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
        )
        found["streamed"] = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        found["finish"] = [c.choices[0].finish_reason for c in chunks if c.choices][-1]
        found["streamed_tokens"] = chunks[-1].usage.total_tokens
        found["models"] = [one.id for one in client.models.list()]
    except openai.APIStatusError as error:
        found |= {"error": type(error).__name__, "status": error.status_code, "body": error.body}
    except openai.APIConnectionError as error:
        found |= {"error": type(error).__name__}
    client.close()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps([main(*one) for one in json.loads(sys.argv[1])]))

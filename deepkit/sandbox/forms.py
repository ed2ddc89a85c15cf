"""The forms in which an answer may be asked for: a tool's call, a JSON object, several choices."""

import json
from dataclasses import dataclass
from typing import Any

from deepkit.sandbox.bodies import Refusal, invalid

MOST_CHOICES = 8
DEEPEST = 6
"""Nesting of a schema that is followed; what lies deeper is null."""
JSON_ANSWER = ('{"answer": ', '"This is the sandbox ', 'of DeepKit"}')
SAMPLES: dict[str, Any] = {"string": "sandbox", "integer": 1, "number": 1.5, "boolean": True, "null": None}


@dataclass(frozen=True, slots=True)
class Forms:
    """How the answer is wanted.

    Args:
        choices: How many.
        as_json: Whether as a JSON object.
        tool: Name and arguments of the tool call that was demanded. A tool that is only offered is not called: the
            sandbox would make up arguments for a real program.
    """

    choices: int = 1
    as_json: bool = False
    tool: tuple[str, str] | None = None


PLAIN = Forms()
"""One answer in words."""


def read_forms(asked: dict[str, Any]) -> Forms | Refusal:
    """Read tools, tool_choice, response_format and n of a request.

    Args:
        asked: The request's body.

    Returns:
        The forms, or the refusal that the API gives.
    """
    count = asked.get("n") or 1
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_CHOICES:
        return invalid(f"Invalid n value, the valid range of n is [1, {MOST_CHOICES}]")
    form = (asked.get("response_format") or {}).get("type", "text")
    if form not in ("text", "json_object"):
        return invalid("This response_format type is unavailable now")
    functions = {
        one["function"]["name"]: one["function"] for one in asked.get("tools") or () if _is_tool(one)
    }
    wanted = asked.get("tool_choice")
    name = next(iter(functions), None) if wanted == "required" else _named(wanted)
    if name is None:
        return Forms(count, form == "json_object")
    if name not in functions:
        return invalid(f"Tool '{name}' in tool_choice is not in tools")
    return Forms(count, tool=(name, json.dumps(sample(functions[name].get("parameters") or {}))))


def _is_tool(one: object) -> bool:
    return (
        isinstance(one, dict) and isinstance(one.get("function"), dict) and bool(one["function"].get("name"))
    )


def _named(choice: object) -> str | None:
    return str((choice.get("function") or {}).get("name")) if isinstance(choice, dict) else None


def sample(schema: dict[str, Any], root: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """Return a small value that fits a JSON schema: required fields, first choices, lower bounds.

    Args:
        schema: The schema.
        root: The whole schema, in which references point.
        depth: How deep it lies.

    Returns:
        The value.
    """
    root = schema if root is None else root
    if depth > DEEPEST:
        return None
    if "$ref" in schema:
        return sample(_referred(root, str(schema["$ref"])), root, depth + 1)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return sample(schema[name][0], root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object":
        fields = schema.get("properties") or {}
        return {one: sample(fields.get(one, {}), root, depth + 1) for one in schema.get("required") or ()}
    if kind == "array":
        return [
            sample(schema.get("items") or {}, root, depth + 1)
            for _ in range(min(int(schema.get("minItems", 1)), 3))
        ]
    return schema.get("minimum", SAMPLES.get(str(kind)))


def _referred(root: dict[str, Any], pointer: str) -> dict[str, Any]:
    found: Any = root
    for part in pointer.removeprefix("#/").split("/"):
        found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}

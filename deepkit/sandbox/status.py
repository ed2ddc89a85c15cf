"""The status page's JSON in Flashduty's shape, as status.deepseek.com has served it since May 2026."""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deepkit.sandbox.bodies import dumps
from deepkit.sandbox.scenario import Scenario

PAGE_ID = 6410630422455
BASE = f"/api/status-page/{PAGE_ID}"
COMPONENTS = (
    ("01KY4MVS8BSBSVW6053QJ37RJE", "V4.1 Flash API", "api"),
    ("01KY4MVS8BM3F9JSYWACGQVG7A", "V4 Pro API", "api"),
    ("01KY4ND2PNYT9FY5W4ZH80VGJ4", "Chatservice", "chat"),
    ("01KY4ND2PNNFFY6QKV67WFJW8N", "File Upload", "chat"),
    ("01KY4ND2PN6EFSJ4RDYDJYPMNK", "Search", "chat"),
)
"""Id, name and section; ids change with every reorganisation of the page, so look up by name."""
INCIDENT_AGE_S = 22 * 60


class StatusPage:
    """The page of one scenario; component states come from the scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._opened = int(time.time()) - INCIDENT_AGE_S

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(BASE, self._summary),
            Route(f"{BASE}/summary/active", self._summary),
            Route(f"{BASE}/change/list", self._changes),
        ]

    async def _summary(self, _: Request) -> Response:
        page = {
            "page_id": PAGE_ID,
            "name": "DeepSeek",
            "components": [
                {"component_id": key, "name": name, "section_id": section, "status": self._state(section)}
                for key, name, section in COMPONENTS
            ],
            "sections": [
                {"section_id": "api", "name": "API Service"},
                {"section_id": "chat", "name": "Chat Service"},
            ],
        }
        return _json({"data": {"page": page, "active_changes": self._active()}})

    async def _changes(self, request: Request) -> Response:
        try:
            first = int(request.query_params.get("start_at_seconds", 0))
            last = int(request.query_params.get("end_at_seconds", 2**40))
        except ValueError:
            return _json({"error": {"code": "InvalidParameter", "message": "seconds must be numbers"}}, 400)
        items = [one for one in self._active() if first <= one["start_at_seconds"] <= last]
        return _json({"data": {"items": items, "total": len(items)}})

    def _state(self, section: str) -> str:
        return self._scenario.status.get(section, "operational")

    def _active(self) -> list[dict[str, Any]]:
        hit = [row for row in COMPONENTS if self._state(row[2]) != "operational"]
        if not hit:
            return []
        changes = [
            {"component_id": key, "component_name": name, "status": self._state(part)}
            for key, name, part in hit
        ]
        return [
            {
                "change_id": 7012598581287,
                "page_id": PAGE_ID,
                "type": "incident",
                "title": self._scenario.incident,
                "status": "investigating",
                "start_at_seconds": self._opened,
                "close_at_seconds": 0,
                "affected_components": [
                    {
                        "component_id": one["component_id"],
                        "name": one["component_name"],
                        "status": one["status"],
                    }
                    for one in changes
                ],
                "updates": [
                    {
                        "update_id": 1,
                        "at_seconds": self._opened,
                        "status": "investigating",
                        "description": "We are investigating the issue.",
                        "component_changes": changes,
                    }
                ],
            }
        ]


def _json(body: dict[str, Any], status: int = 200) -> Response:
    answer = Response(dumps({"request_id": "sandbox", **body}), status, media_type="application/json")
    answer.headers["Via"] = "1.1 Caddy"
    answer.headers["Cache-Control"] = "public, s-maxage=10, stale-while-revalidate=30"
    return answer

"""The OpenAPI document of the data API, and of nothing else: parameters, examples, and the shape of every answer."""

from collections.abc import Mapping
from typing import Any

from city.buckets import GRAINS
from city.config import Config
from city.metrics import catalogue
from city.model import CASE_DIMENSIONS
from dashboard.api_asked import FORMATS, MOST, PAGE

_TEXT: dict[str, Any] = {"type": "string"}
_OPTIONAL = {"type": ["string", "null"]}
_NUMBER = {"type": ["number", "null"]}
_ERROR = {
    "type": "object", "required": ["error"],
    "properties": {"error": {
        "type": "object", "required": ["parameter", "message", "nearest"],
        "properties": {"parameter": _TEXT, "message": _TEXT, "nearest": _OPTIONAL},
    }},
    "example": {"error": {"parameter": "by", "message": "'distrik' is not known; known: ...", "nearest": "district"}},
}  # fmt: skip
_WINDOW = {"type": ["object", "null"], "properties": {"start": _TEXT, "end": _TEXT}}
_ROWS = {"type": "array", "items": {"type": "object"}}
_PAGE = {"rows": _ROWS, "next": _OPTIONAL, "of": {"type": "integer"}}
_METRIC = {
    "type": "object", "required": ["metric", "unit", "definition", "rows", "n", "as_of", "next"],
    "properties": {
        "metric": _TEXT, "unit": _TEXT, "definition": _TEXT, "window": _WINDOW, "at": _OPTIONAL,
        "by": {"type": "array", "items": _TEXT}, "grain": _OPTIONAL, "n": _NUMBER, "as_of": _OPTIONAL,
        "partial": {"type": "boolean"}, "simulated": {"type": "boolean"}, "behind_s": _NUMBER, **_PAGE,
    },
}  # fmt: skip
_CASES = {
    "type": "object", "required": ["kind", "window", "rows", "next"],
    "properties": {"kind": _TEXT, "window": _WINDOW, "by": {"type": "array", "items": _TEXT}, "n": _NUMBER,
                   "as_of": _OPTIONAL, "simulated": {"type": "boolean"}, **_PAGE},
}  # fmt: skip
_CATALOGUE = {
    "type": "object", "required": ["metrics"],
    "properties": {"metrics": {"type": "array", "items": {
        "type": "object",
        "required": ["name", "title", "unit", "kind", "direction", "definition", "sources", "owner", "changes"],
        "properties": {
            **dict.fromkeys(("name", "title", "unit", "kind", "direction", "measure", "help"), _TEXT),
            **dict.fromkeys(("definition", "formula", "owner"), _TEXT),
            "of": _OPTIONAL, "where": {"type": "object"}, "dimensions": {"type": "array", "items": _TEXT},
            "sources": {"type": "array", "items": {"type": "object"}},
            "changes": {"type": "array", "items": {"type": "object"}},
        },
    }}},
}  # fmt: skip
_SAID = {
    "from": "first local date (2026-09-01), or an instant; for a flow, today when left out",
    "to": "last local date, included, or an instant, excluded; now when left out",
    "at": "as it was at this instant", "grain": "split by time", "by": "split by dimensions, with commas",
    "quantile": "of a duration", "format": "json or csv", "limit": "rows of a page",
    "after": "what `next` of the page before has", "kind": "kind of case",
    "rows": "1: single cases, with a key", "name": "name of a metric, see /api/v1/metrics",
}  # fmt: skip
_SHAPES: Mapping[str, dict[str, Any]] = {
    "grain": {"enum": list(GRAINS)}, "format": {"enum": list(FORMATS)}, "rows": {"enum": ["1"]},
    "quantile": {"type": "number", "minimum": 0, "maximum": 1},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE},
}  # fmt: skip
_EXAMPLES = {"from": "2026-09-01", "to": "2026-11-24", "by": "district", "grain": "week", "at": "2026-11-24"}


def document(config: Config) -> dict[str, Any]:
    """The document for a region: its metrics, its kinds of case."""
    metrics = catalogue(config)
    kinds = list(dict.fromkeys(metric.of for metric in metrics.values() if metric.of))
    kind = _parameter("kind", {"enum": kinds})
    name = _parameter("name", {"enum": list(metrics)}) | {"in": "path", "required": True}
    asked = [_parameter(one) for one in ("from", "to", "at", "grain", "by", "quantile", "format", "limit", "after")]
    of_cases = [_parameter(one) for one in ("from", "to", "by", "rows", "format", "limit", "after")]
    dims = [_parameter(one, said=f"only these of {one}, with commas; ~ is not known") for one in CASE_DIMENSIONS]
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Kendali, {config.region.name}", "version": "1",
                 "description": "Figures of the city's operations centre. Read docs/data-api.md first."},
        "paths": {
            "/api/v1/metrics": _path("Every metric, and what it means", [], _CATALOGUE, csv=False),
            "/api/v1/metrics/{name}": _path("A metric, split and filtered", [name, *asked, *dims], _METRIC),
            "/api/v1/cases": _path(
                "Cases, counted; with a key one by one", [kind, *of_cases, *dims], _CASES,
                key=True),
        },
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }  # fmt: skip


def _parameter(name: str, shape: dict[str, Any] | None = None, said: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "in": "query", "description": said or _SAID[name]}
    made["schema"] = shape or _SHAPES.get(name) or {"type": "string", "minLength": 1}
    return made | ({"example": _EXAMPLES[name]} if name in _EXAMPLES else {})


def _path(
    summary: str, parameters: list[dict[str, Any]], shape: dict[str, Any], *, csv: bool = True, key: bool = False
) -> dict[str, Any]:
    good = {"application/json": {"schema": shape}} | ({"text/csv": {"schema": _TEXT}} if csv else {})
    bad = {"content": {"application/json": {"schema": _ERROR}}}
    told = {"400": "a parameter is wrong", "401": "the key is not known, or needed", "404": "no such metric",
            "429": "too many requests: see Retry-After", "503": "the database does not answer"}  # fmt: skip
    answers: dict[str, Any] = {"200": {"description": "found", "content": good}}
    answers |= {"304": {"description": "what you have (If-None-Match) still holds"}}
    answers |= {code: {"description": text} | bad for code, text in told.items()}
    safe = {"security": [{}, {"key": []}]} if key else {}
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers} | safe}

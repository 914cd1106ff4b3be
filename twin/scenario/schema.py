"""JSON Schema of a scenario file, for editors: every section optional, dates and names as keys, units and sources in the words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic.json_schema import models_json_schema

from twin import registry
from twin.scenario.documents import OF_ONE_FILE
from twin.scenario.model import SpecModel
from twin.scenario.sections.uncertain import Distribution
from twin.scenario.upgrades import SCHEMA
from twin.units import TAKES_ITS_PARENTS_UNIT, unit_in_words

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATE_KEY = r"^\d{4}-\d{2}-\d{2}$"
_NAME_KEY = r"^[^.]+$"
_WORDS = {"type": "string", "minLength": 1}


def scenario_schema(kinds: Iterable[str] | None = None) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file of the given kinds of network, by default of all that are installed.

    A file may be a part that others extend, or may extend others, so nothing but `schema` is required; unknown keys are refused,
    and `null` is allowed wherever it could remove an inherited entry.
    """
    specs = [registry.network(kind).spec for kind in (registry.network_kinds() if kinds is None else kinds)]
    references, whole = models_json_schema([(spec, "validation") for spec in specs], by_alias=True, ref_template="#/$defs/{model}")
    definitions: dict[str, Any] = whole.get("$defs", {})
    sections: dict[str, list[Any]] = {}
    for spec in specs:
        root = definitions[references[(spec, "validation")]["$ref"].rsplit("/", 1)[-1]]
        for key, section in root.get("properties", {}).items():
            partial = _partial(section, key)
            if partial not in sections.setdefault(key, []):
                sections[key].append(partial)
    roots = {references[(spec, "validation")]["$ref"].rsplit("/", 1)[-1] for spec in specs}
    properties = {key: _or_null(found[0] if len(found) == 1 else {"anyOf": found}) for key, found in sections.items()}
    return {
        "$schema": DIALECT,
        "title": "depin-twin scenario",
        "type": "object",
        "properties": _own_sections()
        | {key: below for key, below in properties.items() if key not in (*OF_ONE_FILE, "variants", "uncertain")},
        "required": ["schema"],
        "additionalProperties": False,
        "$defs": {name: _partial(definition, "") for name, definition in definitions.items() if name not in roots},
    }


def _own_sections() -> dict[str, Any]:
    return {
        "schema": {"const": SCHEMA, "description": "version of the grammar; stands first"},
        "title": {**_WORDS, "description": "one line for reports"},
        "description": _WORDS,
        "extends": {
            "description": "one scenario or several to build on: bundled, or files beside this one",
            "anyOf": [_WORDS, {"type": "array", "items": _WORDS, "minItems": 1, "uniqueItems": True}],
        },
        "uncertain": {
            "type": ["object", "null"],
            "description": "what is not known, by dotted path; drawn once per parameter draw, in ensembles only",
            "additionalProperties": {"anyOf": [*(_distribution(one) for one in get_args(Distribution)), {"type": "null"}]},
        },
        "variants": {
            "type": ["object", "null"],
            "description": "named sets of dotted paths with new values; null removes an entry",
            "patternProperties": {_NAME_KEY: {"type": ["object", "null"], "additionalProperties": True}},
            "additionalProperties": False,
        },
        "sources": {
            "type": "object",
            "description": "path prefix -> citation, or assumed; a star stands for one whole segment, alone for everything",
            "additionalProperties": _WORDS,
        },
    }


def _distribution(spec: type[SpecModel]) -> dict[str, Any]:
    """One kind of distribution; nothing but the kind is required, and PERT needs not even that."""
    whole = spec.model_json_schema(by_alias=True)
    inside = {key: {name: said for name, said in below.items() if name not in ("title", "default")} for key, below in whole["properties"].items()}
    return {
        "type": "object",
        "description": whole["description"],
        "properties": inside,
        "required": ["kind"] if "kind" in whole["required"] else [],
        "additionalProperties": False,
    }


def _partial(schema: Any, name: str) -> Any:
    """A schema of the typed class as one of a file: nothing required, null allowed, dates as keys, the unit in the description."""
    if not isinstance(schema, dict):
        return schema
    made = {key: value for key, value in schema.items() if key not in ("required", "discriminator", "title", "minProperties", "default")}
    if "oneOf" in made:  # without required fields several alternatives may match
        made["anyOf"] = made.pop("oneOf")
    for several in ("anyOf", "allOf", "prefixItems"):
        if several in made:
            made[several] = [_partial(one, name) for one in made[several]]
    if "items" in made:
        made["items"] = _partial(made["items"], name)
    if "properties" in made:
        made["properties"] = {key: _or_null(_partial(below, key)) for key, below in made["properties"].items()}
    if isinstance(made.get("additionalProperties"), dict):
        made = _keyed(made, name)
    _describe(made, schema, name)
    return made


def _keyed(made: dict[str, Any], name: str) -> dict[str, Any]:
    """A mapping of free names or of dates; numbers as keys stay as they are."""
    inside = _or_null(_partial(made.pop("additionalProperties"), name))
    keys = made.pop("propertyNames", {})
    if keys.get("format") == "date":
        return made | {"patternProperties": {_DATE_KEY: inside}, "additionalProperties": False}
    return made | {"patternProperties": {_NAME_KEY: inside}, "additionalProperties": False}


def _or_null(schema: Any) -> Any:
    """The schema, or null; its description stays where an editor shows it."""
    outer = {"description": schema["description"]} if "description" in schema else {}
    inner = {key: value for key, value in schema.items() if key != "description"}
    alternatives = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
    if any(one.get("type") == "null" for one in alternatives):
        return schema
    return {"anyOf": [*alternatives, {"type": "null"}]} | outer


def _describe(made: dict[str, Any], schema: dict[str, Any], name: str) -> None:
    parts = [made["description"]] if made.get("description") else []
    unit = None if name in TAKES_ITS_PARENTS_UNIT else unit_in_words(name)
    if unit is not None and made.get("type") != "object":
        parts.append(f"Unit: {unit}.")
    if isinstance(default := schema.get("default"), str | int | float | bool) or (
        default is not None and not isinstance(default, dict | list)
    ):
        parts.append(f"Default: {str(default).lower() if isinstance(default, bool) else default}.")
    if parts:
        made["description"] = " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts)

"""The JSON Schema that editors use, and the reference page: both made of the descriptions.

`python -m router.config.jsonschema` writes config/routes.schema.json and docs/configuration.md.
"""

import json
import sys
from pathlib import Path
from typing import Any

from router.config.reference import reference
from router.config.schema import RoutesFile

ROOT = Path(__file__).parents[2]
DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors' YAML servers know best."""


def json_schema() -> dict[str, Any]:
    """What routes.yaml may say, as JSON Schema draft 7."""
    return {"$schema": DIALECT, **draft_7(RoutesFile.model_json_schema())}


def draft_7(schema: Any) -> Any:
    """*schema* as draft 7 has it.

    There, whatever stands beside a `$ref` is ignored, so the reference goes into an `allOf` to
    keep the description; definitions have another name; titles made of field names say nothing.
    """
    if isinstance(schema, list):
        return [draft_7(item) for item in schema]
    if not isinstance(schema, dict):
        return schema.replace("#/$defs/", "#/definitions/") if isinstance(schema, str) else schema
    moved: dict[str, Any] = {}
    for key, value in schema.items():
        moved["definitions" if key == "$defs" else key] = draft_7(value)
    if isinstance(moved.get("title"), str):
        del moved["title"]
    if NULL in moved.get("anyOf", ()):
        moved |= without_null(moved)
    if "patternProperties" in moved and "type" in moved:
        moved |= named(moved.pop("patternProperties"))
    if "$ref" in moved and len(moved) > 1:
        moved["allOf"] = [{"$ref": moved.pop("$ref")}]
    return moved


NULL = {"type": "null"}


def without_null(optional: dict[str, Any]) -> dict[str, Any]:
    """What an *optional* field may be if it is there: an empty value is refused by the reader."""
    if optional.get("default") is None:
        optional.pop("default", None)
    choices = [choice for choice in optional.pop("anyOf") if choice != NULL]
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def named(patterns: dict[str, Any]) -> dict[str, Any]:
    """A mapping whose keys all have one form: said so that other keys are refused."""
    ((pattern, value),) = patterns.items()
    return {"propertyNames": {"pattern": pattern}, "additionalProperties": value}


def write(root: Path) -> None:
    """Bring both files under *root* up to date."""
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    (root / "config/routes.schema.json").write_text(text)
    (root / "docs/configuration.md").write_text(reference(json_schema()))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)

"""The JSON Schema and the reference page: fresh, valid, and of one mind with `check`."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from router.config.effective import as_yaml, effective
from router.config.jsonschema import json_schema
from router.config.reference import SECTIONS, reference
from tests.config.files import ROOT, SHIPPED, problems, snapshot_of, with_line, with_percent
from tests.config.test_config_effective import LONG

VALIDATOR = Draft7Validator(json_schema())


def is_accepted(text: str) -> bool:
    """Whether an editor would show the file without a mark."""
    return bool(VALIDATOR.is_valid(yaml.safe_load(text)))


def test_the_schema_file_is_fresh() -> None:
    """`python -m router.config.jsonschema` brings it up to date."""
    assert json.loads((ROOT / "config/routes.schema.json").read_text()) == json_schema()


def test_the_reference_page_is_fresh() -> None:
    """`python -m router.config.jsonschema` brings it up to date."""
    assert (ROOT / "docs/configuration.md").read_text() == reference(json_schema())


def test_the_schema_is_draft_7() -> None:
    """Editors' YAML servers want that one."""
    Draft7Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_nothing_stands_beside_a_reference() -> None:
    """In draft 7 it would be lost."""
    assert list(references_with_neighbours(json_schema())) == []


def references_with_neighbours(schema: Any) -> list[Any]:
    """Every mapping in *schema* that has a `$ref` and something else."""
    if isinstance(schema, list):
        return [found for item in schema for found in references_with_neighbours(item)]
    if not isinstance(schema, dict):
        return []
    below = [found for item in schema.values() for found in references_with_neighbours(item)]
    return below + ([schema] if "$ref" in schema and len(schema) > 1 else [])


@pytest.mark.parametrize("text", [SHIPPED, LONG, as_yaml(effective(snapshot_of(LONG)))])
def test_good_files_are_accepted(text: str) -> None:
    """What `check` takes, the editor takes."""
    assert is_accepted(text)
    assert problems(text) == []


BAD = [
    with_percent("    percent: 101"),
    with_percent("    percent: ten"),
    with_percent("    persent: 10"),
    with_percent("    timeout: 2"),
    with_percent("    max_body: 10MB"),
    with_percent("    auth: never"),
    with_percent("    fallback: [200]"),
    with_percent("    fallback: sometimes"),
    with_percent("    idempotent: [FETCH]"),
    with_percent("    pin: {coach: {role: qa}}"),
    with_percent("    upgrade: websocket"),
    SHIPPED + "limits: {head_timeout: 10}\n",
    SHIPPED + "limits: {line: 8K}\n",
    SHIPPED + "limits: {fields: 0}\n",
    SHIPPED + "limits: {conections: 10}\n",
    SHIPPED + "trusted_proxies: []\n",
    with_line("coach: http://127.0.0.1:5002", "coach: {url: 'http://a', queue: -1}"),
    with_line("GET /fitness/wod", "fitness"),
    with_line("GET /fitness/wod", "{prefix: /x}"),
    with_line("  wod:", "  Wod:"),
    with_line("default: monolith\n", ""),
    with_line("http://127.0.0.1:5002", "coach:5002"),
    with_line("secret_env: JWT_SECRET", "secret: hunter2"),
    with_line("secret_env: JWT_SECRET", "keys: [{algorithm: none, secret_env: A}]"),
]


@pytest.mark.parametrize("text", BAD)
def test_bad_files_are_marked_in_the_editor_and_refused_by_check(text: str) -> None:
    """The editor never accepts less than `check`, and catches the common slips."""
    assert not is_accepted(text)
    assert problems(text)


def test_every_field_says_what_holds_without_it() -> None:
    """Meaning and default are there for each key, in the schema and on the page."""
    schema = json_schema()
    entries = {**schema["definitions"], "RoutesFile": schema}
    assert set(entries) == {name for name, _ in SECTIONS}
    for name, entry in entries.items():
        for key, field in entry["properties"].items():
            assert "\n\nDefault: " in field["description"], f"{name}.{key}"

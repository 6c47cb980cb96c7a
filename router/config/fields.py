"""The kinds of fields that `router.config.schema` is made of.

Each says how a value of the file becomes the one form that the model holds, and what an editor is
told the file may say.
"""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)

from router.config import addresses, units, values
from router.config.vocabulary import ALGORITHMS, CAUSES, METHODS, UPGRADES, nearest
from router.core.model import Auth


def text_like(pattern: str) -> WithJsonSchema:
    """What an editor is told of text with a form."""
    return WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$"})


def one_or_more(item: dict[str, Any]) -> WithJsonSchema:
    """What an editor is told of a list that may be written as its only member."""
    items = {"type": "array", "items": item, "minItems": 1, "uniqueItems": True}
    return WithJsonSchema({"anyOf": [item, items]})


def check_known(name: str, info: ValidationInfo) -> str:
    """The name of an upstream that the same file lists."""
    known = (info.context or {}).get("upstreams", ())
    if name not in known:
        raise ValueError(f'there is no upstream "{name[:64]}"{nearest(name, known)}')
    return name


TEXT = {"type": "string", "minLength": 1}
METHOD = {"enum": sorted(METHODS)}
CLAIM_VALUE = {"type": ["string", "integer", "boolean"]}
FALLBACK_ITEM = {
    "anyOf": [{"enum": list(CAUSES)}, {"type": "integer", "minimum": 400, "maximum": 599}]
}
FALLBACK = {
    "anyOf": [{"enum": ["all", "none"]}, {"type": "array", "items": FALLBACK_ITEM, "minItems": 1}]
}

Name = Annotated[
    str,
    AfterValidator(values.check_name),
    Field(json_schema_extra={"pattern": f"^{values.NAME.pattern}$"}),
]
UpstreamName = Annotated[str, AfterValidator(check_known)]
Text = Annotated[str, AfterValidator(values.check_text)]
Variable = Annotated[str, AfterValidator(values.check_variable), text_like(values.VARIABLE.pattern)]
Algorithm = Annotated[
    str, AfterValidator(values.check_algorithm), WithJsonSchema({"enum": list(ALGORITHMS)})
]
AuthWord = Annotated[
    str, AfterValidator(values.check_auth), WithJsonSchema({"enum": [str(auth) for auth in Auth]})
]

Url = Annotated[str, AfterValidator(addresses.check_url), text_like("https?://[^/?#@]+")]
KeySetUrl = Annotated[
    str, AfterValidator(addresses.check_key_set_url), text_like("https?://[^/?#@]+/[^#]*")
]
Kid = Annotated[str, AfterValidator(values.check_kid)]
HealthPath = Annotated[str, AfterValidator(addresses.check_health), text_like("/[^#]*")]
Path = Annotated[str, AfterValidator(addresses.check_path), text_like("/[^?#*%]*")]
Prefix = Annotated[str, AfterValidator(addresses.check_prefix), text_like("/(?:[^?#*%]*/)?")]

MatchText = Annotated[str, text_like("(?:[A-Z,-]+ +)?/[^ ?#%]*")]

Percent = Annotated[float, Field(ge=0, le=100), AfterValidator(values.check_three_decimals)]
AnyDuration = Annotated[
    float, PlainValidator(values.check_duration), text_like(units.DURATION.pattern)
]
Duration = Annotated[AnyDuration, AfterValidator(values.check_positive)]
Late = Annotated[AnyDuration, AfterValidator(values.check_late)]
Leeway = Annotated[AnyDuration, AfterValidator(values.check_leeway)]
Patience = Annotated[AnyDuration, AfterValidator(values.check_patience)]
Size = Annotated[int, PlainValidator(values.check_size), text_like(units.SIZE.pattern)]
HeadSize = Annotated[Size, AfterValidator(values.check_head_size)]
BufferSize = Annotated[Size, AfterValidator(values.check_buffer_size)]
FieldCount = Annotated[int, Field(ge=16, le=10_000)]
Connections = Annotated[int, Field(ge=1, le=100_000)]
PoolSize = Annotated[int, Field(ge=0, le=100_000)]
Queue = Annotated[int, Field(ge=0, le=100_000)]
Tolerated = Annotated[float, Field(ge=0.01, le=10), AfterValidator(values.check_three_decimals)]
Ratio = Annotated[float, Field(ge=0.01, le=1)]
FallbackRate = Annotated[float, Field(ge=0, le=100_000)]
Tolerance = Annotated[float, Field(ge=0, le=1e9)]
UpgradeWord = Annotated[
    str, AfterValidator(values.check_upgrade), WithJsonSchema({"enum": list(UPGRADES)})
]

Networks = Annotated[
    list[Annotated[str, AfterValidator(addresses.check_network)]],
    AfterValidator(values.check_list),
    BeforeValidator(values.listed),
    one_or_more(TEXT),
]
Methods = Annotated[
    list[Annotated[str, AfterValidator(addresses.check_method)]],
    AfterValidator(values.check_list),
    BeforeValidator(values.listed),
    one_or_more(METHOD),
]
Texts = Annotated[
    list[Text], AfterValidator(values.check_list), BeforeValidator(values.listed), one_or_more(TEXT)
]
JsonPaths = Annotated[
    list[Annotated[str, AfterValidator(values.check_json_path)]],
    AfterValidator(values.check_list),
    BeforeValidator(values.listed),
    one_or_more(TEXT),
]
ArrayPaths = Annotated[
    list[Annotated[str, AfterValidator(values.check_array_path)]],
    AfterValidator(values.check_list),
    BeforeValidator(values.listed),
    one_or_more(TEXT),
]
ClaimValues = Annotated[
    list[Annotated[str, PlainValidator(values.check_claim_value)]],
    AfterValidator(values.check_list),
    BeforeValidator(values.listed),
    one_or_more(CLAIM_VALUE),
]
Claims = dict[Text, ClaimValues]
"""For each claim, the values of which a token must hold one."""

Fallback = Annotated[
    list[Annotated[str | int, PlainValidator(values.check_fallback_item)]],
    BeforeValidator(values.lift_fallback),
    WithJsonSchema(FALLBACK),
]

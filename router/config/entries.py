"""What routes.yaml may say: every field's meaning, default and danger, written once.

The JSON Schema, an editor's hover and docs/configuration.md are made of these descriptions
(`python -m router.config.jsonschema`). Here are keys; upstreams are in
`router.config.upstream_entries`, limits in `router.config.limit_entries`, routes in
`router.config.route_entries`, the file as a whole in `router.config.schema`.
"""

from pydantic import BaseModel, ConfigDict, Field

from router.config import fields
from router.config.fields import Text, Texts

LABELS = ("Default", "Danger", "nginx", "The client sees")
"""What the parts of a description after its meaning begin with."""
MOST_KEYS = 100
"""Keys of a `jwt`: each is compared with each, and a token may be tried with several."""


def said(meaning: str, *, default: str, danger: str = "", nginx: str = "", sees: str = "") -> str:
    """A field's description; *default* tells what holds where the key is left out.

    A limit says what *nginx* has in its place, and what a client *sees* of it.
    """
    parts = zip(LABELS, (default, danger, nginx, sees), strict=True)
    ended = ((label, text.removesuffix(".")) for label, text in parts if text)
    return "\n\n".join([meaning, *(f"{label}: {text}." for label, text in ended)])


class Entry(BaseModel):
    """A mapping of the file: nothing is converted in silence, no unknown key is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


SECRET_ENV = said(
    "The name of the environment variable that holds the secret. Where it is not set, the "
    "variable of that name with `_FILE` behind it says which file does, as Docker has it.",
    default="none; a source must be given",
    danger="the secret itself never belongs into this file. It needs 32 bytes or more.",
)
SECRET_FILE = said(
    "The file that holds the secret; a relative path starts from the folder of routes.yaml, and "
    "the line end at its end does not count.",
    default="none; a source must be given",
)


class KeyEntry(Entry):
    """One key that tokens may be signed with. Exactly one of its sources is given."""

    algorithm: fields.Algorithm = Field(
        default="HS256",
        description=said(
            "The one algorithm this key is used with; what a token's header says never counts.",
            default="`HS256`",
        ),
    )
    secret_env: fields.Variable | None = Field(default=None, description=SECRET_ENV)
    secret_file: Text | None = Field(default=None, description=SECRET_FILE)
    public_key_file: Text | None = Field(
        default=None,
        description=said(
            "A PEM file with one public key; a relative path starts from the folder of "
            "routes.yaml. It is read again when it changes, by rename and link swap too; one that "
            "cannot be used leaves the old key in use, and the log, `/config` and "
            "`strangler_keys_refresh_success` say so.",
            default="none; another source must be given",
        ),
    )
    jwks_url: fields.KeySetUrl | None = Field(
        default=None,
        description=said(
            "Where the issuer publishes its public keys (a JSON Web Key Set, RFC 7517). Fetched "
            "at the start, again at 80 % of `Cache-Control: max-age` (1 to 60 minutes, 10 where "
            "it says nothing), and when a token names an unknown key, then at most once in 30 s. "
            "Redirects are not followed, and no more than 256 KiB and 32 keys are taken.",
            default="none; another source must be given",
            danger="whoever controls the address decides who is let in. While no set could be "
            "fetched yet, tokens of this algorithm are answered 503.",
        ),
    )
    kid: fields.Kid | None = Field(
        default=None,
        description=said(
            "The name of the key: a token that names another is not tried with it.",
            default="any name, or none",
        ),
    )
    issuer: Text | None = Field(
        default=None,
        description=said(
            "What `iss` must be in tokens that this key signed: it vouches for no other issuer.",
            default="`jwt.issuer`",
        ),
    )
    audience: Texts | None = Field(
        default=None,
        description=said(
            "What `aud` must name in tokens that this key signed.", default="`jwt.audience`"
        ),
    )
    stale_for: fields.Duration = Field(
        default=24 * 3600.0,
        json_schema_extra={"default": "24h"},
        description=said(
            "How long a fetched set is used past its lifetime while no new one can be had.",
            default="`24h`, which is the most",
            danger="a key that the issuer withdrew is good for so long, if the issuer cannot be "
            "reached; shorter, an outage of the issuer becomes one of yours.",
        ),
    )
    cache_file: Text | None = Field(
        default=None,
        description=said(
            "Where a copy of the set is kept, for a start while the issuer cannot be reached; a "
            "relative path starts from the folder of routes.yaml.",
            default="no copy",
            danger="whoever may write the file decides who is let in.",
        ),
    )
    allow_http: bool = Field(
        default=False,
        description=said(
            "Whether `jwks_url` may be plain HTTP to another machine.",
            default="`false`: https, or this machine",
            danger="whoever is on the way could put in keys of their own, and be anybody.",
        ),
    )


class JwtEntry(Entry):
    """What makes a bearer token good. One key is given right here, several under `keys`."""

    issuer: Text | None = Field(
        default=None,
        description=said(
            "What the claim `iss` must be.",
            default="any issuer, or none",
            danger="without it, any token signed with the same key is good, whatever it was "
            "issued for.",
        ),
    )
    audience: Texts | None = Field(
        default=None,
        description=said(
            "What the claim `aud` must name, one or several: one of them is enough.",
            default="any audience, or none",
        ),
    )
    leeway: fields.Leeway = Field(
        default=0.0,
        json_schema_extra={"default": "0s"},
        description=said(
            "How far clocks may differ when `exp`, `nbf` and `iat` are judged; at most 5m.",
            default="`0s`",
            danger="an expired token stays good for this long.",
        ),
    )
    require: Texts | None = Field(
        default=None,
        description=said(
            "Claims that a token must have, beside `exp` and `sub`, which it always must.",
            default="`[exp, sub]`",
        ),
    )
    secret_env: fields.Variable | None = Field(default=None, description=SECRET_ENV)
    secret_file: Text | None = Field(default=None, description=SECRET_FILE)
    keys: list[KeyEntry] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_KEYS,
        description=said(
            "Several keys, for instance while one replaces another, or of several issuers; a token "
            "signed with any of them is good, if its issuer is the one that key vouches for.",
            default="the one key given by `secret_env` or `secret_file`",
        ),
    )

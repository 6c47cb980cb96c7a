"""What `compare` of a route may say; see `router.config.entries` for how fields are described."""

from pydantic import Field

from router.config import fields
from router.config.entries import Entry, said

PATHS = "`generated_at`, `exercises[*].id`, `*.seen` (`[*]` is each element, `.*` any key)"


class CompareEntry(Entry):
    """Whether legacy and candidate give the same answers: no fallback ever sees a wrong 200.

    A part of the route's GET requests is also sent to the other upstream, once the client has its
    answer. Methods that write are never compared, nor are requests with a body, with a condition
    (`If-None-Match`) or for a range, nor answers of 500 and more. `strangler compare` prints what
    differs.
    """

    sample: fields.Percent = Field(
        default=5.0,
        json_schema_extra={"default": 5},
        description=said(
            "The share of the requests that are compared, 0 to 100, drawn for each request anew.",
            default="`5`",
            danger="each is one more request to the other upstream. Two at a time are asked by "
            "each worker; while 16 wait, further ones are left out and counted.",
        ),
    )
    control: fields.Percent = Field(
        default=20.0,
        json_schema_extra={"default": 20},
        description=said(
            "The share of the compared requests for which legacy is asked twice, to know how often "
            "it differs from itself. A path is called a mismatch only if the candidate differs "
            "more often.",
            default="`20`",
            danger="with `0` nothing is known of legacy, and nothing is ever called a mismatch.",
        ),
    )
    ignore: fields.JsonPaths | None = Field(
        default=None,
        description=said(
            f"Paths that may differ, with all below them: {PATHS}.",
            default="none",
            danger="what is wrong there is not seen.",
        ),
    )
    unordered: fields.ArrayPaths | None = Field(
        default=None,
        description=said(
            "Paths of arrays whose order means nothing; `$` is the whole answer.",
            default="none: another order is another answer",
        ),
    )
    tolerance: fields.Tolerance = Field(
        default=0.0,
        json_schema_extra={"default": 0},
        description=said(
            "Numbers that differ by no more than this are the same.",
            default="`0`",
        ),
    )
    max_body: fields.BufferSize = Field(
        default=256 * 1024,
        json_schema_extra={"default": "256KiB"},
        description=said(
            "The largest body that is compared, decoded if it is `gzip` or `deflate`.",
            default="`256KiB`",
            danger="up to 20 times this is held by each worker while answers wait, 100 times if "
            "they are late answers of abandoned attempts.",
        ),
    )
    show_values: bool = Field(
        default=False,
        description=said(
            "Whether the admin port and `strangler compare` show the values that differ, and not "
            "only of which type and how long they are. Keys of objects are shown in any case.",
            default="`false`",
            danger="answers of users are personal data.",
        ),
    )

"""What `breaker` and `budget` of a route may say; see `router.config.entries` for the rest."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from router.config import fields
from router.config.entries import Entry, said
from router.config.values import shown

NONE = "none"


class BreakerEntry(Entry):
    """When the candidate is given up for a while: its users then go to legacy at no delay.

    What counts as a failure is what `fallback` lists; a unit (the claim named by `by`) that fails
    again and again counts once. At any volume four failures in a row of different units are
    enough; at ten times the tolerated share it takes about 80 requests. Then a few probe, those of
    the lowest buckets first and covered by fallback, and five successes in a row close it. All
    workers open and close together.
    """

    tolerated: fields.Tolerated = Field(
        default=1.0,
        json_schema_extra={"default": 1},
        description=said(
            "The share of failures, in per cent, that is no reason to open it: 0.01 to 10. At "
            "least five times as many of the last 20 requests, or of the last second's if they "
            "are more, must fail.",
            default="`1`",
            danger="what is tolerated is asked of legacy as well, for ever.",
        ),
    )
    open: fields.Patience = Field(
        default=5.0,
        json_schema_extra={"default": "5s"},
        description=said(
            "For how long it opens at first. Chance makes it up to a fifth shorter, so that "
            "replicas do not probe at once.",
            default="`5s`",
        ),
    )
    longest_open: fields.Patience | None = Field(
        default=None,
        description=said(
            "While probes fail it opens for twice as long each time, up to this; five minutes "
            "closed, and it begins anew.",
            default="`15s`, or `open` if that is more",
            danger="users come back to a mended candidate that much later.",
        ),
    )


class BudgetEntry(Entry):
    """How many failures of the candidate are given to legacy, so that it is not asked for twice.

    What there is no budget for gets the candidate's own answer, or 503 with `Retry-After` where it
    gave none; and the breaker opens. All numbers are for all workers together: each has an equal
    share, and where one has spent its own the breaker opens in all of them.
    """

    ratio: fields.Ratio = Field(
        default=0.2,
        description=said(
            "Fallbacks for each request that goes to the candidate, over ten seconds: 0.01 to 1.",
            default="`0.2`: one for five",
            danger="with `1` a candidate that is down doubles what legacy gets, were it not for "
            "the breaker.",
        ),
    )
    min_per_s: fields.FallbackRate = Field(
        default=10.0,
        json_schema_extra={"default": 10},
        description=said(
            "Fallbacks a second that may be in any case, so that a small route is never refused.",
            default="`10`",
        ),
    )
    at_once: fields.Connections = Field(
        default=100,
        description=said("Fallbacks that may be under way at the same time.", default="`100`"),
    )


def none_or(value: Any) -> Any:
    """`none` for nothing; what is no mapping beside that is a slip."""
    if value == NONE:
        return None
    if isinstance(value, dict | Entry):
        return value
    raise ValueError(f"must be none or a mapping, not {shown(value)}")


Breaker = Annotated[
    BreakerEntry | None,
    BeforeValidator(none_or, json_schema_input_type=Literal["none"] | BreakerEntry),
]
Budget = Annotated[
    BudgetEntry | None,
    BeforeValidator(none_or, json_schema_input_type=Literal["none"] | BudgetEntry),
]

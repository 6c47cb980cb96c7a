"""What a route of routes.yaml may say; see `router.config.entries` for how fields are described."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from router.config import fields
from router.config.addresses import lift_match
from router.config.compare_entries import CompareEntry
from router.config.entries import Entry, said
from router.config.fields import Text, UpstreamName
from router.config.protection_entries import Breaker, BreakerEntry, Budget, BudgetEntry
from router.config.values import check_some, listed
from router.config.vocabulary import CAUSES


class MatchEntry(Entry):
    """Requests that a route answers to: methods, and a path or a prefix."""

    methods: fields.Methods | None = Field(
        default=None,
        description=said(
            "The methods that are the route's; HEAD follows GET. Other methods on a listed path "
            "go to legacy and still need the route's token.",
            default="every method",
        ),
    )
    path: fields.Path | None = Field(
        default=None,
        description=said(
            "The exact path, compared byte for byte: case and a final slash make another path.",
            default="none; this or `prefix` must be given",
        ),
    )
    prefix: fields.Prefix | None = Field(
        default=None,
        description=said(
            "The beginning of the path, up to a slash. The most specific match wins: exact paths "
            "before longer prefixes before shorter ones; order in the file never matters.",
            default="none; this or `path` must be given",
        ),
    )


class PinEntry(Entry):
    """Users who are on one side at any percent, named by the values of claims."""

    candidate: fields.Claims | None = Field(
        default=None,
        description=said(
            "Who is in the candidate's cohort, for instance `{role: [qa]}`: production can be "
            "tried at 0 percent.",
            default="nobody",
            danger="a pin outranks `percent: 0`; these users stay on the candidate.",
        ),
    )
    legacy: fields.Claims | None = Field(
        default=None,
        description=said(
            "Who is in legacy's cohort, for instance `{sub: [a@b.c]}`. Where both sides name a "
            "user, this one counts.",
            default="nobody",
        ),
    )


MatchForm = fields.MatchText | MatchEntry
Match = Annotated[MatchEntry, BeforeValidator(lift_match)]
Matches = Annotated[
    list[Match],
    AfterValidator(check_some),
    BeforeValidator(listed, json_schema_input_type=MatchForm | list[MatchForm]),
]


class RouteEntry(Entry):
    """What is done with some requests.

    With a `candidate` the route is being strangled: each user is sent to the candidate or to
    legacy. Without one it is plain, and `upstream` serves it.
    """

    match: Matches = Field(
        description=said(
            "The requests that are this route's: `GET /path`, `GET,POST /path`, `/path`, "
            "`/prefix/*`, a mapping, or a list of these.",
            default="none, it must be given",
            danger="two routes with the same path and a method in common are an error.",
        )
    )
    candidate: UpstreamName | None = Field(
        default=None,
        description=said(
            "The new upstream that users are moved to.", default="none: a plain route"
        ),
    )
    legacy: UpstreamName | None = Field(
        default=None,
        description=said(
            "The old upstream, which serves everybody else, every fallback and every method that "
            "the route does not list.",
            default="the file's `default`",
        ),
    )
    upstream: UpstreamName | None = Field(
        default=None,
        description=said(
            "Who serves a plain route. A finished migration replaces `candidate` and `percent` "
            "by this.",
            default="`legacy`",
            danger="there is no fallback on a plain route.",
        ),
    )
    percent: fields.Percent = Field(
        default=0.0,
        json_schema_extra={"default": 0},
        description=said(
            "The share of users in the candidate's cohort, 0 to 100, with up to three decimals. "
            "Raising it only adds users; lowering it takes the latest out first.",
            default="`0`: nobody but who is pinned",
        ),
    )
    by: Text = Field(
        default="sub",
        description=said(
            "The claim that is bucketed; users whose token lacks it go to legacy.",
            default="`sub`",
            danger="another claim deals every user anew.",
        ),
    )
    salt: Text | None = Field(
        default=None,
        description=said(
            "What is bucketed together with the claim. Routes with the same salt move the same "
            "users first.",
            default="the route's name",
            danger="another salt deals every user anew; give the old name here when a route is "
            "renamed.",
        ),
    )
    pin: PinEntry | None = Field(
        default=None,
        description=said("Users on one side at any percent, by their claims.", default="nobody"),
    )
    auth: fields.AuthWord = Field(
        default="required",
        description=said(
            "`required`: a valid token, or 401. `pass`: the token goes on unverified, and the "
            "upstream checks its own; identity headers are stripped all the same.",
            default="`required`; what no route lists is passed",
            danger="with `pass` anybody reaches the upstream, and nobody can be bucketed.",
        ),
    )
    require: fields.Claims | None = Field(
        default=None,
        description=said(
            "Claims that a token must hold one of the values of, or the answer is 403: "
            "`{role: [admin]}`.",
            default="none",
        ),
    )
    timeout: fields.Duration | None = Field(
        default=None,
        json_schema_extra={"default": "2s"},
        description=said(
            "What the candidate may take until its answer is committed, before legacy is asked.",
            default="`2s`",
            nginx="`proxy_read_timeout` with `proxy_next_upstream timeout`, 60 s a read",
            sees="legacy's answer where the route falls back, else 504",
            danger="what it takes is lost to legacy: `deadline` less `timeout` is legacy's time.",
        ),
    )
    deadline: fields.Duration | None = Field(
        default=None,
        description=said(
            "What the client is promised: the time from the complete request head to the first "
            "byte of the answer. A stream that has begun is not cut by it.",
            default="`10s`, on a plain route `60s`",
            nginx="`proxy_read_timeout`, 60 s between two reads, so that it never ends while "
            "bytes drip",
            sees="504",
        ),
    )
    fallback: fields.Fallback = Field(
        default=[*CAUSES],
        json_schema_extra={"default": "all"},
        description=said(
            "Which failures of the candidate legacy answers: `all`, `none`, or a list of causes "
            f"({', '.join(CAUSES)}) and single statuses. Only what can safely be "
            "repeated is, whatever is said here.",
            default="`all`",
            danger="with `none` users see every failure of the candidate.",
        ),
    )
    breaker: Breaker = Field(
        default=BreakerEntry(),
        json_schema_extra={"default": {}},
        description=said(
            "When the candidate's users go to legacy without asking it first: a mapping, or "
            "`none`.",
            default="`{}`: every default below",
            danger="with `none` each user of a candidate that hangs waits for the whole `timeout` "
            "before legacy is asked.",
        ),
    )
    budget: Budget = Field(
        default=BudgetEntry(),
        json_schema_extra={"default": {}},
        description=said(
            "How many failures legacy answers: a mapping, or `none` for all of them.",
            default="`{}`: every default below",
            danger="with `none` a candidate that fails can double what legacy gets.",
        ),
    )
    idempotent: fields.Methods | None = Field(
        default=None,
        description=said(
            "Methods beside GET, HEAD and OPTIONS that may be sent twice on this route.",
            default="none",
            danger="a POST listed here can be carried out by both upstreams.",
        ),
    )
    max_body: fields.Size = Field(
        default=10 * 1024 * 1024,
        json_schema_extra={"default": "10MiB"},
        description=said(
            "The largest request body, whether its length is declared or it grows.",
            default="`10MiB`",
            nginx="`client_max_body_size`, 1 MiB",
            sees="413, and the connection is closed; the upload is not read to its end",
        ),
    )
    upgrade: fields.UpgradeWord = Field(
        default="refuse",
        description=said(
            "`allow`: a request that asks for another protocol (WebSocket) and gets it (101) "
            "becomes a tunnel, in which bytes go both ways as they are. A reload leaves it be. "
            "`refuse`: the wish is left out, and the upstream sees an ordinary request.",
            default="`refuse`",
            danger="the token is checked when the tunnel begins, and not again; what is in it is "
            "neither matched, limited nor logged. Upgrades to h2c are never forwarded.",
            nginx="`proxy_set_header Upgrade`, not sent",
            sees="101 and a tunnel, or what the upstream answers without one",
        ),
    )
    upgrade_idle: fields.Patience = Field(
        default=300.0,
        json_schema_extra={"default": "5m"},
        description=said(
            "A tunnel in which nothing moves for so long, either way, is closed.",
            default="`5m`",
            danger="let one side send pings more often than this.",
            nginx="`proxy_read_timeout`, 60 s",
            sees="the tunnel closed",
        ),
    )
    late: fields.Late | None = Field(
        default=None,
        json_schema_extra={"default": "10s"},
        description=said(
            "How long an attempt at the candidate may go on after its `timeout`, once legacy is "
            "asked instead, so that it can be told whether its answer was right but slow, wrong, "
            "or never came (`strangler_late_answers_total`). No client waits for it or sees it. "
            "Only GET and HEAD without a body; `0s` closes them at once.",
            default="as long as `deadline`, `1m` at most",
            danger="each keeps a connection to the candidate: at most 32 in each worker, and a "
            "quarter of its `connections`.",
        ),
    )
    compare: CompareEntry | None = Field(
        default=None,
        description=said(
            "Whether answers of legacy and candidate are compared, and how: `{sample: 5, ignore: "
            "[generated_at]}`. It never slows or alters what the client gets.",
            default="none are compared",
        ),
    )

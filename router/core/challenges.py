"""What a client is told whose token was not accepted (RFC 6750 3).

Nothing is said of which check failed, but for *expired*: that one an honest client can mend.
"""

from router.core.claims import Refusal
from router.core.problems import Problem

REALM = 'Bearer realm="strangler"'


def challenge(refusal: Refusal) -> Problem:
    """The 401 or 403 for *refusal*; 503 where nobody can say whether the token is good."""
    match refusal:
        case Refusal.MISSING:
            return Problem(
                401,
                "token-missing",
                "Send a bearer token in the Authorization header.",
                (("WWW-Authenticate", REALM),),
            )
        case Refusal.ROLE:
            return Problem(
                403,
                "role-missing",
                "The token does not hold what this route requires.",
                (("WWW-Authenticate", f'{REALM}, error="insufficient_scope"'),),
            )
        case Refusal.NO_KEYS:
            return Problem(
                503,
                "keys-unavailable",
                "Tokens cannot be checked just now; keep yours and try again.",
                (("Retry-After", "5"),),
            )
        case Refusal.EXPIRED:
            return invalid("The token has expired; get a new one.", "The token has expired")
    return invalid("The token is not valid here.", "The token is not valid")


def invalid(detail: str, description: str) -> Problem:
    """401 with `invalid_token`."""
    described = f'{REALM}, error="invalid_token", error_description="{description}"'
    return Problem(401, "token-invalid", detail, (("WWW-Authenticate", described),))

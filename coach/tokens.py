"""Bearer tokens: JWTs that the monolith gives out; coach only verifies them."""

from dataclasses import dataclass

import jwt

from coach.keys import Keys, NoKeysYet
from coach.problems import Problem, busy

ISSUER = "fit-api"
LONGEST = 8192  # characters; bounds the work before the signature is known to be good
# The router lets a token in and we see it a little later: it must not expire on the way.
LEEWAY_S = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a valid token speaks for; *user* is the claim ``sub``, an e-mail address."""

    user: str
    name: str
    role: str


def verify(authorization: str | None, keys: Keys) -> Caller | Problem:
    """Give the caller that an ``Authorization`` header proves, or the 401 (RFC 6750 section 3).

    Without keys it is a 503: the token may be good, and the router can ask the monolith.
    """
    if not authorization:
        return refused("This needs a bearer token: POST /oauth/token gives one.", None)
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST:
        return refused("The Authorization header must be: Bearer <token>.", "invalid_request")
    try:
        claims = jwt.decode(
            token,
            keys.key(jwt.get_unverified_header(token).get("kid")),
            algorithms=[keys.algorithm],  # never the token's own word
            issuer=ISSUER,
            leeway=LEEWAY_S,
            options={"require": ["sub", "iss", "iat", "exp"], "verify_aud": False},
        )
    except NoKeysYet:
        return busy("The keys that tokens are verified by could not be had yet.", 1)
    except jwt.ExpiredSignatureError:
        return refused("The token has expired.", "invalid_token")
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        # Which check failed is nobody's business but ours.
        return refused("The token is not valid.", "invalid_token")
    return caller_of(claims) or refused("The token is not valid.", "invalid_token")


def caller_of(claims: dict[str, object]) -> Caller | None:
    """Give the caller named by verified *claims*, if they name one that can be worked with."""
    user, name, role = (claims.get(claim, "") for claim in ("sub", "name", "role"))
    if not (isinstance(user, str) and isinstance(name, str) and isinstance(role, str)):
        return None
    return Caller(user, name, role) if 0 < len(user) <= 320 and user.isprintable() else None


def refused(detail: str, error: str | None) -> Problem:
    """Give the 401 with the challenge that RFC 6750 asks for."""
    challenge = f'Bearer realm="{ISSUER}"'
    if error:
        challenge += f', error="{error}", error_description="{detail}"'
    return Problem(401, detail, "Authorization", {"WWW-Authenticate": challenge})

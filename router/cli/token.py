"""`strangler token`: a token for trying things out, signed with the file's own key."""

import os
import time
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from router.cli.arguments import Commands, add_claims, add_file, addresses, command, merged, seconds
from router.cli.output import complain, say

if TYPE_CHECKING:
    from router.core.model import Jwt

EXAMPLES = """\
  strangler token --user a@b.c
  strangler token --user a@b.c --role qa --expires 8h
  curl -H "Authorization: Bearer $(strangler token --user a@b.c)" localhost:8080/fitness/wod

The secret is read from where the file says, the environment or a file.
"""


PUBLIC_ONLY = (
    "jwt: there are public keys only, so a token can be had only from who has the private key: "
    "log in at the issuer, or add {algorithm: HS256, secret_env: DEV_SECRET} to jwt.keys of a "
    "development file"
)


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(commands, "token", summary="mint a development token", examples=EXAMPLES)
    parser.add_argument("--user", metavar="U", required=True, help="sub, an e-mail address")
    parser.add_argument("--role", metavar="R", help="the claim role")
    add_claims(parser)
    parser.add_argument(
        "--expires", metavar="DURATION", type=seconds, default="1h", help="from now on (1h)"
    )
    add_file(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Print the token, and nothing else."""
    import jwt as pyjwt

    from router.config.complaints import ConfigError
    from router.config.loading import load_file
    from router.edge.keyring import KeyProblem, secret_of

    try:
        snapshot = load_file(arguments.file, addresses())
    except ConfigError as error:
        return complain(error.problems)
    if snapshot.jwt is None:
        return complain([f"{arguments.file}: has no jwt, so no token is asked for"])
    key = next((key for key in snapshot.jwt.keys if key.algorithm == "HS256"), None)
    if key is None:
        return complain([f"{arguments.file}: {PUBLIC_ONLY}"])
    rules = snapshot.jwt.rules_for(key)
    claims = claims_of(arguments, rules, int(time.time()))
    lacking = sorted(snapshot.jwt.required - claims.keys())
    if lacking:
        return complain([f"the file requires the claim {lacking[0]}: add --claim {lacking[0]}=…"])
    try:
        secret = secret_of(key, os.environ, arguments.file.parent)
    except KeyProblem as problem:
        return complain([f"{arguments.file}: jwt: {problem}"])
    headers = None if key.kid is None else {"kid": key.kid}
    say(pyjwt.encode(claims, secret, algorithm=key.algorithm, headers=headers))
    return 0


def claims_of(arguments: Namespace, jwt: "Jwt", now: int) -> dict[str, Any]:
    """What the token says: as the monolith would, with what was asked for on top."""
    issued: dict[str, Any] = {"sub": arguments.user, "name": arguments.user}
    if arguments.role is not None:
        issued["role"] = arguments.role
    if jwt.issuer is not None:
        issued["iss"] = jwt.issuer
    if jwt.audience:
        issued["aud"] = min(jwt.audience)
    issued |= {"iat": now, "exp": now + int(arguments.expires)}
    return issued | merged(arguments.claim)

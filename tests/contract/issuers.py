"""The two ways in which tokens are signed, and what the services are told of each."""

from pathlib import Path
from typing import Any

import jwt

from tests import keys, services


class SharedSecret:
    """HS256: all services have the secret."""

    algorithm = "HS256"

    def token(self, user: str = "alice@example.com", **claims: Any) -> str:
        """Give a good token but for what *claims* change."""
        return services.token(user, **claims)

    def forged(self) -> str:
        """Give a token signed with another secret."""
        return services.token(secret="another-secret-that-is-long-enough!!")

    def other_algorithm(self) -> str:
        """Give a token signed with another algorithm."""
        return jwt.encode(keys.claims_of("a@b.c"), services.SECRET * 2, "HS512")

    def other_way(self) -> str:
        """Give a token that is good where keys are published."""
        return keys.key("first").token()

    def environments(self, _: Path, __: str) -> tuple[dict[str, str], dict[str, str]]:
        """Give what the monolith is told, and coach: the suite's secret is the default."""
        return {}, {}


class SigningKey:
    """RS256: the monolith has the key, the others fetch its public half."""

    algorithm = "RS256"

    def token(self, user: str = "alice@example.com", **claims: Any) -> str:
        """Give a good token but for what *claims* change."""
        return keys.key("first").token(user, **claims)

    def forged(self) -> str:
        """Give a token signed with another key under the name of ours."""
        return keys.key("foreign").token(headers={"kid": keys.key("first").kid})

    def other_algorithm(self) -> str:
        """Give a token signed with another algorithm."""
        private, kid = keys.key("first").private, keys.key("first").kid
        return jwt.encode(keys.claims_of("a@b.c"), private, "RS512", headers={"kid": kid})

    def other_way(self) -> str:
        """Give a token that is good where there is a secret."""
        return services.token()

    def environments(self, folder: Path, monolith: str) -> tuple[dict[str, str], dict[str, str]]:
        """Give what the monolith is told, and coach; neither has a secret."""
        file = keys.key("first").write(folder / "signing.pem")
        return (
            {"JWT_SECRET": "", "MONOLITH_SIGNING_KEY_FILES": str(file)},
            {"JWT_SECRET": "", "COACH_JWKS_URL": f"{monolith}/.well-known/jwks.json"},
        )


Issuer = SharedSecret | SigningKey

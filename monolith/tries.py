"""How often a password may be tried: so many wrong ones a name, and so many an address.

The counts are in the database, so that all workers and containers share them.
"""

import time
from collections.abc import Callable
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Engine, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from monolith.problems import Problem
from monolith.tables import Tries
from monolith.transactions import write

WINDOW_MIN = 5
TIDY_S = 60.0
"""How often rows whose window is over are deleted, at most."""


class Counts(Storage):
    """The counts that `limits` asks for, in a table of *database*."""

    STORAGE_SCHEME = None  # it is made here, and found by no address
    base_exceptions = SQLAlchemyError

    def __init__(self, database: Engine, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._database = database
        self._clock = clock
        self._tidied_at = 0.0
        dialect = sqlite if database.dialect.name == "sqlite" else postgresql
        self._insert = dialect.insert

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add *amount* to the count of *key*, in a new window of *expiry* seconds if need be."""
        now = self._clock()
        row = Tries.__table__.c
        is_over = row.expires <= now
        added = self._insert(Tries).values(
            key=hashed(key), count=max(0, amount), expires=now + expiry
        )
        counted = case(
            (is_over, max(0, amount)), (row.count + amount < 0, 0), else_=row.count + amount
        )
        ends = case((is_over, now + expiry), else_=row.expires)
        statement = added.on_conflict_do_update(
            index_elements=["key"], set_={"count": counted, "expires": ends}
        ).returning(row.count)

        def count(session: Session) -> int:
            self._tidy(session, now)
            return int(session.execute(statement).scalar_one())

        return write(self._database, count)

    def get(self, key: str) -> int:
        """Give the count of *key*."""
        row = self._row(key)
        return 0 if row is None else row.count

    def get_expiry(self, key: str) -> float:
        """Give when the window of *key* ends, in seconds since 1970."""
        row = self._row(key)
        return self._clock() if row is None else row.expires

    def clear(self, key: str) -> None:
        """Forget the count of *key*."""
        statement = delete(Tries).where(Tries.key == hashed(key))
        write(self._database, lambda session: session.execute(statement))

    def reset(self) -> None:
        """Forget all counts."""
        write(self._database, lambda session: session.execute(delete(Tries)))

    def check(self) -> bool:
        """Say whether the table can be read."""
        self.get("")
        return True

    def _row(self, key: str) -> Tries | None:
        """Give the row of *key*, unless its window is over."""
        with Session(self._database) as session:
            row = session.scalar(select(Tries).where(Tries.key == hashed(key)))
        return None if row is None or row.expires <= self._clock() else row

    def _tidy(self, session: Session, now: float) -> None:
        """Delete what is over, now and then: an attacker makes up names without end."""
        if now >= self._tidied_at + TIDY_S:
            self._tidied_at = now
            session.execute(delete(Tries).where(Tries.expires <= now))


class Limit:
    """Says who has failed too often of late: *per_name* and *per_address* in `WINDOW_MIN` minutes.

    A try is counted before the password is looked at, and taken back if it was right: so as many
    tries at once as there are threads do not get past the limit.
    """

    def __init__(
        self,
        database: Engine,
        per_name: int,
        per_address: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._counts = Counts(database, clock)
        self._windows = FixedWindowRateLimiter(self._counts)
        self._clock = clock
        self._per_name = RateLimitItemPerMinute(per_name, WINDOW_MIN, "name")
        self._per_address = RateLimitItemPerMinute(per_address, WINDOW_MIN, "address")

    def refusal(self, name: str, address: str) -> Problem | None:
        """Give the 429 for whoever must wait, or None; nothing is counted."""
        for item, who in ((self._per_address, place(address)), (self._per_name, name)):
            if not self._windows.test(item, who):
                return too_many(self._counts.get_expiry(item.key_for(who)) - self._clock())
        return None

    def begin(self, name: str, address: str) -> Problem | None:
        """Count a try, or give the 429 where it is one too many."""
        fits = self._windows.hit(self._per_address, place(address))
        fits = self._windows.hit(self._per_name, name) and fits
        return None if fits else self.refusal(name, address) or too_many(1.0)

    def succeeded(self, name: str, address: str) -> None:
        """Take the try back. The name starts anew; the address does not, or an attacker who has an
        account could try others without end.
        """
        self._windows.clear(self._per_name, name)
        self._windows.hit(self._per_address, place(address), cost=-1)


def too_many(left_s: float) -> Problem:
    """Give the 429 (RFC 6585 section 4) that says when to come back."""
    again = {"Retry-After": str(max(1, ceil(left_s)))}
    return Problem(429, "Too many wrong passwords; try again later.", headers=again)


def place(address: str) -> str:
    """Give what counts as one address: of IPv6 the /64, which is one household's."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return str(ip_network((ip, 64), strict=False))
    return str(ip.ipv4_mapped if isinstance(ip, IPv6Address) else ip)


def hashed(key: str) -> str:
    """Give *key* in as many characters as the column has, whatever a client has sent."""
    return sha256(key.encode()).hexdigest()

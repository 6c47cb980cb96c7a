"""Request targets: no spelling of a path gets round the route that protects it."""

from urllib.parse import unquote_to_bytes

from dev.fuzz import strict
from router.core.matching import demands, locate, table_of
from router.core.model import Auth, Match, Requirement, Route, Snapshot, Upstream
from router.core.problems import Problem

MONOLITH = Upstream("monolith", "127.0.0.1", 5001)
COACH = Upstream("coach", "127.0.0.1", 5002)
READ = frozenset({"GET", "HEAD"})
ADMIN = Requirement("role", frozenset({"admin"}))
DEFAULT = Route("default", (), MONOLITH, MONOLITH, auth=Auth.PASS)
WOD = Route("wod", (Match("/fitness/wod", methods=READ),), MONOLITH, COACH, candidate=COACH)
GUARDED = Route("admin", (Match("/admin/", is_prefix=True),), MONOLITH, MONOLITH, require=(ADMIN,))
OPEN = Route("open", (Match("/admin/open"),), MONOLITH, MONOLITH, auth=Auth.PASS)
UPSTREAMS = {"monolith": MONOLITH, "coach": COACH}
TABLE = table_of(Snapshot("routes.yaml", "hash", UPSTREAMS, DEFAULT, (WOD, GUARDED, OPEN)))
METHODS = ("GET", "POST", "OPTIONS", "CONNECT")
REFUSALS = frozenset({400, 405})


def check(data: bytes) -> None:
    """Locate the target; however a lax upstream reads it, nothing stricter is reached."""
    raw = data.decode("latin-1")
    for method in METHODS:
        located = locate(TABLE, method, raw)
        if isinstance(located, Problem):
            assert located.status in REFUSALS, located
            continue
        target, matched = located
        sent = target.raw.encode("ascii")
        assert strict.VCHAR.issuperset(sent)
        assert sent
        assert b"#" not in sent
        assert raw.endswith(target.raw) or target.authority is not None
        for path in lax_readings(sent.partition(b"?")[0]):
            assert guards(path) <= demands(matched.route), (method, path, matched.route.name)


def lax_readings(path: bytes) -> set[bytes]:
    """*path* as upstreams read it that decode, fold and resolve, in their several ways."""
    readings = {path, unquote_to_bytes(path)}
    readings |= {one.replace(b"\\", b"/") for one in readings}
    readings |= {
        b"/".join(segment.partition(b";")[0] for segment in one.split(b"/")) for one in readings
    }
    return readings | {folded(one) for one in readings} | {resolved(one) for one in readings}


def folded(path: bytes) -> bytes:
    """*path* with dot segments resolved and no slash twice, as `path.Clean` of Go does it."""
    segments: list[bytes] = []
    for one in path.split(b"/"):
        if one == b"..":
            segments = segments[:-1]
        elif one not in {b"", b"."}:
            segments.append(one)
    slash = b"/" if segments and path.endswith((b"/", b"/.", b"/..")) else b""
    return b"/" + b"/".join(segments) + slash


def resolved(path: bytes) -> bytes:
    """*path* with dot segments removed step by step, by the letter of RFC 3986 5.2.4."""
    left, done = path, b""
    while left:
        if left.startswith(b"/./") or left == b"/.":
            left = b"/" + left[3:]
        elif left.startswith(b"/../") or left == b"/..":
            left, done = b"/" + left[4:], done.rpartition(b"/")[0]
        else:
            end = left.find(b"/", 1)
            end = len(left) if end < 0 else end
            left, done = left[end:], done + left[:end]
    return done


def guards(path: bytes) -> frozenset[str]:
    """What the file asks of a path that is spelled plainly."""
    if path == b"/fitness/wod":
        return demands(WOD)
    return (
        demands(GUARDED)
        if path.startswith(b"/admin/") and path != b"/admin/open"
        else demands(DEFAULT)
    )


SEEDS = (
    b"/fitness/wod?a=b",
    b"/fitness/../admin/x",
    b"/%61dmin/%2e%2e/admin//x;y=1",
    b"http://a:80/admin/open",
    b"*",
    b"/admin/open/../x\\..",
    b"//admin/.;/x/",
    b"https://[::1]?q#f",
    b"//admin/..;/x",  # broke once
    b"/%61dmin/%2e%2e/admi/adm;y=1",  # broke once
    b"/x/../admin//../y",  # broke once
)

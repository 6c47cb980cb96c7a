"""Where things are: URLs of upstreams, paths and methods of requests.

Each check gives back what it was given, or raises `ValueError` with the words for the operator.
"""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from router.config.values import shown
from router.config.vocabulary import METHODS, nearest
from router.core.paths import is_well_formed, normal_form
from router.core.targets import REFUSED_METHODS

URL = re.compile(r"(https?)://(\[[^\]]*\]|[^/?#@:\[\]]*)(?::([0-9]+))?")
HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
KEY_SET_URL = re.compile(r"(https?://[^/?#]*)(/[\x21\x24-\x3e\x40-\x7e]*)(?:\?[\x21\x24-\x7e]*)?")
SHORT_MATCH = re.compile(r"(?:([A-Za-z,-]+) +)?(/[^ ]*)")
MAX_PATH = 4096
"""Well inside the longest request line that is read."""


def check_url(url: str) -> str:
    """An origin: scheme, host and port, nothing else."""
    if "@" in url:
        raise ValueError("must not hold a user name or password")
    found = URL.match(url)
    if found is None or not found[2]:
        raise ValueError(f'"{url[:80]}" is no URL; write http://host:port or https://host:port')
    if found.end() != len(url):
        raise ValueError(f'"{url[:80]}" must end after the port: paths go on as clients send them')
    if not is_host(found[2]):
        raise ValueError(f'"{found[2][:80]}" is no host name or address')
    if found[3] is not None and not is_port(found[3]):
        raise ValueError(f"port {found[3][:20]} is not between 1 and 65535")
    return url


def check_key_set_url(url: str) -> str:
    """Where a key set is: scheme, host, port and path, and perhaps a query."""
    found = KEY_SET_URL.fullmatch(url)
    if found is None or len(url) > MAX_PATH:
        raise ValueError("is no URL of a key set; write https://host/path without a fragment")
    check_url(found[1])
    return url


def is_private_way(url: str) -> bool:
    """Whether nobody else can change what *url* gives: TLS, or this machine itself."""
    tls, host, _ = origin(url.split("/", 3)[0] + "//" + url.split("/", 3)[2])
    if tls or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_host(host: str) -> bool:
    """Whether *host* is a name, an IPv4 address or a bracketed IPv6 address."""
    if not host.startswith("["):
        return HOST.fullmatch(host) is not None and ".." not in host
    try:
        return IPv6Address(host[1:-1]).scope_id is None
    except ValueError:
        return False


def is_port(digits: str) -> bool:
    """Whether *digits* are a port that can be connected to."""
    return len(digits) <= 5 and 1 <= int(digits) <= 65535


def origin(url: str) -> tuple[bool, str, int]:
    """Whether TLS, host and port of a URL that `check_url` took."""
    found = URL.fullmatch(url)
    assert found is not None, url
    tls = found[1] == "https"
    return tls, found[2].strip("[]"), int(found[3] or (443 if tls else 80))


def check_network(text: str) -> str:
    """An address or a network of them, `10.0.0.0/8`, in its shortest form."""
    address, slash, prefix = text.partition("/")
    if "%" in text or (slash and not prefix.isdecimal()):
        raise ValueError(f'"{text[:80]}" {NO_NETWORK}')
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text[:80]}" {NO_NETWORK}') from None
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise ValueError(f'"{text[:80]}" holds IPv4 addresses; write them as such')
    if network.network_address != ip_address(address):
        raise ValueError(f"{text} has bits beyond its prefix; the network is {network}")
    return str(network) if network.num_addresses > 1 else str(network.network_address)


NO_NETWORK = "is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8"


def check_health(path: str) -> str:
    """A request target for health checks."""
    if not path.startswith("/") or not is_well_formed(path):
        raise ValueError(f'"{path[:80]}" is no path; write one that begins with a slash')
    return path


def check_path(path: str) -> str:
    """A path that requests are compared with: plain, and the only way to spell itself."""
    if len(path) > MAX_PATH:
        raise ValueError(f"is longer than {MAX_PATH} characters")
    if not path.startswith("/"):
        raise ValueError(f'"{path[:80]}" must begin with a slash')
    if "*" in path:
        raise ValueError("a star may only end a prefix, after a slash: /admin/*")
    if "?" in path or "#" in path:
        raise ValueError("a query or fragment cannot be matched; leave it out")
    if "%" in path or not is_well_formed(path):
        raise ValueError("holds a character or an escape that cannot be matched")
    if normal_form(path) != path:
        normal = normal_form(path)[:80]
        raise ValueError(f'has more than one spelling; write its normal form, "{normal}"')
    return path


def check_prefix(path: str) -> str:
    """A prefix: a path that ends in a slash, so that /admin/* does not take /administrator."""
    if not path.endswith("/"):
        raise ValueError(f'"{path[:80]}" must end in a slash')
    return check_path(path)


def check_method(method: str) -> str:
    """A method that the router lets through."""
    if method in REFUSED_METHODS:
        raise ValueError(f"{method} is refused by the router on every path")
    if method not in METHODS:
        near = nearest(method.upper(), METHODS)
        raise ValueError(f'"{method[:40]}" is no method that the router knows{near}')
    return method


def lift_match(value: Any) -> Any:
    """The short form of a match, `GET,POST /path` or `/prefix/*`, as a mapping."""
    if isinstance(value, dict):
        return value
    found = SHORT_MATCH.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{shown(value)} is no match; write GET /path, /path or /prefix/*")
    methods, path = found[1], found[2]
    entry: dict[str, Any] = {"prefix": path[:-1]} if path.endswith("/*") else {"path": path}
    return entry | ({"methods": methods.split(",")} if methods else {})

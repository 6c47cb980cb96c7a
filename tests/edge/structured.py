"""Strict readers of what debug fields say: RFC 9209 over RFC 8941, and W3C Server-Timing.

They take what the grammars have and nothing else: a blank too many is an error here.
"""

import re
from dataclasses import dataclass

Item = str | int
TCHAR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
TOKEN = re.compile(rf"[A-Za-z*](?:{TCHAR}|[:/])*")
STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")

TIMING_PARAMETER = re.compile(
    rf'[ \t]*;[ \t]*({TCHAR}+)[ \t]*=[ \t]*({TCHAR}+|"(?:[^"\\\x00-\x1f\x7f]|\\.)*")'
)
METRIC = re.compile(rf"{TCHAR}+")

ERRORS = frozenset(
    [
        "dns_timeout",
        "dns_error",
        "destination_not_found",
        "destination_unavailable",
        "destination_ip_prohibited",
        "destination_ip_unroutable",
        "connection_refused",
        "connection_terminated",
        "connection_timeout",
        "connection_read_timeout",
        "connection_write_timeout",
        "connection_limit_reached",
        "tls_protocol_error",
        "tls_certificate_error",
        "tls_alert_received",
        "http_request_error",
        "http_request_denied",
        "http_response_incomplete",
        "http_response_header_section_size",
        "http_response_header_size",
        "http_response_body_size",
        "http_response_trailer_section_size",
        "http_response_trailer_size",
        "http_response_transfer_coding",
        "http_response_content_coding",
        "http_response_timeout",
        "http_upgrade_failed",
        "http_protocol_error",
        "proxy_internal_response",
        "proxy_internal_error",
        "proxy_configuration_error",
        "proxy_loop_detected",
    ]
)
"""The registered types (RFC 9209 2.3)."""

PARAMETERS = {
    "error": "token",
    "next-hop": "token or string",
    "next-protocol": "token",
    "received-status": "integer",
    "details": "string",
}


@dataclass(frozen=True)
class Member:
    """One intermediary, and what it says."""

    name: str
    parameters: dict[str, Item]


class Reader:
    """A text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What *pattern* matches here."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def skip(self, literal: str) -> bool:
        """Whether *literal* is next; then it is read."""
        is_next = self.text.startswith(literal, self.at)
        self.at += len(literal) * is_next
        return is_next

    def blanks(self, which: str) -> None:
        """Blanks, as many as there are."""
        while self.at < len(self.text) and self.text[self.at] in which:
            self.at += 1

    def item(self) -> tuple[str, Item]:
        """A bare item, and of which kind it is."""
        if found := self.take(STRING):
            return "string", re.sub(r"\\(.)", r"\1", found[1])
        if found := self.take(TOKEN):
            return "token", found[0]
        if found := self.take(INTEGER):
            return "integer", int(found[0])
        raise AssertionError(f"no item at {self.text[self.at :]!r}")


def proxy_status(text: str) -> list[Member]:
    """The members of a Proxy-Status (RFC 9209 2; the list of RFC 8941 3.1), in order."""
    reader, members = Reader(text), []
    while True:
        members.append(member(reader))
        reader.blanks(" \t")
        if reader.at == len(text):
            return members
        assert reader.skip(","), text[reader.at :]
        reader.blanks(" \t")
        assert reader.at < len(text), "a list does not end with a comma"


def member(reader: Reader) -> Member:
    """One of them: a token or a string, with the parameters that are registered."""
    kind, name = reader.item()
    assert kind in {"token", "string"}, kind
    told: dict[str, Item] = {}
    while reader.skip(";"):
        reader.blanks(" ")
        key = reader.take(KEY)
        assert key is not None, reader.text[reader.at :]
        assert key[0] not in told, f"{key[0]} twice"
        assert reader.skip("="), "none of them is a flag"
        kind, told[key[0]] = reader.item()
        assert kind in PARAMETERS[key[0]].split(" or "), f"{key[0]} is a {kind}"
    assert told.get("error", "dns_error") in ERRORS
    return Member(str(name), told)


def server_timing(text: str) -> list[tuple[str, dict[str, str]]]:
    """The metrics of a Server-Timing (W3C, 3): name and parameters."""
    metrics, reader = [], Reader(text)
    while True:
        name = reader.take(METRIC)
        assert name is not None, text[reader.at :]
        told: dict[str, str] = {}
        while found := reader.take(TIMING_PARAMETER):
            assert found[1] not in told, f"{found[1]} twice"
            told[found[1]] = found[2].strip('"')
        assert float(told.get("dur", 0)) >= 0
        metrics.append((name[0], told))
        reader.blanks(" \t")
        if reader.at == len(text):
            return metrics
        assert reader.skip(","), text[reader.at :]
        reader.blanks(" \t")

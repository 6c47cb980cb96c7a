"""Everything that is in force, every default filled in, as a routes.yaml that means the same."""

from collections.abc import Iterable
from typing import Any

import yaml

from router.config.scalars import resolve
from router.config.units import duration, size_text
from router.core.model import (
    BreakerRules,
    BudgetRules,
    Cause,
    Cohort,
    Compare,
    Jwt,
    Key,
    Limits,
    Network,
    Pin,
    Requirement,
    Route,
    Snapshot,
    Upstream,
)


def effective(snapshot: Snapshot) -> dict[str, Any]:
    """The configuration in its long form: what `check --effective` prints and `/config` shows.

    It passes `check` itself and gives an equal snapshot. No secret is in it, since none is in the
    model.
    """
    return {
        "upstreams": {name: of_upstream(one) for name, one in snapshot.upstreams.items()},
        **({} if snapshot.jwt is None else {"jwt": of_jwt(snapshot.jwt)}),
        "default": snapshot.default.upstream.name,
        "limits": of_limits(snapshot.limits),
        **given(trusted_proxies=[told(one) for one in snapshot.trusted_proxies] or None),
        "debug_headers": snapshot.debug_headers,
        "log_query": snapshot.log_query,
        "routes": {route.name: of_route(route) for route in snapshot.routes},
    }


def of_upstream(upstream: Upstream) -> dict[str, Any]:
    """An upstream in its long form."""
    return given(
        url=upstream.url,
        health=upstream.health,
        ca_file=upstream.ca_file,
        connect_timeout=duration(upstream.connect_timeout_s),
        idle_timeout=duration(upstream.idle_s),
        pause_timeout=duration(upstream.pause_s),
        pool=upstream.pool,
        connections=upstream.connections,
        queue=upstream.queue,
        queue_timeout=duration(upstream.queue_s),
    )


def of_limits(limits: Limits) -> dict[str, Any]:
    """What a client's connection may take."""
    return {
        "head_timeout": duration(limits.head_timeout_s),
        "body_timeout": duration(limits.body_timeout_s),
        "keep_alive": duration(limits.keep_alive_s),
        "slow_reader": duration(limits.slow_reader_s),
        "line": size_text(limits.line),
        "field": size_text(limits.field),
        "head": size_text(limits.head),
        "fields": limits.fields,
        "buffer": size_text(limits.buffer),
        "connections": limits.connections,
        "connections_per_client": limits.connections_per_client,
    }


def told(network: Network) -> str:
    """A network, or the one address that it is."""
    return str(network) if network.num_addresses > 1 else str(network.network_address)


def of_jwt(jwt: Jwt) -> dict[str, Any]:
    """The rules for tokens; keys by where they come from."""
    return given(
        issuer=jwt.issuer,
        audience=sorted(jwt.audience) or None,
        leeway=duration(jwt.leeway_s),
        require=sorted(jwt.required),
        keys=[of_key(key) for key in jwt.keys],
    )


def of_key(key: Key) -> dict[str, Any]:
    """A key by where it comes from; how it is refreshed only where it is fetched."""
    fetched = key.jwks_url is not None
    return given(
        algorithm=key.algorithm,
        secret_env=key.secret_env,
        secret_file=key.secret_file,
        public_key_file=key.public_key_file,
        jwks_url=key.jwks_url,
        kid=key.kid,
        issuer=key.issuer,
        audience=sorted(key.audience) or None,
        stale_for=duration(key.stale_for_s) if fetched else None,
        cache_file=key.cache_file,
        allow_http=key.allow_http if fetched else None,
    )


def of_route(route: Route) -> dict[str, Any]:
    """A route with the fields that have a meaning for it."""
    matches = [str(match) for match in route.matches]
    return {
        "match": matches if len(matches) > 1 else matches[0],
        **(of_plain(route) if route.candidate is None else of_strangled(route, route.candidate)),
        "auth": str(route.auth),
        **given(
            require=of_claims(route.require),
            idempotent=sorted(route.idempotent) or None,
            max_body=size_text(route.max_body),
            upgrade="allow" if route.upgrade else "refuse",
            upgrade_idle=duration(route.tunnel_idle_s) if route.upgrade else None,
        ),
    }


def of_plain(route: Route) -> dict[str, Any]:
    """Who serves a plain route."""
    return {
        "upstream": route.upstream.name,
        "legacy": route.legacy.name,
        "deadline": duration(route.deadline_s),
    }


def of_strangled(route: Route, candidate: Upstream) -> dict[str, Any]:
    """How users are divided between two sides."""
    return given(
        candidate=candidate.name,
        legacy=route.legacy.name,
        percent=plain(route.percent),
        by=route.by,
        salt=route.salt,
        pin=of_pins(route.pins),
        timeout=duration(route.timeout_s),
        deadline=duration(route.deadline_s),
        fallback=of_fallback(route),
        breaker="none" if route.breaker is None else of_breaker(route.breaker),
        budget="none" if route.budget is None else of_budget(route.budget),
        late=duration(route.late_s),
        compare=None if route.compare is None else of_compare(route.compare),
    )


def of_breaker(rules: BreakerRules) -> dict[str, Any]:
    """When the candidate is given up."""
    return {
        "tolerated": plain(rules.tolerated),
        "open": duration(rules.open_s),
        "longest_open": duration(rules.longest_open_s),
    }


def of_budget(rules: BudgetRules) -> dict[str, Any]:
    """How many fallbacks there may be."""
    return {
        "ratio": plain(rules.ratio),
        "min_per_s": plain(rules.min_per_s),
        "at_once": rules.at_once,
    }


def of_compare(compare: Compare) -> dict[str, Any]:
    """How answers are compared."""
    return given(
        sample=plain(compare.sample),
        control=plain(compare.control),
        ignore=list(compare.ignore) or None,
        unordered=list(compare.unordered) or None,
        tolerance=plain(compare.tolerance),
        max_body=size_text(compare.max_body),
        show_values=compare.show_values,
    )


def plain(number: float) -> int | float:
    """A number without a fraction that says nothing."""
    return int(number) if number.is_integer() else number


def of_pins(pins: Iterable[Pin]) -> dict[str, Any] | None:
    """Pins by side."""
    sides = {
        str(cohort): of_claims([pin for pin in pins if pin.cohort is cohort])
        for cohort in (Cohort.LEGACY, Cohort.CANDIDATE)
    }
    return given(**sides) or None


def of_claims(entries: Iterable[Pin | Requirement]) -> dict[str, list[str]] | None:
    """Claims and the values that count."""
    return {entry.claim: sorted(entry.values) for entry in entries} or None


def of_fallback(route: Route) -> str | list[str | int]:
    """`all`, `none`, or the list of causes and statuses."""
    if not route.fallback_statuses and len(route.fallback) in {0, len(Cause)}:
        return "all" if route.fallback else "none"
    causes = [str(cause) for cause in Cause if cause in route.fallback]
    return [*causes, *sorted(route.fallback_statuses)]


def given(**fields: Any) -> dict[str, Any]:
    """*fields* less those that are not set."""
    return {name: value for name, value in fields.items() if value is not None}


WIDTH = 1_000_000
"""No line is folded: a value is easier to find whole."""


class Dumper(yaml.SafeDumper):
    """Writes what our own reader takes: every text that could be read otherwise is quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out each time: aliases are refused when read."""
        return True


def quoted_if_doubtful(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """*text*, in quotes where they are needed to keep it text."""
    style = None if resolve(text) == (text, None) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, quoted_if_doubtful)


def as_yaml(configuration: dict[str, Any]) -> str:
    """`effective` as YAML, in its own order."""
    text: str = yaml.dump(
        configuration, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )
    return text

"""Every rule on a single field, in the words and at the place that the operator sees."""

# ruff: noqa: E501 - a row of a table stays on its line
import pytest

from tests.config.files import SHIPPED, problems, with_line, with_percent

FIELDS = [
    ("percent: 101", "14:14: routes.wod.percent: 101 is greater than 100"),
    ("percent: -1", "14:14: routes.wod.percent: -1 is less than 0"),
    ("percent: 100.001", "14:14: routes.wod.percent: 100.001 is greater than 100"),
    ("percent: 0.0005", "14:14: routes.wod.percent: 0.0005 has more than three decimals; a bucket is 0.001"),
    ("percent: '10'", '14:14: routes.wod.percent: must be a number, not "10"'),
    ("percent: ten", '14:14: routes.wod.percent: must be a number, not "ten"'),
    ("percent: 10%", '14:14: routes.wod.percent: must be a number, not "10%"'),
    ("percent: true", "14:14: routes.wod.percent: must be a number, not true"),
    ("percent: [10]", "14:14: routes.wod.percent: must be a number, not a list"),
    ("percent: {a: 1}", "14:14: routes.wod.percent: must be a number, not a mapping"),
    ("persent: 10", '14:5: routes.wod.persent: unknown key; did you mean "percent"?'),
    ("colour: red", "14:5: routes.wod.colour: unknown key"),
    ("by: ''", "14:9: routes.wod.by: must be 1 to 1024 printable characters"),
    ("by: 5", "14:9: routes.wod.by: must be text, not 5"),
    ('salt: "a\\nb"', "14:11: routes.wod.salt: must be 1 to 1024 printable characters"),
    ("auth: requird", '14:11: routes.wod.auth: "requird" is none of required, pass; did you mean "required"?'),
    ("legacy: monolit", '14:13: routes.wod.legacy: there is no upstream "monolit"; did you mean "monolith"?'),
    ("timeout: 2", "14:14: routes.wod.timeout: 2 has no unit; write a duration like 200ms, 2s or 1m"),
    ("timeout: 2 s", '14:14: routes.wod.timeout: "2 s" is no duration; write 200ms, 2s or 1m'),
    ("timeout: -2s", '14:14: routes.wod.timeout: "-2s" is no duration; write 200ms, 2s or 1m'),
    ("timeout: 0s", "14:14: routes.wod.timeout: must be longer than nothing"),
    ("deadline: 25h", "14:15: routes.wod.deadline: 25h is longer than a day"),
    ("max_body: 10MB", '14:15: routes.wod.max_body: "10MB" is no size; write 64KiB, 10MiB or 1GiB'),
    ("max_body: 1024", "14:15: routes.wod.max_body: 1024 has no unit; write a size like 64KiB or 10MiB"),
    ("max_body: 1025GiB", "14:15: routes.wod.max_body: 1025GiB is more than 1024GiB"),
    ("idempotent: post", '14:17: routes.wod.idempotent: "post" is no method that the router knows; did you mean "POST"?'),
    ("idempotent: []", "14:17: routes.wod.idempotent: is an empty list; leave the key out"),
    ("idempotent: [PUT, PUT]", '14:17: routes.wod.idempotent: has "PUT" twice'),
    ("fallback: some", '14:15: routes.wod.fallback: must be all, none, or a list of causes and statuses, not "some"'),
    ("fallback: []", "14:15: routes.wod.fallback: is an empty list; leave the key out"),
    ("fallback: [200]", "14:16: routes.wod.fallback[0]: status 200 is not between 400 and 599"),
    ("fallback: [600]", "14:16: routes.wod.fallback[0]: status 600 is not between 400 and 599"),
    ("fallback: ['503']", "14:16: routes.wod.fallback[0]: write the status 503 without quotes"),
    ("fallback: [5xx, 5xx]", '14:15: routes.wod.fallback: has "5xx" twice'),
    (
        "fallback: [timeot]",
        '14:16: routes.wod.fallback[0]: "timeot" is none of connect, timeout, reset, protocol, '
        'body, 5xx, overload; did you mean "timeout"?',
    ),
    ("pin: {coach: {role: qa}}", "14:11: routes.wod.pin.coach: unknown key"),
    ("pin: {candidate: {role: []}}", "14:29: routes.wod.pin.candidate.role: is an empty list; leave the key out"),
    ("pin: {candidate: {role: [1.5]}}", "14:30: routes.wod.pin.candidate.role[0]: must be text, not 1.5"),
    ("pin: {candidate: [qa]}", "14:22: routes.wod.pin.candidate: must be a mapping, not a list"),
    ("compare: 5", "14:14: routes.wod.compare: must be a mapping, not 5"),
    ("compare: {sample: 101}", "14:23: routes.wod.compare.sample: 101 is greater than 100"),
    ("compare: {ignore: a..b}", '14:23: routes.wod.compare.ignore: "a..b" is no path: write generated_at or exercises[*].id'),
    ("compare: {ignore: $}", '14:23: routes.wod.compare.ignore: "$" is no path: write generated_at or exercises[*].id'),
    ("compare: {ignore: [at, at]}", '14:23: routes.wod.compare.ignore: has "at" twice'),
    ("compare: {tolerance: -1}", "14:26: routes.wod.compare.tolerance: -1 is less than 0"),
    ("compare: {max_body: 1GiB}", "14:25: routes.wod.compare.max_body: 1GiB is more than 16MiB"),
    ("compare: {show_values: 1}", "14:28: routes.wod.compare.show_values: must be true or false, not 1"),
    ("compare: {shadow: 1}", "14:15: routes.wod.compare.shadow: unknown key"),
    ("breaker: 5", "14:14: routes.wod.breaker: must be none or a mapping, not 5"),
    ("breaker: ever", '14:14: routes.wod.breaker: must be none or a mapping, not "ever"'),
    ("breaker: {tolerated: 0}", "14:26: routes.wod.breaker.tolerated: 0 is less than 0.01"),
    ("breaker: {tolerated: 11}", "14:26: routes.wod.breaker.tolerated: 11 is greater than 10"),
    ("breaker: {open: 5}", "14:21: routes.wod.breaker.open: 5 has no unit; write a duration like 200ms, 2s or 1m"),
    ("breaker: {opne: 5s}", '14:15: routes.wod.breaker.opne: unknown key; did you mean "open"?'),
    ("breaker: {open: 20s, longest_open: 19s}", "14:40: routes.wod.breaker.longest_open: 19s is less than open, 20s"),
    ("budget: {ratio: 2}", "14:21: routes.wod.budget.ratio: 2 is greater than 1"),
    ("budget: {min_per_s: -1}", "14:25: routes.wod.budget.min_per_s: -1 is less than 0"),
    ("budget: {at_once: 0}", "14:23: routes.wod.budget.at_once: 0 is less than 1"),
    ("require: admin", '14:14: routes.wod.require: must be a mapping, not "admin"'),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problem"), FIELDS)
def test_a_wrong_field_is_told_in_words_where_it_stands(line: str, problem: str) -> None:
    """One wrong field of a route is exactly one problem."""
    assert problems(with_percent(f"    {line}")) == [problem]


OFF = ["off", "no", "false", "False", "n", "0", "'off'", "'no'", "never", "disabled"]
"""What operators write who want something off, or have in their YAML 1.1 tools."""
SPELLED = {
    "breaker": "write breaker: none",
    "budget": "write budget: none",
    "fallback": "write fallback: none",
    "late": "write late: 0s",
    "upgrade": "write upgrade: refuse",
    "auth": "write auth: pass",
    "compare": "leave compare out",
    "pin": "leave pin out",
    "require": "leave require out",
    "idempotent": "leave idempotent out",
}


@pytest.mark.parametrize(("field", "right"), SPELLED.items())
@pytest.mark.parametrize("word", [*OFF, "none"])
def test_who_wants_something_off_is_told_how_it_is_spelled(
    field: str, right: str, word: str
) -> None:
    """Never to write true or false, or to use quotes, where neither would be taken."""
    found = problems(with_percent(f"    {field}: {word}"))
    if right == f"write {field}: {word}":
        assert found == []
        return
    [problem] = found
    assert problem.startswith(f"14:{len(field) + 7}: routes.wod.{field}: ")
    assert problem.endswith(f"; to turn it off, {right}")
    assert "true or false" not in problem


def test_in_a_list_it_is_told_likewise() -> None:
    """And what else is wrong with it is not lost."""
    [problem] = problems(with_percent("    fallback: [off]"))
    assert problem.startswith('14:16: routes.wod.fallback[0]: "off" is none of connect, timeout')
    assert problem.endswith("; to turn it off, write fallback: none")
    twice = problems(with_percent("    breaker: off\n    breaker: off"))
    assert "15:5: routes.wod.breaker: is written twice (first in line 14)" in twice


@pytest.mark.parametrize("word", ["off", "no", "false", "none"])
def test_what_has_a_zero_says_so(word: str) -> None:
    """Of a number, and of what another field turns off."""
    assert problems(with_percent(f"    percent: {word}"))[0].endswith("write percent: 0")
    assert problems(with_percent(f"    compare: {{sample: {word}}}"))[0].endswith("sample: 0")
    zeros = {"queue": "queue: 0", "queue_timeout": "queue: 0", "pool": "pool: 0"}
    for field, right in zeros.items():
        coach = f"coach: {{url: http://a, {field}: {word}}}"
        [problem] = problems(with_line("coach: http://127.0.0.1:5002", coach))
        assert problem.startswith(f"4:{len(field) + 28}: upstreams.coach.{field}: ")
        assert problem.endswith(f"; to turn it off, write {right}")


def test_who_wants_something_on_is_told_as_well() -> None:
    """Most of it is on where nothing is said."""
    for field, right in {"breaker": "{}", "compare": "{}", "upgrade": "allow"}.items():
        for word in ("on", "true", "yes", "'on'"):
            [problem] = problems(with_percent(f"    {field}: {word}"))
            assert problem.endswith(f"; to turn it on, write {field}: {right}")


def test_nothing_is_not_what_leaves_it_on() -> None:
    """Whoever empties a field may want it off; to leave it out would leave it on."""
    said = "is empty; give it a value or leave the key out"
    for field, right in {"breaker": "none", "budget": "none", "late": "0s"}.items():
        column = len(field) + 7
        assert problems(with_percent(f"    {field}: null")) == [
            f'14:{column}: routes.wod.{field}: "null" {said}; to turn it off, write {field}: {right}'
        ]
    assert problems(with_percent("    compare: null")) == [
        f'14:14: routes.wod.compare: "null" {said}'
    ]


@pytest.mark.parametrize("field", ["timeout", "deadline", "max_body", "legacy"])
def test_a_word_like_off_is_judged_as_the_field_has_it(field: str) -> None:
    """What can be neither on nor off says what it can be."""
    [problem] = problems(with_percent(f"    {field}: off"))
    assert "true or false" not in problem
    assert problem.startswith(f"14:{len(field) + 7}: routes.wod.{field}: ")


UPSTREAMS = [
    ("5", "4:10: upstreams.coach: must be a URL or a mapping, not 5"),
    ("coach:5002", '4:10: upstreams.coach: "coach:5002" is no URL; write http://host:port or https://host:port'),
    ("ftp://coach", '4:10: upstreams.coach: "ftp://coach" is no URL; write http://host:port or https://host:port'),
    ("http://", '4:10: upstreams.coach: "http://" is no URL; write http://host:port or https://host:port'),
    ("http://coach/", '4:10: upstreams.coach: "http://coach/" must end after the port: paths go on as clients send them'),
    ("http://coach?a=b", '4:10: upstreams.coach: "http://coach?a=b" must end after the port: paths go on as clients send them'),
    ("http://bob:secret@coach", "4:10: upstreams.coach: must not hold a user name or password"),
    ("http://coach:0", "4:10: upstreams.coach: port 0 is not between 1 and 65535"),
    ("http://coach:99999", "4:10: upstreams.coach: port 99999 is not between 1 and 65535"),
    ("http://co ach", '4:10: upstreams.coach: "co ach" is no host name or address'),
    ("http://bücher", '4:10: upstreams.coach: "bücher" is no host name or address'),
    ("http://a..b", '4:10: upstreams.coach: "a..b" is no host name or address'),
    ("'http://[::g]'", '4:10: upstreams.coach: "[::g]" is no host name or address'),
    ("{urk: 'http://a'}", '4:11: upstreams.coach.urk: unknown key; did you mean "url"?'),
    ("{url: http://a, health: health}", '4:34: upstreams.coach.health: "health" is no path; write one that begins with a slash'),
    ("{url: http://a, idle_timeout: 0s}", "4:40: upstreams.coach.idle_timeout: must be longer than nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "problem"), UPSTREAMS)
def test_a_wrong_upstream_is_told(value: str, problem: str) -> None:
    """What cannot be connected to is refused before anybody tries."""
    found = problems(with_line("coach: http://127.0.0.1:5002", f"coach: {value}"))
    assert problem in found
    assert len(found) == (2 if "urk" in value else 1)


@pytest.mark.parametrize(
    "url", ["http://coach", "https://coach.example.com:8443", "http://[::1]:5002", "http://a_b:1"]
)
def test_good_urls_are_taken(url: str) -> None:
    """Names, ports, addresses and both schemes."""
    assert problems(with_line("http://127.0.0.1:5002", f"'{url}'")) == []


MATCHES = [
    ("GET", '12:12: routes.wod.match: "GET" is no match; write GET /path, /path or /prefix/*'),
    ("fitness/wod", '12:12: routes.wod.match: "fitness/wod" is no match; write GET /path, /path or /prefix/*'),
    ("7", "12:12: routes.wod.match: 7 is no match; write GET /path, /path or /prefix/*"),
    ("get /x", '12:12: routes.wod.match: "get" is no method that the router knows; did you mean "GET"?'),
    ("GET,FETCH /x", '12:12: routes.wod.match: "FETCH" is no method that the router knows; did you mean "PATCH"?'),
    ("TRACE /x", "12:12: routes.wod.match: TRACE is refused by the router on every path"),
    ("CONNECT /x", "12:12: routes.wod.match: CONNECT is refused by the router on every path"),
    ("GET,GET /x", '12:12: routes.wod.match: has "GET" twice'),
    ("/x?y=z", "12:12: routes.wod.match: a query or fragment cannot be matched; leave it out"),
    ("/x*", "12:12: routes.wod.match: a star may only end a prefix, after a slash: /admin/*"),
    ("/*/x", "12:12: routes.wod.match: a star may only end a prefix, after a slash: /admin/*"),
    ("/a//b", '12:12: routes.wod.match: has more than one spelling; write its normal form, "/a/b"'),
    ("/a/../b", '12:12: routes.wod.match: has more than one spelling; write its normal form, "/b"'),
    ("/a;v=1", '12:12: routes.wod.match: has more than one spelling; write its normal form, "/a"'),
    ("/caf%C3%A9", "12:12: routes.wod.match: holds a character or an escape that cannot be matched"),
    ("/café", "12:12: routes.wod.match: holds a character or an escape that cannot be matched"),
    ("[]", "12:12: routes.wod.match: is an empty list; leave the key out"),
    ("{}", "12:12: routes.wod.match: give path or prefix, one of the two"),
    ("{path: /x, prefix: /y/}", "12:12: routes.wod.match: give path or prefix, one of the two"),
    ("{prefix: /x}", '12:21: routes.wod.match.prefix: "/x" must end in a slash'),
    ("{path: /x, pth: /y}", '12:23: routes.wod.match.pth: unknown key; did you mean "path"?'),
    ("[/x, {path: yy}]", '12:24: routes.wod.match[1].path: "yy" must begin with a slash'),
    ("[/x, [/y]]", "12:17: routes.wod.match[1]: a list is no match; write GET /path, /path or /prefix/*"),
    ("[GET /x, HEAD /x]", '12:21: routes.wod.match[1]: "HEAD /x" is matched twice'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "problem"), MATCHES)
def test_a_wrong_match_is_told(value: str, problem: str) -> None:
    """A match that would never hold, or hold for more than it says, is refused."""
    assert problems(with_line("match: GET /fitness/wod", f"match: {value}")) == [problem]


def test_a_missing_match_stands_at_its_route() -> None:
    """What is missing has no place of its own: the entry's key is shown."""
    assert problems(with_line("    match: GET /fitness/wod\n", "")) == [
        '11:3: routes.wod: "match" is missing'
    ]


KEYS = [
    ("hunter2hunter2", "6:6: jwt: must be a mapping"),
    ("{issuer: fit-api}", "6:6: jwt: a key is missing; give secret_env or secret_file"),
    ("{secret: hunter2}", '6:7: jwt.secret: unknown key; did you mean "secret_env"?'),
    ("{secret_env: hunter-2}", "6:19: jwt.secret_env: is no name of an environment variable (the secret does not belong here)"),
    ("{secret_env: 0123}", "6:19: jwt.secret_env: begins with a zero, which some YAML tools read as octal; drop it, or use quotes"),
    ("{secret_env: 123}", "6:19: jwt.secret_env: must be text"),
    ("{secret_env: A, secret_file: b}", "6:35: jwt.secret_file: give secret_env or secret_file, not both"),
    ("{secret_env: A, keys: [{secret_env: B}]}", "6:28: jwt.keys: give the keys here or one secret beside it, not both"),
    ("{keys: []}", "6:13: jwt.keys: is empty"),
    ("{keys: [{algorithm: HS256}]}", "6:14: jwt.keys[0]: a key is missing; give secret_env, secret_file, public_key_file or jwks_url"),
    ("{keys: [{algorithm: RS256, secret_env: A}]}", "6:45: jwt.keys[0].secret_env: RS256 needs public_key_file or jwks_url, no secret"),
    ("{keys: [{algorithm: none, secret_env: A}]}", '6:26: jwt.keys[0].algorithm: "none" is not supported; supported: HS256, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA'),
    ("{keys: [{jwks_url: https://a.b/c}]}", "6:25: jwt.keys[0].jwks_url: HS256 needs a secret; say which other, like algorithm: RS256"),
    ("{keys: [{public_key_file: a.pem}]}", "6:32: jwt.keys[0].public_key_file: HS256 needs a secret; say which other, like algorithm: RS256"),
    ("{keys: [{algorithm: RS256, public_key_file: a, jwks_url: https://a.b/c}]}", "6:63: jwt.keys[0].jwks_url: give public_key_file or jwks_url, not both"),
    ("{keys: [{algorithm: RS256, jwks_url: http://a.b/c}]}", "6:43: jwt.keys[0].jwks_url: whoever is on the way could put in keys; use https, or say allow_http: true"),
    ("{keys: [{algorithm: RS256, jwks_url: https://u:p@a.b/c}]}", "6:43: jwt.keys[0].jwks_url: must not hold a user name or password"),
    ("{keys: [{algorithm: RS256, jwks_url: https://a.b}]}", "6:43: jwt.keys[0].jwks_url: is no URL of a key set; write https://host/path without a fragment"),
    ("{keys: [{algorithm: RS256, jwks_url: file:///etc/keys}]}", "6:43: jwt.keys[0].jwks_url: is no URL of a key set; write https://host/path without a fragment"),
    ("{keys: [{algorithm: RS256, jwks_url: https://a.b/c, kid: k}]}", "6:63: jwt.keys[0].kid: has no meaning with jwks_url: each key there has its own"),
    ("{keys: [{algorithm: RS256, public_key_file: a, cache_file: b}]}", "6:65: jwt.keys[0].cache_file: has no meaning without jwks_url"),
    ("{keys: [{secret_env: A, allow_http: true}]}", "6:42: jwt.keys[0].allow_http: has no meaning without jwks_url"),
    ("{keys: [{secret_env: A}, {secret_env: A}]}", "6:31: jwt.keys[1]: is the same key as keys[0]; remove one"),
    ("{keys: [{secret_env: A, kid: k}, {secret_env: B, kid: k}]}", "6:60: jwt.keys[1].kid: is the kid of keys[0] too: nobody could tell them apart"),
    ("{keys: [{secret_env: A, kid: kä}]}", "6:35: jwt.keys[0].kid: must be 1 to 256 printable ASCII characters"),
    ("{keys: [{algorithm: RS256, jwks_url: https://a.b/c, stale_for: 25h}]}", "6:69: jwt.keys[0].stale_for: 25h is longer than a day"),
    ("{secret_env: A, leeway: 6m}", "6:30: jwt.leeway: is more than 5m; clocks that far apart should be set"),
    ("{secret_env: A, audience: []}", "6:32: jwt.audience: is an empty list; leave the key out"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "problem"), KEYS)
def test_a_wrong_key_is_told_and_a_secret_never_shown(value: str, problem: str) -> None:
    """Whoever writes the secret itself into the file does not find it in the log."""
    found = problems(with_line("{issuer: fit-api, secret_env: JWT_SECRET}", value))
    assert found == [problem]
    assert "hunter" not in " ".join(found)


FINE = [
    "algorithm: RS256, jwks_url: http://127.0.0.1:5001/.well-known/jwks.json",
    "algorithm: PS512, jwks_url: http://localhost/jwks",
    "algorithm: RS256, jwks_url: 'http://[::1]:1/jwks?a=b'",
    "algorithm: RS256, jwks_url: http://monolith:5001/jwks, allow_http: true, stale_for: 1h",
    "algorithm: EdDSA, jwks_url: https://id.example/jwks, cache_file: jwks.json, issuer: a",
    "algorithm: ES256, public_key_file: keys/mobile.pem, kid: mobile-1, issuer: b, audience: x",
    "secret_env: B, kid: two",
]


@pytest.mark.parametrize("key", FINE)
def test_keys_of_every_kind_are_taken(key: str) -> None:
    """Beside a secret, in one list."""
    keys = f"{{issuer: fit-api, keys: [{{secret_env: A}}, {{{key}}}]}}"
    assert problems(with_line("{issuer: fit-api, secret_env: JWT_SECRET}", keys)) == []


NAMES = ["Wod", "1wod", "w od", "wöd", "", "none", "default", "w" * 64]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_no_labels_are_refused(name: str) -> None:
    """Route names become metric labels: one spelling, bounded, and not a word that is taken."""
    (problem,) = problems(with_line("  wod:\n", f"  '{name}':\n"))
    assert problem.startswith("11:3: routes")
    assert "is no name" in problem or "is a word that the metrics use" in problem


def test_top_level_needs() -> None:
    """Upstreams, default and routes must be there; a file that was cut off is not taken."""
    assert problems("debug_headers: false\n") == [
        '1:1: "upstreams" is missing',
        '1:1: "default" is missing',
        '1:1: "routes" is missing',
    ]
    assert problems(SHIPPED.partition("routes:\n")[0]) == ['2:1: "routes" is missing']
    assert problems("upstreams: {a: http://a}\ndefault: a\nroutes: {}\n") == []


def test_all_problems_are_told_at_once() -> None:
    """Types, names, unknown keys, doubled keys and rules on several fields, in one go."""
    text = """\
upstreams: {monolith: http://127.0.0.1:5001, coach: http://coach/x}
default: monolit
debug_headers: yes
routes:
  one:
    match: [GET /a, GET /b]
    candidate: couch
    percent: 101
    persent: 5
    auth: pass
    require: {role: admin}
  two:
    match: GET /b
    upstream: coach
    salt: one
    salt: two
"""
    assert problems(text) == [
        '1:53: upstreams.coach: "http://coach/x" must end after the port: '
        "paths go on as clients send them",
        '2:10: default: there is no upstream "monolit"; did you mean "monolith"?',
        '3:16: debug_headers: "yes" is read as true or false by some YAML tools; '
        "write true or false, or use quotes",
        '7:16: routes.one.candidate: there is no upstream "couch"; did you mean "coach"?',
        "8:14: routes.one.percent: 101 is greater than 100",
        '9:5: routes.one.persent: unknown key; did you mean "percent"?',
        "11:14: routes.one.require: nobody can be known with auth: pass, which verifies no token",
        "12:3: routes.two.auth: needs a valid token, but the file has no jwt; add it, or say auth: pass",
        '13:12: routes.two.match: "GET,HEAD /b" is matched by route one as well',
        "16:5: routes.two.salt: is written twice (first in line 15)",
    ]

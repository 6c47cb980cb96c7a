"""How load is judged: sides, percentiles, promises, shapes and wishes, by tables."""

from pathlib import Path

import pytest

from load.people import names, people
from load.promises import verdicts
from load.shapes import users_at
from load.sides import Side, cohort_of, side_of
from load.tally import WOD, Tally, percentile
from load.wishes import wishes

# The golden vectors of bucket(): user-1 is at 7.694 %, user-2 at 12.780 %.
SIDES = [
    ("user-1", 10, "coach", "candidate;percent", Side.RIGHT),
    ("user-2", 10, "monolith", "legacy;percent", Side.RIGHT),
    ("user-1", 10, "monolith", "candidate;percent", Side.RESCUED),
    ("user-1", 10, "monolith", "legacy;percent", Side.WRONG),
    ("user-2", 10, "coach", "candidate;percent", Side.WRONG),
    ("user-2", 10, "coach", "legacy;percent", Side.WRONG),
    ("user-1", 10, None, "candidate;percent", Side.UNTOLD),
    ("user-1", 10, "coach", None, Side.UNTOLD),
    ("user-1", 0, "monolith", "legacy;percent", Side.RIGHT),
    ("user-2", 100, "coach", "candidate;percent", Side.RIGHT),
]


@pytest.mark.parametrize(("user", "percent", "served", "decision", "side"), SIDES)
def test_a_rescue_is_told_from_a_wrong_side(user, percent, served, decision, side):
    """Only a candidate's user served by the monolith, as the router meant it, was rescued."""
    assert side_of(user, percent, served, decision) is side


@pytest.mark.parametrize(("percent", "cohort"), [(7.694, "legacy"), (7.695, "candidate")])
def test_users_are_dealt_as_by_the_router(percent, cohort):
    """bucket < percent, strictly."""
    assert cohort_of("user-1", percent) == cohort


@pytest.mark.parametrize(
    ("values", "percent", "wanted"),
    [
        ([], 95, None),
        ([7], 50, 7),
        ([3, 1, 2], 50, 2),
        (range(1, 101), 95, 95),
        (range(1, 101), 99, 99),
        ([1] * 19 + [9], 95, 1),
        ([1] * 18 + [9, 9], 95, 9),
    ],
)
def test_percentiles_are_nearest_rank(values, percent, wanted):
    """A value that was really seen, never an average of two."""
    assert percentile(list(values), percent) == wanted


def run(good=100, took_ms=50.0, bad=0, wrong=0, untold=0, crashes=0, rescued=0):
    """A run of WODs alone."""
    tally = Tally(took_ms={WOD: [took_ms] * good}, crashes=crashes)
    for _ in range(bad):
        tally.bad(WOD, "status 503")
    tally.sides.update({Side.RIGHT: good, Side.WRONG: wrong, Side.UNTOLD: untold})
    tally.sides[Side.RESCUED] += rescued
    return tally


@pytest.mark.parametrize(
    ("tally", "percent", "broken"),
    [
        (run(), 100, []),
        (run(), 0, []),
        (run(rescued=3), 100, []),
        (run(took_ms=250), 100, ["p95 of the WOD < 250 ms"]),
        (run(took_ms=250), 50, []),
        (run(took_ms=5000), 0, ["p95 of the WOD < 5000 ms"]),
        (run(good=1000, bad=9), 0, []),
        (run(good=99, bad=1), 0, ["errors of the WOD < 1%", "errors of all < 1%"]),
        (run(good=1000, bad=1), 100, ["no errors"]),
        (run(wrong=1), 50, ["every user on the side of their bucket"]),
        (run(untold=1), 50, ["every user on the side of their bucket"]),
        (run(wrong=1), None, []),
        (run(crashes=1), 0, ["every user could act"]),
    ],
)
def test_each_promise_is_broken_by_its_own_fault(tally, percent, broken):
    """And by no other's; a rescue breaks none."""
    assert [one.promise for one in verdicts(tally, percent) if not one.is_kept] == broken


def test_a_run_without_requests_keeps_nothing():
    """Nobody was harmed is not a finding."""
    assert not any(one.is_kept for one in verdicts(Tally(), 0))


def test_a_tally_is_read_as_it_was_written(tmp_path):
    """Counters too."""
    tally = run(bad=2, wrong=1)
    tally.write(tmp_path / "deep" / "tally.json")
    assert Tally.read(tmp_path / "deep" / "tally.json") == tally


@pytest.mark.parametrize(
    ("shape", "now_s", "users"),
    [
        ("steady", 0, 100),
        ("steady", 59, 100),
        ("ramp", 0, 1),
        ("ramp", 24, 50),
        ("ramp", 50, 100),
        ("spike", 10, 20),
        ("spike", 30, 100),
        ("spike", 45, 20),
    ],
)
def test_shapes(shape, now_s, users):
    """Users at a moment of 60 s."""
    wanted = users_at(shape, now_s, 60, 100)
    assert wanted is not None
    assert wanted[0] == users
    assert users_at(shape, 60, 60, 100) is None


@pytest.mark.parametrize(
    ("variable", "text"),
    [("LOAD_USERS", "0"), ("LOAD_SECONDS", "soon"), ("LOAD_SHAPE", "cube"), ("LOAD_MIX", "x")],
)
def test_a_wrong_wish_is_named(variable, text):
    """The variable and what stood in it."""
    with pytest.raises(ValueError, match=f"^{variable}: .*{text}"):
        wishes({variable: text})


def test_wishes_have_defaults():
    """The decision's 100 users with 5 to 10 s between requests; sides unjudged."""
    asked = wishes({"LOAD_PERCENT": ""})
    assert (asked.users, asked.think_s, asked.percent) == (100, (5.0, 10.0), None)
    assert wishes({"LOAD_PERCENT": "0"}).percent == 0


def nobody(name: str, _: str) -> str:
    """Logs nobody in."""
    raise AssertionError(f"{name} need not log in")


def test_where_tokens_come_from(tmp_path: Path):
    """A file of tokens, a secret, a file with the secret, a password: the first that is there."""
    (tmp_path / "tokens").write_text('{"a@b.c": "t"}')
    (tmp_path / "secret").write_text("a secret of more than 32 characters!\n")
    [one] = people(5, {"LOAD_TOKENS": str(tmp_path / "tokens"), "JWT_SECRET": "x"}, nobody)
    assert (one.name, one.token) == ("a@b.c", "t")
    assert "t" not in repr(one).partition("token")[2]
    minted = people(3, {"JWT_SECRET_FILE": str(tmp_path / "secret")}, nobody)
    assert [person.name for person in minted] == names(3)
    logged_in = people(2, {}, lambda name, password: f"{name}:{password}")
    assert [person.token for person in logged_in] == [
        "alice@example.com:train-every-day",
        "bob@example.com:train-every-day",
    ]

"""The stack that demonstrations and tests start."""

from pathlib import Path

import pytest

from dev.places import with_ports
from dev.process import NotReady
from dev.stack import Stack

pytestmark = pytest.mark.system


def test_a_program_that_cannot_start_leaves_none_behind(tmp_path: Path) -> None:
    """The monolith was ready already; it is stopped, and so is what never came up."""
    stack = Stack(tmp_path, environment={"COACH_WORKERS": "many"})
    with pytest.raises(NotReady, match="coach ended while starting"), stack:
        pass
    assert {name: one.has_ended for name, one in stack.processes.items()} == {
        "monolith": True,
        "coach": True,
    }
    assert not list(tmp_path.glob("*.pid"))


def test_what_a_killed_program_counted_stays_in_the_stacks_folder(tmp_path: Path) -> None:
    """Not in the machine's temporary one, where nobody would remove it."""
    stack = Stack(tmp_path)
    for program in (stack.plan.monolith, stack.plan.coach):
        figures = Path(program.environment["PROMETHEUS_MULTIPROC_DIR"])
        assert figures.parent == tmp_path.resolve()


def test_a_port_that_begins_like_another_is_not_taken_for_it() -> None:
    """The free port of the first may begin with the second's digits."""
    text = "127.0.0.1:8080 127.0.0.1:5001 127.0.0.1:50019 127.0.0.2:5001"
    moved = with_ports(text, {"8080": 50019, "5001": "4321"})
    assert moved == "127.0.0.1:50019 127.0.0.1:4321 127.0.0.1:50019 127.0.0.2:5001"

"""Imports point down only: the shape of the router is checked, not hoped for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_layers_hold() -> None:
    """import-linter reads the contracts in pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--no-cache"]
    shown = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr

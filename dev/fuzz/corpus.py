"""The inputs that are kept: a file a target, an input a line, as text that can be read."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from dev.plan import ROOT

FOLDER = ROOT / "tests" / "fuzz" / "corpus"


def kept(name: str, folder: Path = FOLDER) -> list[bytes]:
    """The inputs of a target."""
    path = folder / f"{name}.txt"
    return [decoded(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def keep(name: str, inputs: Iterable[bytes], folder: Path = FOLDER) -> None:
    """Keep *inputs*, each once, the shortest first."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{encoded(one)}\n" for one in in_order(set(inputs)))
    (folder / f"{name}.txt").write_text(lines, "ascii")


def in_order(inputs: Iterable[bytes]) -> Sequence[bytes]:
    """From the shortest."""
    return sorted(inputs, key=lambda one: (len(one), one))


def encoded(data: bytes) -> str:
    r"""Bytes as text: what is not printable is escaped, `\r\n` for a line end."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes again."""
    return text.encode("ascii").decode("unicode_escape").encode("latin-1")

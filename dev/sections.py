"""Pages that several commands write: each owns a section between two marks, and no line more."""

import re
from pathlib import Path


def put(page: Path, name: str, text: str, *, title: str = "Performance") -> None:
    """Replace the section *name* of *page* by *text*; a page that has none gets it at its end."""
    begin, end = (
        f"<!-- {name}: written by `make {name}`, not by hand -->",
        f"<!-- end of {name} -->",
    )
    section = f"{begin}\n\n{text}\n\n{end}"
    before = page.read_text("utf-8") if page.exists() else f"# {title}\n"
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if old.search(before):
        after = old.sub(lambda _: section, before)
    else:
        after = f"{before.rstrip()}\n\n{section}\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(after, "utf-8")

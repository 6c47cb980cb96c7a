"""The rows, by what is at fault."""

from tests.faults.rows import Row
from tests.faults.table import answers, connections, endings, files, world, writes

TABLES: dict[str, tuple[Row, ...]] = {
    "the candidate cannot be reached": connections.ROWS,
    "what the candidate says": answers.ROWS,
    "programs that die, clients that leave": endings.ROWS,
    "writes": writes.ROWS,
    "the file": files.ROWS,
    "our own world": world.ROWS,
}
ROWS = [(topic, row) for topic, rows in TABLES.items() for row in rows]

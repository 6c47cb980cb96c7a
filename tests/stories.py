"""Stories of exchanges, told by what matters in them."""

from router.core.record import Record


def story(**also: object) -> Record:
    """An exchange of which *also* is known."""
    record = Record("id-1", "192.0.2.1", "GET", 0.0, trace_id="t" * 32)
    for name, value in also.items():
        setattr(record, name, value)
    return record

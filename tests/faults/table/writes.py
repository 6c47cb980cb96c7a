"""Requests that may not be repeated."""

from tests.edge.scripts import ok, reset_before_byte
from tests.faults.rows import Play, Row

UPLOAD = b"a small body"

ROWS = (
    Row(
        "POST, sent, then reset",
        "reset, not eligible",
        "502; never repeated unless the route declares it idempotent",
        {
            "POST": Play(
                (reset_before_byte(),),
                (("coach", "reset"),),
                "fail_not_eligible",
                502,
                None,
                method="POST",
                path="/write",
                upload=UPLOAD,
            ),
            "PUT, declared idempotent": Play(
                (reset_before_byte(),),
                (("coach", "reset"), ("monolith", "ok")),
                "rescued",
                method="PUT",
                path="/write",
                upload=UPLOAD,
            ),
        },
        ("edge/test_edge_writes.py::test_nor_is_it_repeated_on_a_kept_connection_that_was_gone",),
    ),
    Row(
        "POST, connection refused",
        "connect",
        "legacy: nothing was sent",
        {
            "POST": Play(
                (ok(),),
                (("refused", "connect"), ("monolith", "ok")),
                "rescued",
                method="POST",
                path="/refused",
                upload=UPLOAD,
            ),
        },
    ),
)

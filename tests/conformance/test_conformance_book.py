"""The page that lists the cases is made from the tables that are tried."""

from tests.conformance.book import PAGE, page


def test_the_page_is_fresh() -> None:
    """`python -m tests.conformance.book --write` makes it anew."""
    assert PAGE.read_text() == page()

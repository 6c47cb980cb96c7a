"""Something that is done again and again beside a measurement, in a thread of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def meanwhile(step: Callable[[], None], every_s: float) -> Iterator[None]:
    """Take *step* every *every_s* seconds as long as the block lasts; what it raises ends it."""
    over = threading.Event()

    def again() -> None:
        while not over.wait(every_s):
            step()

    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(again)
        try:
            yield
        finally:
            over.set()
        taken.result()

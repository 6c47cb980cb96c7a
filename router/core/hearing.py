"""What another process has told, as far as this version can read it."""

from math import isfinite
from typing import Any, Final

from router.core.protection import News

LARGEST_UNIT: Final = 2**64


def heard(said: Any) -> tuple[str, News] | None:
    """The guard's key and the news in one entry; None where it is not what this version tells.

    Behind what is known there may be more, which a later version has added.
    """
    match said:
        case [str(key), float(began), int(successes), int(failures), int(unit), bool(probe), *more]:
            news = News(began, successes, failures, unit, probe, more[:1] == [True])
            return (key, news) if is_sound(news) else None
    return None


def is_sound(news: News) -> bool:
    """Whether the numbers can be counted with."""
    return (
        isfinite(news.began)
        and news.successes >= 0
        and 0 <= news.failures <= 1
        and -1 <= news.unit < LARGEST_UNIT
    )

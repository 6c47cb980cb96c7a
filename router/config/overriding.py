"""`STRANGLER_UPSTREAMS`: where upstreams are in this deployment, instead of where the file says."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from router.config.addresses import check_url
from router.config.complaints import Complaint, ConfigError
from router.config.vocabulary import nearest

if TYPE_CHECKING:  # the supervisor reads the variable, and spares itself pydantic
    from router.config.schema import RoutesFile

VARIABLE = "STRANGLER_UPSTREAMS"


def addresses_in(text: str) -> Mapping[str, str]:
    """URLs by upstream, out of `monolith=http://monolith:5001,coach=http://coach:5002`.

    An empty text moves nothing. `ConfigError` has everything wrong with it.
    """
    pairs = [pair.strip().partition("=")[::2] for pair in text.split(",") if pair.strip()]
    names = [name.strip() for name, _ in pairs]
    problems = [problem for name, url in pairs for problem in wrong_with(name, url)]
    twice = sorted({name for name in names if names.count(name) > 1})
    refuse([*problems, *((name, "is given twice") for name in twice)])
    return {name.strip(): url.strip() for name, url in pairs}


def wrong_with(name: str, url: str) -> Iterator[tuple[str, str]]:
    """What is wrong with one pair."""
    if not name.strip() or not url.strip():
        yield name.strip(), "write NAME=URL, for instance coach=http://coach:5002"
        return
    try:
        check_url(url.strip())
    except ValueError as error:
        yield name.strip(), str(error)


def moved(source: str, file: "RoutesFile", addresses: Mapping[str, str]) -> "RoutesFile":
    """*file* (read from *source*) with its upstreams at *addresses*; the rest of each stays.

    `ConfigError` where an address is of no upstream of the file, or gives up TLS that it asks for.
    """
    refuse(unfit(source, file, addresses))
    upstreams = {
        name: entry.model_copy(update={"url": addresses.get(name, entry.url)})
        for name, entry in file.upstreams.items()
    }
    return file.model_copy(update={"upstreams": upstreams})


def unfit(
    source: str, file: "RoutesFile", addresses: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What of *addresses* does not go with the file."""
    for name, url in addresses.items():
        entry = file.upstreams.get(name)
        if entry is None:
            yield name, f"is no upstream of {source}{nearest(name, file.upstreams)}"
        elif entry.ca_file is not None and not url.startswith("https:"):
            yield name, f"{source} gives it a ca_file, so its URL must begin with https:"


def refuse(problems: Iterable[tuple[str, str]]) -> None:
    """Raise `ConfigError` if there are any."""
    found = [Complaint(VARIABLE, None, None, name, words) for name, words in problems]
    if found:
        raise ConfigError(found)

"""Closed lists of words: the spelling in code, metric labels, log fields and pages."""

from enum import StrEnum


class Word(StrEnum):
    """A word of a closed list.

    Hashed as the text it is, which it equals: Enum's own hash is a Python function, and words are
    looked up several times a request.
    """

    __hash__ = str.__hash__

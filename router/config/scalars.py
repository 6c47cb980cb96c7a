"""What an unquoted word of the file is: text, a number, true or false, or too doubtful to take.

YAML 1.1 reads `on` as true, `012` as ten and `12:30` as 750; YAML 1.2 and most people do not. Where
two readers could differ, nothing is guessed: the writer is asked for quotes.
"""

import re
from typing import Final

Scalar = str | int | float | bool | None

WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False}
EMPTY = re.compile(r"|~|null|Null|NULL")
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
MAX_DIGITS = 15
"""More digits than a float keeps: 99.9999999999999999 must not become 100 in silence."""

BOOLEANS = re.compile(r"y|n|yes|no|on|off|true|false", re.IGNORECASE)
LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?")
OTHER_NUMBERS = re.compile(
    r"[-+]?(?:0[xob][0-9A-Fa-f_]+|[0-9][0-9_]*\.?[0-9_]*(?:e[-+]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?|\.inf)|\.nan",
    re.IGNORECASE,
)


def resolve(word: str) -> tuple[Scalar, str | None]:
    """The value of an unquoted *word*, and what is doubtful about it, if anything is."""
    if word in WORDS:
        return WORDS[word], None
    if EMPTY.fullmatch(word):
        return None, "is empty; give it a value or leave the key out"
    if INTEGER.fullmatch(word) or DECIMAL.fullmatch(word):
        return number(word)
    return word, doubt(word)


def number(word: str) -> tuple[Scalar, str | None]:
    """An integer or a decimal number that can be kept as it is written."""
    if sum(map(str.isdigit, word)) > MAX_DIGITS:
        return word, "has more digits than can be kept; shorten it, or put it in quotes"
    return (float(word) + 0.0 if "." in word else int(word)), None  # + 0.0: -0.0 is 0


def doubt(word: str) -> str | None:
    """Why *word* is not taken without quotes, or None for plain text."""
    if BOOLEANS.fullmatch(word):
        return "is read as true or false by some YAML tools; write true or false, or use quotes"
    if LEADING_ZERO.fullmatch(word):
        return "begins with a zero, which some YAML tools read as octal; drop it, or use quotes"
    if SEXAGESIMAL.fullmatch(word):
        return "is read as a number in base 60 by some YAML tools; put it in quotes"
    if DATE.fullmatch(word):
        return "is read as a date by some YAML tools; put it in quotes"
    if OTHER_NUMBERS.fullmatch(word):
        return "is a number in an unusual form; write it out, or put it in quotes"
    return None

"""Bytes → text: what can be read at all as a routes.yaml."""

import re
from codecs import BOM_UTF8

from router.config.complaints import Complaint, ConfigError

MAX_FILE = 1024 * 1024
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(source: str, content: bytes) -> str:
    """*content* as text: UTF-8 with or without a byte order mark, bounded, printable."""
    if len(content) > MAX_FILE:
        words = f"the file is larger than {MAX_FILE} bytes"
        raise ConfigError([Complaint(source, 1, 1, "", words)])
    encoded = content.removeprefix(BOM_UTF8)
    try:
        text = encoded.decode()
    except UnicodeDecodeError as error:
        line, column = position(encoded[: error.start].decode())
        words = f"byte 0x{encoded[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigError([Complaint(source, line, column, "", words)]) from None
    found = UNPRINTABLE.search(text)
    if found is not None:
        line, column = position(text[: found.start()])
        words = f"a control character (U+{ord(found[0]):04X}) is not taken"
        raise ConfigError([Complaint(source, line, column, "", words)])
    return text


def position(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows the text *before*."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")

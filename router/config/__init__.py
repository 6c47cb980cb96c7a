"""routes.yaml: text in, frozen core objects out, and what is wrong where if it cannot be taken."""

from router.config.building import hash_of
from router.config.changes import changes
from router.config.complaints import Complaint, ConfigError
from router.config.effective import as_yaml, effective
from router.config.loading import load, load_file, read_file, reload
from router.config.overriding import addresses_in
from router.config.text import MAX_FILE

__all__ = [
    "MAX_FILE",
    "Complaint",
    "ConfigError",
    "addresses_in",
    "as_yaml",
    "changes",
    "effective",
    "hash_of",
    "load",
    "load_file",
    "read_file",
    "reload",
]

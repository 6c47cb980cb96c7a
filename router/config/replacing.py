"""A file replaced whole or not at all: readers see the old content or the new one, never a part."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class CannotReplace(OSError):
    """The file was left as it is: why, and where it must be changed instead."""


def replace_content(path: Path, before: bytes, after: bytes) -> None:
    """Put *after* in the place of *before*; links are followed, owner and mode are kept.

    The new content is on disk before it gets its name, and nothing is written if the file no
    longer holds *before*.
    """
    target = path.resolve()
    refuse_config_map(path, target)
    if not os.access(target, os.W_OK):
        raise CannotReplace(f"{path} is read-only here; change it where it comes from")
    try:
        with locked(target.parent) as folder:
            write_beside(target, before, after)
            os.fsync(folder)
    except CannotReplace:
        raise
    except OSError as error:
        raise CannotReplace(words(path, error)) from error


def refuse_config_map(path: Path, target: Path) -> None:
    """Kubernetes shows a ConfigMap as links through `..data`, and undoes what is written there."""
    parts = {*target.parts, *path.absolute().parts}
    if any(part.startswith("..") and part != ".." for part in parts) or has_data_link(path):
        raise CannotReplace(
            f"{path} is mounted from a ConfigMap; change it at its source (kubectl edit configmap)"
        )


def has_data_link(path: Path) -> bool:
    """Whether *path* is itself one of the links that Kubernetes makes."""
    return path.is_symlink() and os.readlink(path).startswith("..data/")


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """The open *folder*, while no other `strangler set` writes there."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def write_beside(target: Path, before: bytes, after: bytes) -> None:
    """Write *after* to a temporary file in the same folder, and give it the name of *target*."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            keep_owner_and_mode(file.fileno(), target.stat())
            file.flush()
            os.fsync(file.fileno())
        refuse_if_changed(target, before)
        os.replace(name, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def refuse_if_changed(target: Path, before: bytes) -> None:
    """Somebody else's edit must not be lost."""
    if target.read_bytes() != before:
        raise CannotReplace(f"{target} was changed by somebody else meanwhile; try again")


def keep_owner_and_mode(descriptor: int, was: os.stat_result) -> None:
    """Make the new file belong to whom the old one did, with the same rights."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (was.st_uid, was.st_gid):
        os.fchown(descriptor, was.st_uid, was.st_gid)
    os.fchmod(descriptor, was.st_mode & 0o7777)


def words(path: Path, error: OSError) -> str:
    """What stood in the way, and what to do about it."""
    if error.errno in {errno.EROFS, errno.EBUSY, errno.EXDEV}:
        return (
            f"{path} is mounted here ({error.strerror}); change it at its source, on the host "
            "or in the repository it comes from"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"{path} may not be replaced by this user ({error.strerror})"
    return f"{path} cannot be replaced: {error.strerror}"

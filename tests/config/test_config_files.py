"""routes.yaml as a thing on a disk: missing, unreadable, a folder, a loose end, far too large."""

import os
from pathlib import Path

import pytest

from router.config.complaints import ConfigError
from router.config.loading import load_file, read_file
from router.config.text import MAX_FILE
from tests.config.files import SHIPPED


def test_a_file_is_loaded_under_its_own_name(tmp_path: Path) -> None:
    """The name is what problems, logs and /config show."""
    path = tmp_path / "routes.yaml"
    path.write_text(SHIPPED)
    assert load_file(path).source == str(path)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    """Missing, a folder, a dangling link, a pipe: one problem each, and nobody waits."""
    pipe, dangling = tmp_path / "pipe", tmp_path / "dangling"
    os.mkfifo(pipe)
    dangling.symlink_to("nowhere")
    for path, words in [
        (tmp_path / "missing", "cannot be read: No such file or directory"),
        (dangling, "cannot be read: No such file or directory"),
        (tmp_path, "is not a file"),
        (pipe, "is not a file"),
    ]:
        with pytest.raises(ConfigError) as caught:
            load_file(path)
        assert str(caught.value) == f"{path}: {words}"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    """No rights: said as such."""
    path = tmp_path / "routes.yaml"
    path.write_text(SHIPPED)
    path.chmod(0)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        load_file(path)


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    """Only as much as shows that it is too large."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2)
    assert len(read_file(path)) == MAX_FILE + 1
    with pytest.raises(ConfigError, match="the file is larger than 1048576 bytes"):
        load_file(path)

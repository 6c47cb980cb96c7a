"""A ConfigMap or Secret as the kubelet shows it to a container: links through `..data`."""

import shutil
from collections.abc import Mapping
from pathlib import Path


class Mount:
    """A folder with *files*, by name; `put` changes them as the kubelet does, all at once."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._generation = 0
        self.put(files)

    def put(self, files: Mapping[str, str]) -> None:
        """A new folder, one rename of the link to it, and the old folder is removed."""
        self._generation += 1
        old = self.folder / f"..generation_{self._generation - 1}"
        new = self.folder / f"..generation_{self._generation}"
        new.mkdir()
        for name, text in files.items():
            (new / name).write_text(text, "utf-8")
        swapped = self.folder / "..data_tmp"
        swapped.symlink_to(new.name)
        swapped.replace(self.folder / "..data")
        for name in files:
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")
        shutil.rmtree(old, ignore_errors=True)

"""Files and folders that a command writes at its end: whether they can be written is asked before anything is lived."""

from __future__ import annotations

import os
from pathlib import Path

from twin.errors import InputError, Problem


def unwritable(path: Path | None, option: str) -> list[Problem]:
    """What is wrong with a file named by `option`: nothing where none is named."""
    if path is None:
        return []
    folder = path.parent
    if path.is_dir():
        said = f"{path} is a folder, where a file is to be written."
    elif not folder.is_dir():
        said = f"{path} cannot be written: there is no folder {folder}."
    elif not os.access(path if path.exists() else folder, os.W_OK):
        said = f"{path} cannot be written: no leave to."
    else:
        return []
    return [Problem("output_not_writable", said, path=option, suggestion="Choose another file.")]


def must_be_writable(path: Path | None, option: str) -> None:
    """InputError where the file named by `option` cannot be written."""
    if found := unwritable(path, option):
        raise InputError(found)


def no_folder(path: Path, option: str) -> list[Problem]:
    """What is wrong with a folder named by `option` that is made where it is missing."""
    there = next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
    if not there.is_dir():
        said = f"{path} cannot be a folder: {there.name} is a file."
    elif not os.access(there, os.W_OK):
        said = f"{path} cannot be written: no leave to."
    else:
        return []
    return [Problem("output_not_writable", said, path=option, suggestion="Choose another folder.")]

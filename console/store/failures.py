"""What SQLite says when it fails, in the words of the program.

Only failures that come from the world (disk, rights, another process, a damaged file) are translated.
What is left over is a fault of the program and must reach the error desk as it is.
"""

import sqlite3
from pathlib import Path

from console.domain.errors import CordonError, DiskFull, ProfileError, ProfileUnwritable


def translated(problem: sqlite3.Error, path: Path) -> CordonError | None:
    """The failure to raise instead, with one line for a person; None for a fault of the program.

    `path` is the database's file. The names are SQLite's own result codes
    (sqlite.org/rescode.html), of which the part after the second underscore is detail.
    """
    name: str = getattr(problem, "sqlite_errorname", "")
    kind = "_".join(name.split("_")[:2])
    if kind == "SQLITE_FULL":
        return DiskFull(f"The disk that holds {path} is full. Nothing stored was lost; make room and go on.")
    if kind in {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"}:
        return ProfileUnwritable(
            f"{path} cannot be written. Nothing stored was lost; check who owns the folder."
        )
    if kind in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
        return ProfileError(f"{path} is kept busy by another program. Nothing stored was lost; try again.")
    if kind == "SQLITE_NOTADB":
        return ProfileError(f"{path} is not a Cordon database. It was left as it is.")
    if kind == "SQLITE_CORRUPT":
        return ProfileError(f"{path} is damaged. Keep the file, and put back a copy of the profile folder.")
    if kind == "SQLITE_IOERR":
        return ProfileError(f"{path} cannot be read or written ({name}). Check the disk that holds it.")
    return None

"""Finds connectors by their manifests, checks them, and loads the one that is asked for.

Three places are searched, in this order; the first to use an id keeps it:

    bundled         `plugins/<name>/manifest.toml`, shipped with the program
    installed       entry points of the group `cordon.connectors`; the manifest lies beside the module
    folders         every `<folder>/<name>/manifest.toml` in the folders that were handed in

What a newcomer would get wrong: finding runs none of a connector's code. Only `load` does, and a
connector that breaks there is a complaint about that connector, never the end of the program.
"""

import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs

from console.api import CONTRACT, Manifest, read_manifest
from console.api.connector import Connect, SignIn
from console.domain.errors import CordonError, InputError, UsageError

GROUP = "cordon.connectors"
FOLDERS_VARIABLE = "CORDON_PLUGINS"
BUNDLED = "plugins"
_OWN_PREFIX = "cordon_plugin_"


@dataclass(frozen=True, slots=True)
class Found:
    """One connector that was found, before any of its code has run."""

    manifest: Manifest
    origin: str
    """Where it comes from, for a person: `bundled`, the name of a package, or a folder."""
    folder: Path | None
    """For a connector in a folder: that folder. Others are imported by the module's name."""


class Hosting:
    """The connectors at hand."""

    def __init__(self, folders: Sequence[Path] = (), bundled: str | None = BUNDLED) -> None:
        """`folders` hold third parties' connectors; `bundled` is the package of our own."""
        self._folders = tuple(folders)
        self._bundled = bundled
        self._found: dict[str, Found] = {}
        self._complaints: list[str] = []
        self._loaded: dict[str, Connect] = {}

    @property
    def found(self) -> Mapping[str, Found]:
        """What the last `find` found, by id."""
        return self._found

    def manifests(self) -> Sequence[Manifest]:
        """The manifests of what was found, by name."""
        return sorted((found.manifest for found in self._found.values()), key=lambda one: one.name)

    @property
    def complaints(self) -> Sequence[str]:
        """What the last `find` could not use, one line each."""
        return self._complaints

    def find(self) -> Mapping[str, Found]:
        """Reads every manifest; runs no connector's code. Touches the disk: not for the loop."""
        self._found = {}
        self._complaints = []
        for search in (self._find_bundled, self._find_installed, self._find_in_folders):
            for offered in search():
                self._admit(offered)
        return self._found

    def manifest(self, connector_id: str) -> Manifest:
        """One connector's manifest. Raises UsageError when there is no such connector."""
        return self._require(connector_id).manifest

    def load(self, connector_id: str) -> Connect:
        """Imports a connector and gives its `connect`; a second call gives the same.

        Raises UsageError for an unknown id and InputError when its code cannot be loaded. Runs
        the connector's code and touches the disk: not for the loop.
        """
        if connector_id not in self._loaded:
            connect: Connect = self._function(connector_id, "connect")
            self._loaded[connector_id] = connect
        return self._loaded[connector_id]

    def load_sign_in(self, connector_id: str) -> SignIn | None:
        """A connector's walk through its sign-in; None when it has none. Raises like `load`."""
        if not self.manifest(connector_id).guided:
            return None
        walk: SignIn = self._function(connector_id, "sign_in")
        return walk

    def _function(self, connector_id: str, name: str) -> Any:
        found = self._require(connector_id)
        try:
            function = getattr(_import(found), name, None)
        except Exception as problem:
            raise InputError(
                f"The connector “{connector_id}” ({found.origin}) cannot be loaded: "
                f"{type(problem).__name__}: {problem}"
            ) from problem
        if not callable(function):
            raise InputError(
                f"The connector “{connector_id}” ({found.origin}) has no function `{name}` "
                f"in {found.manifest.module}."
            )
        return function

    def _require(self, connector_id: str) -> Found:
        try:
            return self._found[connector_id]
        except KeyError:
            known = ", ".join(sorted(self._found)) or "none"
            raise UsageError(f"There is no network “{connector_id}”; there are: {known}.") from None

    def _admit(self, offered: Found) -> None:
        manifest = offered.manifest
        earlier = self._found.get(manifest.id)
        if earlier is not None:
            self._complaints.append(
                f"The connector “{manifest.id}” in {offered.origin} is left out: "
                f"one of that name is there already ({earlier.origin})."
            )
        elif CONTRACT not in manifest.contracts:
            versions = ", ".join(map(str, manifest.contracts)) or "none"
            self._complaints.append(
                f"The connector “{manifest.id}” in {offered.origin} is left out: it is made for "
                f"contract {versions}, and this Cordon offers {CONTRACT}."
            )
        else:
            self._found[manifest.id] = offered

    def _find_bundled(self) -> Iterable[Found]:
        if self._bundled is None:
            return
        try:
            places = sorted(files(self._bundled).iterdir(), key=lambda place: place.name)
        except (ImportError, OSError) as problem:
            self._complaints.append(f"The connectors shipped with Cordon are missing: {problem}")
            return
        for place in places:
            paper = place / "manifest.toml" if place.is_dir() else None
            if paper is not None and paper.is_file():
                yield from self._read(paper, "bundled", None)

    def _find_installed(self) -> Iterable[Found]:
        for point in importlib.metadata.entry_points(group=GROUP):
            origin = point.dist.name if point.dist else point.name
            package = point.module.rpartition(".")[0] or point.module
            place = point.dist.locate_file(package.replace(".", "/")) if point.dist else None
            if place is None:
                self._complaints.append(f"The connector “{point.name}” belongs to no package.")
                continue
            yield from self._read(Path(str(place)) / "manifest.toml", origin, None)

    def _find_in_folders(self) -> Iterable[Found]:
        for folder in self._folders:
            try:
                places = sorted(place for place in folder.iterdir() if place.is_dir())
            except FileNotFoundError:
                continue
            except OSError as problem:
                self._complaints.append(f"The connectors in {folder} cannot be read: {problem.strerror}.")
                continue
            for place in places:
                if (place / "manifest.toml").is_file():
                    yield from self._read(place / "manifest.toml", str(place), place)

    def _read(self, paper: Path | Traversable, origin: str, folder: Path | None) -> Iterable[Found]:
        try:
            with as_file(paper) as path:
                yield Found(read_manifest(path), origin, folder)
        except (CordonError, OSError) as problem:
            self._complaints.append(str(problem))


def _import(found: Found) -> ModuleType:
    if found.folder is None:
        return importlib.import_module(found.manifest.module)
    return _import_from_folder(found.folder, found.manifest.module.rpartition(".")[2])


def _import_from_folder(folder: Path, module: str) -> ModuleType:
    """Imports `<folder>/<module>.py` as part of a package of its own.

    The package makes `from .mapping import …` work; its name holds the folder, so that two
    connectors with a `mapping.py` each never meet. No other folder joins the import path.
    """
    package = _OWN_PREFIX + "".join(
        letter if letter.isascii() and letter.isalnum() else f"_{ord(letter):x}_"
        for letter in str(folder.resolve())
    )
    if package not in sys.modules:
        init = folder / "__init__.py"
        spec = (
            importlib.util.spec_from_file_location(package, init) if init.is_file() else None
        ) or importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        home = importlib.util.module_from_spec(spec)
        sys.modules[package] = home
        try:
            if spec.loader is not None:
                spec.loader.exec_module(home)
        except BaseException:
            del sys.modules[package]
            raise
    return importlib.import_module(f"{package}.{module}")


def plugin_folders(named: str | None, own: Path) -> list[Path]:
    """The folders to search: those of `CORDON_PLUGINS`, then the user's own.

    `named` is the variable's value: paths separated as in the system's `PATH`.
    """
    paths = [Path(part) for part in (named or "").split(os.pathsep) if part.strip()]
    return [*paths, own]


def standard_hosting() -> Hosting:
    """The places to search on this machine; nothing is read yet."""
    own = Path(platformdirs.user_config_dir("Cordon", appauthor=False)) / "plugins"
    return Hosting(plugin_folders(os.environ.get(FOLDERS_VARIABLE), own))


def find_connectors() -> Hosting:
    """Every connector on this machine. Touches the disk: not for the loop."""
    hosting = standard_hosting()
    hosting.find()
    return hosting

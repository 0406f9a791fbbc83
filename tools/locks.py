"""Compile the lock files from pyproject.toml, or tell where one does not match it.

python -m tools.locks             compile; a version that pyproject.toml still allows stays
python -m tools.locks --upgrade   compile with the newest versions
python -m tools.locks --check     compare; exit 1 if a lock does not match

`make lock` compiles, in an environment that has uv. `make lint` compares, which takes no network.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import toc

EVERYTHING = ("book", "test", "site", "lint")
ONE_VERSION = ("--fork-strategy", "fewest")  # on every Python, for the record names one
CUDA = ("cuda-", "nvidia-", "triton")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows"))


@dataclass(frozen=True)
class Lock:
    """A lock file.

    Attributes
    ----------
    file : str
        Its path from the root.
    extras : tuple of str
        The extras of pyproject.toml that it is compiled from.
    within : str
        Another lock, whose versions it keeps; "" for none.
    hashed : bool
        Whether each pin has its hashes. Builds of PyTorch differ from machine to machine.
    options : tuple of str
        What uv is told besides.
    """

    file: str
    extras: tuple[str, ...]
    within: str = ""
    hashed: bool = True
    options: tuple[str, ...] = ()


LOCKS = (
    Lock("requirements.txt", EVERYTHING),
    Lock("requirements/lab.txt", (*EVERYTHING, "lab"), within="requirements.txt"),
    Lock("requirements/lite.txt", ("lite",)),
    Lock("requirements/frameworks.txt", ("frameworks",), hashed=False, options=ONE_VERSION),
    Lock("requirements/frameworks-older.txt", ("frameworks-older",), options=ONE_VERSION),
)


@dataclass(frozen=True)
class Pin:
    """A line of a lock: a requirement, and whether it has hashes."""

    requirement: Requirement
    hashed: bool

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")


# --- compiling ----------------------------------------------------------------------------------


def command(lock: Lock, *options: str) -> list[str]:
    """Return what compiles a lock. It names no index, so that the file holds on any machine."""
    extras = [word for extra in lock.extras for word in ("--extra", extra)]
    return [
        *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *extras, "--quiet"),
        *("--universal", "--python-version", PYTHONS[0], "--custom-compile-command", "make lock"),
        *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate"),
        "--no-strip-extras",  # pip wants a pin of coverage[toml], if it asks for hashes
        *(["--generate-hashes"] if lock.hashed else []),
        *(["--constraint", lock.within] if lock.within else []),
        *(*lock.options, *options, "--output-file", lock.file),
    ]


# --- comparing ----------------------------------------------------------------------------------


def environments() -> list[dict[str, str]]:
    """List the Pythons and systems for which a lock must hold."""
    here = cast(dict[str, str], default_environment())
    return [
        here
        | {
            "python_version": python,
            "python_full_version": f"{python}.9",
            "sys_platform": platform,
            "os_name": name,
            "platform_system": system,
        }
        for python, (platform, name, system) in product(PYTHONS, SYSTEMS)
    ]


def applies(requirement: Requirement, environment: dict[str, str]) -> bool:
    """Tell whether a requirement is one in an environment."""
    return requirement.marker is None or requirement.marker.evaluate(environment)


def asked(project: dict[str, Any], extras: Iterable[str]) -> list[Requirement]:
    """List what the project and its extras ask for; an extra may name others."""
    found = [Requirement(text) for text in project["dependencies"]]
    for extra in extras:
        for text in project["optional-dependencies"][extra]:
            requirement = Requirement(text)
            if requirement.name == project["name"]:
                found += asked(project, sorted(requirement.extras))
            else:
                found.append(requirement)
    return found


def pins(path: Path) -> list[Pin]:
    """Read a lock file. It holds comments and pins, and nothing else: no index, no address."""
    found = []
    for line in path.read_text("utf-8").replace("\\\n", " ").splitlines():
        if not line.startswith("#"):
            text, *hashes = line.split(" --hash=")
            requirement = Requirement(text)
            if [specifier.operator for specifier in requirement.specifier] != ["=="]:
                raise ValueError(f"{path.name}: {text!r} is not a pin: run make lock")
            found.append(Pin(requirement, bool(hashes)))
    return found


def in_environment(found: list[Pin], environment: dict[str, str]) -> dict[str, str]:
    """Return the version of each package that a lock installs in an environment."""
    return {pin.name: pin.version for pin in found if applies(pin.requirement, environment)}


def problems(root: Path = toc.ROOT) -> list[str]:
    """List where a lock does not match pyproject.toml, each with what to do."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    read = {lock.file: pins(root / lock.file) for lock in LOCKS}
    found = []
    for lock in LOCKS:
        locked = read[lock.file]
        bare = [pin.name for pin in locked if lock.hashed and not pin.hashed]
        if bare:
            found.append(f"{lock.file} has no hash of {', '.join(bare)}: run make lock")
        found += [
            f"{lock.file} pins {pin.name}, which a CPU build of PyTorch does not need: name what "
            "asks for it in exclude-dependencies of pyproject.toml, and run make lock"
            for pin in locked
            if pin.name.startswith(CUDA)
        ]
        for environment in environments():
            versions = in_environment(locked, environment)
            for requirement in asked(project, lock.extras):
                name = canonicalize_name(requirement.name)
                if not applies(requirement, environment):
                    continue
                if name not in versions:
                    found.append(f"{lock.file} does not pin {name}: run make lock")
                elif not requirement.specifier.contains(versions[name], prereleases=True):
                    found.append(
                        f"{lock.file} pins {name} {versions[name]}, pyproject.toml asks for "
                        f"{requirement.specifier}: run make lock"
                    )
            if lock.within:
                kept = in_environment(read[lock.within], environment)
                found += [
                    f"{lock.file} pins {name} {versions[name]}, {lock.within} pins {kept[name]}: "
                    "run make lock"
                    for name in sorted(kept.keys() & versions.keys())
                    if kept[name] != versions[name]
                ]
    return list(dict.fromkeys(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Compile the lock files, or compare them.")
    parser.add_argument("--check", action="store_true", help="compare with pyproject.toml")
    parser.add_argument("--upgrade", action="store_true", help="move to the newest versions")
    options = parser.parse_args(arguments)
    if not options.check:
        for lock in LOCKS:
            upgrade = ["--upgrade"] if options.upgrade else []
            subprocess.run(command(lock, *upgrade), cwd=toc.ROOT, check=True, stdout=sys.stderr)
    found = problems()
    print("\n".join(found) or f"{len(LOCKS)} locks match pyproject.toml")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

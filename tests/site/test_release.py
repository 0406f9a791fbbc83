"""The package as strangers install it: from a wheel made of the source distribution."""

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

import initcourse
from tools import toc


def run(*command, cwd):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Build both: the wheel is made from the source distribution, not from this folder."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, toc.ROOT, cwd=folder)
    [wheel] = folder.glob("*.whl")
    [source] = folder.glob("*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def python(dist, tmp_path_factory):
    """The interpreter of an empty environment with the wheel and NumPy."""
    folder = tmp_path_factory.mktemp("stranger")
    venv.create(folder / "env", with_pip=True)
    found = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(found, "-m", "pip", "install", "--quiet", dist[0], cwd=folder)
    return found


def test_the_wheel_has_the_package_and_nothing_else(dist):
    with zipfile.ZipFile(dist[0]) as wheel:
        names = wheel.namelist()
    paths = [path for path in toc.files_in(toc.ROOT / "initcourse") if path.suffix != ".pyc"]
    package = {path.relative_to(toc.ROOT).as_posix() for path in paths}
    assert package == {name for name in names if ".dist-info/" not in name}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_distribution_has_the_readme_and_the_license(dist):
    with tarfile.open(dist[1]) as source:
        names = {Path(name).name for name in source.getnames()}
    assert {"README.md", "LICENSE", "pyproject.toml", "__init__.py", "py.typed"} <= names


def test_with_numpy_alone_it_starts_and_names_its_version(python, tmp_path):
    listed = run(python, "-m", "pip", "list", "--format=freeze", cwd=tmp_path)
    assert {line.split("==")[0] for line in listed.split()} <= {
        "initcourse",
        "numpy",
        "pip",
        "setuptools",
    }
    assert initcourse.__version__ in run(python, "-m", "initcourse", "--version", cwd=tmp_path)
    run(python, "-c", "import initcourse as ic; ic.he_normal((3, 2), rng=0)", cwd=tmp_path)


def test_every_example_of_the_docstrings_runs_in_an_empty_environment(python, dist, tmp_path):
    wheel = f"{dist[0]}[plots,training,gradients]"
    run(python, "-m", "pip", "install", "--quiet", wheel, "pytest", cwd=tmp_path)
    options = ("-m", "pytest", "-q", "--doctest-modules", "--pyargs", "initcourse")
    flags = ("-o", "doctest_optionflags=NORMALIZE_WHITESPACE ELLIPSIS")
    closing = run(python, *options, *flags, cwd=tmp_path).splitlines()[-1]
    assert int(re.search(r"(\d+) passed", closing)[1]) >= 40
    assert "failed" not in closing


def test_version_and_date_are_the_same_everywhere():
    citation = yaml.safe_load((toc.ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(
        r"^## (\S+) \((\S+)\)$", (toc.ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert newest is not None
    assert newest[1] == initcourse.__version__ == citation["version"]
    assert newest[2] == str(citation["date-released"])
    to_cite = (toc.ROOT / "book/reference/how-to-use.md").read_text("utf-8")
    assert f"Version {newest[1]}, {newest[2][:4]}." in to_cite

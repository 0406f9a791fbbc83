"""The lock files match pyproject.toml, and an altered copy is noticed."""

import re
import shutil

import pytest

from tools import locks, toc

FILES = [lock.file for lock in locks.LOCKS]
HASHED = [lock.file for lock in locks.LOCKS if lock.hashed]


@pytest.fixture
def root(tmp_path):
    """Return a folder with copies of pyproject.toml and the locks."""
    for file in ("pyproject.toml", *FILES):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(toc.ROOT / file, tmp_path / file)
    return tmp_path


def alter(path, pattern, new):
    """Replace what the pattern matches, which must be there."""
    text, number = re.subn(pattern, new, path.read_text("utf-8"), flags=re.MULTILINE)
    assert number >= 1
    path.write_text(text, "utf-8")


def pin(name):
    """Return a pattern of the whole pin: its lines, with their hashes."""
    return rf"^{name}(\[.*\])?==.*\n(    --hash=.*\n)*"


def test_the_locks_match():
    assert locks.problems() == []


@pytest.mark.parametrize("file", FILES)
def test_every_file_of_requirements_is_a_lock_that_make_lock_writes(file):
    lying = {path.relative_to(toc.ROOT).as_posix() for path in toc.ROOT.glob("requirements/*")}
    assert lying | {"requirements.txt"} == set(FILES)
    assert (toc.ROOT / file).read_text("utf-8").splitlines()[1] == "#    make lock"


@pytest.mark.parametrize("file", FILES)
def test_a_lock_names_no_index_and_no_address(root, file):
    text = (root / file).read_text("utf-8")
    assert "://" not in text
    (root / file).write_text(f"--index-url simple\n{text}", "utf-8")
    with pytest.raises(ValueError, match="index-url"):
        locks.problems(root)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("requirements.txt", "jupyter-book"),
        ("requirements.txt", "numpy"),
        ("requirements.txt", "autograd"),  # asked for by an extra of an extra
        ("requirements/lab.txt", "ipywidgets"),
        ("requirements/lite.txt", "jupyterlite-core"),
        ("requirements/frameworks.txt", "torch"),
    ],
)
def test_a_missing_pin_is_noticed(root, file, name):
    alter(root / file, pin(name), "")
    assert locks.problems(root) == [f"{file} does not pin {name}: run make lock"]


def test_a_pin_that_is_missing_on_some_pythons_is_noticed(root):
    alter(root / "requirements.txt", r"^numpy==.*>= '3.12'.*\n(    --hash=.*\n)*", "")
    assert locks.problems(root) == ["requirements.txt does not pin numpy: run make lock"]


def test_a_pin_outside_of_what_is_asked_is_noticed(root):
    for file in ("requirements.txt", "requirements/lab.txt"):
        alter(root / file, r"^jupyter-book==\S+", "jupyter-book==2.0")
    assert locks.problems(root) == [
        f"{file} pins jupyter-book 2.0, pyproject.toml asks for <2,>=1.0.4.post1: run make lock"
        for file in ("requirements.txt", "requirements/lab.txt")
    ]


def test_what_pyproject_asks_for_anew_is_missed_in_every_lock_of_the_extra(root):
    alter(root / "pyproject.toml", r'^    "brotli",', '    "brotli>=99",\n    "new-thing",')
    found = locks.problems(root)
    assert len(found) == 4
    for file in ("requirements.txt", "requirements/lab.txt"):
        assert f"{file} does not pin new-thing: run make lock" in found


def test_a_requirement_of_another_system_or_python_is_none_here(root):
    alter(root / "pyproject.toml", '"brotli",', '"brotli", "new-thing; sys_platform == \'aix\'",')
    assert locks.problems(root) == []
    alter(root / "pyproject.toml", "'aix'", "'win32'")
    assert len(locks.problems(root)) == 2


@pytest.mark.parametrize("file", HASHED)
def test_a_missing_hash_is_noticed(root, file):
    alter(root / file, r"^(pygments==\S+) \\\n(    --hash=.*\n)*", r"\1\n")
    assert locks.problems(root) == [f"{file} has no hash of pygments: run make lock"]


def test_two_locks_of_one_environment_that_differ_are_noticed(root):
    alter(root / "requirements/lab.txt", r"^docutils==\S+", "docutils==0.1")
    old = re.search(r"^docutils==(\S+)", (root / "requirements.txt").read_text("utf-8"), re.M)[1]
    assert locks.problems(root) == [
        f"requirements/lab.txt pins docutils 0.1, requirements.txt pins {old}: run make lock"
    ]


@pytest.mark.parametrize("line", ["triton==3.7.1", "nvidia-cublas==13.1 ; sys_platform == 'linux'"])
def test_what_a_cpu_build_does_not_need_is_noticed(root, line):
    alter(root / "requirements/frameworks.txt", r"\Z", f"{line}\n")
    [found] = locks.problems(root)
    assert "exclude-dependencies" in found


@pytest.mark.parametrize("line", ["brotli>=1", "brotli", "brotli @ https://example.org/brotli"])
def test_what_is_no_pin_is_refused(root, line):
    alter(root / "requirements.txt", pin("brotli"), f"{line}\n")
    with pytest.raises(ValueError, match="is not a pin"):
        locks.problems(root)


def test_the_command_prints_what_is_wrong(root, monkeypatch, capsys):
    assert locks.main(["--check"]) == 0
    assert f"{len(locks.LOCKS)} locks match" in capsys.readouterr().out
    alter(root / "requirements.txt", pin("brotli"), "")
    monkeypatch.setattr(locks.problems, "__defaults__", (root,))
    assert locks.main(["--check"]) == 1
    assert capsys.readouterr().out == "requirements.txt does not pin brotli: run make lock\n"


@pytest.mark.parametrize("lock", locks.LOCKS, ids=FILES)
def test_what_compiles_a_lock_is_told_no_index_and_whether_to_hash(lock):
    words = locks.command(lock, "--upgrade")
    assert {"--no-emit-index-url", "--no-emit-find-links", "--upgrade"} <= set(words)
    assert ("--generate-hashes" in words) is lock.hashed
    assert words[-2:] == ["--output-file", lock.file]

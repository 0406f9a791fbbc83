"""Notebooks for a kernel in the browser."""

import json
import os

import nbformat

from tools import lite, toc


def test_every_chapter_and_solution_and_choose_begin_by_installing_the_package(tmp_path):
    written = lite.write(tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in written}
    chapters = {chapter.path.name for chapter in toc.chapters()}
    assert names == {"choose.ipynb"} | chapters | {f"solutions/{name}" for name in chapters}
    for path in written:
        notebook = json.loads(path.read_text("utf-8"))
        nbformat.validate(nbformat.from_dict(notebook))
        assert notebook["cells"][0]["source"] == lite.INSTALL
        source = toc.ROOT / "book" / path.relative_to(tmp_path)
        assert notebook["cells"][1:] == json.loads(source.read_text("utf-8"))["cells"]


def test_what_the_chapters_read_is_among_the_files(tmp_path):
    lite.write(tmp_path)
    for record in lite.RECORDS:
        original = (toc.ROOT / "book" / record).read_bytes()
        assert (tmp_path / record).read_bytes() == original


def test_the_kernel_asks_no_package_index(tmp_path):
    lite.write(tmp_path)
    settings = json.loads((tmp_path / "jupyter-lite.json").read_text("utf-8"))
    [plugin] = settings["jupyter-config-data"]["litePluginSettings"].values()
    assert plugin == {"disablePyPIFallback": True}


def test_the_command_says_how_many(tmp_path, capsys):
    assert lite.main([str(tmp_path / "lite")]) == 0
    assert f"{2 * len(toc.chapters()) + 1} notebooks" in capsys.readouterr().out


def test_binder_installs_what_the_lab_needs_and_the_package():
    folder = toc.ROOT / "binder"
    [line] = (folder / "requirements.txt").read_text("utf-8").split("\n")[:-1]
    assert (folder / line.removeprefix("-r ")).resolve() == toc.ROOT / "requirements/lab.txt"
    assert "pip install --no-deps -e ." in (folder / "postBuild").read_text("utf-8")
    if os.name != "nt":  # which knows no such bit
        assert (folder / "postBuild").stat().st_mode & 0o100

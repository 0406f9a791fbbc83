"""The record of the frameworks, and that an altered record fails."""

import copy
import json
import pkgutil

import numpy as np
import pytest

from tools import locks, toc
from tools.frameworks import libraries
from tools.frameworks.compare import differences, expected

RECORD = json.loads((toc.ROOT / "book/reference/frameworks.json").read_text("utf-8"))


def row(record, library, name, axes=2):
    (found,) = (
        r
        for r in record["rows"]
        if (r["library"], r["name"], len(r["shape"])) == (library, name, axes)
    )
    return found


def test_the_record_holds_against_itself():
    assert differences(RECORD, copy.deepcopy(RECORD)) == []


def test_every_framework_of_the_folder_is_recorded_in_its_locked_version():
    modules = {module.name for module in pkgutil.iter_modules(libraries.__path__)}
    assert modules | {"numpy"} == RECORD["versions"].keys()
    for pin in locks.pins(toc.ROOT / "requirements/frameworks.txt"):
        assert RECORD["versions"].get(pin.name, pin.version) == pin.version


def test_there_are_many_rows_and_no_two_alike():
    keys = [(r["library"], r["part"], r["name"], tuple(r["shape"])) for r in RECORD["rows"]]
    assert len(set(keys)) == len(keys) > 120


@pytest.mark.parametrize("axes", [2, 4])
@pytest.mark.parametrize("how", ["uniform", "normal"])
@pytest.mark.parametrize("who", ["glorot", "he", "lecun"])
def test_each_preset_is_its_namesake(who, how, axes):
    """Every preset, dense and convolution; PyTorch where its law is not another one."""
    keras = row(RECORD, "Keras", f"{who.capitalize()}{how.capitalize()}", axes)
    jax = row(RECORD, "JAX", f"{who}_{how}()", axes)
    found = [keras, jax]
    if how == "uniform":
        name = {
            "glorot": "xavier_uniform_",
            "he": 'kaiming_uniform_(nonlinearity="relu")',
            "lecun": 'kaiming_uniform_(nonlinearity="linear")',
        }[who]
        found.append(row(RECORD, "PyTorch", name, axes))
    fan = {"glorot": lambda r: (r["fan_in"] + r["fan_out"]) / 2}.get(who, lambda r: r["fan_in"])
    for r in found:
        expected_square = (2 if who == "he" else 1) / fan(r)
        assert abs(r["mean_square"] - expected_square) < 5 * r["standard_error"]
        assert r["distribution"] == ("uniform" if how == "uniform" else "truncated normal")
        assert r["ks_p"] > 1e-6


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_an_altered_variance_is_noticed(factor):
    altered = copy.deepcopy(RECORD)
    row(altered, "Keras", "HeNormal")["mean_square"] *= factor
    (problem,) = differences(altered, RECORD)
    assert "HeNormal" in problem
    assert "mean square" in problem


def alter(record, what):
    rows = record["rows"]
    if what == "version":
        record["versions"]["jax"] = "0.0.1"
    elif what == "row removed":
        rows.pop()
    elif what == "row added":
        rows.append({**rows[0], "name": "Other"})
    elif what == "fan":
        rows[0]["fan_in"] += 1
    elif what == "law":
        rows[0]["distribution"] = "normal"
    elif what == "largest":
        rows[0]["largest"] *= 1.1
    elif what == "values":
        next(r for r in rows if "values" in r)["values"] = [2.0]
    elif what == "ours":
        rows[0]["ours"] = "ic.zeros(shape)"
    elif what == "fans":
        record["fans"][0]["Keras"] = [1, 1]
    elif what == "gains":
        record["gains"]["tanh"] = 1.0
    elif what == "recipes":
        record["recipes"].popitem()


@pytest.mark.parametrize(
    "what",
    [
        "version",
        "row removed",
        "row added",
        "fan",
        "law",
        "largest",
        "values",
        "ours",
        "fans",
        "gains",
        "recipes",
    ],
)
def test_whatever_is_altered_is_noticed(what):
    altered = copy.deepcopy(RECORD)
    alter(altered, what)
    assert len(differences(altered, RECORD)) == 1
    assert len(differences(RECORD, altered)) == 1


def test_an_expression_is_drawn_as_it_is_written():
    w = expected("ic.uniform(shape, 0.5, rng=rng)", (30, 40), 2)
    assert w.shape == (2400,)
    assert 0.4 < np.abs(w).max() <= 0.5

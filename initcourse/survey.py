"""A survey of language models: what each draws before its first step, recomputed.

A file says of each model which code was read, and of each role of a matrix its standard deviation,
twice: as a formula of the model's sizes, and as a number. `read` evaluates every formula, and
refuses a file in which one does not give its number or does not say where it comes from.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from . import _arguments

ROLES = ("query", "up", "attention_out", "down", "embedding", "head")
"""The matrices of a model: the first two read from the stream, the next two write to it."""

INTO = ("width", "constant", "block")
"""What the standard deviation of what reads from the stream depends on."""

OUT = (
    "none",
    "1/√(2L)",
    "1/√(2L), attention only",
    "1/√(2l)",
    "1/√L",
    "1/L",
    "zero",
)
"""The factor of depth that what writes to the stream has, and what reads from it has not."""

_SIZES = ("d", "L", "m", "k", "V")
_WANTED = ("name", "read", "d", "L", "into", "out", *ROLES, "remark")
_OPTIONAL = ("m", "k", "V", "differs")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Source:
    """A file that was read: its repository on GitHub, its path, the commit and its day."""

    repository: str
    path: str
    commit: str
    date: date

    @property
    def address(self) -> str:
        """Where to read it."""
        return f"https://github.com/{self.repository}/blob/{self.commit}/{self.path}"


@dataclass(frozen=True)
class Std:
    """A standard deviation: its formula, where the law is cut off, its values by block."""

    formula: str
    cut: float | None
    by_block: tuple[float, ...]

    @property
    def first(self) -> float:
        """The value in the first block."""
        return self.by_block[0]

    @property
    def last(self) -> float:
        """The value in the last block."""
        return self.by_block[-1]


@dataclass(frozen=True)
class Model:
    """A model of the survey.

    Attributes
    ----------
    name : str
        What it is called.
    sources : tuple of Source
        What was read.
    sizes : mapping of str to int
        The sizes that its formulas may use: width d, blocks L, and what else it gives.
    into, out : str
        The rules into and out of a branch: of `INTO` and of `OUT`.
    stds : mapping of str to Std
        The standard deviation of each role; a tied head has that of the embedding, and a role that
        the model lacks is left out.
    tied : bool
        Whether the head is the embedding.
    remark, differs : str
        What else to know, and where code and paper, or code and comment, part.
    """

    name: str
    sources: tuple[Source, ...]
    sizes: Mapping[str, int]
    into: str
    out: str
    stds: Mapping[str, Std]
    tied: bool
    remark: str
    differs: str


def evaluate(formula: str, sizes: Mapping[str, float]) -> float:
    """Return the value of a formula of numbers, named sizes, + - * / and sqrt.

    Parameters
    ----------
    formula : str
        The formula. It is taken apart, never executed.
    sizes : mapping of str to float
        The names that it may use.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If the formula has anything else in it, or no finite value.

    Examples
    --------
    >>> evaluate("0.02 / sqrt(2 * L)", {"L": 32})
    0.0025
    """
    text = _arguments.instance("formula", formula, str)
    try:
        value = _value(ast.parse(text, mode="eval").body, sizes)
    except (SyntaxError, ZeroDivisionError, OverflowError, ValueError) as error:
        raise ValueError(
            f"formula must be made of numbers, {', '.join(sizes)}, + - * / and sqrt(), and have a "
            f"finite value, got {_arguments.shown(text)}: {error}"
        ) from None
    return _arguments.number("formula", value)


def _value(node: ast.expr, sizes: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=float() | int() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name) if name in sizes:
            return sizes[name]
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(node.left, sizes), _value(node.right, sizes))
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
            return math.sqrt(_value(inner, sizes))
    raise ValueError(f"not {ast.unparse(node)}")


def kept(cut: float) -> float:
    r"""Return the standard deviation that is left of a standard normal law between -cut and cut.

    .. math:: \sqrt{1 - \frac{2 c\,\varphi(c)}{2 \Phi(c) - 1}}

    Parameters
    ----------
    cut : float
        Where the law is cut off on both sides; positive.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If the argument is not as described.

    Examples
    --------
    >>> round(kept(2), 4), round(kept(3), 4)
    (0.8796, 0.9866)
    """
    c = _arguments.number("cut", cut, "positive")
    density = math.exp(-(c**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * c * density / math.erf(c / math.sqrt(2)))


def read(path: str | Path) -> tuple[Model, ...]:
    """Return the models of a file, every standard deviation recomputed.

    Parameters
    ----------
    path : str or Path
        The file, in TOML: its own first lines say how it is written.

    Returns
    -------
    tuple of Model
        In the order of the file.

    Raises
    ------
    ValueError
        If something is missing, unknown, or does not give its number. The message begins with the
        model and the column.

    Examples
    --------
    >>> models = read("book/reference/models.toml")  # doctest: +SKIP
    >>> models[0].stds["query"].first  # doctest: +SKIP
    0.02
    """
    table = tomllib.loads(Path(path).read_text("utf-8"))
    repositories = {key: _repository(key, row) for key, row in table.get("repository", {}).items()}
    models = tuple(
        _model(number, row, repositories) for number, row in enumerate(table.get("model", []), 1)
    )
    names = [model.name for model in models]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name}, name: there are {names.count(name)} rows of that name")
    read_of = {source.repository for model in models for source in model.sources}
    for key, row in repositories.items():
        if row.repository not in read_of:
            raise ValueError(f"repository {key}: no model names it")
    return models


def _refuse(row: str, column: str, wanted: str, value: object) -> ValueError:
    return ValueError(f"{row}, {column}: must be {wanted}, got {_arguments.shown(value)}")


def _columns(
    row: str, table: Mapping[str, Any], wanted: tuple[str, ...], more: tuple[str, ...]
) -> None:
    for column in wanted:
        if column not in table:
            raise ValueError(f"{row}, {column}: is missing")
    for column in table:
        if column not in wanted + more:
            raise ValueError(f"{row}, {column}: is no column")


def _repository(key: str, table: Mapping[str, Any]) -> Source:
    row = f"repository {key}"
    _columns(row, table, ("name", "commit", "date"), ())
    for column, pattern, wanted in (
        ("name", r"[\w.-]+/[\w.-]+", "owner/name"),
        ("commit", r"[0-9a-f]{40}", "40 hexadecimal digits"),
    ):
        value = table[column]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise _refuse(row, column, wanted, value)
    if type(table["date"]) is not date:
        raise _refuse(row, "date", "a day, as 2026-11-26", table["date"])
    return Source(table["name"], "", table["commit"], table["date"])


def _model(number: int, table: Mapping[str, Any], repositories: Mapping[str, Source]) -> Model:
    row = str(table.get("name", f"model {number}"))
    _columns(row, table, _WANTED, _OPTIONAL)
    for column in ("name", "remark", "differs"):
        if not isinstance(table.get(column, ""), str):
            raise _refuse(row, column, "text", table[column])
    for column, choices in (("into", INTO), ("out", OUT)):
        if table[column] not in choices:
            raise _refuse(row, column, f"one of {', '.join(choices)}", table[column])
    sizes = {column: table[column] for column in _SIZES if column in table}
    for column, size in sizes.items():
        if type(size) is not int or size < 1:
            raise _refuse(row, column, "a positive integer", size)
    stds = {
        role: _std(row, role, table[role], sizes)
        for role in ROLES
        if table[role] not in ("none", "tied")
    }
    tied = table["head"] == "tied"
    for role in ROLES:
        if table[role] == "tied" and (role != "head" or "embedding" not in stds):
            raise _refuse(row, role, "a formula with its number, or none", "tied")
    if tied:
        stds["head"] = stds["embedding"]
    sources = _sources(row, table["read"], repositories)
    texts = (table["remark"], table.get("differs", ""))
    return Model(row, sources, sizes, table["into"], table["out"], stds, tied, *texts)


def _sources(row: str, names: object, repositories: Mapping[str, Source]) -> tuple[Source, ...]:
    if not isinstance(names, list) or not names:
        raise _refuse(row, "read", "a list of files that were read", names)
    sources = []
    for name in names:
        key, separator, path = str(name).partition(": ")
        if not separator or key not in repositories or not path:
            raise _refuse(row, "read", "repository: path, of a repository of this file", name)
        place = repositories[key]
        sources.append(Source(place.repository, path, place.commit, place.date))
    return tuple(sources)


def _std(row: str, role: str, table: object, sizes: Mapping[str, int]) -> Std:
    if not isinstance(table, dict):
        raise _refuse(row, role, "a formula with its number, or none", table)
    _columns(
        row,
        {f"{role}.{key}": value for key, value in table.items()},
        (f"{role}.formula", f"{role}.std"),
        (f"{role}.cut",),
    )
    cut = table.get("cut")
    try:
        share = 1.0 if cut is None else kept(cut)
        by_block = tuple(
            share * evaluate(table["formula"], {**sizes, "l": block})
            for block in range(1, sizes["L"] + 1)
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{row}, {role}: {error}") from None
    ends = [by_block[0]] if len(set(by_block)) == 1 else [by_block[0], by_block[-1]]
    given = table["std"] if isinstance(table["std"], list) else [table["std"]]
    computed = [float(f"{value:.4g}") for value in ends]
    if given != computed or min(ends) < 0:
        raise _refuse(row, role, f"{computed}, which the formula gives to four digits", given)
    return Std(table["formula"], cut, by_block)

"""One record of named signals, whatever network they come from.

Whoever sends a signal through a network, the MLP of `initcourse.network`, a network of another
architecture, or a framework's, leaves it in a `Record`. The records of several networks make a
`Measurement`, which figures and assertions read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments
from ._arguments import FloatArray


@dataclass(frozen=True)
class Record:
    """The named signals of one network.

    Attributes
    ----------
    forward : dict of str to ndarray
        The values, in the order in which they were computed; any shape, samples first.
    backward : dict of str to ndarray
        Under each name a gradient of the loss: with respect to that value, or, for the layers that
        `initcourse.measure` numbers, to the pre-activation behind it.
    """

    forward: dict[str, FloatArray] = field(default_factory=dict)
    backward: dict[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Measurement:
    """Second moments of the signals of several independently drawn networks.

    Attributes
    ----------
    forward, backward : ndarray of shape (networks, signals)
        Mean square, over samples and units, of each value and of each gradient.
    names : tuple of str
        What the columns are; empty where they are the layers 1 … L of `initcourse.measure`.
    """

    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, records: Iterable[Record]) -> Measurement:
        """Measure the signals of each network's record.

        Parameters
        ----------
        records : iterable of Record
            At least one; all with the same names, forward and backward.

        Returns
        -------
        Measurement

        Raises
        ------
        TypeError, ValueError
            If there is no record, or they do not have the same names, or a signal is not finite.

        Examples
        --------
        >>> record = Record({"stream": np.array([3.0, 4.0])}, {"stream": np.array([1.0, 1.0])})
        >>> print(Measurement.of([record, record]).forward)
        [[12.5]
         [12.5]]
        """
        forward: list[list[float]] = []
        backward: list[list[float]] = []
        names: tuple[str, ...] = ()
        for record in records:
            _arguments.instance("records", record, Record)
            names = names or tuple(record.forward)
            for each in (record.forward, record.backward):
                if set(each) != set(names) or not names:
                    raise ValueError(
                        f"records must all have the same names, at least one, forward and "
                        f"backward: got {_arguments.shown(list(each))} beside {list(names)}"
                    )
            at = f"records[{len(forward)}]"
            forward.append([_moment(f"{at}.forward", record.forward, name) for name in names])
            backward.append([_moment(f"{at}.backward", record.backward, name) for name in names])
        if not forward:
            raise ValueError("records must hold at least one record, got none")
        return cls(np.array(forward), np.array(backward), names)


def second_moment(signal: ArrayLike) -> float:
    """Compute the mean square of an array, in float64 whatever its dtype.

    Parameters
    ----------
    signal : array_like
        Any array of numbers, not empty.

    Returns
    -------
    float
        The mean of the squares; not the variance, which would subtract the squared mean.

    Raises
    ------
    TypeError, ValueError
        If the array is empty or holds anything but finite numbers.

    Examples
    --------
    >>> second_moment([1.0, -3.0])
    5.0
    """
    return _mean_square(_arguments.finite_array("signal", signal))


def _moment(where: str, signals: dict[str, FloatArray], name: str) -> float:
    return _mean_square(_arguments.finite_array(f"{where}[{name!r}]", signals[name]))


def _mean_square(array: FloatArray) -> float:
    return float(np.mean(np.square(array.astype(np.float64, copy=False))))

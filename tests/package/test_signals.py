"""One record of named signals, whatever network they come from."""

from functools import partial

import numpy as np
import pytest

import initcourse as ic

RNG = np.random.default_rng(0)


def test_the_signals_of_records_are_measured_by_network_and_name():
    records = [
        ic.Record(
            {"stream": np.full((2, 3), k), "head": np.array([1.0, 3.0])},
            {"head": np.array([2.0]), "stream": np.full((2, 3), 10.0 * k)},
        )
        for k in (1.0, 2.0)
    ]
    found = ic.Measurement.of(iter(records))
    assert found.names == ("stream", "head")
    assert found.forward == pytest.approx(np.array([[1, 5], [4, 5]]))
    assert found.backward == pytest.approx(np.array([[100, 4], [400, 4]]))


def test_a_signal_of_any_shape_is_measured_over_all_its_axes():
    image = RNG.normal(size=(4, 3, 5, 2)) * np.array([1.0, 10.0, 0.1, 3.0])[:, None, None, None]
    number = np.array(7.0)
    found = ic.Measurement.of([ic.Record({"a": image, "b": number}, {"a": 2 * image, "b": number})])
    expected = sum(value * value for value in image.flat) / image.size
    assert found.forward == pytest.approx(np.array([[expected, 49]]))
    assert found.backward == pytest.approx(np.array([[4 * expected, 49]]))


@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e30), ("float64", 1e100)])
def test_second_moments_are_float64_whatever_the_dtype(dtype, size):
    """The squares would leave float32 at either end."""
    for value in (size, 1 / size):
        signal = np.array([value, -value], dtype)
        exact = float(signal[0]) ** 2
        assert ic.second_moment(signal) == pytest.approx(exact, rel=1e-15, abs=0)
        record = ic.Record({"a": signal}, {"a": signal})
        assert ic.Measurement.of([record]).backward[0, 0] == pytest.approx(exact, rel=1e-15, abs=0)


def test_measuring_changes_no_signal():
    signal = RNG.normal(size=(3, 4))
    before = signal.copy()
    ic.second_moment(signal)
    ic.Measurement.of([ic.Record({"a": signal}, {"a": signal})])
    assert np.array_equal(signal, before)


def test_a_plain_network_fills_the_record():
    x = RNG.standard_normal((5, 8))
    found = ic.measure([8, 6, 4], ic.lecun_normal, x, networks=3, rng=1)
    assert found.names == ()
    net = ic.mlp([8, 6, 4], ic.lecun_normal, output_activation="tanh", rng=np.random.default_rng(1))
    signals = ic.forward(net, x)
    assert found.forward[0] == pytest.approx([np.mean(h**2) for h in signals.activations[1:]])


ONE = {"a": np.ones(2)}


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "at least one record, got none"),
        ([ic.Record()], "same names, at least one"),
        ([ic.Record(ONE, {})], r"same names, .* got \[\] beside \['a'\]"),
        ([ic.Record(ONE, ONE), ic.Record({"b": np.ones(2)}, ONE)], r"got \['b'\] beside \['a'\]"),
    ],
)
def test_records_that_do_not_match_are_refused(records, message):
    with pytest.raises(ValueError, match=f"records must .*{message}"):
        ic.Measurement.of(records)


def test_what_is_no_record_is_refused():
    with pytest.raises(TypeError, match="records must be of type Record"):
        ic.Measurement.of([{"a": np.ones(2)}])
    with pytest.raises(ValueError, match=r"records\[0\]\.forward\['a'\] must be .* nan"):
        ic.Measurement.of([ic.Record({"a": np.array([np.nan])}, ONE)])
    with pytest.raises(ValueError, match=r"records\[1\]\.backward\['a'\] must be .* inf"):
        ic.Measurement.of([ic.Record(ONE, ONE), ic.Record(ONE, {"a": np.array([np.inf])})])


# --- what is refused --------------------------------------------------------------------------


def refused():
    for value in ([], [ic.Record()], [ic.Record(ONE, {})], [ONE], [None]):
        yield partial(ic.Measurement.of, value), "records", ""

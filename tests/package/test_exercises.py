"""The checks themselves: right answers pass, and each wrong idea gets its own hint."""

import contextlib
import dataclasses
import math
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from initcourse import exercises
from initcourse.exercises import EXERCISES, _limit
from tests import answers
from tests.answers import OTHER, RIGHT, WRONG

needs_timers = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="no timer here raises a signal"
)
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)


@pytest.fixture(autouse=True)
def _reader(monkeypatch):
    monkeypatch.delenv("INITCOURSE_STRICT", raising=False)


# --- the course -------------------------------------------------------------------------------


def test_there_are_enough_exercises_at_every_level():
    levels = [e.level for e in EXERCISES.values()]
    assert len(levels) >= 25
    for chapter in {e.chapter for e in EXERCISES.values()}:
        of_chapter = [e.level for e in EXERCISES.values() if e.chapter == chapter]
        assert len(of_chapter) >= 5
        assert set(of_chapter) == {"a", "b", "c"}
        assert of_chapter == sorted(of_chapter)


def test_there_are_enough_wrong_answers():
    assert len(WRONG) >= 80
    assert len({id(answer) for answer in WRONG.values()}) >= 80


@each_exercise
def test_hints_differ_and_name_no_answer(exercise):
    texts = [*exercise.hints, *exercise.misconceptions.values(), exercise.moral]
    assert len(set(texts)) == len(texts)
    assert all(text.endswith((".", "?")) for text in texts)
    assert len(exercise.hints) >= 2


# --- right and wrong answers ------------------------------------------------------------------


def test_answers_lie_beside_their_exercises():
    assert answers.MODULES.keys() == {exercise.chapter for exercise in EXERCISES.values()}
    for chapter, module in answers.MODULES.items():
        named = [*module.RIGHT, *(name for name, _ in (*module.WRONG, *module.OTHER))]
        assert {EXERCISES[name].chapter for name in named} == {chapter}


@pytest.mark.parametrize(
    ("name", "answer"),
    [(name, answer) for name, answers in RIGHT.items() for answer in answers],
    ids=[f"{name}-{number}" for name, answers in RIGHT.items() for number in range(len(answers))],
)
def test_a_right_answer_is_correct(name, answer):
    outcome = EXERCISES[name].judge(answer)
    assert (outcome.state, outcome.message) == ("correct", EXERCISES[name].moral)


@each_exercise
def test_two_right_answers_are_tried(exercise):
    assert len(RIGHT[exercise.name]) >= 2


@pytest.mark.parametrize(("name", "misconception"), WRONG, ids=lambda text: text)
def test_a_wrong_answer_gets_its_own_hint(name, misconception):
    outcome = EXERCISES[name].judge(WRONG[name, misconception])
    assert (outcome.state, outcome.misconception) == ("not yet", misconception)
    assert outcome.message == EXERCISES[name].misconceptions[misconception]


@pytest.mark.parametrize(("name", "part"), OTHER, ids=lambda text: text)
def test_an_answer_wrong_in_a_way_of_its_own_is_told_where(name, part):
    outcome = EXERCISES[name].judge(OTHER[name, part])
    assert (outcome.state, outcome.misconception) == ("not yet", None)
    assert part in outcome.message


@each_exercise
def test_every_misconception_is_tried(exercise):
    tried = {misconception for name, misconception in WRONG if name == exercise.name}
    assert tried == set(exercise.misconceptions)


# --- whatever a learner hands over ------------------------------------------------------------


def empty(*arguments):
    """Do nothing yet."""
    ...  # noqa: PIE790 (the stub of the book)


@each_exercise
@pytest.mark.parametrize("stub", [None, ..., empty, lambda *a: ..., lambda *a: None])
def test_an_untouched_stub_is_not_attempted(exercise, stub):
    assert exercise.judge(stub).state == "not attempted"


def raises(*arguments):
    raise ValueError("learner's\n own   message")


def exits(*arguments):
    raise SystemExit


def recurses(*arguments):
    return recurses(*arguments)


def overwrites(*arguments):
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[...] = 0
    return 1.0


class Hostile:
    """An object whose every question is answered with an exception."""

    def _refuse(self, *arguments, **keywords):
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __len__ = __iter__ = __float__ = _refuse
    __array__ = __bool__ = __hash__ = __index__ = __getitem__ = _refuse


class Unhelpful(Hostile):
    """The same, but Hypothesis can handle it."""

    __eq__, __hash__, __repr__ = object.__eq__, object.__hash__, object.__repr__

    def __bool__(self):
        return True


@each_exercise
@pytest.mark.parametrize(
    "answer",
    [
        "an answer",
        object,
        Exception,
        float("nan"),
        -1,
        10**400,
        True,
        [],
        {"scale": Hostile(), "mode": 3, "distribution": []},
        np.zeros((0, 3)),
        Hostile(),
        lambda: 1.0,
        lambda *a: "text",
        lambda *a: float("nan"),
        lambda *a: np.full((2, 2), np.inf),
        lambda *a: Hostile(),
        lambda *a: (Hostile(), Hostile(), Hostile()),
        lambda *a: (None, None),
        lambda *a: 10**400,
        lambda *a: 1j,
        raises,
        exits,
        recurses,
        overwrites,
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_useless_answer_gets_one_calm_sentence(exercise, answer, capsys):
    exercise(answer)
    out, err = capsys.readouterr()
    assert err == ""
    assert "Traceback" not in out
    assert out.startswith(("Not yet. ", "Not attempted. "))
    assert max(map(len, out.splitlines())) <= 76


def test_an_answer_may_not_change_what_it_is_given():
    outcome = EXERCISES["merge_twins"].judge(overwrites)
    assert "changes the array" in outcome.message


def test_the_message_of_an_exception_is_shown_on_one_line():
    message = EXERCISES["xavier_limit"].judge(raises).message
    assert message == ("Called with 300, 200, it raised ValueError (learner's own message).")


class Unspeakable(Exception):  # noqa: N818
    """An exception that cannot be printed."""

    def __str__(self):
        raise SystemExit


def test_an_exception_that_cannot_be_printed_is_named():
    def unspeakable(*arguments):
        raise Unspeakable

    message = EXERCISES["xavier_limit"].judge(unspeakable).message
    assert message == "Called with 300, 200, it raised Unspeakable."


def test_even_a_check_that_goes_wrong_raises_nothing():
    broken = dataclasses.replace(EXERCISES["xavier_limit"], check=raises)
    outcome = broken.judge(math.sqrt)
    assert outcome.state == "not yet"
    assert outcome.message.startswith("Your answer could not be examined: ValueError")


def test_a_missing_return_is_named():
    def no_return(fan_in, fan_out):
        math.sqrt(6 / (fan_in + fan_out))

    assert "return missing" in EXERCISES["xavier_limit"].judge(no_return).message


def test_a_test_that_returns_a_verdict_is_told_to_assert():
    message = EXERCISES["test_glorot"].judge(lambda draw: draw((3, 4), 0).std() < 1).message
    assert "assert" in message


def test_a_test_that_goes_wrong_is_not_taken_for_a_verdict():
    assert "itself went wrong" in EXERCISES["test_glorot"].judge(raises).message


THINGS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=5)
    | st.binary(max_size=3)
    | npst.arrays(npst.scalar_dtypes(), npst.array_shapes(max_dims=3, max_side=4))
    | st.sampled_from([int, dict, len, print, np.mean, Unhelpful(), math.sqrt]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.tuples(inner, inner, inner)
        | st.dictionaries(st.sampled_from(["scale", "mode", "distribution"]), inner)
    ),
    max_leaves=4,
)
CALLABLES = THINGS.map(lambda value: lambda *arguments: value)


@each_exercise
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=THINGS | CALLABLES)
def test_nothing_that_is_handed_over_raises(exercise, answer):
    outcome = exercise.judge(answer)
    assert outcome.state in ("not attempted", "not yet", "correct")
    assert "\n" not in outcome.message


# --- an answer that takes too long ------------------------------------------------------------


def loops(*arguments):
    while True:
        pass


def ignores_one_exception(*arguments):
    try:
        loops()
    except BaseException:
        loops()


def ignores_every_exception(*arguments):
    while True:
        try:
            loops()
        except BaseException:
            continue


def waits(*arguments):
    while True:
        time.sleep(10)


def stops(*arguments):
    raise KeyboardInterrupt


@pytest.fixture
def _short(monkeypatch):
    monkeypatch.setattr(_limit, "LIMIT", 0.2)


@needs_timers
@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("answer", [loops, ignores_one_exception, ignores_every_exception])
@pytest.mark.parametrize("name", ["xavier_limit", "test_glorot"])  # one of each kind
def test_an_endless_loop_is_stopped(name, answer):
    outcome = EXERCISES[name].judge(answer)
    assert outcome.state == "not yet"
    assert outcome.message == "It took more than 0.2 seconds of computing. Does a loop end?"


@needs_timers
def test_what_waits_for_ever_is_stopped(monkeypatch):
    monkeypatch.setattr(_limit, "PATIENCE", 0.2)
    message = EXERCISES["xavier_limit"].judge(waits).message
    assert message == "It took more than 0.2 seconds. What does it wait for?"


@pytest.mark.usefixtures("_short")
def test_waiting_is_not_computing():
    def sleeps(classes):
        time.sleep(0.15)  # for each of the four cases: three times the limit
        return np.log(classes)

    assert EXERCISES["first_loss"].judge(sleeps).state == "correct"


def test_the_learner_can_stop_a_check():
    for name in ("xavier_limit", "test_glorot"):
        with pytest.raises(KeyboardInterrupt):
            EXERCISES[name].judge(stops)


@pytest.fixture
def timer_of_another():
    """Set timers with a handler, as another program would; return how to ask for them."""

    def handle(number, frame):
        raise AssertionError("the other program's time is up")

    signals = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}
    before = {number: signal.signal(number, handle) for number in signals.values()}
    for timer in signals:
        signal.setitimer(timer, 1000, 500)

    def found():
        """Return the handlers, and for each timer whether it runs and its interval."""
        handlers = [signal.getsignal(number) for number in signals.values()]
        left = [signal.getitimer(timer) for timer in signals]
        return handlers, [(seconds > 0, interval) for seconds, interval in left]

    yield found
    for timer in signals:
        signal.setitimer(timer, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


@needs_timers
@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("answer", [RIGHT["xavier_limit"][0], raises, loops, stops])
def test_timers_and_handlers_are_given_back(answer, timer_of_another):
    before = timer_of_another()
    with contextlib.suppress(KeyboardInterrupt):
        EXERCISES["xavier_limit"].judge(answer)
    assert timer_of_another() == before


def judged_without_timers(monkeypatch):
    monkeypatch.delattr(signal, "setitimer", raising=False)
    return EXERCISES["first_loss"].judge(np.log2)


def judged_in_a_thread(monkeypatch):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(EXERCISES["first_loss"].judge, np.log2).result()


@pytest.mark.parametrize("judged", [judged_without_timers, judged_in_a_thread])
def test_where_there_is_no_limit_answers_are_judged_all_the_same(judged, monkeypatch):
    assert judged(monkeypatch).misconception == "base-2"


# --- what is printed, and strict mode ---------------------------------------------------------


def test_the_three_outcomes_are_printed(capsys):
    check = EXERCISES["lecun_limit"]
    for answer in (None, lambda n: 1 / n, RIGHT["lecun_limit"][0]):
        check(answer)
    printed = capsys.readouterr().out
    assert re.findall(r"^(Not attempted|Not yet|Correct)\. ", printed, re.MULTILINE) == [
        "Not attempted",
        "Not yet",
        "Correct",
    ]


def test_strict_mode_raises_on_anything_but_correct(monkeypatch, capsys):
    monkeypatch.setenv("INITCOURSE_STRICT", "1")
    check = EXERCISES["lecun_limit"]
    for answer in (None, lambda n: 1 / n, raises):
        with pytest.raises(exercises.ExerciseError, match="lecun_limit: Not"):
            check(answer)
    check(RIGHT["lecun_limit"][0])
    assert capsys.readouterr().out.startswith("Correct.")


def test_hints_come_one_by_one_and_end_at_the_section(capsys):
    source = EXERCISES["he_std"]
    fresh = dataclasses.replace(source, _shown=[])
    for _ in range(4):
        fresh.hint()
    printed = " ".join(capsys.readouterr().out.split())
    lines = re.split(r" (?=Hint \d of)", printed)
    assert lines[0] == f"Hint 1 of 3: {source.hints[0]}"
    assert lines[1] == f"Hint 2 of 3: {source.hints[1]}"
    assert lines[2] == lines[3]
    assert source.section in lines[2]

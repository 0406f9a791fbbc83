"""The checks themselves: right answers pass, and each wrong idea gets its own hint."""

import contextlib
import dataclasses
import importlib
import math
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from initcourse import exercises
from initcourse.exercises import EXERCISES, _exercise, _limit, zero_init
from initcourse.exercises._exercise import LEVELS
from initcourse.exercises._judge import TEST_MISCONCEPTIONS, centered
from tests import answers
from tests.answers import DIAGNOSES, OTHER, RIGHT, SUBTLE, WRONG

needs_timers = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="no timer here raises a signal"
)
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)


@pytest.fixture(autouse=True)
def _reader(monkeypatch):
    monkeypatch.delenv("INITCOURSE_STRICT", raising=False)


# --- the course -------------------------------------------------------------------------------


def test_there_are_enough_exercises_at_every_level():
    assert len(EXERCISES) >= 36
    for chapter in {e.chapter for e in EXERCISES.values()}:
        of_chapter = [LEVELS.index(e.level) for e in EXERCISES.values() if e.chapter == chapter]
        assert len(of_chapter) >= 7
        assert set(of_chapter) == set(range(len(LEVELS)))
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
        wrong = (*module.WRONG, *module.OTHER, *module.SUBTLE)
        named = [*module.RIGHT, *(name for name, _ in wrong)]
        assert {EXERCISES[name].chapter for name in named} == {chapter}


@pytest.mark.parametrize(
    ("name", "answer"),
    [(name, answer) for name, answers in RIGHT.items() for answer in answers],
    ids=[f"{name}-{number}" for name, answers in RIGHT.items() for number in range(len(answers))],
)
def test_a_right_answer_is_correct(name, answer):
    outcome = EXERCISES[name].judge(answer)
    assert outcome.state == "correct"
    assert outcome.message.endswith(EXERCISES[name].moral)
    assert outcome.message.startswith("You said ") == (EXERCISES[name].level == "guess")


@each_exercise
def test_two_right_answers_are_tried(exercise):
    assert len(RIGHT[exercise.name]) >= 2


@pytest.mark.parametrize(("name", "misconception"), WRONG, ids=lambda text: text)
def test_a_wrong_answer_gets_its_own_hint(name, misconception):
    outcome = EXERCISES[name].judge(WRONG[name, misconception])
    assert (outcome.state, outcome.misconception) == ("not yet", misconception)
    hint = EXERCISES[name].misconceptions[misconception]
    if EXERCISES[name].level == "guess":
        assert re.match(r"You said \S+( %)?; measured: \S+ ", outcome.message)
        assert outcome.message.endswith(hint)
    else:
        assert outcome.message.startswith(hint)


@pytest.mark.parametrize(("name", "part"), OTHER, ids=lambda text: text)
def test_an_answer_wrong_in_a_way_of_its_own_is_told_where(name, part):
    outcome = EXERCISES[name].judge(OTHER[name, part])
    assert (outcome.state, outcome.misconception) == ("not yet", None)
    assert part in outcome.message


def test_less_than_a_percent_is_judged_as_such_and_asked_whether_it_was_a_share():
    said = EXERCISES["embedding_share"].judge(0.86).message
    assert "if you meant 86 %, write that. You said 0.86 %; measured: " in said
    assert "at GPT-2's own width, where it is 0.9 %" in said


@pytest.mark.parametrize(("name", "idea"), SUBTLE, ids=lambda text: text)
def test_an_answer_that_comes_close_is_not_taken_for_right(name, idea):
    assert EXERCISES[name].judge(SUBTLE[name, idea]).state == "not yet"


@each_exercise
def test_every_misconception_is_tried(exercise):
    tried = {misconception for name, misconception in WRONG if name == exercise.name}
    assert tried == set(exercise.misconceptions)


LESS_IS_ASKED_FOR = {"layers_until", "best_width", "linear_default"}  # a depth, a width, a dict
FORMULAS = {e.name for e in EXERCISES.values() if e.level == "line"} - LESS_IS_ASKED_FOR


@pytest.mark.parametrize("name", sorted(FORMULAS | {"sum_variance"}))
def test_a_formula_is_right_to_six_digits(name):
    def times(factor):
        return lambda *case: factor * RIGHT[name][0](*case)

    assert EXERCISES[name].judge(times(1 + 1e-8)).state == "correct"
    for off in (0.01, 1e-3, 2e-5, -2e-5):
        assert EXERCISES[name].judge(times(1 + off)).state == "not yet", off


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("best_width", 5e-4, 2e-3),  # a search on a grid
        ("truncated_variance", 4e-3, 8e-3),  # a numerical integral, or three digits
        ("typical_signal", 0.03, 0.08),  # terms of higher order
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_where_less_is_asked_for_the_tolerance_is_what_the_text_says(name, allowed, refused, sign):
    def times(factor):
        return lambda *case: factor * RIGHT[name][0](*case)

    assert EXERCISES[name].judge(times(1 + sign * allowed)).state == "correct"
    assert EXERCISES[name].judge(times(1 + sign * refused)).state == "not yet"


def test_a_test_that_demands_a_fault_is_told_which():
    outcome = EXERCISES["test_layer_norm"].judge(answers.MODULES["normalization"].demands_one_fewer)
    assert outcome.misconception == "unbiased"
    assert "so it demands what that one does" in outcome.message


def test_a_border_is_told_where_it_was_crossed():
    late = EXERCISES["loss_at_start"].judge(
        answers.MODULES["transformers"].border_at(lambda v: 5.5)
    )
    assert late.message.endswith("you are on the parabola still; it is 3.72.")
    early = EXERCISES["loss_at_start"].judge(
        answers.MODULES["transformers"].border_at(lambda v: 2.81)
    )
    assert early.message.endswith("you are on the straight line already; it is 3.72.")


@pytest.mark.parametrize("at", [0.0, 1e-3, 1.0, 16.0, math.nan])
def test_a_constant_column_becomes_zero_and_nothing_else(at):
    def answer(train, test):
        constant = train.std(axis=0) == 0
        return tuple(np.where(constant, at, part) for part in RIGHT["normalize"][0](train, test))

    assert (EXERCISES["normalize"].judge(answer).state == "correct") == (at == 0)


@pytest.mark.parametrize("size", [(20, 10), (300, 100)])
def test_a_centered_sample_has_its_mean_and_variance_exactly(size):
    draws = centered(np.random.default_rng(1).normal(0, 0.5, size), 0.25)
    assert draws.mean() == pytest.approx(0, abs=1e-12)
    assert draws.var() == pytest.approx(0.25, rel=1e-12)


# --- guesses and diagnoses --------------------------------------------------------------------


@pytest.mark.parametrize("name", [e.name for e in EXERCISES.values() if e.level == "guess"])
def test_a_guess_that_is_off_is_a_surprise_and_no_failure(name, capsys):
    for (exercise, _), answer in WRONG.items():
        if exercise == name:
            EXERCISES[name](answer)
    printed = capsys.readouterr().out
    assert "Not yet" not in printed
    assert len(re.findall(r"^A surprise\. You said ", printed, re.MULTILINE)) >= 3


@pytest.mark.parametrize(
    "name", [e.name for e in EXERCISES.values() if e.level in ("guess", "diagnosis")]
)
def test_other_networks_lead_to_the_same_verdicts(name, monkeypatch):
    """No verdict hangs on the seed of the networks that the check draws."""
    exercise = EXERCISES[name]
    module = importlib.import_module(exercise.check.__module__)
    for seed in range(100, 110):
        monkeypatch.setattr(module, "SEED", seed)
        for answer in RIGHT[name]:
            assert exercise.judge(answer).state == "correct", seed
        for (wrong, misconception), answer in WRONG.items():
            if wrong == name:
                assert exercise.judge(answer).misconception == misconception, seed


@pytest.mark.parametrize(("name", "diagnose"), DIAGNOSES.items())
def test_symptoms_are_enough_for_a_diagnosis(name, diagnose):
    """The fault follows from the printed numbers, whatever the networks."""
    draw, tell = diagnose
    for seed in range(100, 120):
        assert tell(draw(seed)) == RIGHT[name][0], seed


def test_symptoms_are_printed_as_a_table(capsys):
    zero_init.show_starts()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == list("ABCDE")
    assert max(map(len, lines)) <= 76
    assert lines[1].startswith("first loss")
    assert lines[1].split()[3] == "2.30"
    assert lines[-1].split()[-3:] == ["1", "64", "64"]


def test_a_wrong_diagnosis_is_told_what_the_case_shows_and_not_what_it_is():
    outcome = EXERCISES["diagnose_starts"].judge(WRONG["diagnose_starts", "too large"])
    assert outcome.message.endswith(
        "Case A, of which you say it, shows: mean square of h5: 0.0989; "
        "gradient of W1: 0.0791; gradient of W5: 0.104."
    )
    assert "output layer" not in outcome.message


# --- what a hint says was seen ----------------------------------------------------------------


def test_the_message_of_a_test_that_refuses_what_is_right_is_quoted():
    outcome = EXERCISES["test_glorot"].judge(SUBTLE["test_glorot", "says what it found"])
    assert outcome.misconception == "fails-everything"
    assert outcome.message.endswith("It stopped at “found 0.005”.")


def test_without_a_message_the_line_of_the_assertion_is_quoted():
    message = EXERCISES["test_glorot"].judge(SUBTLE["test_glorot", "says nothing"]).message
    assert message.endswith("It stopped at “assert draw((300, 100), 0).var() == 7”.")


def test_a_tolerance_that_is_too_tight_is_told_from_a_wrong_number():
    judge = EXERCISES["test_glorot"].judge
    assert judge(WRONG["test_glorot", "too-tight"]).misconception == "too-tight"
    assert judge(SUBTLE["test_glorot", "another number"]).misconception == "fails-everything"


def test_a_false_alarm_is_counted():
    message = EXERCISES["test_glorot"].judge(WRONG["test_glorot", "false-alarm"]).message
    assert re.search(r"Here it failed under \d+ of 20 seeds. It stopped at “assert ", message)


@pytest.mark.parametrize(
    ("name", "misconception", "called"),
    [
        ("test_glorot", "fan-in", "with shape (200, 200)."),
        ("test_copied_layer", "far-apart", "with layers 4, width 8."),
        ("test_reset", "named-weight", "with parameters weight (300, 200)."),
        ("test_truncation", "bounds-bind", "with shape (200, 100), std 1.0."),
    ],
)
def test_how_a_fault_was_called_that_went_unnoticed_is_told(name, misconception, called):
    message = EXERCISES[name].judge(WRONG[name, misconception]).message
    assert message.endswith(f"Your test called it {called}")


def test_a_test_that_calls_nothing_is_told_so():
    message = EXERCISES["test_glorot"].judge(SUBTLE["test_glorot", "is not called"]).message
    assert message.endswith("Your test never called it.")


def test_a_fault_must_be_noticed_whatever_its_seed():
    """The fan-in rule has 0.833 of the variance there, and the test refuses less than 0.830."""
    outcome = EXERCISES["test_glorot"].judge(SUBTLE["test_glorot", "twenty percent"])
    assert outcome.misconception == "fan-in"
    assert re.search(r"It was noticed under \d of 3 seeds", outcome.message)


@pytest.mark.parametrize("factor", [3, 1.3])
def test_a_wide_tolerance_is_not_taken_for_a_square_shape(factor):
    idea = {3: "a factor of three", 1.3: "thirty percent"}[factor]
    message = EXERCISES["test_glorot"].judge(SUBTLE["test_glorot", idea]).message
    assert "further than your tolerance" in message
    assert "equal" not in message


def test_the_root_of_the_scale_is_told_to_be_squared_and_no_more():
    answer = {"scale": math.sqrt(1 / 3), "mode": "fan_in", "distribution": "uniform"}
    message = EXERCISES["linear_default"].judge(answer).message
    assert "square" in message
    assert "divide" not in message


@pytest.mark.parametrize("parent", ["over-corrected", "root-1.3"])
def test_draws_that_are_cut_rightly_are_not_told_that_they_are_not(parent):
    outcome = EXERCISES["my_variance_scaling"].judge(WRONG["my_variance_scaling", parent])
    assert "cut where they should be" in outcome.message


def test_every_test_to_write_knows_the_mistakes_that_tests_share():
    for exercise in EXERCISES.values():
        if exercise.level == "test":
            missing = TEST_MISCONCEPTIONS.items() - exercise.misconceptions.items()
            assert {name for name, _ in missing} <= {"too-tight"}, (
                exercise
            )  # where nothing is drawn


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
    assert message == ("Called with 300, 200, 0.5, it raised ValueError (learner's own message).")


class Unspeakable(Exception):  # noqa: N818
    """An exception that cannot be printed."""

    def __str__(self):
        raise SystemExit


def test_an_exception_that_cannot_be_printed_is_named():
    def unspeakable(*arguments):
        raise Unspeakable

    message = EXERCISES["xavier_limit"].judge(unspeakable).message
    assert message == "Called with 300, 200, 0.5, it raised Unspeakable."


def test_even_a_check_that_goes_wrong_raises_nothing():
    broken = dataclasses.replace(EXERCISES["xavier_limit"], check=raises)
    outcome = broken.judge(math.sqrt)
    assert outcome.state == "not yet"
    assert outcome.message.startswith("Your answer could not be examined: ValueError")


def test_a_missing_return_is_named():
    def no_return(fan_in, fan_out, density):
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
    monkeypatch.setattr(_exercise, "LIMIT", 0.2)
    monkeypatch.setattr(_exercise, "TESTS", 0.2)


@needs_timers
@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("answer", [loops, ignores_one_exception, ignores_every_exception])
@pytest.mark.parametrize("name", ["xavier_limit", "test_glorot"])  # one of each kind
def test_an_endless_loop_is_stopped(name, answer):
    outcome = EXERCISES[name].judge(answer)
    assert outcome.state == "not yet"
    often = " A test is called dozens of times: small sizes will do." * (name == "test_glorot")
    assert outcome.message == f"It took more than 0.2 seconds of computing. Does a loop end?{often}"


@needs_timers
@pytest.mark.parametrize("kind", ["guess", "diagnosis"])
def test_what_a_check_computes_itself_is_not_the_learners(kind, monkeypatch):
    """Threads of linear algebra that wait on a busy machine made it seconds."""
    monkeypatch.setattr(_exercise, "LIMIT", 0.01)
    for exercise in (e for e in EXERCISES.values() if e.level == kind):
        module = importlib.import_module(exercise.check.__module__)
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
        assert exercise.judge(RIGHT[exercise.name][0]).state == "correct"


@needs_timers
def test_what_waits_for_ever_is_stopped(monkeypatch):
    monkeypatch.setattr(_limit, "PATIENCE", 0.2)
    message = EXERCISES["xavier_limit"].judge(waits).message
    assert message == "It took more than 0.2 seconds. What does it wait for?"


@needs_timers
@pytest.mark.usefixtures("_short")
def test_an_import_is_not_computing(tmp_path, monkeypatch):
    """The first import of a large library takes a second and more."""
    large = "import time\nwhile time.thread_time() < {}:\n    pass\n"
    (tmp_path / "a_large_library.py").write_text(large.format(time.thread_time() + 0.6))
    monkeypatch.syspath_prepend(tmp_path)

    def imports(c):
        import a_large_library  # noqa: F401

        return math.sqrt(6 / c**2 - 1)

    def imports_and_loops(c):
        imports(c)
        loops()

    assert EXERCISES["slope_for"].judge(imports).state == "correct"
    assert "of computing" in EXERCISES["slope_for"].judge(imports_and_loops).message


@needs_timers
@pytest.mark.usefixtures("_short")
def test_what_other_threads_compute_does_not_count():
    """As on a busy machine, the process computes while the answer does not."""
    done = threading.Event()

    def others():
        while not done.is_set():
            sum(range(10_000))

    def right(c):
        time.sleep(0.1)
        return math.sqrt(6 / c**2 - 1)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        assert EXERCISES["slope_for"].judge(right).state == "correct"
    finally:
        done.set()
        thread.join()


@pytest.mark.usefixtures("_short")
def test_waiting_is_not_computing():
    def sleeps(c):
        time.sleep(0.15)  # for each of the four cases: three times the limit
        return math.sqrt(6 / c**2 - 1)

    assert EXERCISES["slope_for"].judge(sleeps).state == "correct"


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
    return EXERCISES["slope_for"].judge(lambda c: math.sqrt(5))


def judged_in_a_thread(monkeypatch):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(EXERCISES["slope_for"].judge, lambda c: math.sqrt(5)).result()


@pytest.mark.parametrize("judged", [judged_without_timers, judged_in_a_thread])
def test_where_there_is_no_limit_answers_are_judged_all_the_same(judged, monkeypatch):
    assert judged(monkeypatch).misconception == "always-root-five"


# --- what is printed, and strict mode ---------------------------------------------------------


def test_the_three_outcomes_are_printed(capsys):
    check = EXERCISES["slope_for"]
    for answer in (None, lambda c: 1 / c, RIGHT["slope_for"][0]):
        check(answer)
    printed = capsys.readouterr().out
    assert re.findall(r"^(Not attempted|Not yet|Correct)\. ", printed, re.MULTILINE) == [
        "Not attempted",
        "Not yet",
        "Correct",
    ]


def test_strict_mode_raises_on_anything_but_correct(monkeypatch, capsys):
    monkeypatch.setenv("INITCOURSE_STRICT", "1")
    check = EXERCISES["slope_for"]
    for answer in (None, lambda c: 1 / c, raises):
        with pytest.raises(exercises.ExerciseError, match="slope_for: Not"):
            check(answer)
    check(RIGHT["slope_for"][0])
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

"""Networks that were started wrongly: the table of their symptoms, and a comparison of diagnoses.

The table has a row for each case and a column for each symptom. A learner hands over a dict of case
to fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._outcome import Misconception, NotAttempted, NotYet

Table = Mapping[str, Mapping[str, float]]


def formatted(table: Table) -> str:
    """Return a table as text, a line for each symptom and a column for each case."""
    symptoms = list(next(iter(table.values())))
    width = max(map(len, symptoms))
    lines = [" " * width + "".join(f"{case:>9}" for case in table)]
    for symptom in symptoms:
        numbers = "".join(f"{_brief(row[symptom]):>9}" for row in table.values())
        lines.append(f"{symptom:{width}}{numbers}")
    return "\n".join(lines)


def compare_diagnosis(
    answer: object, right: Mapping[str, str], table: Table, telling: Mapping[str, Sequence[str]]
) -> None:
    """Return if a learner names the fault of every case.

    `telling` holds, for each fault that may be named, the symptoms that speak for it or against it.
    Raises `Misconception` with the fault that was named for the first case where it is wrong, and
    what that case shows of these symptoms.
    """
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet(f"A dict with a fault for each case is wanted, its keys {_quoted(right)}.")
    named = {case: answer[case] for case in right}
    if all(fault is ... or fault is None for fault in named.values()):
        raise NotAttempted
    known = {_plain(fault): fault for fault in telling}
    for case, fault in named.items():
        if isinstance(fault, str):
            named[case] = fault = known.get(_plain(fault), fault)
        if fault is ... or fault is None:
            raise NotYet(f"Case {case} is still open. The faults are {_quoted(telling)}.")
        if not isinstance(fault, str) or fault not in telling:
            shown = (
                f"“{fault:.40}”" if isinstance(fault, str) else f"of type {type(fault).__name__}"
            )
            raise NotYet(f"Case {case}: the faults are {_quoted(telling)}, and this is {shown}.")
    for case, fault in named.items():
        if fault != right[case]:
            seen = "; ".join(
                f"{symptom}: {_brief(table[case][symptom])}" for symptom in telling[fault]
            )
            raise Misconception(fault, f"Case {case}, of which you say it, shows: {seen}.")


def _plain(fault: str) -> str:
    """Return a name without what does not tell it from others: capitals, blanks, how to spell ε."""
    plain = "".join(fault.split()).casefold().replace(",", "")
    for spelled, letter in (("epsilon", "ε"), ("eps", "ε"), ("alpha", "α"), ("sqrt(l)", "√l")):
        plain = plain.replace(spelled, letter)
    return plain


def _brief(value: float) -> str:
    """Return a count as it is, and another number with three digits."""
    if isinstance(value, int) or value == 0:
        return f"{value:.0f}"
    if not 1e-3 <= abs(value) < 1e4:
        return f"{value:.0e}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


def _quoted(names: Mapping[str, object]) -> str:
    return ", ".join(f'"{name}"' for name in names)

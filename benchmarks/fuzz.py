"""Random parameters and data, good and bad, through fit, predict, transform and score.

Each call must end, within a time limit, in finite numbers, or in a ValueError or
TypeError that was raised on purpose and names the culprit: a parameter, X, y,
sample_weight, or samples or features. Broken data must be refused. Prints how often
that was so, and whatever else happened with the numbers of its cases.

    python benchmarks/fuzz.py
    python benchmarks/fuzz.py --case 123
"""

import argparse
import contextlib
import dis
import faulthandler
import io
import multiprocessing
import re
import resource
import signal
import time
import traceback
import warnings
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from benchmark_utils import machine
from benchmark_utils.hostile import METHODS, Case
from sklearn.exceptions import NotFittedError, UndefinedMetricWarning
from threadpoolctl import threadpool_limits

SECONDS = 10  # for a call
GIGABYTES = 4  # for each process
N_PROCESSES = 2
FINE = FINITE, REFUSED, NOT_FITTED = "finite", "refused, culprit named", "not fitted"
# In a message; with a parameter where "shape" or "rank" is not just a word.
NAMED = (
    r"\b(X|y|y_true|sample_weight|[Ss]amples?|features?)\b|^({0})\b|'({0})'|\b({0})="
)


class OutOfTime(BaseException):
    """A call takes too long."""


def give_up(*_):
    raise OutOfTime


def run(number, loud=False):
    """Each call of a case: method, outcome, details and what the data were."""
    case, outcomes = Case(number), []
    if loud:
        print(repr(case.model), {k: v.shape for k, v in case.data.items()}, sep="\n")
    for method, arguments, story, broken in case.calls():
        outcome = outcome_of(case.model, method, arguments, broken, loud)
        outcomes.append((method, *outcome, story))
        if loud:
            print(f"{method}({story}): {': '.join(outcome)}")
    return number, outcomes


def outcome_of(model, method, arguments, broken, loud):
    """How a call ends, and details of what is not fine."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    # If the signal is not heeded: show where it hangs, and end the process.
    faulthandler.dump_traceback_later(2 * SECONDS, exit=True)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with contextlib.redirect_stdout(io.StringIO()):
                result = getattr(model, method)(**arguments)
    except NotFittedError:
        return NOT_FITTED, ""
    except (Exception, OutOfTime) as error:
        if loud:
            traceback.print_exc()
        return verdict(error, model.get_params())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
    if broken:
        return "broken data accepted", ""
    results = fitted_numbers(model) if method == "fit" else {method: result}
    wrong = [name for name, value in results.items() if not np.isfinite(value).all()]
    # The R^2 of one measurement is undefined, of which scikit-learn warns.
    if wrong and not any(w.category is UndefinedMetricWarning for w in caught):
        return "not finite", ", ".join(wrong)
    for w in caught:
        if issubclass(w.category, RuntimeWarning):
            return "a warning from inside", f"{place(w.filename, w.lineno)} {w.message}"
    return FINITE, ""


def fitted_numbers(model):
    """The public attributes of a fitted estimator that hold numbers."""
    attributes = {k: v for k, v in vars(model).items() if k.endswith("_")}
    attributes["matrix_"] = model.matrix_
    return {k: v for k, v in attributes.items() if np.asarray(v).dtype.kind in "iuf"}


def verdict(error, parameters):
    """The outcome of a call that raised, and where it raised what."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = ([f for f in frames if "/lowrank_sense/" in f.filename] or frames)[-1]
    validates = ours.filename.endswith(("_base.py", "_checks.py"))
    by_sklearn = validates or "/lowrank_sense/" not in ours.filename
    on_purpose = by_sklearn or (ours is frames[-1] and is_raised(error.__traceback__))
    if isinstance(error, OutOfTime):
        outcome = "out of time"
    elif not isinstance(error, (ValueError, TypeError)):
        outcome = "another exception"
    elif not on_purpose:
        outcome = "raised from inside"
    elif not re.search(NAMED.format("|".join(parameters)), str(error)):
        outcome = "culprit not named"
    else:
        outcome = REFUSED
    message = re.sub(r"'.*'|[-\d.]*\d", "#", str(error).split("\n")[0])[:90]
    where = place(ours.filename, ours.lineno)
    return outcome, f"{where} {type(error).__name__}: {message}"


def is_raised(trace):
    """Whether the innermost frame is at a raise statement."""
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def place(path, line):
    return f"{'/'.join(path.split('/')[-2:])}:{line}"


def begin_process():
    """Limits of time, memory and threads."""
    signal.signal(signal.SIGALRM, give_up)
    resource.setrlimit(resource.RLIMIT_DATA, (GIGABYTES * 2**30,) * 2)
    threadpool_limits(1)
    warnings.simplefilter("ignore")  # of scipy, while data are made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--case", type=int, help="show this one alone")
    arguments = parser.parse_args()
    if arguments.case is not None:
        begin_process()
        run(arguments.case, loud=True)
        return
    start = time.perf_counter()
    counts, found = Counter(), defaultdict(list)
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(N_PROCESSES, fork, begin_process) as pool:
        for number, outcomes in pool.map(run, range(arguments.cases), chunksize=10):
            for method, outcome, details, story in outcomes:
                counts[outcome, method] += 1
                if outcome not in FINE:
                    found[outcome, method, details].append((number, story))
    print(f"{arguments.cases} cases, {time.perf_counter() - start:.0f} s")
    print(machine.describe(), end="\n\n")
    print("| outcome |", " | ".join(METHODS), "|\n|-|-|-|-|-|")
    for outcome in [*FINE, *sorted({outcome for outcome, *_ in found})]:
        row = (str(counts[outcome, method]) for method in METHODS)
        print(f"| {outcome} | {' | '.join(row)} |")
    for (outcome, method, details), cases in sorted(found.items()):
        numbers = " ".join(str(number) for number, _ in cases)
        print(f"\n{outcome} in {method}, {len(cases)}: {details}")
        print(f"  first with {cases[0][1]}\n  cases {numbers}")


if __name__ == "__main__":
    main()

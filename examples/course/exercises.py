"""What says whether an answer is right, in all notebooks of the course.

A notebook writes, for each exercise, a function that returns what is wrong with an answer, or
nothing; `exercise` makes of it the `check_1`, `check_2` and `check_3` of the notebook.
"""

import functools

import numpy as np


class Verdict:
    """What a notebook shows below an answer; true if that is right."""

    def __init__(self, right, said):
        self.right, self.said = right, said

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.said


def exercise(problem):
    """A check of an answer, from a function that says what is wrong with one."""

    @functools.wraps(problem)
    def check(answer):
        if answer is ...:
            return Verdict(False, "Nothing here yet: put your answer in the place of the dots.")
        try:
            wrong = problem(answer)
        except Exception as error:  # whatever a student's function raises is news for the student
            wrong = f"it raised {type(error).__name__}: {error}"
        return Verdict(False, f"Not yet: {wrong}") if wrong else Verdict(True, "Right.")

    return check


def difference(answer, truth, what="the answer"):
    """Where `answer` first differs from `truth`, exactly; nothing if it does not."""
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    answer, truth = np.asarray(answer), np.asarray(truth)
    if answer.shape != truth.shape:
        return f"{what} has shape {answer.shape}, and should have {truth.shape}."
    for place in np.ndindex(truth.shape):
        if answer[place] != truth[place]:
            at = f"entry {place} of {what}" if place else what
            return f"{at} is {answer[place]}, and the loops have {truth[place]}."
    return ""

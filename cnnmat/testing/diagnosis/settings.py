"""The settings and the conventions of a contract in other values than are asked for."""

from dataclasses import fields, replace
from typing import get_args

from cnnmat.testing import conventions
from cnnmat.testing.diagnosis.mistakes import Mistake

__all__ = []

#: The values of the conventions, by the field of a contract.
CHOICES = {
    "pooling": conventions.Pooling, "incomplete": conventions.Incomplete,
    "risk": conventions.Risk, "average": conventions.Average, "bias": conventions.Bias,
    "epsilon": conventions.Epsilon, "decay": conventions.Decay, "alpha": conventions.Alpha,
    "probability": conventions.Probability, "method": conventions.Upsampling,
    "running": conventions.Running, "running_var": conventions.Variance,
}
#: Fields that say how something is handed over and not what is computed.
MANNERS = ("in_place", "keep", "groups")


def _mistake(slug, sentence, output, edit, company="none"):
    return Mistake(slug, sentence, (output,), edit=lambda subject, _: edit(subject),
                   company=company)


def settings(case, output):
    """Each setting in another value, and in the place of another."""
    numbers = {k: v for k, v in case.settings.items() if not isinstance(v, str | bool)}
    for name, value in numbers.items():
        several = isinstance(value, list | tuple)
        for said, change in (*_OF_ANY, *(_OF_SEVERAL if several else _OF_ONE)):
            yield _mistake(f"{name}-other", f"{name} is taken as {said.format(name)}", output,
                           lambda s, n=name, c=change: _set(s, **{n: c(s.case.settings[n])}))
        yield from _with_another(name, numbers, output)
        for other, one in numbers.items():
            if other > name and type(one) is type(value):
                yield _mistake(f"{name}-and-{other}-exchanged", f"{name} and {other} are exchanged",
                               output, lambda s, a=name, b=other: _set(s, **{
                                   a: s.case.settings[b], b: s.case.settings[a]}))
            if other != name and type(one) is type(value):
                yield _mistake(f"{other}-for-{name}", f"{other} stands where {name} belongs",
                               output, lambda s, a=name, b=other: _set(
                                   s, **{a: s.case.settings[b]}))


def _with_another(name, numbers, output):
    """A setting that another is multiplied or added to, or stands for, in whatever form."""
    for other, one in numbers.items():
        if other == name:
            continue
        for said, change in (("{} times {}", lambda a, b: a * b), ("{} + {}", lambda a, b: a + b)):
            yield _mistake(f"{name}-other", f"{name} is taken as {said.format(name, other)}",
                           output, lambda s, n=name, o=other, c=change: _set(s, **{n: _in_form(
                               s.case.settings[o], s.case.settings[n], c)}))
        if type(one) is not type(numbers[name]) or _depth(one) != _depth(numbers[name]):
            yield _mistake(f"{other}-for-{name}", f"{other} stands where {name} belongs", output,
                           lambda s, n=name, o=other: _set(s, **{n: _in_form(
                               s.case.settings[o], s.case.settings[n], lambda _, b: b)}))
            if other > name:
                yield _mistake(f"{name}-and-{other}-exchanged", f"{name} and {other} are exchanged",
                               output, lambda s, n=name, o=other: _set(s, **{
                                   one: _in_form(s.case.settings[two], s.case.settings[one],
                                                 lambda _, b: b)
                                   for one, two in ((n, o), (o, n))}))


def _depth(value):
    return 1 + _depth(value[0]) if isinstance(value, list | tuple) else 0


def _in_form(other, like, change):
    """change(like, other), number by number, in the form of `like`."""
    if not isinstance(like, list | tuple):
        while isinstance(other, list | tuple):
            other = other[0]
        return change(like, other)
    many = isinstance(other, list | tuple)
    return [_in_form(other[k] if many else other, one, change) for k, one in enumerate(like)]


def _set(subject, **settings):
    case = subject.case
    return replace(subject, case=replace(case, settings={**case.settings, **settings}))


def _each(change):
    """A change to a number, made to each one of a nested list."""
    def made(value):
        return [made(v) for v in value] if isinstance(value, list | tuple) else change(value)
    return made


_OF_ANY = tuple((said, _each(change)) for said, change in (
    ("0, whatever it is", lambda v: 0), ("1, whatever it is", lambda v: 1),
    ("2, whatever it is", lambda v: 2), ("{} + 1", lambda v: v + 1), ("{} - 1", lambda v: v - 1),
    ("twice {}", lambda v: 2 * v),
    ("half of {}", lambda v: v // 2 if isinstance(v, int) else v / 2),
    ("half of {}, rounded up", lambda v: -(-v // 2))))
_OF_ONE = tuple((said, _each(change)) for said, change in (
    ("1 - {}", lambda v: 1 - v), ("-{}", lambda v: -v), ("the square of {}", lambda v: v * v),
    ("the root of {}", lambda v: v**0.5), ("1 / {}", lambda v: 1 / v),
    ("the square of 1 - {}", lambda v: (1 - v) ** 2),
    *((f"{e:g}, whatever it is", lambda v, e=e: e)
      for e in (0.9, 0.99, 0.999, 0.1, 0.01, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12))))
_OF_SEVERAL = (
    ("that of the first axis, for all", lambda v: [v[0]] * len(v)),
    ("that of the last axis, for all", lambda v: [v[-1]] * len(v)),
    ("that of the other axis", lambda v: [*v[::-1]]),
    ("1 along the first axis", lambda v: [1, *v[1:]]),
    ("1 along the last axis", lambda v: [*v[:-1], 1]),
    ("0 along the first axis", lambda v: [_each(lambda _: 0)(v[0]), *v[1:]]),
    ("0 along the last axis", lambda v: [*v[:-1], _each(lambda _: 0)(v[-1])]),
    ("that with front and back exchanged", lambda v: [[*p[::-1]] for p in v]),
    ("0 in front", lambda v: [[0, p[1]] for p in v]),
    ("0 behind", lambda v: [[p[0], 0] for p in v]),
    ("all of it in front", lambda v: [[sum(p), 0] for p in v]),
    ("all of it behind", lambda v: [[0, sum(p)] for p in v]),
)


def choices(contract, output):
    """Each convention of the contract in its other values."""
    for one in fields(contract):
        value = getattr(contract, one.name)
        if one.name in MANNERS:
            continue
        others = get_args(CHOICES[one.name]) if one.name in CHOICES else (
            (not value,) if isinstance(value, bool) else ())
        for other in others:
            if other != value:
                said = f"{one.name}={other!r}"
                yield _mistake(f"{one.name.replace('_', '-')}-other",
                               f"it is computed as {said} asks for; what is checked is "
                               f"{one.name}={value!r}", output,
                               lambda s, n=one.name, v=other: replace(
                                   s, contract=replace(s.contract, **{n: v})))

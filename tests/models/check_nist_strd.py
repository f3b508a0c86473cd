#!/usr/bin/python3
"""Recomputes the certified values of nist_strd.inc from its data in exact rational arithmetic.

    check_nist_strd.py nist_strd.inc

Every coefficient, standard deviation, residual standard deviation and R squared has to round to the certified digits,
and the coefficients of the data as doubles to the double that is given.
"""

import math
import re
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60


def numbers(text):
    return [Fraction(Decimal(cell)) for cell in text.split(",")]


def inverse(matrix):
    """By Gauss and Jordan."""
    n = len(matrix)
    rows = [row + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(matrix)]
    for i in range(n):
        pivot = next(k for k in range(i, n) if rows[k][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [cell / rows[i][i] for cell in rows[i]]
        for k in range(n):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i])]
    return [row[n:] for row in rows]


def root(square):
    return (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()


def agrees(certified, exact):
    """To the 15 digits of the certified value, up to one unit in the last of them."""
    exact = exact if isinstance(exact, Decimal) else Decimal(exact.numerator) / Decimal(exact.denominator)
    certified = Decimal(certified.numerator) / Decimal(certified.denominator)
    return certified == exact or (exact != 0 and abs(certified - exact) <= Decimal("1e-14") * abs(exact))


def least_squares(design, y):
    """The coefficients and (X'X)^-1."""
    p = len(design[0])
    gram = inverse([[sum(row[j] * row[k] for row in design) for k in range(p)] for j in range(p)])
    moments = [sum(row[j] * value for row, value in zip(design, y)) for j in range(p)]
    return [sum(gram[j][k] * moments[k] for k in range(p)) for j in range(p)], gram


def of_doubles(degree, intercept, predictors, x, y):
    """The coefficients, rounded once, of what remains of the data in doubles, powers included."""
    design = [[Fraction(1)] * intercept + [Fraction(math.pow(float(x[i * predictors + j]), power))
                                            for j in range(predictors) for power in range(1, degree + 1)]
              for i in range(len(y))]
    return [float(w) for w in least_squares(design, [Fraction(float(value)) for value in y])[0]]


def failures(name, degree, intercept, predictors, x, y, coefficients, deviations, exact, residual_deviation, r2):
    n = len(y)
    if len(x) != n * predictors:
        return [f"{name}: {len(x)} predictors' values of {n} samples"]
    design = [[Fraction(1)] * intercept + [x[i * predictors + j] ** power for j in range(predictors)
                                            for power in range(1, degree + 1)] for i in range(n)]
    w, gram = least_squares(design, y)
    p = len(w)
    missed = sum((value - sum(a * b for a, b in zip(row, w))) ** 2 for row, value in zip(design, y))
    mean = sum(y) / n if intercept else 0
    variance = missed / (n - p)
    found = [("coefficient", w, coefficients), ("deviation", [root(variance * gram[j][j]) for j in range(p)], deviations),
             ("residual deviation", [root(variance)], [residual_deviation]),
             ("R squared", [1 - missed / sum((value - mean) ** 2 for value in y)], [r2])]
    problems = [f"{name}: {what} {j} is {float(value)!r}, certified {float(certified)!r}" for what, ours, theirs in found
                for j, (value, certified) in enumerate(zip(ours, theirs, strict=True)) if not agrees(certified, value)]
    rounded = of_doubles(degree, intercept, predictors, x, y)
    if rounded != [float(value) for value in exact]:
        problems.append(f"{name}: the coefficients of the doubles are {rounded}")
    return problems


text = re.sub(r"//.*", "", open(sys.argv[1], encoding="utf-8").read())
sets = re.findall(r'\{"(\w+)", (\d+), (true|false), (\d+),\s*' + r"\{([^}]*)\},\s*" * 5 + r"(\S+), (\S+)\}", text)
problems = [] if len(sets) == 11 else [f"{len(sets)} data sets instead of 11"]
for name, degree, intercept, predictors, x, y, coefficients, deviations, exact, residual_deviation, r2 in sets:
    problems += failures(name, int(degree), intercept == "true", int(predictors), numbers(x), numbers(y),
                         numbers(coefficients), numbers(deviations), numbers(exact), *numbers(residual_deviation), *numbers(r2))
print("\n".join(problems) or f"{len(sets)} data sets agree with their certified values")
sys.exit(1 if problems else 0)

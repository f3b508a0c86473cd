#!/usr/bin/python3
"""Writes the data sets beside this file, and their SHA256SUMS.

Needs Debian 12 with python3-sklearn, python3-statsmodels and r-cran-ggplot2. Digits are copied as the packages write
them, so that a second run gives the same bytes; README.md says what each file holds and under which licence.
"""

import csv
import gzip
import hashlib
import io
import subprocess
from pathlib import Path

import sklearn.datasets
import statsmodels.datasets

HERE = Path(__file__).resolve().parent
SKLEARN = Path(sklearn.datasets.__file__).parent / "data"
STATSMODELS = Path(statsmodels.datasets.__file__).parent


def read(path, delimiter=","):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="ascii", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def write(name, header, rows):
    with open(HERE / name, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def diabetes():
    header = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "progression"]
    features = read(SKLEARN / "diabetes_data_raw.csv.gz", delimiter=" ")
    targets = read(SKLEARN / "diabetes_target.csv.gz")
    write("diabetes.csv", header, [x + [str(int(float(y)))] for x, (y,) in zip(features, targets, strict=True)])


def breast_cancer():
    (_, _, *classes), *rows = read(SKLEARN / "breast_cancer.csv")
    names = [name.replace(" ", "_") for name in sklearn.datasets.load_breast_cancer().feature_names]
    write("breast_cancer.csv", names + ["diagnosis"], [row[:-1] + [classes[int(row[-1])]] for row in rows])


def digits():
    header = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)] + ["digit"]
    write("digits.csv", header, read(SKLEARN / "digits.csv.gz"))


def longley():
    header = ["gnp_deflator", "gnp", "unemployed", "armed_forces", "population", "year", "employed"]
    _, *rows = read(STATSMODELS / "longley" / "longley.csv")
    write("longley.csv", header, [row[2:] + [row[1]] for row in rows])


def diamonds():
    """Grades become integers from the worst, 1, to the best."""
    grades = {
        "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
        "color": ["J", "I", "H", "G", "F", "E", "D"],
        "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
    }
    header = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z", "price"]
    program = "write.csv(ggplot2::diamonds, stdout(), row.names = FALSE, quote = FALSE)"
    table = subprocess.run(["Rscript", "-e", program], check=True, capture_output=True, encoding="ascii").stdout
    rows = csv.DictReader(io.StringIO(table))
    write("diamonds.csv", header,
          [[grades[name].index(row[name]) + 1 if name in grades else row[name] for name in header] for row in rows])


def sha256sums():
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(HERE.glob("*.csv"))]
    (HERE / "SHA256SUMS").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    diabetes()
    breast_cancer()
    digits()
    longley()
    diamonds()
    sha256sums()

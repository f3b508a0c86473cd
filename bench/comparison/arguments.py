"""The command line of bench/compare."""

import argparse


def parse():
    parser = argparse.ArgumentParser(
        prog="bench/compare",
        description="Runs the solvers beside those of other libraries on the same data and prints the table of ratios.",
        epilog="A round runs every contender of a task once, each in a fresh process that loads the data, fits once "
        "unmeasured and then several times. The time of a contender is the median over all rounds. A contender that "
        "takes a tolerance is run with stricter ones until it is as accurate as the task demands.",
    )
    parser.add_argument("--only", metavar="REGEX", default="", help="tasks whose name matches, e.g. lasso")
    parser.add_argument("--without", metavar="REGEX", default="$.", help="contenders to leave out, e.g. slow ones")
    parser.add_argument("--threads", metavar="N,...", default="1,2", help="numbers of threads (default: 1,2)")
    parser.add_argument("--rounds", metavar="N", type=int, default=3, help="rounds (default: 3)")
    parser.add_argument("--list", action="store_true", help="list the tasks and stop")
    parser.add_argument("--native", action="store_true", help="compare the build with default flags with -march=native")
    parser.add_argument("--from", dest="stored", metavar="FILE", nargs="+", default=[],
                        help="measure nothing: tables and chart of what --json wrote")
    parser.add_argument("--json", metavar="FILE", help="write every measurement too")
    parser.add_argument("--svg", metavar="FILE", help="draw the ratios")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables as Markdown")
    return parser.parse_args()

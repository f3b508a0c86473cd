#!/usr/bin/env python3
"""Holds every #include of the project against its floors (docs/design.md).

An include points to a lower floor or stays in its own room; each third-party library has the rooms that may know it.
    floors.py ROOT         checks the tree, prints a line a violation, exits 1 if there are any
    floors.py --self-test  checks that every rule finds the violation it is there for
"""

import re
import sys
import tempfile
from pathlib import Path

# Lowest first. Rooms of one floor do not know each other.
FLOORS = [
    {"kernel", "simd"},
    {"error", "limits", "member", "ulp", "version"},
    {"trust"},
    {"container", "io", "models"},
    {"archive", "instances", "migrate"},
    {"registry"},
    {"cli", "server"},
]
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Public headers, and sources that lie directly in src/, are of the models, save these.
ROOM_OF_HEADER = {
    **dict.fromkeys(["archive", "compatibility", "eigen_alignment", "provenance", "schema"], "archive"),
    **{name: name for name in ("error", "limits", "member", "trust", "ulp", "version")},
    **dict.fromkeys(["in_memory", "within_memory"], "error"),
}

# Third party: what an include looks like, and the rooms whose sources and private headers may have it.
LIBRARIES = {
    "Eigen": (r"Eigen/", {"models", "archive", "cli"}),
    "tl::expected": (r"tl/expected\.hpp$", {"error"}),
    "protobuf": (r"google/protobuf/|metadata\.pb\.h$", {"container", "archive"}),
    "libzip": (r"zip\.h$", {"container"}),
    "libdeflate": (r"libdeflate\.h$", {"container"}),
    "OpenSSL": (r"openssl/", {"container"}),
    "nlohmann_json": (r"nlohmann/", {"container", "cli"}),
    "CLI11": (r"CLI/", {"cli"}),
    "fmt": (r"fmt/", {"cli"}),
    "POSIX": (r"(unistd|fcntl|spawn|signal|cpuid|sys/\w+)\.h$", {"io", "archive", "cli"}),
}
PUBLIC_LIBRARIES = {"Eigen", "tl::expected"}
MODELS_LIBRARIES = {"Eigen"}
KERNEL_HEADERS = {"stdint.h", "stddef.h"}

NAMES_THAT_SAY_NOTHING = {"utils", "util", "common", "helpers", "helper", "misc", "detail", "details"}
CODE = {".h", ".hpp", ".inc", ".c", ".cpp"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include\b[ \t]*(?:<([^>]+)>|"([^"]+)")?', re.MULTILINE)


def room_of(path):
    """The room of a path relative to the root, None for one that has none (tests, examples, fuzz, bench)."""
    parts = path.parts
    if parts[:2] == ("include", "aprender"):
        if len(parts) == 3:
            return ROOM_OF_HEADER.get(path.stem, "models")
        return "simd" if parts[2] == "simd" else "models"
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else ROOM_OF_HEADER.get(path.stem, "models")
    return None


def resolve(root, path, name):
    """The project's file that a quoted include means, None if there is none."""
    for directory in (path.parent, Path("src"), Path("include")):
        if (root / directory / name).is_file():
            return directory / name
    return None


def library_of(name):
    return next((library for library, (pattern, _) in LIBRARIES.items() if re.match(pattern, name)), None)


def check_include(root, path, name):
    """The violation that this include is, or None."""
    top, room = path.parts[0], room_of(path)
    target = resolve(root, path, name)
    if target is not None:
        if top == "examples":
            return None if target.parts[0] in ("include", "examples") else f"an example includes {name}, not public"
        if room is None:
            return None
        below = room_of(target)
        if below not in FLOOR_OF:
            return f"includes {name}, which is on no floor"
        if top == "include" and target.parts[0] != "include":
            return f"a public header includes {name}, not public"
        if room == "models" and below not in ("models", "simd", "version"):
            return f"models include {name}, of room {below}"
        if room != below and FLOOR_OF[room] <= FLOOR_OF[below]:
            return f"room {room} includes {name}, of room {below}, which is not below"
        return None
    if room is None:
        return None
    library = library_of(name)
    if room == "kernel":
        return None if name in KERNEL_HEADERS else f"the kernel includes {name}, neither stdint.h nor stddef.h"
    if library is None:
        return None if re.fullmatch(r"\w+", name) else f"includes {name}, which is neither ours, standard nor listed"
    if room == "models" and library not in MODELS_LIBRARIES:
        return f"models include {name} ({library})"
    if top == "include" and library not in PUBLIC_LIBRARIES:
        return f"a public header includes {name} ({library})"
    if room not in LIBRARIES[library][1]:
        return f"room {room} includes {name} ({library})"
    return None


def files_of(root):
    for top in ("bench", "cmake", "examples", "fuzz", "include", "scripts", "src", "tests"):
        yield from sorted(path.relative_to(root) for path in (root / top).rglob("*") if path.is_file())


def violations(root):
    for path in files_of(root):
        if NAMES_THAT_SAY_NOTHING & {part.split(".")[0].lower() for part in path.parts}:
            yield path, "a name that says nothing"
        if path.suffix not in CODE:
            continue
        room = room_of(path)
        if room is not None and room not in FLOOR_OF:
            yield path, f"room {room} is on no floor"
            continue
        text = (root / path).read_text(encoding="utf-8")
        guard = {".hpp": r"#pragma once$", ".h": r"#pragma once$|#ifndef APRENDER_\w+_H$"}.get(path.suffix)
        if room is not None and guard and not re.search(rf"^({guard})", text, re.MULTILINE):
            yield path, "no #pragma once"
        for match in INCLUDE.finditer(text):
            name = match.group(1) or match.group(2)
            problem = check_include(root, path, name) if name else "an include that is no literal"
            if problem:
                yield path, f"line {text.count(chr(10), 0, match.start()) + 1}: {problem}"


# A small tree that keeps the rules, and then, one at a time, files that break one.
SOUND = {
    "include/aprender/error.hpp": "#pragma once\n#include <string>\n#include <tl/expected.hpp>\n",
    "include/aprender/fitted.hpp": "#pragma once\n#include <Eigen/Core>\n",
    "include/aprender/solvers/cholesky.hpp": '#pragma once\n#include "aprender/fitted.hpp"\n#include "aprender/simd/dot.hpp"\n',
    "include/aprender/archive.hpp": '#pragma once\n#include "aprender/error.hpp"\n#include "aprender/fitted.hpp"\n',
    "include/aprender/simd/dot.hpp": "#pragma once\n#include <cstddef>\n",
    "src/kernel/utf8.h": "#pragma once\n#include <stdint.h>\n",
    "src/container/zip.hpp": '#pragma once\n#include "aprender/error.hpp"\n',
    "src/container/zip.cpp": '#include "container/zip.hpp"\n#include <zip.h>\n#include "kernel/utf8.h"\n',
    "src/archive/load.cpp": '#include "aprender/archive.hpp"\n#include "container/zip.hpp"\n#include "metadata.pb.h"\n',
    "src/cli/main.cpp": '#include <CLI/CLI.hpp>\n#include "aprender/archive.hpp"\n',
    "examples/ridge.cpp": '#include <iostream>\n#include "aprender/archive.hpp"\n',
    "tests/container/zip.cpp": '#include <gtest/gtest.h>\n#include "container/zip.hpp"\n',
}
BROKEN = {
    "src/container/digest.cpp": ('#include "aprender/archive.hpp"\n', "which is not below"),
    "src/io/read.cpp": ('#include "container/zip.hpp"\n', "which is not below"),
    "src/kernel/up.h": ('#pragma once\n#include "aprender/error.hpp"\n', "which is not below"),
    "src/kernel/memory.h": ("#pragma once\n#include <string.h>\n", "neither stdint.h nor stddef.h"),
    "src/archive/json.cpp": ("#include <nlohmann/json.hpp>\n", "room archive includes"),
    "src/container/matrix.cpp": ("#  include <Eigen/Dense>\n", "room container includes"),
    "src/cli/boost.cpp": ("#include <boost/json.hpp>\n", "neither ours, standard nor listed"),
    "src/cli/lost.cpp": ('#include "cli/no_such_file.hpp"\n', "neither ours, standard nor listed"),
    "src/cli/macro.cpp": ("#include HEADER\n", "no literal"),
    "src/cli/unguarded.hpp": ("int f();\n", "no #pragma once"),
    "src/attic/old.cpp": ("int g();\n", "on no floor"),
    "src/container/string_utils.cpp": ("#include <zip.h>\n#include <fmt/core.h>\n", "line 2: room container"),
    "src/container/utils.cpp": ("int h();\n", "says nothing"),
    "tests/common/data.cpp": ("int i();\n", "says nothing"),
    "include/aprender/limits.hpp": ("#include <cstdint>\n", "no #pragma once"),
    "include/aprender/ridge.hpp": ('#pragma once\n#include "aprender/error.hpp"\n', "models include"),
    "include/aprender/lasso.hpp": ("#pragma once\n#include <tl/expected.hpp>\n", "models include"),
    "include/aprender/solvers/private.hpp": ('#pragma once\n#include "kernel/utf8.h"\n', "not public"),
    "include/aprender/schema.hpp": ("#pragma once\n#include <google/protobuf/message.h>\n", "a public header includes"),
    "examples/inside.cpp": ('#include "container/zip.hpp"\n', "not public"),
}


def self_test():
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)

        def write(name, text):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")

        for name, text in SOUND.items():
            write(name, text)
        failures += [f"sound, but found: {path}: {problem}" for path, problem in violations(root)]
        for name, (text, expected) in BROKEN.items():
            write(name, text)
            found = list(violations(root))
            if len(found) != 1 or found[0][0] != Path(name) or expected not in found[0][1]:
                failures.append(f"{name}: expected one violation, '{expected}', found {found}")
            (root / name).unlink()
    return failures


def main(arguments):
    if arguments == ["--self-test"]:
        problems = self_test()
        print(f"{len(BROKEN)} violations planted, {len(BROKEN) - len(problems)} found")
    elif len(arguments) == 1 and (Path(arguments[0]) / "include/aprender").is_dir():
        problems = [f"{path}: {problem}" for path, problem in violations(Path(arguments[0]))]
    else:
        sys.exit(__doc__)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

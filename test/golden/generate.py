"""Writes test/golden/data/*.json: what JAX and NumPy give, bit by bit. See README.md for how to run it.

One module a section under sections/, each with section() -> list of cases; this file only runs and writes them.
The output is the same on every run on the same kind of processor.
"""
import json
import os
import pathlib
import sys

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "0"
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import jax  # noqa: E402
import numpy as np  # noqa: E402

from sections import creation, degenerate, derivatives, draws, dtypes, edges, elementwise, gradients, halves, indexing, nn, options, printing, prints, promotion, random_values, reductions, structure  # noqa: E402

SECTIONS = {
    "random": random_values.section,
    "promotion": promotion.section,
    "indexing": indexing.section,
    "gradients": gradients.section,
    "elementwise": elementwise.section,
    "reductions": reductions.section,
    "printing": printing.section,
    "prints": prints.section,
    "nn": nn.section,
    "options": options.section,
    "structure": structure.section,
    "creation": creation.section,
    "halves": halves.section,
    "degenerate": degenerate.section,
    "derivatives": derivatives.section,
    "draws": draws.section,
    "dtypes": dtypes.section,
    "edges": edges.section,
}


def write(name, cases):
    """One case a line, so that a change of one value is a change of one line."""
    seen = {}
    for entry in cases:
        count = seen[entry["name"]] = seen.get(entry["name"], 0) + 1
        if count > 1:
            entry["name"] += f" #{count}"
    lines = ",\n".join(json.dumps(entry.get("row", entry), separators=(",", ":"), allow_nan=False, ensure_ascii=False) for entry in cases)
    header = json.dumps({"jax": jax.__version__, "numpy": np.__version__})
    path = HERE / "data" / f"{name}.json"
    path.write_text(f'{{"versions":{header},"cases":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{name}: {len(cases)} cases, {path.stat().st_size} bytes")


def main():
    (HERE / "data").mkdir(exist_ok=True)
    for name in sys.argv[1:] or SECTIONS:
        write(name, SECTIONS[name]())


if __name__ == "__main__":
    main()

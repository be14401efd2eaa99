"""Writes data/functions/*.jsonl from functions/*.py. At the repository root: .venv/bin/python test/golden/generate_functions.py [--check] [module …]"""
import importlib
import pathlib
import sys
import time
from collections import Counter

from suite import Suite

HERE = pathlib.Path(__file__).parent
MODULES = sorted(path.stem for path in (HERE / "functions").glob("[a-z]*.py"))


def main(modules):
    only_check = "--check" in modules  # whether JAX takes every call, without computing one
    modules = [module for module in modules if module != "--check"] or MODULES
    for module in modules:
        started = time.time()
        failed = False
        suite = Suite(only_check)
        importlib.import_module(f"functions.{module}").cases(suite)
        suite.flush()
        if suite.wrong:
            print("\n".join(suite.wrong))
            print(f"{module}: {len(suite.wrong)} cases are not as they are written")
            failed = True
        if failed or only_check:
            continue
        path = HERE / "data" / "functions" / f"{module.replace('_', '-')}.jsonl"
        path.write_text("\n".join(suite.lines) + "\n")
        print(f"{module}: {len(suite.lines)} cases, {path.stat().st_size // 1024} KB, {time.time() - started:.0f} s", flush=True)
        for what, times in sorted(Counter(suite.left_out).items()):
            print(f"  without {what} ({times})")


if __name__ == "__main__":
    main(sys.argv[1:])

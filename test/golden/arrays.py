"""Arrays as short text, the same in a specification, in a case and in a test's message: README.md, "Arrays as text".

`f32[2,3]e7` is a recipe (distribution e, seed 7) that arrays.ts follows to the same bits; `f32[3]=1,nan,-0` lists
elements. `*` after the dtype says that the type is weak. This file knows neither JAX's functions nor ours.
"""
import re

import numpy as np

DTYPES = {"bool": np.bool_, "i8": np.int8, "u8": np.uint8, "i16": np.int16, "u16": np.uint16, "i32": np.int32, "u32": np.uint32,
          "f16": np.float16, "f32": np.float32, "f64": np.float64, "c64": np.complex64, "c128": np.complex128}
SHORT = {np.dtype(of).name: short for short, of in DTYPES.items()}
# integers of JAX with 64-bit types on are ours of 32 bits
SHORT |= {"int64": "i32", "uint64": "u32"}

TEXT = re.compile(r"^(\w+?)(\*?)\[([\d,]*)\](?:=(.*)|([a-z])(\d+))$")


def mixed(seed, count):
    """One 32-bit word an element: murmur3's finalizer over seed and position."""
    h = (np.arange(count, dtype=np.uint64) * 0x85EBCA6B + seed * 0x9E3779B9 + 1) & 0xFFFFFFFF
    for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35)]:
        h = ((h ^ (h >> np.uint64(shift))) * factor) & 0xFFFFFFFF
    return (h ^ (h >> np.uint64(16))).astype(np.float64)


def order(h):
    """The place of each element among all: 0 to n − 1, no two alike."""
    return np.argsort(np.argsort(h, kind="stable"), kind="stable").astype(np.float64)


# Values are exact in every dtype that may hold them: eighths and the like have few bits, `r` has float32's 24.
DISTRIBUTIONS = {
    "e": lambda h: (h % 64 - 32) / 8,        # eighths from -4 up to 4
    "p": lambda h: (h % 32 + 1) / 8,         # eighths above 0 up to 4
    "u": lambda h: (2 * (h % 32) - 31) / 32,  # inside -1 to 1, never 0
    "q": lambda h: (2 * (h % 32) + 1) / 64,  # inside 0 to 1
    "g": lambda h: 1 + (h % 32 + 1) / 16,    # above 1 up to 3
    "i": lambda h: h % 19 - 9,               # integers from -9 to 9
    "n": lambda h: h % 4,                    # integers from 0 to 3
    "b": lambda h: h % 2,                    # 0 and 1
    "d": lambda h: order(h) / 2 - 1,         # halves from -1 up, in some order, no two alike
    "s": lambda h: np.sort(order(h)) / 2 - 1,  # the same in rising order
    "r": lambda h: np.floor(h / 256) / 2**22 - 2,  # 24 bits, from -2 up to 2
}


def number(text):
    return {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}.get(text) if text in ("nan", "inf", "-inf") else float(text)


def parse(text):
    """The NumPy array that a text means, and whether its type is weak."""
    found = TEXT.match(text)
    if not found:
        raise ValueError(f"no array: {text!r}")
    name, weak, dims, listed, distribution, seed = found.groups()
    of, shape = DTYPES[name], [int(n) for n in dims.split(",") if n]
    count = int(np.prod(shape, dtype=np.int64))
    if distribution is None:
        values = []
        for part in listed.split(",") if listed else []:
            one, _, times = part.partition("x")
            values += [number(one)] * (int(times) if times else 1)
        if len(values) != count:
            raise ValueError(f"{text}: {len(values)} elements")
        flat = np.array(values, np.float64)
    else:
        flat = DISTRIBUTIONS[distribution](mixed(int(seed), count))
    # unsigned integers of a signed recipe count from its lowest
    if np.issubdtype(of, np.unsignedinteger) and distribution == "i":
        flat = flat + 9
    with np.errstate(over="ignore", invalid="ignore"):
        return flat.astype(of).reshape(shape), weak == "*"


def shortest(value):
    """The shortest decimal that reads back as the same number."""
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) < 2**24 and value == int(value):
        return ("-" if np.signbit(value) else "") + str(abs(int(value)))
    forms = [np.format_float_positional(value, trim="-"), np.format_float_scientific(value, trim="-", exp_digits=1)]
    text = min(forms, key=len).replace("e+", "e")
    # tests read it as float64 and round: twice rounded must be the same
    return text if type(value)(float(text)) == value else repr(float(value))


def write(array, weak=False):
    """An array as listed text; runs of equal elements are written once with their number."""
    array = np.asarray(array)
    kind = array.dtype.kind
    flat = array.reshape(-1)
    if kind == "c":
        flat = flat.view(np.float32 if array.dtype == np.complex64 else np.float64)
    if kind == "b":
        flat = flat.astype(np.int32)
    parts = [str(int(v)) for v in flat] if kind in "biu" else [shortest(v) for v in flat]
    runs = []
    for part in parts:
        if runs and runs[-1][0] == part:
            runs[-1][1] += 1
        else:
            runs.append([part, 1])
    listed = ",".join(part if times == 1 else f"{part}x{times}" for part, times in runs)
    return f"{SHORT[array.dtype.name]}{'*' if weak else ''}[{','.join(map(str, array.shape))}]={listed}"


def main():
    """Writes data/recipes.json: what recipes mean, for arrays.test.ts to hold arrays.ts to."""
    import json
    import pathlib

    texts = [f"{name}[{shape}]{d}{seed}" for d in DISTRIBUTIONS for name, shape, seed in [("f32", "7", 1), ("f16", "2,3", 250), ("f64", "5", 4000000000)]]
    texts += ["i32[6]i3", "u32[6]i3", "i32[5]n4", "u32[5]n4", "bool[9]b5", "f32[0]e1", "f32[]e1", "f32*[2]e1"]
    lines = [f"{json.dumps(text)}:{json.dumps(write(*parse(text)))}" for text in texts]
    (pathlib.Path(__file__).parent / "data" / "recipes.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()

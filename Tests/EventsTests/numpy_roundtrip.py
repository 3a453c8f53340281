"""Writes event files with numpy in many ways, and what numpy reads back from each as float32.

Usage: numpy_roundtrip.py FOLDER. For each case NAME it writes FOLDER/NAME (the file) and adds a line to
FOLDER/cases: NAME, the layout, the number of features and of events, separated by blanks. The float32 values
that a reader must give, [event][feature] in little-endian order, are in FOLDER/NAME.expected. Structured arrays are listed in
FOLDER/records, a NAME a line, with more such files: the columns in double precision one after the other in FOLDER/NAME.numbers, those
of identities as uint64 in FOLDER/NAME.identities, the groups of categories as uint16 in FOLDER/NAME.categories. Weights are listed
in FOLDER/weights, as float64 in FOLDER/NAME.expected. Afterwards it loads the arrays that the test wrote, FOLDER/written-*.npy, and
checks them against numpy.arange.
"""

import glob
import io
import sys
import warnings

import numpy as np

folder = sys.argv[1]
random = np.random.default_rng(20)
cases = []
# That a name needs version 3 of the format.
warnings.simplefilter("ignore", UserWarning)


def expect(name, layout, events):
    """Notes that file `name` holds `events`, an array of shape (events, features)."""
    cases.append(f"{name} {layout} {events.shape[1]} {events.shape[0]}")
    np.ascontiguousarray(events, dtype="<f4").tofile(f"{folder}/{name}.expected")


def correctly_rounded(text, delimiter=None):
    """The values of a text, rounded to float32 once: with float64 in between the last bit can be wrong."""
    from fractions import Fraction

    def nearest(word):
        exact = Fraction(word)
        start = np.float32(word)
        around = [np.nextafter(start, np.float32(-np.inf)), start, np.nextafter(start, np.float32(np.inf))]
        return min(around, key=lambda v: (abs(Fraction(float(v)) - exact), int(v.view(np.uint32)) & 1))

    return np.array([[nearest(word) for word in line.split(delimiter)] for line in text.splitlines()])


for features, events in [(1, 1), (1, 7), (15, 1), (15, 400), (40, 33)]:
    array = random.lognormal(3, 4, (events, features)) * random.choice([-1, 1], (events, features))
    for dtype in ["<f4", "<f8", ">f4", ">f8"]:
        for order in "CF":
            for layout, stored in [("events_by_row", array), ("features_by_row", array.T)]:
                name = f"{features}x{events}-{dtype[1:]}{'le' if dtype[0] == '<' else 'be'}-{order}-{layout}.npy"
                np.save(f"{folder}/{name}", np.array(stored, dtype=dtype, order=order))
                expect(name, layout, array.astype(np.float32))
    for number, options in enumerate(
        [{}, {"fmt": "%.6g"}, {"fmt": "%.9e", "delimiter": ","}, {"delimiter": "\t", "newline": "\r\n"}]
    ):
        for layout, stored in [("events_by_row", array), ("features_by_row", array.T)]:
            name = f"{features}x{events}-{number}-{layout}.txt"
            text = io.StringIO()
            np.savetxt(text, stored, **options)
            with open(f"{folder}/{name}", "w", newline="") as file:
                file.write("# written by numpy.savetxt\n" + text.getvalue())
            values = correctly_rounded(text.getvalue(), options.get("delimiter"))
            expect(name, layout, values if layout == "events_by_row" else values.T)

with open(f"{folder}/versions-2.npy", "wb") as file:
    np.lib.format.write_array(file, np.arange(6.0).reshape(2, 3), version=(2, 0))
expect("versions-2.npy", "events_by_row", np.arange(6.0).reshape(2, 3))
with open(f"{folder}/versions-3.npy", "wb") as file:
    np.lib.format.write_array(file, np.arange(6.0).reshape(2, 3), version=(3, 0))
expect("versions-3.npy", "events_by_row", np.arange(6.0).reshape(2, 3))

# Integers, booleans and float16, whose largest values float32 must round.
plain = ["|i1", "|u1", "|b1"] + [order + kind for order in "<>" for kind in ["i2", "i4", "i8", "u2", "u4", "u8", "f2"]]
for dtype in plain:
    for features, events in [(1, 7), (3, 40), (15, 21)]:
        if dtype[1] == "f":
            bits = random.integers(0, 1 << 16, (events, features)).astype(np.uint16)
            bits[(bits & 0x7C00) == 0x7C00] = 0x8001
            array = bits.view(np.float16).astype(dtype)
        elif dtype[1] == "b":
            array = random.integers(0, 2, (events, features)).astype(bool)
        else:
            info = np.iinfo(np.dtype(dtype))
            array = random.integers(info.min, info.max, (events, features), dtype=info.dtype.newbyteorder("="), endpoint=True)
            array.flat[0], array.flat[-1] = info.min, info.max
            if info.bits == 64:
                array.flat[1] = (1 << 53) + 1
                array.flat[2] = (1 << 25) + (1 << 1) + 1  # rounds to even from above
            array = array.astype(dtype)
        for order in "CF":
            for layout, stored in [("events_by_row", array), ("features_by_row", array.T)]:
                name = f"{features}x{events}-{dtype[1:]}{'be' if dtype[0] == '>' else 'le'}-{order}-{layout}.npy"
                np.save(f"{folder}/{name}", np.array(stored, dtype=dtype, order=order))
                expect(name, layout, array.astype(np.float32))
for dtype in plain + ["<f4", ">f4", "<f8", ">f8"]:
    name = f"vector-{dtype[1:]}{'be' if dtype[0] == '>' else 'le'}.npy"
    array = random.integers(0, 2, 100).astype(dtype)
    np.save(f"{folder}/{name}", array)
    expect(name, "features_by_row", array.astype(np.float32).reshape(100, 1))

# Structured arrays: the fields in any order, aligned or packed, of either byte order.
records = []
for number, (order, align) in enumerate([(order, align) for order in "<>=" for align in [False, True] for _ in range(4)]):
    events = [0, 1, 100, 20000][number % 4]
    kinds = [
        ("label", "S5"), ("name", order + "U4"), ("w", order + "f8"), ("w2", order + "f4"), ("event", order + "u8"),
        ("run", order + "i4"), ("pt", order + "f4"), ("eta", order + "f8"), ("n", order + "i2"), ("flag", "?"),
        ("half", order + "f2"), ("big", order + "i8"), ("sub", order + "f4", (3,)), ("inner", [("a", "f4"), ("b", "i1")]),
        ("byte", "u1"), ("z", order + "c8"), ("day", order + "M8[ns]"), ("é" if number % 2 else "η", order + "f4"),
    ]
    random.shuffle(kinds)
    array = np.zeros(events, dtype=np.dtype(kinds, align=align))
    for name in ["w", "w2", "pt", "eta"]:
        array[name] = random.lognormal(0, 20 if name == "w" else 4, events) * random.choice([-1, 1], events)
    array["event"] = random.integers(0, 1 << 64, events, dtype=np.uint64)
    array["run"] = random.integers(0, 1 << 31, events)
    array["n"] = random.integers(-5, 5, events)
    array["flag"] = random.integers(0, 2, events)
    array["half"] = random.normal(0, 1, events)
    array["big"] = random.integers(-(1 << 63), (1 << 63) - 1, events)
    array["byte"] = random.integers(0, 256, events)
    array[kinds[[k[0] in "éη" for k in kinds].index(True)][0]] = 7
    label = random.integers(0, 3, events)
    array["label"] = np.array([b"s", b"b", b"ttbar"])[label]
    name = random.integers(0, 2, events)
    array["name"] = np.array(["αβ", "tt H"])[name]
    # As a column of a matrix, too.
    file = f"records-{number}.npy"
    np.save(f"{folder}/{file}", array.reshape([(events,), (events, 1), (1, events)][number % 3]))
    records.append(file)
    features = np.array(
        [array[n].astype(np.float32) for n in ["pt", "flag", "eta", "half", "big", "w2", "event"]], dtype="<f4").T
    np.ascontiguousarray(features).tofile(f"{folder}/{file}.expected")
    np.array([array[n] for n in ["w", "pt", "n", "w2", "half"]], dtype="<f8").tofile(f"{folder}/{file}.numbers")
    np.array([array["event"], array["run"].astype("<u8"), array["byte"].astype("<u8")], dtype="<u8").tofile(
        f"{folder}/{file}.identities")
    # b and ttbar belong together.
    np.array(
        [np.array([0, 1, 1])[label], name, array["flag"], array["n"] + 5], dtype="<u2").tofile(f"{folder}/{file}.categories")

weights = []
for number, dtype in enumerate(plain + ["<f4", ">f4", "<f8", ">f8"]):
    array = random.normal(0, 1e3, 1000) if "f" in dtype else random.integers(0, 100, 1000)
    array = array.astype(dtype)
    file = f"weights-{number}.npy"
    np.save(f"{folder}/{file}", array.reshape([(1000,), (1000, 1), (1, 1000)][number % 3]))
    array.astype("<f8").tofile(f"{folder}/{file}.expected")
    weights.append(file)
for number, options in enumerate([{}, {"fmt": "%.17g"}, {"fmt": "%r"}, {"fmt": "%.30e", "newline": "\r\n"}, {"header": "w"}]):
    array = random.lognormal(0, 150, 3000) * random.choice([-1, 1], 3000)
    file = f"weights-{number}.txt"
    np.savetxt(f"{folder}/{file}", array.astype(object) if options.get("fmt") == "%r" else array, **options)
    np.loadtxt(f"{folder}/{file}").astype("<f8").tofile(f"{folder}/{file}.expected")
    weights.append(file)

written = sorted(glob.glob(f"{folder}/written-*.npy"))
if len(written) != 3:
    sys.exit(f"expected three files written by the test, found {written}")
for path in written:
    array = np.load(path)
    if not np.array_equal(array.ravel(), np.arange(array.size)):
        sys.exit(f"numpy reads {array} from {path}")

with open(f"{folder}/cases", "w") as file:
    file.write("\n".join(cases) + "\n")
for name, files in [("records", records), ("weights", weights)]:
    with open(f"{folder}/{name}", "w") as file:
        file.write("\n".join(files) + "\n")

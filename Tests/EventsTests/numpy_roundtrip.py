"""Writes event files with numpy in many ways, and what numpy reads back from each as float32.

Usage: numpy_roundtrip.py FOLDER. For each case NAME it writes FOLDER/NAME (the file) and adds a line to
FOLDER/cases: NAME, the layout, the number of features and of events, separated by blanks. The float32 values
that a reader must give, [event][feature] in little-endian order, are in FOLDER/NAME.expected. Afterwards it loads the arrays that
the test wrote, FOLDER/written-*.npy, and checks them against numpy.arange.
"""

import glob
import io
import sys

import numpy as np

folder = sys.argv[1]
random = np.random.default_rng(20)
cases = []


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

written = sorted(glob.glob(f"{folder}/written-*.npy"))
if len(written) != 3:
    sys.exit(f"expected three files written by the test, found {written}")
for path in written:
    array = np.load(path)
    if not np.array_equal(array.ravel(), np.arange(array.size)):
        sys.exit(f"numpy reads {array} from {path}")

with open(f"{folder}/cases", "w") as file:
    file.write("\n".join(cases) + "\n")

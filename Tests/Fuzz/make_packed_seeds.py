"""Writes the seeds of the readers gzip and npz (Tests/Fuzz/seeds), as zlib, zipfile and numpy pack them.

    python3 Tests/Fuzz/make_packed_seeds.py
"""

import io
import pathlib
import struct
import zipfile
import zlib

import numpy as np

SEEDS = pathlib.Path(__file__).parent / "seeds"
TEXT = b"pt,w,event,Label\n1.5,0.25,1,s\n-2,1e-3,18446744073709551615,b\n"
ROWS = b"".join(b"%d %.3f %d\n" % (i, i / 7, -i) for i in range(60))


def member(data, flags=0, fields=b"", level=9, trailer=None):
    """A member of a gzip file, with what stands between its header and its packed bytes."""
    pack = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = pack.compress(data) + pack.flush()
    end = struct.pack("<II", zlib.crc32(data), len(data)) if trailer is None else trailer
    return bytes([0x1F, 0x8B, 8, flags, 0, 0, 0, 0, 2, 3]) + fields + packed + end


def with_everything(data):
    """With an extra field, a name, a comment and a check sum of the header."""
    fields = struct.pack("<H", 6) + b"ab\2\0xy" + b"events.csv\0" + b"a comment\0"
    header = bytes([0x1F, 0x8B, 8, 30, 0, 0, 0, 0, 2, 3]) + fields
    return member(data, 30, fields + struct.pack("<H", zlib.crc32(header) & 0xFFFF))


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


class Pipe(io.RawIOBase):
    """What cannot be rewound, so that sizes follow their bytes."""

    def __init__(self):
        self.bytes = b""

    def writable(self):
        return True

    def write(self, data):
        self.bytes += bytes(data)
        return len(data)


def archive(arrays, method=zipfile.ZIP_DEFLATED, file=None, zip64=False, comment=b""):
    file = io.BytesIO() if file is None else file
    with zipfile.ZipFile(file, "w", method) as written:
        written.comment = comment
        for name, data in arrays.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with written.open(info, "w", force_zip64=zip64) as entry:
                entry.write(data)
    return file.bytes if isinstance(file, Pipe) else file.getvalue()


def write(reader, files):
    folder = SEEDS / reader
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        assert len(data) < 4096, name
        (folder / name).write_bytes(data)


matrix = npy(np.arange(12, dtype="<f4").reshape(4, 3))
records = np.array([(1.5, 0.25, 1, b"s"), (-2, 1e-3, 2**64 - 1, b"b")],
                   dtype=[("pt", "<f4"), ("w", "<f8"), ("event", "<u8"), ("Label", "S1")])
huge = npy(np.zeros((1, 2), "<f8")).replace(b"(1, 2), }           ", b"(1000000000000, 2), }")[:128]
assert len(huge) == 128 and b"1000000000000, 2" in huge
plain = member(ROWS)
write("gzip", {
    "text.gz": member(TEXT), "rows.gz": plain, "header.gz": with_everything(TEXT), "stored.gz": member(TEXT, level=0),
    "members.gz": member(ROWS[:100]) + member(b"") + with_everything(ROWS[100:]) + bytes(5),
    "long.gz": member(b"1 2\n" * 20000), "cut-off.gz": plain[:-3], "cut-in-header.gz": with_everything(TEXT)[:20],
    "damaged.gz": plain[:-8] + bytes([plain[-8] ^ 1]) + plain[-7:], "something-behind.gz": plain + b"x",
    "twice.gz": member(plain), "nothing.gz": member(b""), "weights.gz": member(b"w\n0.5\n-1e-300\n2\n"),
    "matrix.npy.gz": member(matrix), "records.npy.gz": member(npy(records)), "cut-off.npy.gz": member(matrix[:-5]),
    "huge.npy.gz": member(huge + bytes(3000), trailer=b"\xff" * 8), "archive.gz": member(archive({"a.npy": matrix})),
})
columns = {name + ".npy": npy(np.ascontiguousarray(records[name])) for name in records.dtype.names}
stored = archive(columns, zipfile.ZIP_STORED)
write("npz", {
    "matrix.npz": archive({"arr_0.npy": matrix}), "stored.npz": archive({"arr_0.npy": matrix}, zipfile.ZIP_STORED),
    "columns.npz": archive(columns), "columns-stored.npz": stored,
    "descriptors.npz": archive(columns, file=Pipe()), "sizes64.npz": archive(columns, zip64=True),
    "records.npz": archive({"events.npy": npy(records)}), "comment.npz": archive({"a.npy": matrix}, comment=b"PK\5\5 of events"),
    "others.npz": archive({"README": b"text", **columns, "matrix.npy": matrix, "no.npy": b"1 2\n"}),
    "fortran.npz": archive({"a.npy": npy(np.asfortranarray(np.arange(6.0).reshape(2, 3)))}),
    "unlike.npz": archive({"pt.npy": npy(np.zeros(2)), "eta.npy": npy(np.zeros(3))}),
    "vector.npz": archive({"w.npy": npy(np.array([0.5, -1e-300, 2]))}), "cut-off.npz": stored[:-30],
    "encrypted.npz": archive({"a.npy": matrix}).replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"),
    "no-array.npz": archive({"a.txt": TEXT}), "many.npz": archive({f"x{i}.npy": npy(np.zeros(1)) for i in range(9)}),
})
# From here on every archive has the end record of zip64.
zipfile.ZIP64_LIMIT = 8
write("npz", {"zip64.npz": archive(columns, zip64=True), "zip64-stored.npz": archive({"a.npy": matrix}, zipfile.ZIP_STORED, zip64=True)})

"""CPUs of several kinds: the same bits with AVX2 and AVX-512, one line on a CPU that is too old, no stray instructions.

Other CPUs are those of qemu's user mode emulation, which launch/test installs.
"""

import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import PROGRAM, ROOT, digests, start, train

x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="kernels for x86-64 CPUs")
emulator = shutil.which("qemu-x86_64")
emulated = pytest.mark.skipif(emulator is None or platform.machine() != "x86_64", reason="no qemu-x86_64 in PATH")

# Modules made for CPUs with AVX2, and for those with AVX-512; all else has to run everywhere.
BASELINE, WIDE, SCALAR, COLUMNS = "BaselineKernels", "WideKernels", "ElementaryFunctions", "ColumnKernels"


def mangled(module):
    return f"{len(module)}{module}"


def run_on(cpu, *arguments, ranks=None, **variables):
    """The program on an emulated CPU."""
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", **variables)
    launcher = [] if ranks is None else ["mpirun", "--oversubscribe", "-np", str(ranks)]
    return subprocess.run(
        [*launcher, emulator, "-cpu", cpu, str(PROGRAM), *map(str, arguments)],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )


def vectors_of(output):
    return re.search(r"kernels with (\S+)", output).group(1)


def settings(folder, batch):
    return ["data/hh-bbww.yaml", f"--training.batch_size={batch}", "--training.epochs=1",
            "--training.optimizer.learning_rate=0.01", f"--output.directory={folder}"]


@x86
@pytest.mark.parametrize("extra", [
    ["--training.batch_size=1"], ["--training.batch_size=32"], ["--training.batch_size=257"],
    ["--training.batch_size=1024", "--network.hidden=[300, 200, 264]"],  # wide enough to be packed
    ["--training.batch_size=128", "--network.activation=tanh", "--training.optimizer.nesterov=true"],
], ids=lambda extra: " ".join(extra))
def test_avx2_and_avx512_give_the_same_bits(tmp_path, monkeypatch, extra):
    found = {}
    for vectors in ("avx2", "avx512"):
        monkeypatch.setenv("DIST_TRAIN_VECTORS", vectors)
        if vectors == "avx512" and start("benchmark", "--batch=1", "--repeats=1").returncode == 64:
            pytest.skip("this CPU has no AVX-512")
        train(*settings(tmp_path / vectors, 1), *extra)
        found[vectors] = digests(tmp_path / vectors / "hh-bbww")
    assert found["avx2"] == found["avx512"]


@emulated
def test_a_cpu_without_avx512_gives_the_same_bits(tmp_path):
    result = run_on("Haswell", *settings(tmp_path / "emulated", 256))
    assert result.returncode == 0, result.stderr
    train(*settings(tmp_path / "here", 256))
    assert digests(tmp_path / "emulated" / "hh-bbww") == digests(tmp_path / "here" / "hh-bbww")


@emulated
def test_the_kernels_are_chosen_by_the_cpu():
    result = run_on("Haswell", "benchmark", "--batch=1", "--repeats=1")
    assert result.returncode == 0 and vectors_of(result.stdout) == "AVX2"
    result = run_on("Haswell", DIST_TRAIN_VECTORS="avx512")
    assert result.returncode == 64
    assert "DIST_TRAIN_VECTORS=avx512: this CPU has avx2; unset it" in result.stderr


@emulated
@pytest.mark.parametrize("ranks, command", [
    (None, []), (3, []), (None, ["benchmark"]), (None, ["inspect", "data"]), (None, ["predict", "x", "y", "-o", "z"]),
], ids=str)
def test_a_cpu_without_avx2_is_refused_in_one_line(ranks, command):
    result = run_on("Nehalem", *command, ranks=ranks)
    assert result.returncode == 69
    lines = [line for line in result.stderr.splitlines() if line.startswith("dist-train:")]
    assert len(lines) == 1 and "this CPU lacks AVX, AVX2, FMA" in lines[0] and "another node" in lines[0]
    assert ("rank 0 and 2 more@" in lines[0]) == (ranks == 3)


def functions():
    """(name, instruction) of everything in the program that may be a vector instruction."""
    listing = subprocess.run(
        ["objdump", "--disassemble", "--no-show-raw-insn", str(PROGRAM)], capture_output=True, text=True, check=True
    ).stdout
    name = ""
    for line in listing.splitlines():
        if line.endswith(">:"):
            name = line.split("<", 1)[1][:-2]
        elif "mm" in line or "%k" in line or "\tv" in line:  # a quick look first: there are millions
            yield name, line.split("\t", 1)[1]


@x86
def test_vector_instructions_stay_where_they_belong():
    avx512 = re.compile(r"%zmm|%[xy]mm(1[6-9]|2\d|3[01])|%k[0-7]|\{1to|vpternlog|vpmullq|vperm[ti]2|vrndscale|vpsraq")
    avx = re.compile(r"v[a-z]|.*%ymm")
    seen, stray = set(), set()
    for name, instruction in functions():
        is_wide = mangled(WIDE) in name
        is_ours = any(mangled(module) in name for module in (WIDE, BASELINE, SCALAR, COLUMNS))
        if avx512.search(instruction):
            (seen if is_wide else stray).add(("AVX-512", name))
        elif avx.match(instruction) and not is_ours:
            stray.add(("AVX", name))
    assert seen, "no AVX-512 in the kernels made for it"
    assert stray == set()


@x86
@pytest.mark.parametrize("module", [BASELINE, WIDE, SCALAR, COLUMNS])
def test_no_function_can_be_mistaken_for_another_modules(module):
    """The linker keeps one of the functions that several modules specialised under one name, and drops the others."""
    objects = list((ROOT / ".build/release" / f"{module}.build").glob("*.o"))
    assert objects
    symbols = subprocess.run(["nm", "--defined-only", *objects], capture_output=True, text=True, check=True).stdout
    shared = [line.split()[2] for line in symbols.splitlines() if re.search(r" [TWi] ", line)]
    assert shared and [name for name in shared if mangled(module) not in name] == []


@x86
def test_elementary_functions_of_spans_work_on_vectors():
    """The compiler makes vector code of their loops only as long as the functions take no branches."""
    objects = list((ROOT / ".build/release" / f"{SCALAR}.build").glob("*.o"))
    listing = subprocess.run(
        ["objdump", "--disassemble", "--no-show-raw-insn", *objects], capture_output=True, text=True, check=True
    ).stdout
    bodies = dict(re.findall(r"^\w+ <(\S*11MutableSpan\S*)>:\n((?:.+\n)*)", listing, re.MULTILINE))
    assert len(bodies) >= 14
    scalar = [name for name, body in bodies.items() if not re.search(r"vfn?m(add|sub).*%ymm", body)]
    calls = [name for name, body in bodies.items() if re.search(r"\tcall", body)]
    assert scalar == [] and calls == []


def test_the_kernels_compile_for_arm64(tmp_path):
    """With the library that the compiler has for bare machines; they were never run on one. The stage machines of launch/test
    makes the code too, which takes half a minute."""
    compiler = shutil.which("swiftc") or pytest.skip("no swiftc in PATH")
    library = list(Path(os.path.realpath(compiler)).parents[1].glob("lib/swift/embedded/Swift.swiftmodule/aarch64-*"))
    if not library:
        pytest.skip("no Swift library for arm64 here")
    package = (ROOT / "Package.swift").read_text()
    exclusions = json.loads(re.search(r'name: "WideKernels".*?exclude: (\[.*?\])', package, re.DOTALL)[1])
    # Of Numerics, what the kernels use; a digest of bytes is not among that.
    only = {"Numerics": {"Doubles.swift", "ExactScalar.swift", "CounterRandom.swift"}}
    for module in ("Numerics", "KernelOperands", BASELINE, WIDE, SCALAR):
        folder = ROOT / "Sources" / ("VectorKernels" if module in (BASELINE, WIDE) else module)
        sources = [path for path in folder.rglob("*.swift")
                   if path.name in only.get(module, {path.name})
                   and (module != WIDE or not any(name in str(path.relative_to(folder)) for name in exclusions))]
        # Those for wide vectors are never chosen there.
        compiled = "DIST_TRAIN_TEST_MACHINES" in os.environ and module != WIDE
        made = ["-O", "-c", "-o", tmp_path / f"{module}.o"] if compiled else ["-typecheck"]
        subprocess.run(
            [compiler, *made, "-wmo", "-parse-as-library", "-swift-version", "6", "-target", "aarch64-none-none-elf",
             "-enable-experimental-feature", "Embedded", "-enable-upcoming-feature", "InternalImportsByDefault",
             "-package-name", "dist_train", "-module-name", module, "-I", tmp_path,
             "-emit-module-path", tmp_path / f"{module}.swiftmodule", *sources],
            check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        # Every fused multiply-add is an instruction, not a call.
        assert not compiled or not re.search(rb"\0fmaf?\0", (tmp_path / f"{module}.o").read_bytes())

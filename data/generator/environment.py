"""The private Python environment of the scripts in data/.

Other versions of the packages make other events, so every version is fixed here, also those of
the packages that are only pulled in by others.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
import venv
from pathlib import Path

EXIT_USAGE = 64
EXIT_NO_INPUT = 66
EXIT_INTERNAL = 70
EXIT_IO = 74

MINIMUM_PYTHON = (3, 11)

REQUIREMENTS = (
    # These decide on the bytes of the events. pythia8mc 8.318.0 has no wheel for Python 3.11.
    "pythia8mc==8.317.2",
    "fastjet==3.5.2.0",
    "numpy==2.4.6",
    "awkward==2.14.0",
    "awkward_cpp==57",
    "vector==1.9.0",
    # These are needed by the plots, or by the packages above.
    "matplotlib==3.11.2",
    "mplhep==1.3.3",
    "mplhep_data==0.1.0",
    "contourpy==1.3.3",
    "cycler==0.12.1",
    "fonttools==4.68.0",
    "fsspec==2026.9.0",
    "importlib_metadata==10.2.0",
    "kiwisolver==1.5.1",
    "lazy-importer==0.1.0",
    "packaging==26.3",
    "pillow==13.0.0",
    "pyparsing==3.3.3",
    "python-dateutil==4.0.0",
    "tzdata==2026.6",
    "uhi==1.2.1",
    "zipp==4.1.2",
)

DATA_DIRECTORY = Path(__file__).resolve().parent.parent
ENVIRONMENT_DIRECTORY = DATA_DIRECTORY.parent / ".build" / "venv-generator"


def fail(message: str, code: int) -> None:
    """Ends the program with one line on standard error."""
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    raise SystemExit(code)


class Parser(argparse.ArgumentParser):
    """Answers a wrong option with one line and the exit code of the other programs here."""

    def error(self, message: str) -> None:
        fail(f"{message} (see --help)", EXIT_USAGE)


def enter(script: str, arguments: list[str]) -> None:
    """Returns when run inside of the environment; else makes it if needed and starts the script in it."""
    if Path(sys.prefix).resolve() == ENVIRONMENT_DIRECTORY.resolve():
        return
    if sys.version_info < MINIMUM_PYTHON:
        wanted = ".".join(map(str, MINIMUM_PYTHON))
        fail(f"Python {wanted} or later is needed, this is {sys.version.split()[0]}", EXIT_USAGE)
    python = ENVIRONMENT_DIRECTORY / "bin" / "python3"
    try:
        _prepare(python)
        # -I keeps PYTHONPATH and the user's own packages out: they could bring in other versions.
        # -B leaves no __pycache__ in the source tree.
        os.execv(python, [str(python), "-I", "-B", script, *arguments])
    except OSError as error:
        fail(f"cannot make or start {ENVIRONMENT_DIRECTORY}: {error}", EXIT_IO)


def _prepare(python: Path) -> None:
    wanted = "\n".join(REQUIREMENTS) + "\n"
    # Written last, so an installation that was interrupted is never taken for a complete one.
    stamp = ENVIRONMENT_DIRECTORY / "requirements.txt"
    ENVIRONMENT_DIRECTORY.parent.mkdir(parents=True, exist_ok=True)
    with open(ENVIRONMENT_DIRECTORY.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two scripts started together install once
        if stamp.exists() and stamp.read_text() == wanted and python.exists():
            return
        print(f"making {ENVIRONMENT_DIRECTORY} (once, 15 s or more)", file=sys.stderr, flush=True)
        try:
            venv.create(ENVIRONMENT_DIRECTORY, clear=True, with_pip=True)
        except subprocess.CalledProcessError:
            fail("Python's venv module does not work here (on Debian: install python3-venv)", EXIT_INTERNAL)
        # Without a wheel pip would compile Pythia for a long time and say nothing.
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
        result = subprocess.run([python, *install, *REQUIREMENTS], stdout=sys.stderr)
        if result.returncode != 0:
            fail("pip could not install the packages (its message is above)", EXIT_INTERNAL)
        stamp.write_text(wanted)

"""Reads cluster/scaling.json, fits the model, writes the tables of cluster/SCALING.md and draws cluster/scaling.png.

cluster/measure-scaling starts it; needs matplotlib (launch/lib/plot-requirements.txt). The model is in lib/scaling_model.py,
its constants in lib/scaling_machine.py.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
import scaling_evidence as evidence  # noqa: E402
import scaling_forecast as forecast  # noqa: E402
from scaling_machine import Measurements, fit  # noqa: E402
from scaling_plot import draw  # noqa: E402


def insert(text, sections):
    """The text with each section between its two markers; every section must have its place."""
    for name, content in sections.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"SCALING.md: {begin} … {end} is not there once")
        text = pattern.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", text)
    return text


def sections(measurements, machine):
    """All tables by the name of their place in SCALING.md."""
    tables = {"constants": evidence.constants(measurements, machine),
              "comparison": evidence.comparison(measurements, machine), "outside": evidence.outside(machine),
              "exactness": forecast.exactness(), "memory": forecast.memory()}
    for make in (forecast.advice, forecast.parts, forecast.large, forecast.reductions, forecast.leaders, forecast.threads,
                 forecast.wide):
        tables[make.__name__] = make(machine)
    return tables


def main():
    measurements = Measurements(HERE / "scaling.json")
    machine = fit(measurements)
    document = HERE / "SCALING.md"
    document.write_text(insert(document.read_text(encoding="utf-8"), sections(measurements, machine)), encoding="utf-8")
    draw(measurements, machine, HERE / "scaling.png")


if __name__ == "__main__":
    main()

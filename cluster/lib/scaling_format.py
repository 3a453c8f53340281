"""How SCALING.md writes numbers and tables."""


def rate(number):
    """Three digits and a unit: 13.3 M."""
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= 0.9995 * unit:
            return f"{number / unit:.3g}{name}" if number < 999.5 * unit else f"{number / unit:,.0f}{name}"
    return f"{number:.3g}"


def time(number):
    return f"{number:,.0f}" if number >= 99.95 else f"{number:.3g}"


def percent(share):
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def table(head, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [head, ["---"] * len(head), *rows])


def name_of(sizes):
    return "-".join(map(str, sizes))

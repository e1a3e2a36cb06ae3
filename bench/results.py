"""Reads the results of the bench, lines of JSON, and writes them for people."""

import json
import statistics


def record(bench, case, samples, **workload):
    """Makes a result like those of holdfast_bench. `samples`: {measure: [number, …]}."""

    def each(function):
        return {measure: function(values) for measure, values in samples.items() if values}

    return {
        "bench": bench,
        "case": case,
        **workload,
        "repeat": max(map(len, samples.values()), default=0),
        "median": each(statistics.median),
        "min": each(min),
        "max": each(max),
        "samples": samples,
    }


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write(path, results):
    with open(path, "w", encoding="utf-8") as out:
        for result in results:
            out.write(json.dumps(result) + "\n")


def number(value):
    """The value with three significant digits."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def seconds(value):
    if abs(value) < 1e-3:
        return number(value * 1e6) + " µs"
    if abs(value) < 1:
        return number(value * 1e3) + " ms"
    return number(value) + " s"


def size(value):
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            break
        value /= 1024
    else:
        unit = "GiB"
    return (f"{value:.0f}" if value == int(value) else number(value)) + " " + unit


def text(measure, value):
    """The value with its unit, which is the end of the measure's name (result.h)."""
    if measure.endswith("_gb_s"):
        return number(value) + " GB/s"
    if measure.endswith("_s"):
        return seconds(value)
    if measure.endswith("_bytes") or measure == "bytes":
        return size(value)
    if measure.endswith("_percent"):
        return number(value) + " %"
    return f"{value:,}" if isinstance(value, int) else number(value)


def table(rows):
    """Rows of cells as a table in Markdown. The first row is the heading; the first column is aligned left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(row):
        cells = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("-" * (width + 1) + (":" if i else "-") for i, width in enumerate(widths)) + "|"
    return "\n".join([line(rows[0]), rule] + [line(row) for row in rows[1:]])

#!/usr/bin/env python3
"""Plots blocked and durable time against the size of the state: plot.py SAVE.JSON OUT.SVG.

The same results give the same bytes. The colours suit a light and a dark page.
"""

import math
import sys

import results

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 76, 700, 20, 376

CURVES = [  # label, case, measure, class
    ("durable", "save", "durable_s", "durable"),
    ("plain direct write, fsynced", "save", "floor_s", "floor"),
    ("blocked", "save", "blocked_s", "blocked"),
    ("blocked, with overlap", "save, overlap", "blocked_s", "overlap"),
]

STYLE = """
  text { font: 13px sans-serif; fill: #24292f; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  polyline { fill: none; stroke-width: 2.5; }
  .durable { stroke: #0969da; } circle.durable { fill: #0969da; }
  .floor { stroke: #6e7781; } circle.floor { fill: #6e7781; } polyline.floor { stroke-dasharray: 6 4; }
  .blocked { stroke: #bc4c00; } circle.blocked { fill: #bc4c00; }
  .overlap { stroke: #1a7f37; } circle.overlap { fill: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .grid { stroke: #3d444d; }
    .durable { stroke: #58a6ff; } circle.durable { fill: #58a6ff; }
    .floor { stroke: #9198a1; } circle.floor { fill: #9198a1; }
    .blocked { stroke: #f0883e; } circle.blocked { fill: #f0883e; }
    .overlap { stroke: #3fb950; } circle.overlap { fill: #3fb950; }
  }
"""


class Axis:
    """Turns values into pixels, on a logarithmic scale."""

    def __init__(self, low, high, start, end):
        self.low, self.scale, self.start = math.log(low), (end - start) / (math.log(high) - math.log(low)), start

    def __call__(self, value):
        return self.start + (math.log(value) - self.low) * self.scale


def curve(records, case, measure):
    points = [(record["bytes"], record["median"][measure]) for record in records if record["case"] == case]
    return sorted(points)


def decades(values):
    """The powers of ten that enclose the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def line(x1, y1, x2, y2):
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def label(x, y, anchor, text):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def time_text(value):
    return results.seconds(value).replace(".00", "").replace(".0", "")


def grid(sizes, times, x, y):
    parts = []
    for size in sizes:
        parts += [line(x(size), TOP, x(size), BOTTOM), label(x(size), BOTTOM + 20, "middle", results.size(size))]
    for time in times:
        parts += [line(LEFT, y(time), RIGHT, y(time)), label(LEFT - 8, y(time) + 4, "end", time_text(time))]
    return parts


def drawing(points, name, x, y):
    places = [(x(size), y(time)) for size, time in points]
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    circles = [f'<circle class="{name}" cx="{px:.1f}" cy="{py:.1f}" r="3.5"/>' for px, py in places]
    return [f'<polyline class="{name}" points="{path}"/>', *circles]


def legend():
    parts = []
    left = LEFT
    for text, _, _, name in CURVES:
        parts += [f'<polyline class="{name}" points="{left},{HEIGHT - 18} {left + 24},{HEIGHT - 18}"/>']
        parts += [label(left + 30, HEIGHT - 14, "start", text)]
        left += 56 + 7 * len(text)
    return parts


def svg(records):
    curves = [(curve(records, case, measure), name) for _, case, measure, name in CURVES]
    sizes = sorted({size for points, _ in curves for size, _ in points})
    times = decades([time for points, _ in curves for _, time in points])
    x = Axis(sizes[0], sizes[-1] if len(sizes) > 1 else sizes[0] * 2, LEFT, RIGHT - 20)
    y = Axis(times[0], times[-1], BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        "<title>Blocked and durable time of a save against the size of the state</title>",
        f"<style>{STYLE}</style>",
        *grid(sizes, times, x, y),
    ]
    for points, name in curves:
        parts += drawing(points, name, x, y)
    return "\n".join([*parts, *legend(), "</svg>"]) + "\n"


def write(records, path):
    with open(path, "w", encoding="utf-8") as out:
        out.write(svg(records))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(results.read(sys.argv[1]), sys.argv[2])

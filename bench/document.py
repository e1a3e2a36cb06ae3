#!/usr/bin/env python3
"""Makes tables of the bench's results.

    document.py --show RESULTS/save.json    one table, on the screen
    document.py RESULTS DOCS                every block of DOCS/performance.md that begins with a line
                                            "<!-- bench NAME -->" and ends with "<!-- end -->", from
                                            RESULTS/NAME.json where there is one; and the plot
"""

import os
import re
import sys

import peers
import plot
import results
import targets

BLOCK = re.compile(r"(<!-- bench (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

SAVE_COLUMNS = {  # heading: (case, measure)
    "blocked": ("save", "blocked_s"),
    "durable": ("save", "durable_s"),
    "plain write": ("save", "floor_s"),
    "durable to plain": ("save", "durable_to_floor"),
    "overlap: blocked": ("save, overlap", "blocked_s"),
    "durable, overlap": ("save, overlap", "durable_s"),
    "first save: blocked": ("first save", "blocked_s"),
    "memory": ("first save", "memory_bytes"),
}


def cell(record, measure):
    value = record["median"].get(measure) if record else None
    return "" if value is None else results.text(measure, value)


def save_table(records):
    """One row for each size, with the cases side by side."""
    found = {(record["bytes"], record["case"]): record for record in records}
    rows = [["state", *SAVE_COLUMNS]]
    for size in sorted({record["bytes"] for record in records}):
        cells = [cell(found.get((size, case)), measure) for case, measure in SAVE_COLUMNS.values()]
        rows.append([results.size(size), *cells])
    return results.table(rows)


def load_table(records):
    """One row for each case, with warm and cold side by side."""
    found = {tuple(record["case"].split(", ", 1)): record for record in records}
    rows = [["", "warm", "to plain read", "cold", "to plain read"]]
    for part in dict.fromkeys(part for _, part in found):
        row = [part]
        for cache in ("warm", "cold"):
            row += [cell(found.get((cache, part)), measure) for measure in ("load_s", "to_plain")]
        rows.append(row)
    return results.table(rows)


def heading(measure):
    return re.sub("_(gb_s|s|bytes|percent)$", "", measure).replace("_", " ")


def plain_table(records):
    """One row for each result, one column for each measure."""
    measures = list(dict.fromkeys(measure for record in records for measure in record["median"]))
    rows = [["", *map(heading, measures)]]
    for record in records:
        rows.append([record["case"], *(cell(record, measure) for measure in measures)])
    return results.table(rows)


def small_table(records):
    for record in records:
        record["case"] = f"{record['tensors']:,} tensors"
    return plain_table(records)


def machine_text(records):
    machine = records[0]
    peers_text = ", ".join(f"{name} {machine[name]}" for name in ("torch", "safetensors", "h5py") if machine[name] != "none")
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']} of memory; {machine['file_system']}; "
        f"Linux {machine['kernel']}, Debian {machine['debian']}; LibTorch {machine['libtorch']}, HDF5 {machine['hdf5']}"
        + (f"; {peers_text}" if peers_text else "")
        + "."
    )


TABLES = {"save": save_table, "load": load_table, "small": small_table, "peers": peers.table, "machine": machine_text}


def show(records):
    return TABLES.get(records[0]["bench"], plain_table)(records)


def block(name, folder):
    """The new content of a block; None if there are no results for it."""
    if name == "targets":
        return targets.table(folder)
    path = os.path.join(folder, name + ".json")
    return show(results.read(path)) if os.path.exists(path) else None


def document(folder, docs):
    def replace(match):
        content = block(match.group(2), folder)
        return match.group(0) if content is None else f"{match.group(1)}\n{content}\n\n{match.group(3)}"

    page = os.path.join(docs, "performance.md")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    with open(page, "w", encoding="utf-8") as file:
        file.write(BLOCK.sub(replace, text))
    saves = os.path.join(folder, "save.json")
    if os.path.exists(saves):
        plot.write(results.read(saves), os.path.join(docs, "performance.svg"))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1] == "--show":
        print(show(results.read(sys.argv[2])))
    else:
        document(sys.argv[1], sys.argv[2])


if __name__ == "__main__":
    main()

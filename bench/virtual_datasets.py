#!/usr/bin/env python3
"""What HDF5 does with one virtual dataset over many pieces: docs/format.md, "No index" (needs h5py).

    bench/virtual_datasets.py 1000,1,8 64,64,8      # rows, columns and files of 4 x 4 pieces
    (ulimit -n 1024; bench/virtual_datasets.py 1100,1,1100)

Prints a line for each: seconds to build, open and read it all, the bytes of the index, and how many
values are not what was written.
"""
import os
import sys
import tempfile
import time

import h5py
import numpy as np

SIDE = 4  # of a piece


def seconds(call):
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def measure(rows, columns, files):
    pieces = [(row, column) for row in range(rows) for column in range(columns)]
    values = np.arange(len(pieces) * SIDE * SIDE, dtype="f4").reshape(rows * SIDE, columns * SIDE)

    def box(row, column):
        return np.s_[row * SIDE:(row + 1) * SIDE, column * SIDE:(column + 1) * SIDE]

    def build():
        layout = h5py.VirtualLayout(values.shape, "f4")
        for i, piece in enumerate(pieces):
            layout[box(*piece)] = h5py.VirtualSource(f"s{i % files}.h5", f"w/{i}", (SIDE, SIDE))
        with h5py.File("index.h5", "w", libver=("v108", "v110")) as index:
            index.create_virtual_dataset("w", layout, fillvalue=np.nan)

    for shard in range(files):
        with h5py.File(f"s{shard}.h5", "w", libver=("v108", "v110")) as file:
            for i in range(shard, len(pieces), files):
                file[f"w/{i}"] = values[box(*pieces[i])]
    built, _ = seconds(build)
    with h5py.File("index.h5", "r") as index:
        opened, dataset = seconds(lambda: index["w"])
        read, found = seconds(lambda: dataset[...])
    print(f"HDF5 {h5py.version.hdf5_version}: {len(pieces)} pieces in {files} files: build {built:.2f} s, "
          f"open {opened:.3f} s, read {read:.2f} s, index {os.path.getsize('index.h5')} bytes, "
          f"wrong values {np.count_nonzero(found != values)} of {values.size}")


for argument in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        measure(*map(int, argument.split(",")))
        os.chdir("/")

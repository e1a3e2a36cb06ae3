#!/usr/bin/env python3
"""Prints what the results depend on, as a line of JSON: machine.py DIRECTORY (a directory on the measured disk)."""

import json
import os
import platform
import re
import subprocess
import sys


def first_match(path, pattern):
    with open(path, encoding="utf-8") as file:
        found = re.search(pattern, file.read(), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def package_version(package):
    """The upstream part of the version that Debian gives the package."""
    query = ["dpkg-query", "-W", "-f", "${Version}", package]
    found = subprocess.run(query, capture_output=True, text=True, check=False)
    return re.split(r"[-+]", found.stdout.split(":")[-1])[0] if found.returncode == 0 else "none"


def file_system(directory):
    """The file system's name, by its magic number: inside a chroot, its mount may not be listed."""
    names = {"ef53": "ext4", "58465342": "xfs", "9123683e": "btrfs", "1021994": "tmpfs", "794c7630": "overlayfs"}
    command = ["stat", "--file-system", "--format=%t", directory]
    magic = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return names.get(magic, "file system " + magic)


def main():
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)")) / 1024 / 1024
    machine = {
        "bench": "machine",
        "cpu": first_match("/proc/cpuinfo", r"^model name\s*:(.*)"),
        "cores": os.cpu_count(),
        "memory": f"{memory:.0f} GiB",
        "file_system": file_system(sys.argv[1]),
        "kernel": platform.release().split("-")[0],
        "debian": first_match("/etc/debian_version", r"(.*)"),
        "libtorch": package_version("libtorch-dev"),
        "torch": package_version("python3-torch"),
        "safetensors": package_version("python3-safetensors"),
        "h5py": package_version("python3-h5py"),
        "hdf5": package_version("libhdf5-dev"),
    }
    print(json.dumps(machine))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Saves and loads the same tensors by Holdfast and by its peers, in turn, and prints one table.

A save counts as durable when it is fsynced. "Blocked" is how long the call holds up a training whose last step
has just touched the whole state. "Blocked, idle" is the same if nobody has touched the state for some seconds.
Cold loads are made cold by fsync and POSIX_FADV_DONTNEED; all loads end with the tensors in memory of
their own. In brackets: how many times as long as Holdfast.
"""

import argparse
import collections
import sys
import tempfile

import contestants
import results

LOADS = {"warm_load_s": contestants.bring_into_cache, "cold_load_s": contestants.drop_from_cache}
COLUMNS = {
    "blocked_s": "blocked",
    "idle_blocked_s": "blocked, idle",
    "durable_s": "durable",
    "warm_load_s": "warm load",
    "cold_load_s": "cold load",
}
HOLDFAST, OVERLAP, FLOOR = "Holdfast", "Holdfast, overlap", "plain I/O"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="holdfast_bench")
    parser.add_argument("--bytes", default="1G", help="size of the state (default: 1G)")
    parser.add_argument("--tensors", type=int, default=128, help="tensors in it (default: 128)")
    parser.add_argument("--threads", type=int, default=2, help="of Holdfast and of DCP (default: 2)")
    parser.add_argument("--repeat", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument("--idle", type=float, default=5, help="seconds that count as idle (default: 5)")
    parser.add_argument("--directory", default=".", help="where all of them write (default: here)")
    parser.add_argument("--json", metavar="FILE", help="write the results there, too, a line of JSON each")
    return parser.parse_args()


def make_state(ready):
    """Tensors of the same shapes as those that Holdfast saves."""
    import torch

    return {f"tensor_{i:06}": torch.rand(ready["shape"]) for i in range(ready["tensors"])}


def keep(samples, measured, prefix=""):
    """Adds the samples of one measurement that the table shows."""
    for measure, value in measured.items():
        if prefix + measure in COLUMNS:
            samples[prefix + measure].append(value)


def measure_holdfast(holdfast, samples, idle):
    ways = ((HOLDFAST, False), (OVERLAP, True))
    for case, overlap in ways:
        keep(samples[case], holdfast.measure_save(overlap))
    keep(samples[FLOOR], holdfast.ask("write-floor"))
    for case, command in ((HOLDFAST, "load"), (FLOOR, "read-floor")):
        for cache in ("warm", "cold"):
            samples[case][cache + "_load_s"].append(holdfast.ask(f"{command}-{cache}")["load_s"])
    for case, overlap in ways:
        keep(samples[case], holdfast.measure_idle_save(idle, overlap), "idle_")


def measure_peer(peer, samples, idle):
    """Measures everything of one peer. The idle save comes last. So the memory that the other saves copy into has been
    idle since the round before, as it is between the saves of a training."""
    keep(samples, peer.measure_save())
    if peer.loads:
        for measure, prepare in LOADS.items():
            samples[measure].append(peer.measure_load(prepare)["load_s"])
    keep(samples, peer.measure_idle_save(idle), "idle_")


def run(options, directory):
    """Returns (workload, {case: {measure: samples}}, {case: why it was left out})."""
    workload = ["--bytes", options.bytes, "--tensors", str(options.tensors), "--threads", str(options.threads)]
    holdfast = contestants.Holdfast(options.program, workload, directory)
    left_out = {peer.name: peer.left_out() for peer in contestants.PEERS if peer.left_out()}
    able = [peer for peer in contestants.PEERS if peer.name not in left_out]
    state = make_state(holdfast.ready) if able else {}
    peers = [peer(state, directory, options.threads) for peer in able]

    samples = collections.defaultdict(lambda: collections.defaultdict(list))
    for peer in peers:  # one save that does not count, as Holdfast has
        measure_peer(peer, collections.defaultdict(list), 0)
    turns = [lambda: measure_holdfast(holdfast, samples, options.idle)]
    turns += [lambda peer=peer: measure_peer(peer, samples[peer.name], options.idle) for peer in peers]
    for first in range(options.repeat):  # each round begins with another one
        for i in range(len(turns)):
            turns[(first + i) % len(turns)]()
    holdfast.close()
    return holdfast.ready, samples, left_out


def to_records(options, ready, samples, left_out):
    workload = {"bytes": ready["bytes"], "tensors": ready["tensors"], "shards": 1, "threads": options.threads}
    cases = [FLOOR, HOLDFAST, OVERLAP] + [peer.name for peer in contestants.PEERS]
    records = [results.record("peers", case, samples[case], **workload) for case in cases if case in samples]
    return records + [
        {"bench": "peers", "case": case, **workload, "left_out": reason} for case, reason in left_out.items()
    ]


def ratio(value):
    return results.number(value) if value >= 0.1 else f"1/{1 / value:,.0f}"


def cell(measure, record, ours):
    value = record["median"].get(measure)
    if value is None:
        return ""
    text = results.text(measure, value)
    return text if record["case"] == HOLDFAST or measure not in ours else f"{text} ({ratio(value / ours[measure])})"


def table(records):
    """The table in Markdown; below it, what was left out, and why."""
    measured = [record for record in records if "median" in record]
    ours = next(record["median"] for record in measured if record["case"] == HOLDFAST)
    shown = [measure for measure in COLUMNS if any(measure in record["median"] for record in measured)]
    rows = [["", *(COLUMNS[measure] for measure in shown)]]
    for record in measured:
        rows.append([record["case"], *(cell(measure, record, ours) for measure in shown)])
    notes = [f"Left out: {record['case']}: {record['left_out']}" for record in records if "left_out" in record]
    return "\n\n".join([results.table(rows), *notes])


def main():
    options = arguments()
    contestants.quiet()
    with tempfile.TemporaryDirectory(prefix="holdfast-peers-", dir=options.directory) as directory:
        records = to_records(options, *run(options, directory))
    print(f"{results.size(records[0]['bytes'])} in {records[0]['tensors']:,} tensors\n")
    print(table(records))
    if options.json:
        results.write(options.json, records)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Holdfast's performance targets, beside what was measured."""

import os

import results


class Measured:
    """The medians of the results in a folder. KeyError if something was not measured."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, name, case, measure, **workload):
        path = os.path.join(self.folder, name + ".json")
        for record in results.read(path) if os.path.exists(path) else []:
            same = all(record[key] == value for key, value in workload.items())
            if record["case"] == case and same and "median" in record:
                return record["median"][measure]
        raise KeyError(case)


GIB = 1 << 30


def times_faster(name, peer, measure, ours="Holdfast"):
    return lambda of: of(name, peer, measure) / of(name, ours, measure)


# What, the limit, how to read the value, the value. More is better unless the limit is a "most".
TARGETS = [
    ("Blocked by a save of 1 GiB, DCP async_save against ours without overlap", "least", 8,
     times_faster("peers", "DCP async_save", "blocked_s")),
    ("The same, with overlap", "least", 50,
     lambda of: of("peers", "DCP async_save", "blocked_s") / of("peers", "Holdfast, overlap", "blocked_s")),
    ("Time until durable, 1 GiB, against plain direct writes in the same run", "most", 1.15,
     lambda of: of("save", "save", "durable_to_floor", bytes=GIB)),
    ("The same, with overlap, training meanwhile", "most", 1.15,
     lambda of: of("save", "save, overlap", "durable_to_floor", bytes=GIB)),
    ("Time until durable, torch.save + fsync against ours", "least", 2,
     times_faster("peers", "torch.save", "durable_s")),
    ("10,000 small tensors until durable, DCP save against ours", "least", 50,
     times_faster("small-peers", "DCP save", "durable_s")),
    ("The same, safetensors + fsync against ours", "least", 10,
     times_faster("small-peers", "safetensors", "durable_s")),
    ("Warm load of 1 GiB, torch.load against ours, verified", "least", 5,
     times_faster("peers", "torch.save", "warm_load_s")),
    ("The same, DCP load against ours", "least", 5, times_faster("peers", "DCP save", "warm_load_s")),
    ("Cold load of 1 GiB, speed against the fastest plain cold read", "least", 0.9,
     lambda of: 1 / of("load", "cold, all", "to_plain")),
    ("Loading one of five equal models, warm, against loading all", "most", 0.25,
     lambda of: of("load", "warm, one of the five", "to_five")),
    ("The same, cold", "most", 0.25, lambda of: of("load", "cold, one of the five", "to_five")),
    ("Slowdown of a training that saves every 10 steps, in percent", "most", 3,
     lambda of: of("stall", "every 10 steps", "slowdown_percent")),
]  # fmt: skip


def table(folder):
    """The table in Markdown."""
    of = Measured(folder)
    rows = [["", "target", "measured"]]
    for what, bound, limit, value in TARGETS:
        try:
            measured = results.number(value(of))
        except KeyError:
            measured = "not measured"
        rows.append([what, f"at {bound} {limit:g}", measured])
    return results.table(rows)

"""What one turn of bench/peers.py does, with peers and a Holdfast that only write down what is asked of them."""

import collections
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))

import contestants
import peers
import results


class Tensor:
    def __init__(self, log):
        self.log = log

    def add_(self, value):
        self.log.append("touch")


class NotingPeer(contestants.Peer):
    """Notes its steps, saves and loads in the order in which they happen."""

    name = "noting"

    def __init__(self, directory):
        self.log = []
        super().__init__({"a": Tensor(self.log), "b": Tensor(self.log)}, directory, 1)

    def save(self):
        assert not os.path.exists(self.path), "the save before is still there"
        self.log.append("save")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("saved")

    def load(self):
        self.log.append("load")


class NotingHoldfast(contestants.Holdfast):
    def __init__(self):
        self.log = []

    def ask(self, command):
        self.log.append(command)
        if command.startswith("save"):
            return {"step_s": 1, "blocked_s": 2, "durable_s": 3, "work_s": 4}
        return {"durable_s": 5} if command == "write-floor" else {"load_s": 6}


def new_samples():
    return collections.defaultdict(list)


class Turns(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.peer = NotingPeer(directory.name)

    def test_a_save_begins_with_a_step_on_the_whole_state(self):
        times = self.peer.measure_save()
        self.assertEqual(self.peer.log, ["touch", "touch", "save"])
        self.assertGreaterEqual(times["durable_s"], times["blocked_s"])

    def test_an_idle_save_does_not(self):
        self.peer.measure_idle_save(0)
        self.assertEqual(self.peer.log, ["save"])

    def test_a_turn_of_a_peer_has_both_ways_and_the_loads_between(self):
        samples = new_samples()
        peers.measure_peer(self.peer, samples, 0)
        self.assertEqual(self.peer.log, ["touch", "touch", "save", "load", "load", "save"])
        self.assertEqual({measure: len(values) for measure, values in samples.items()},
                         {measure: 1 for measure in peers.COLUMNS})

    def test_a_turn_of_a_peer_that_does_not_load_has_both_ways(self):
        self.peer.loads = False
        samples = new_samples()
        peers.measure_peer(self.peer, samples, 0)
        self.assertEqual(set(samples), {"blocked_s", "idle_blocked_s", "durable_s"})

    def test_a_turn_of_holdfast_has_both_ways_with_and_without_overlap(self):
        holdfast, samples = NotingHoldfast(), collections.defaultdict(new_samples)
        peers.measure_holdfast(holdfast, samples, 0)
        saves = [command for command in holdfast.log if command.startswith("save")]
        self.assertEqual(saves, ["save", "save-overlap", "save-idle", "save-overlap-idle"])
        for case in (peers.HOLDFAST, peers.OVERLAP):
            self.assertEqual(samples[case]["blocked_s"], [2])
            self.assertEqual(samples[case]["idle_blocked_s"], [2])
            self.assertEqual(samples[case]["durable_s"], [3])
        self.assertEqual(samples[peers.FLOOR]["durable_s"], [5])
        self.assertNotIn("idle_durable_s", samples[peers.HOLDFAST])


class Tables(unittest.TestCase):
    def table(self, **measures):
        ours = results.record("peers", peers.HOLDFAST, {name: [value] for name, value in measures.items()}, bytes=1)
        theirs = results.record("peers", "torch.save", {name: [2 * value] for name, value in measures.items()}, bytes=1)
        return peers.table([ours, theirs])

    def test_both_ways_are_columns_with_their_ratios(self):
        table = self.table(blocked_s=1.0, idle_blocked_s=4.0)
        self.assertIn("|       blocked | blocked, idle |", table)
        self.assertIn("| torch.save | 2.00 s (2.00) | 8.00 s (2.00) |", table)

    def test_what_was_not_measured_is_no_column(self):
        self.assertNotIn("idle", self.table(blocked_s=1.0))


if __name__ == "__main__":
    unittest.main()

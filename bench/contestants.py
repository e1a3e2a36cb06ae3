"""The ways of saving and loading the same tensors that the bench compares.

Each has a name, measures one save or one load, and can say why it cannot take part.
Times are in seconds. A save returns when what it wrote is durable: file and directory entry are fsynced.

Before each save the whole state is touched, as a training step does. An idle save has no such step: nobody has touched
the state for some seconds, and the host of a virtual machine may have taken its memory away.
"""

import json
import os
import shutil
import subprocess
import time
import warnings


def why_no(module):
    """Why a module cannot be imported; None if it can."""
    try:
        __import__(module)
    except Exception as error:  # pylint: disable=broad-except
        return str(error)
    return None


def why_no_kept_memory():
    """Why the copy's memory cannot be kept; None if it can. Older versions keep only pinned memory, for a GPU."""
    import torch
    from torch.distributed.checkpoint import staging

    return None if hasattr(staging, "DefaultStager") else f"torch {torch.__version__} does so only with a GPU"


def sync_path(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def files_below(path):
    if os.path.isfile(path):
        return [path]
    return [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]


def drop_from_cache(path):
    for name in files_below(path):
        with open(name, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def bring_into_cache(path):
    for name in files_below(path):
        with open(name, "rb", buffering=0) as file:
            while file.read(8 << 20):
                pass


class Holdfast:
    """Holdfast, measured by `holdfast_bench serve`: one process, which keeps its buffers as a training would."""

    name = "Holdfast"

    def __init__(self, program, arguments, directory):
        command = [program, "serve", "--directory", directory, *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self._answer()

    def measure_save(self, overlap=False):
        return self.ask("save-overlap" if overlap else "save")

    def measure_idle_save(self, seconds, overlap=False):
        time.sleep(seconds)
        return self.ask("save-overlap-idle" if overlap else "save-idle")

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"holdfast_bench has ended with status {self.process.wait()}")
        return json.loads(line)


class Peer:
    """`state` is a dict of tensors. `path` is where the peer may write, a file or a directory."""

    name = ""
    loads = True  # measured for loading, too

    def __init__(self, state, directory, threads):
        self.state = state
        self.path = os.path.join(directory, type(self).__name__)
        self.threads = threads

    @classmethod
    def left_out(cls):
        """Why this peer cannot take part; None if it can."""
        return why_no("torch")

    def save(self):
        """Writes to self.path. Blocks the training while it runs. May return an object whose result() waits until
        the rest is written."""
        raise NotImplementedError

    def load(self):
        raise NotImplementedError

    def step(self):
        """Does to memory what a step of an optimizer does: reads and writes every tensor in place."""
        for tensor in self.state.values():
            tensor.add_(1)

    def measure_save(self):
        """A step, and then the save."""
        return self._measure_save_after(self.step)

    def measure_idle_save(self, seconds):
        """Waits for so many seconds, so that the state lies idle, and saves it."""
        return self._measure_save_after(lambda: time.sleep(seconds))

    def _measure_save_after(self, prepare):
        self._remove()
        os.sync()
        prepare()
        start = time.perf_counter()
        pending = self.save()
        blocked = time.perf_counter() - start
        if pending is not None:
            pending.result()
        for name in files_below(self.path):
            sync_path(name)
        sync_path(os.path.dirname(self.path))
        return {"blocked_s": blocked, "durable_s": time.perf_counter() - start}

    def measure_load(self, prepare):
        prepare(self.path)
        start = time.perf_counter()
        loaded = self.load()
        seconds = time.perf_counter() - start
        del loaded  # after the measurement: giving the memory back is no part of a load
        return {"load_s": seconds}

    def _remove(self):
        if os.path.isdir(self.path):
            shutil.rmtree(self.path)
        elif os.path.exists(self.path):
            os.remove(self.path)


class TorchSave(Peer):
    name = "torch.save"

    def save(self):
        import torch

        torch.save(self.state, self.path)

    def load(self):
        import torch

        return torch.load(self.path)


class Safetensors(Peer):
    name = "safetensors"

    @classmethod
    def left_out(cls):
        return why_no("torch") or why_no("safetensors")

    def save(self):
        from safetensors.torch import save_file

        save_file(self.state, self.path)

    def load(self):
        """Copies every tensor: load_file() only maps the file, and the copies read it."""
        from safetensors.torch import load_file

        return {name: tensor.clone() for name, tensor in load_file(self.path).items()}


class Distributed(Peer):
    """torch.distributed.checkpoint (DCP), in one process, without a process group."""

    name = "DCP save"

    @classmethod
    def left_out(cls):
        reason = why_no("torch")
        if reason is None and not hasattr(cls._module(), "save"):
            import torch

            reason = f"torch {torch.__version__} has no torch.distributed.checkpoint.save (2.2 has)"
        return reason

    @staticmethod
    def _module():
        try:
            import torch.distributed.checkpoint as module
        except ImportError:
            return None
        return module

    def _writer(self):
        return self._module().FileSystemWriter(self.path, sync_files=True, thread_count=self.threads)

    def save(self):
        self._module().save(self.state, storage_writer=self._writer())

    def load(self):
        self._module().load(self.state, storage_reader=self._module().FileSystemReader(self.path))


class DistributedAsync(Distributed):
    name = "DCP async_save"
    loads = False

    @classmethod
    def left_out(cls):
        reason = why_no("torch")
        if reason is None and not hasattr(cls._module(), "async_save"):
            import torch

            reason = f"torch {torch.__version__} has no torch.distributed.checkpoint.async_save (2.3 has)"
        return reason

    def save(self):
        return self._module().async_save(self.state, storage_writer=self._writer())


class DistributedAsyncKept(DistributedAsync):
    """DCP, asynchronous, which keeps the memory of the copy from save to save. That is not its default."""

    name = "DCP async_save, kept memory"

    @classmethod
    def left_out(cls):
        return super().left_out() or why_no_kept_memory()

    def save(self):
        from torch.distributed.checkpoint.staging import DefaultStager, StagingOptions

        if not hasattr(self, "stager"):  # options that work without a GPU
            self.stager = DefaultStager(StagingOptions(False, False, False, False))
        return self._module().async_save(self.state, storage_writer=self._writer(), async_stager=self.stager)


class H5py(Peer):
    name = "h5py"

    @classmethod
    def left_out(cls):
        return why_no("torch") or why_no("h5py")

    def save(self):
        import h5py

        with h5py.File(self.path, "w") as file:
            for name, tensor in self.state.items():
                file.create_dataset(name, data=tensor.numpy())

    def load(self):
        import h5py

        with h5py.File(self.path, "r") as file:
            for name, tensor in self.state.items():
                file[name].read_direct(tensor.numpy())


PEERS = [TorchSave, Safetensors, Distributed, DistributedAsync, DistributedAsyncKept, H5py]


def quiet():
    """Silences a warning of DCP: that there is no process group, which is intended here."""
    warnings.filterwarnings("ignore")

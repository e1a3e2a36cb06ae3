// Files of torch.save (.pt, .pth): a zip archive of a pickle and the bytes of the tensors.
#pragma once

#include <memory>
#include <string>

#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// What the file holds: a state dict, or a dict of several, with numbers and strings between them.
// Nothing of the file is run: see pickle_reader.h for what is refused. The tensors read from the
// file when they are asked for, each storage once compared with its checksum.
//
// Error(kUnsupported), besides: the formats of PyTorch before 1.6 and of TorchScript, big-endian
// files, and compressed ones. Error(kCorrupt) for what is damaged.
Value read_torch_file(File file);

// Writes what torch.load reads, also with weights_only=True and mmap=True: the tensors aligned to
// 64 bytes, tied ones in one storage, as on the CPU and without gradients. Which PyTorch it takes:
// file_format.h. The same value gives the same bytes. Error(kExists) if the path is taken; after an
// error nothing is left.
void write_torch_file(std::shared_ptr<FileSystem> fs, const std::string& path, const Value& value);

}  // namespace holdfast::exchange

#include <holdfast/checkpoint/load/compare.h>

#include <cstddef>
#include <cstring>
#include <deque>
#include <utility>

namespace holdfast {
namespace {

constexpr std::uint64_t kBatchBytes = 64 << 20;  // of entries that are read together

class Buffer final : public Sink {
 public:
  explicit Buffer(std::uint64_t size) : bytes_(size) {}
  ByteSpan memory() override { return bytes_; }
  void write(std::uint64_t offset, ByteView bytes) override {
    std::memcpy(bytes_.data() + offset, bytes.data, bytes.size);
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

struct Pair {
  const format::Entry* a;
  const format::Entry* b;
};

std::string structural_difference(const format::Entry& a, const format::Entry& b) {
  const auto both = [](const std::string& what, std::string_view x, std::string_view y) {
    return what + " " + std::string(x) + " and " + std::string(y);
  };
  if (a.kind != b.kind) return both("kind", format::to_string(a.kind), format::to_string(b.kind));
  if (a.dtype != b.dtype) return both("dtype", name_of(a.dtype), name_of(b.dtype));
  if (a.shape != b.shape)
    return both("shape", format::to_string(a.shape), format::to_string(b.shape));
  if (a.alias_of != b.alias_of)
    return both("tied to", a.alias_of.empty() ? "nothing" : a.alias_of,
                b.alias_of.empty() ? "nothing" : b.alias_of);
  return "";
}

bool has_bytes(const format::Entry& entry) {
  return entry.kind != format::Kind::kNone && entry.kind != format::Kind::kUndefined &&
         format::bytes_of(entry) > 0;
}

std::vector<std::vector<std::byte>> read_entries(const CheckpointFiles& files,
                                                 const std::vector<const format::Entry*>& entries,
                                                 int threads) {
  std::deque<Buffer> buffers;
  std::vector<ReadRequest> requests;
  for (const format::Entry* entry : entries) {
    buffers.emplace_back(has_bytes(*entry) ? format::bytes_of(*entry) : 0);
    if (has_bytes(*entry)) requests.push_back({entry, &buffers.back()});
  }
  files.read(requests, threads);
  std::vector<std::vector<std::byte>> contents;
  for (const Buffer& buffer : buffers) contents.push_back(buffer.bytes());
  return contents;
}

std::string byte_difference(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  if (a == b) return "";
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return std::to_string(count) + " of " + std::to_string(a.size()) + " bytes differ";
}

void add(Comparison& result, const std::string& name, std::string problem) {
  if (problem.empty()) {
    result.identical.push_back(name);
  } else {
    result.differences.push_back({name, std::move(problem)});
  }
}

// Entries of the same structure in both, read and compared.
void compare_batch(const CheckpointFiles& a, const CheckpointFiles& b,
                   const std::vector<Pair>& batch, int threads, Comparison& result) {
  std::vector<const format::Entry*> in_a, in_b;
  for (const Pair& pair : batch) {
    in_a.push_back(pair.a);
    in_b.push_back(pair.b);
  }
  const auto bytes_a = read_entries(a, in_a, threads);
  const auto bytes_b = read_entries(b, in_b, threads);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    add(result, batch[i].a->name, byte_difference(bytes_a[i], bytes_b[i]));
    result.bytes += bytes_a[i].size();
  }
}

}  // namespace

Comparison compare(const CheckpointFiles& a, const CheckpointFiles& b, int threads) {
  Comparison result;
  std::vector<Pair> batch;
  std::uint64_t batch_bytes = 0;
  const auto flush = [&] {
    compare_batch(a, b, batch, threads, result);
    batch.clear();
    batch_bytes = 0;
  };
  for (const format::Entry& entry : a.catalog().entries) {
    const format::Entry* other = b.find(entry.name);
    const std::string problem =
        other == nullptr ? "only in the first" : structural_difference(entry, *other);
    if (!problem.empty()) {
      add(result, entry.name, problem);
      continue;
    }
    batch.push_back({&entry, other});
    batch_bytes += has_bytes(entry) ? format::bytes_of(entry) : 0;
    if (batch_bytes >= kBatchBytes) flush();
  }
  flush();
  for (const format::Entry& entry : b.catalog().entries)
    if (a.find(entry.name) == nullptr) add(result, entry.name, "only in the second");
  return result;
}

}  // namespace holdfast

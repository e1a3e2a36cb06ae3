// Writes a tensor for PyTorch, and reads it back.
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>

namespace {

namespace exchange = holdfast::exchange;

holdfast::Item tensor() {
  const float values[] = {1, 2, 3};
  std::vector<std::byte> bytes(sizeof values);
  std::memcpy(bytes.data(), values, sizeof values);
  holdfast::Item item;
  item.name = "fc1.bias";
  item.dtype = holdfast::DType::kFloat32;
  item.shape = {3};
  item.source = std::make_shared<holdfast::OwnedBytes>(std::move(bytes));
  return item;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::remove(argv[1]);
  const auto files = holdfast::posix_file_system();
  exchange::write_file(files, argv[1], exchange::torch_format(), {tensor()});
  const exchange::Value state = exchange::read_value(files, argv[1], exchange::torch_format());
  const std::vector<holdfast::Item> items = exchange::items_of(state);
  float values[3] = {};
  holdfast::copy_bytes(items.at(0), 0, holdfast::ByteSpan(values, sizeof values));
  std::cout << items[0].name << " ends with " << values[2] << '\n';
  return items[0].name == "fc1.bias" && values[2] == 3 ? 0 : 1;
}

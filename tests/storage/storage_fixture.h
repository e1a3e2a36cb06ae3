// A real directory behind a file system that can be told to fail.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <holdfast/checkpoint/storage/file.h>

#include <memory>
#include <string>
#include <string_view>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {

inline ByteView bytes(std::string_view text) {
  return ByteView(text);
}

class IoTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& content) {
    File file = directory.create_file(name);
    file.write_at(0, bytes(content));
    file.close();
  }

  // Read past the file system under test.
  std::string content(const std::string& name) const {
    const Directory plain = Directory::open(posix_file_system(), temporary.path().string());
    return std::string(ByteView(plain.open_file(name).read_all(1 << 24)).text());
  }

  std::string path(const std::string& name) const { return temporary / name; }

  TemporaryDirectory temporary;
  std::shared_ptr<FaultFileSystem> fs = std::make_shared<FaultFileSystem>();
  Directory directory = Directory::open(fs, temporary.path().string());
};

}  // namespace holdfast::testing

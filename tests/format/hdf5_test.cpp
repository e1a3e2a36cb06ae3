#include <holdfast/checkpoint/format/hdf5/handles.h>

#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/hdf5/file.h>

#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;

herr_t print_nothing(hid_t, void*) {
  return 0;
}

TEST(Hdf5Session, PutsTheErrorPrinterBackAsItWas) {
  int data = 0;
  ASSERT_GE(H5Eset_auto2(H5E_DEFAULT, print_nothing, &data), 0);
  { const Hdf5Session session; }
  H5E_auto2_t printer = nullptr;
  void* client_data = nullptr;
  ASSERT_GE(H5Eget_auto2(H5E_DEFAULT, &printer, &client_data), 0);
  EXPECT_EQ(printer, &print_nothing);
  EXPECT_EQ(client_data, &data);
}

TEST(Hdf5Session, PrintsNothingWhenACallFails) {
  ::testing::internal::CaptureStderr();
  {
    const Hdf5Session session;
    H5Fis_hdf5("");
    H5Gopen2(-1, "nowhere", H5P_DEFAULT);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Hdf5Errors, CarryTheStackOfHdf5) {
  const Hdf5Session session;
  expect_error(ErrorKind::kIo, "HDF5 failed in H5Gopen2: H5Gopen2: ", [] {
    checked(H5Gopen2(-1, "nowhere", H5P_DEFAULT), "H5Gopen2");
  });
}

TEST(FileImage, RefusesMetadataBeyondItsLimit) {
  const Hdf5Session session;
  FileImage image(512);
  expect_error(ErrorKind::kIo, "driver", [&] {
    Hdf5File file(image);
    for (int i = 0; i < 100; ++i) file.create_null_dataset("d" + std::to_string(i), DType::kInt8);
    file.close();
  });
}

}  // namespace
}  // namespace holdfast::format

#include <holdfast/checkpoint/format/manifest.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "format/manifest_fixture.h"
#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;

Manifest decoded(const Manifest& manifest) {
  return decode_manifest(ByteView(encode(manifest)), "manifest.json");
}

TEST(Manifest, ComesBackFromItsText) {
  EXPECT_EQ(decoded(typical_manifest()), typical_manifest());
}

TEST(Manifest, ComesBackWithoutWhatMayBeAbsent) {
  Manifest manifest = typical_manifest();
  manifest.resumed_from.reset();
  manifest.environment.clear();
  manifest.metrics.clear();
  manifest.journals.clear();
  manifest.files.clear();
  EXPECT_EQ(decoded(manifest), manifest);
}

TEST(Manifest, KeepsEveryBitOfAMetric) {
  using Limits = std::numeric_limits<double>;
  int i = 0;
  Manifest manifest = typical_manifest();
  for (const double number :
       {0.1, 1.0 / 3.0, -0.0, 0.0, 3.0, 1e300, 5e-324, Limits::max(), Limits::min(),
        Limits::epsilon(), Limits::infinity(), -Limits::infinity(), 9007199254740993.0}) {
    manifest.metrics["m" + std::to_string(i++)] = number;
  }
  EXPECT_EQ(decoded(manifest), manifest);
}

TEST(Manifest, KeepsAMetricThatIsNotANumber) {
  Manifest manifest = typical_manifest();
  manifest.metrics["loss"] = std::nan("");
  EXPECT_TRUE(std::isnan(decoded(manifest).metrics.at("loss")));
  EXPECT_EQ(decoded(manifest), manifest);
}

TEST(Manifest, TellsZerosApart) {
  Manifest positive = typical_manifest(), negative = typical_manifest();
  positive.metrics["loss"] = 0.0;
  negative.metrics["loss"] = -0.0;
  EXPECT_FALSE(positive == negative);
}

TEST(Manifest, KeepsTextThatIsNotUtf8) {
  Manifest manifest = typical_manifest();
  manifest.configuration["data.root"] = "/data/\xFF\xFE";
  manifest.resumed_from->path = std::string("\x80\0x", 3);
  manifest.environment["note"] = "{\"hex\":\"ff\"} \n\x01 重み";
  EXPECT_EQ(decoded(manifest), manifest);
}

TEST(Manifest, EndsWithADigestOfAllBytesBeforeIt) {
  const std::string text = encode(typical_manifest());
  const std::size_t body = text.size() - 45;
  EXPECT_EQ(text.substr(body),
            "\"digest\":\"" + digest_of(ByteView(text.data(), body)).hex() + "\"}\n");
}

TEST(Manifest, KeepsEveryRetentionPolicyAndNone) {
  Manifest manifest = typical_manifest();
  manifest.retention = RetentionPolicy{0, 7, "loss \xFF", false};
  EXPECT_EQ(decoded(manifest), manifest);
  manifest.retention.reset();
  EXPECT_EQ(decoded(manifest), manifest);
}

TEST(Manifest, FindsAFileByItsName) {
  const Manifest manifest = typical_manifest();
  EXPECT_EQ(manifest.file("catalog.json"), &manifest.files[0]);
  EXPECT_EQ(manifest.file("catalog"), nullptr);
}

TEST(Manifest, IsNotEncodedWhereItCouldNotBeDecoded) {
  const auto refused = [](auto spoil) {
    Manifest manifest = typical_manifest();
    spoil(manifest);
    expect_error(ErrorKind::kInvalidArgument, "the manifest: ", [&] { encode(manifest); });
  };
  refused([](Manifest& m) { m.run_id = "mine"; });
  refused([](Manifest& m) { m.created = "yesterday"; });
  refused([](Manifest& m) { m.step = -1; });
  refused([](Manifest& m) { m.resumed_from->run_id = ""; });
  refused([](Manifest& m) { m.retention->keep_last = -1; });
  refused([](Manifest& m) { m.retention->keep_best = -1; });
  refused([](Manifest& m) { m.files[0].name = "../catalog.json"; });
  refused([](Manifest& m) { m.files[1].blocks.pop_back(); });
  refused([](Manifest& m) { m.journals[0].name = ""; });
  refused([](Manifest& m) { m.metrics["\xFF"] = 1; });
}

// In time that grows with their number: by the square it would be minutes.
TEST(Manifest, MayHaveVeryManyKeys) {
  Manifest manifest = typical_manifest();
  for (int i = 0; i < 50'000; ++i) {
    const std::string key = "k" + std::to_string(i);
    manifest.configuration.emplace(key, "v");
    manifest.environment.emplace(key, "v");
    manifest.metrics.emplace(key, i);
  }
  EXPECT_EQ(decode_manifest(ByteView(encode(manifest)), "manifest.json"), manifest);
}

}  // namespace
}  // namespace holdfast::format

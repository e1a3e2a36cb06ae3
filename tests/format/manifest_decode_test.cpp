// One test for each way in which a manifest can lie.
#include <gtest/gtest.h>

#include <string>

#include "format/manifest_fixture.h"
#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;

void expect_refused(const std::string& text, const std::string& words,
                    ErrorKind kind = ErrorKind::kCorrupt) {
  expect_error(kind, words, [&] { decode_manifest(ByteView(text), "m.json"); });
  expect_error(kind, "m.json: ", [&] { decode_manifest(ByteView(text), "m.json"); });
}

// The text with one part replaced and signed again: a lie that its digest does not tell.
std::string forged(const std::string& from, const std::string& to) {
  std::string body = encode(typical_manifest());
  body.resize(body.size() - 45);
  const std::size_t at = body.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  body.replace(at, from.size(), to);
  return body + "\"digest\":\"" + digest_of(ByteView(body)).hex() + "\"}\n";
}

TEST(ManifestText, IsRefusedCutAtAnyByte) {
  const std::string text = encode(typical_manifest());
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
    const std::string cut = text.substr(0, bytes);
    expect_error(ErrorKind::kCorrupt, "m.json", [&] { decode_manifest(ByteView(cut), "m.json"); });
  }
}

TEST(ManifestText, IsRefusedWithAnyByteAltered) {
  const std::string text = encode(typical_manifest());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string altered = text;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    expect_error(ErrorKind::kCorrupt, "m.json",
                 [&] { decode_manifest(ByteView(altered), "m.json"); });
  }
}

TEST(ManifestText, IsRefusedWithAnythingBehindIt) {
  expect_refused(encode(typical_manifest()) + "\n", "cut short, or this is no manifest");
}

TEST(ManifestText, NamesBothDigests) {
  std::string text = encode(typical_manifest());
  text[10] = '#';
  expect_refused(text, "altered after it was written: expected digest ");
}

TEST(ManifestText, OfANewerVersionIsToldApartFromDamage) {
  expect_refused(forged("\"version\": 2", "\"version\": 4,\n \"surprise\": {}"), "newer Holdfast",
                 ErrorKind::kVersion);
}

// The text as version 3, with these lines behind the version.
std::string version_3(const std::string& lines) {
  return forged("\"version\": 2", "\"version\": 3,\n " + lines);
}

TEST(ManifestText, OfVersion3NeedsNotHaveRetention) {
  Manifest manifest = typical_manifest();
  manifest.has_optional_parts = true;
  const std::string text = encode(manifest);
  EXPECT_NE(text.find("\"version\": 3,\n \"requires\": []"), std::string::npos) << text;
  EXPECT_EQ(decode_manifest(ByteView(text), ""), manifest);
  manifest.retention.reset();
  EXPECT_EQ(decode_manifest(ByteView(encode(manifest)), ""), manifest);
}

TEST(ManifestText, OfVersion3IsNewerWhereItRequiresWhatIsNotKnown) {
  expect_refused(version_3("\"requires\": [\"boxes\"]"), "newer Holdfast", ErrorKind::kVersion);
  expect_refused(version_3("\"requires\": [\"boxes\"]"), "it requires \"boxes\"",
                 ErrorKind::kVersion);
  expect_refused(version_3("\"requires\": [\"a\", \"b\", \"c\"]"), "it requires \"a\" and 2 more",
                 ErrorKind::kVersion);
}

// A part may change all that follows, so that nothing of it says anything to who does not know it.
TEST(ManifestText, IsNewerWhateverElseIsInIt) {
  for (const char* other : {"\"surprise\": 1", "\"step\": \"none\"", "\"files\": 7"}) {
    const std::string body = std::string("{\"format\": \"holdfast manifest\", \"version\": 3, ") +
                             "\"requires\": [\"boxes\"], " + other + ",\n ";
    const std::string text = body + "\"digest\":\"" + digest_of(ByteView(body)).hex() + "\"}\n";
    expect_refused(text, "newer Holdfast", ErrorKind::kVersion);
  }
}

TEST(ManifestText, OfVersion3MayHaveKeysThatAreNotKnown) {
  std::string text = version_3("\"requires\": [], \"surprise\": {\"files\": [7]}");
  EXPECT_EQ(decode_manifest(ByteView(text), "").step, 200);
  for (const std::string key : {"\"keep_last\": 3", "\"name\": \"metrics.csv\"",
                                "\"name\": \"catalog.json\"", "\"step\": 100"}) {
    Manifest manifest = typical_manifest();
    manifest.has_optional_parts = true;
    text = encode(manifest);
    text.insert(text.find(key), "\"surprise\": [],\n");
    text.resize(text.size() - 45);
    text += "\"digest\":\"" + digest_of(ByteView(text)).hex() + "\"}\n";
    EXPECT_EQ(decode_manifest(ByteView(text), ""), manifest) << key;
  }
}

TEST(ManifestText, OfVersion3SaysWhatItRequires) {
  expect_refused(version_3("\"surprise\": {}"), "the key \"requires\" is missing");
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "\"n" : ", \"n") + std::to_string(100 + i) + "\"";
  for (const std::string& names :
       {std::string("7"), std::string("\"\""), std::string("\"Boxes\""), std::string("\"a_b\""),
        std::string("\"7a\""), "\"" + std::string(65, 'a') + "\"", std::string("\"a\", \"a\""),
        std::string("\"b\", \"a\""), many}) {
    expect_refused(version_3("\"requires\": [" + names + "]"), "is no list of parts");
  }
  expect_refused(version_3("\"requires\": {}"), "is not an array");
}

TEST(ManifestFiles, HaveAKindFromVersion3On) {
  const auto with_kind = [](const std::string& kind) {
    Manifest manifest = typical_manifest();
    manifest.has_optional_parts = true;
    manifest.files.push_back({"net.onnx", 0, {}, "onnx"});
    std::string text = encode(manifest);
    text.replace(text.find("\"onnx\""), 6, kind);
    text.resize(text.size() - 45);
    return text + "\"digest\":\"" + digest_of(ByteView(text)).hex() + "\"}\n";
  };
  EXPECT_EQ(decode_manifest(ByteView(with_kind("\"new-kind-2\"")), "").files.back().kind,
            "new-kind-2");
  for (const char* kind : {"\"\"", "\"ONNX\"", "\"a/b\"", "\"2\""})
    expect_refused(with_kind(kind), "no kind of a file");
  expect_refused(with_kind("7"), "\"kind\" is not a string");
  expect_refused(
      forged("\"name\": \"catalog.json\"", "\"kind\": \"x\", \"name\": \"catalog.json\""),
      "the key \"kind\" is unknown");
}

TEST(ManifestFiles, OfAKindAreNotWrittenInLowerVersions) {
  Manifest manifest = typical_manifest();
  manifest.files.push_back({"net.onnx", 0, {}, "onnx"});
  expect_error(ErrorKind::kInvalidArgument, "has a kind", [&] { encode(manifest); });
  manifest.has_optional_parts = true;
  manifest.files.back().kind = "An ONNX file";
  expect_error(ErrorKind::kInvalidArgument, "has a kind", [&] { encode(manifest); });
}

TEST(ManifestText, HasRetentionFromVersion2On) {
  expect_refused(forged("\"version\": 2", "\"version\": 1"), "\"retention\"");
  Manifest without = typical_manifest();
  without.retention.reset();
  const std::string text = encode(without);
  EXPECT_NE(text.find("\"version\": 1,"), std::string::npos) << "older readers can read it";
  EXPECT_EQ(decode_manifest(ByteView(text), "m.json"), without);
}

TEST(ManifestText, OfAnotherFormatIsRefused) {
  expect_refused(forged("holdfast manifest", "holdfast catalog"), "not a holdfast manifest");
}

TEST(ManifestText, IsRefusedIfItIsNoJson) {
  expect_refused(forged("\"step\": 200", "\"step\": 0200"), "strict JSON");
  expect_refused(forged("\"step\": 200", "\"step\": 2e999"), "strict JSON");
}

TEST(ManifestText, IsRefusedWithAKeyTwice) {
  expect_refused(forged("\"step\": 200", "\"step\": 200, \"step\": 200"), "\"step\" twice");
  expect_refused(forged("\"hdf5\"", "\"torch\""), "\"torch\" twice");
}

TEST(ManifestText, IsRefusedWithAnUnknownKey) {
  expect_refused(forged("\"step\": 200", "\"step\": 200, \"pace\": 1"), "\"pace\" is unknown");
}

TEST(ManifestText, IsRefusedWithAKeyMissing) {
  expect_refused(forged("\"step\": 200,", ""), "\"step\" is missing");
}

TEST(ManifestValues, AreOfTheirTypes) {
  expect_refused(forged("\"step\": 200", "\"step\": -1"), "\"step\"");
  expect_refused(forged("\"step\": 200", "\"step\": 200.0"), "\"step\"");
  expect_refused(forged("\"seed\": \"7\"", "\"seed\": 7"), "\"seed\" is neither a string");
  expect_refused(forged("\"seed\": \"7\"", "\"seed\": {\"hex\": \"f\"}"), "\"seed\" is neither");
  expect_refused(forged("\"Infinity\"", "\"infinite\""), "\"loss\" is not a number");
  expect_refused(forged("\"2026-01-31T", "\"2026-01-31 "), "the time of creation is malformed");
}

TEST(ManifestValues, HaveRunIdsOfHexDigits) {
  expect_refused(forged("0123456789abcdef", "0123456789ABCDEF"), "the run id is malformed");
  expect_refused(forged("0123456789abcdef", "0123456789abcde"), "the run id is malformed");
}

TEST(ManifestFiles, LieInTheCheckpointItself) {
  for (const char* name : {"", ".", "..", "/etc/passwd", "../catalog.json", "a/b", "a\\u0000"}) {
    expect_refused(forged("\"catalog.json\"", "\"" + std::string(name) + "\""),
                   "a file name is not allowed");
    expect_refused(forged("\"metrics.csv\"", "\"" + std::string(name) + "\""),
                   "a file name is not allowed");
  }
}

TEST(ManifestFiles, AreListedOnce) {
  expect_refused(forged("\"catalog.json\"", "\"shard-00000-of-00001.h5\""), "listed twice");
}

TEST(ManifestFiles, HaveOneDigestForEachBlock) {
  for (const char* bytes : {"1048576", "2097153", "9223372036854775807"}) {
    expect_refused(forged("1048577", bytes), "one digest for each block");
  }
  expect_refused(forged("\"bytes\": 10,", "\"bytes\": 0,"), "one digest for each block");
}

TEST(ManifestFiles, HaveDigestsOf32HexDigits) {
  expect_refused(forged(Digest{3, 4}.hex(), Digest{3, 4}.hex() + "0"), "32 lower-case hex digits");
  expect_refused(forged(Digest{3, 4}.hex(), "not a digest"), "32 lower-case hex digits");
}

}  // namespace
}  // namespace holdfast::format

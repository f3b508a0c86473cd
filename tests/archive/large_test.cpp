// Models whose weights are what matters about them: megabytes, many features, many outputs.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "aprender/compatibility.hpp"
#include "archive/rebuild.hpp"
#include "archive/samples.hpp"
#include "container/safetensors.hpp"
#include "container/zip.hpp"
#include "in_memory.hpp"
#include "kernel/little_endian.h"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

FitReport report(Eigen::Index n_features) {
  FitReport made = samples::report(n_features);
  made.fit_intercept = true;
  return made;
}

/// Weights that repeat nowhere.
Eigen::VectorXd weights(Eigen::Index n) {
  return Eigen::VectorXd::NullaryExpr(n, [](Eigen::Index j) { return std::sin(static_cast<double>(j)); });
}

ModelArchive wide(Eigen::Index features) {
  return {AnyModel(LinearModel<double>(weights(features), 0.5)), Ridge{}, report(features), {.name = "wide"}};
}

/// A line of /proc/self/status, in bytes.
double memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != name + ":") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

/// Resident memory that `work` needs beyond what is held before.
template <class Work>
double peak_of(const Work& work) {
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): the peak starts anew
  const double before = memory("VmRSS");
  work();
  return memory("VmHWM") - before;
}

// AddressSanitizer keeps a byte for every eight that are looked at.
#if defined(__SANITIZE_ADDRESS__)
constexpr double shadow = 0.125;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr double shadow = 0.125;
#else
constexpr double shadow = 0;
#endif
#else
constexpr double shadow = 0;
#endif

TEST(Large, LoadingAndSavingTakeATenthMoreThanTheWeights) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "wide.aprender";
  const Eigen::Index features = 16'000'000;
  const double size = 8.0 * static_cast<double>(features);
  {
    const ModelArchive archive = wide(features);
    // of the file that is read back; where the bytes of a number come in the other order, of both files
    const double copies = std::endian::native == std::endian::little ? 0 : 2;
    EXPECT_LT(peak_of([&] { ASSERT_TRUE(archive.save(file)); }), (0.1 + shadow + copies) * size);
  }
  for (const bool map_file : {false, true}) {
    EXPECT_LT(peak_of([&] { ASSERT_TRUE(ModelArchive::load(file, {.map_file = map_file})); }),
              (1.1 + 2 * shadow) * size)  // of the file and of the weights
        << map_file;
  }
}

TEST(Large, IsTheSameHoweverItIsLoaded) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "wide.aprender";
  for (const Eigen::Index features : {1'000, 500'000, 600'000, 9'000'000}) {  // below and above what is read ahead
    const ModelArchive archive = wide(features);
    ASSERT_TRUE(archive.save(file));
    for (const int threads : {1, 2}) {
      for (const bool map_file : {false, true}) {
        const auto loaded = ModelArchive::load(file, {.threads = threads, .map_file = map_file});
        ASSERT_TRUE(loaded) << loaded.error().context;
        EXPECT_EQ(loaded->id(), archive.id());
        EXPECT_TRUE(samples::same_bits(loaded->any_model(), archive.any_model()));
      }
    }
  }
}

TEST(Large, EveryKindOfModelIsReadToWhereItStays) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "wide.aprender";
  const auto check = [&]<class Scalar>(Scalar) {
    const Eigen::Index n = 150'000;
    const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> w = weights(n).cast<Scalar>();
    const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> several = w.reshaped(n / 3, 3);
    const Eigen::Matrix<Scalar, 1, Eigen::Dynamic> b = several.row(5);
    const LogisticRegression logistic;
    for (const ModelArchive& archive :
         {ModelArchive(AnyModel(LinearModel<Scalar>(w, Scalar{1})), Ridge{}, report(n), {.name = "vector"}),
          ModelArchive(AnyModel(LinearModel<Scalar, Eigen::Dynamic>(several, b)), Ridge{}, report(n / 3),
                       {.name = "m"}),
          ModelArchive(AnyModel(LinearModel<Scalar, Eigen::Dynamic>(w, b.head(1))), Ridge{}, report(n),
                       {.name = "one"}),
          ModelArchive(AnyModel(LogisticModel<Scalar>(w.transpose(), b.head(1), {0, 1})), logistic, report(n),
                       {.name = "b"}),
          ModelArchive(AnyModel(LogisticModel<Scalar>(several.transpose(), b, {0, 1, 2})), logistic, report(n / 3),
                       {.name = "classes"})}) {
      ASSERT_TRUE(archive.save(file));
      for (const int threads : {1, 2}) {
        const auto loaded = ModelArchive::load(file, {.threads = threads});
        ASSERT_TRUE(loaded) << archive.description().name << ": " << loaded.error().context;
        EXPECT_TRUE(samples::same_bits(loaded->any_model(), archive.any_model())) << archive.description().name;
      }
    }
  };
  check(float{});
  check(double{});
}

TEST(Large, ADetachedSignatureIsOverEveryByteHoweverItIsLoaded) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "wide.aprender", other = directory / "other.aprender";
  const auto key = PrivateKey::generate(Curve::p256);
  ASSERT_TRUE(wide(600'000).save(file));
  ASSERT_TRUE(wide(600'001).save(other));
  ASSERT_TRUE(sign_file(file, key));
  for (const int threads : {1, 2}) {
    for (const bool map_file : {false, true}) {
      const LoadOptions options = {.trust = {.keys = {key.public_key()}}, .threads = threads, .map_file = map_file};
      std::filesystem::copy_file(directory / "wide.aprender.sig", directory / "other.aprender.sig",
                                 std::filesystem::copy_options::overwrite_existing);
      const auto loaded = ModelArchive::load(file, options);
      ASSERT_TRUE(loaded) << loaded.error().context;
      EXPECT_EQ(loaded->signed_by(), key.public_key().fingerprint());
      const auto refused = ModelArchive::load(other, options);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::signature_mismatch) << refused.error().context;
    }
  }
}

TEST(Large, AFlippedBitIsNoticedHoweverItIsLoaded) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "wide.aprender";
  const ModelArchive archive = wide(600'000);
  auto bytes = archive.to_bytes();
  ASSERT_TRUE(archive.save(file));
  const auto flip = [&](std::streamoff at) {
    std::fstream edited(file, std::ios::binary | std::ios::in | std::ios::out);
    edited.seekg(at);
    const int byte = edited.get();
    edited.seekp(at);
    edited.put(static_cast<char>(byte ^ 1));
  };
  const auto size = static_cast<std::streamoff>(bytes.size());
  // headers that the place of the weights is guessed from, the weights' first, middle and last bytes, the directory
  for (const std::streamoff at :
       {std::streamoff{22}, std::streamoff{27}, std::streamoff{600}, size / 4, size / 2, size - 400, size - 10}) {
    flip(at);
    auto& byte = bytes[static_cast<std::size_t>(at)];
    byte ^= std::byte{1};
    const auto expected = ModelArchive::from_bytes(bytes);
    ASSERT_FALSE(expected) << at;
    EXPECT_EQ(expected.error().code, ErrorCode::malformed_container) << at << ": " << expected.error().context;
    for (const int threads : {1, 2}) {
      for (const bool map_file : {false, true}) {
        const auto loaded = ModelArchive::load(file, {.threads = threads, .map_file = map_file});
        ASSERT_FALSE(loaded) << at;
        EXPECT_EQ(loaded.error().code, expected.error().code) << at;
        EXPECT_EQ(loaded.error().context, expected.error().context) << at;
      }
    }
    byte ^= std::byte{1};
    flip(at);
  }
  EXPECT_TRUE(ModelArchive::load(file));
}

TEST(Large, AWeightThatIsNotFiniteIsNoticedInEitherHalf) {
  const support::TemporaryDirectory directory;
  const Eigen::Index features = 9'000'000;
  auto members = rebuild::members_of(wide(features).to_bytes());
  auto& file = rebuild::member(members, "weights.safetensors");
  for (const Eigen::Index j : {Eigen::Index{5}, features - 5}) {
    auto nan = std::bit_cast<std::array<std::byte, 8>>(std::numeric_limits<double>::quiet_NaN());
    if constexpr (std::endian::native != std::endian::little) std::ranges::reverse(nan);
    const auto at = file.size() - static_cast<std::size_t>(features + 1 - j) * 8;
    std::array<std::byte, 8> old{};
    std::memcpy(old.data(), &file[at], 8);
    std::memcpy(&file[at], nan.data(), 8);
    const auto bytes = rebuild::archive_of(members);
    std::ofstream(directory / "nan", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    for (const bool map_file : {false, true}) {
      const auto loaded = ModelArchive::load(directory / "nan", {.map_file = map_file});
      ASSERT_FALSE(loaded);
      EXPECT_EQ(loaded.error().code, ErrorCode::non_finite) << loaded.error().context;
      EXPECT_NE(loaded.error().context.find("element " + std::to_string(j)), std::string::npos)
          << loaded.error().context;
    }
    std::memcpy(&file[at], old.data(), 8);
  }
}

TEST(Large, WhatIsReadAheadOfTheChecksIsRefusedAsFromMemory) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "edited.aprender";
  constexpr std::size_t features = 100'000;
  const auto original = rebuild::members_of(wide(features).to_bytes());
  const auto tensors = [](const std::vector<std::uint64_t>& coefficients, const std::vector<std::uint64_t>& intercept) {
    const auto of = [](const std::string& name, const std::vector<std::uint64_t>& shape, const rebuild::Bytes& zeros) {
      std::uint64_t size = 8;
      for (const std::uint64_t extent : shape) size *= extent;
      return container::Tensor{name, container::Dtype::f64, shape, std::span(zeros).first(in_memory(size))};
    };
    const rebuild::Bytes zeros(8 * features);
    return container::write_safetensors(
               std::array{of("coefficients", coefficients, zeros), of("intercept", intercept, zeros)})
        .joined();
  };
  const auto refused_alike = [&](const std::string& what, std::string_view member, const rebuild::Bytes& edited,
                                 const Limits& limits = {}) {
    SCOPED_TRACE(what);
    auto members = original;
    rebuild::member(members, member) = edited;
    const auto bytes = rebuild::archive_of(members);
    const auto expected = ModelArchive::from_bytes(bytes, {.limits = limits});
    ASSERT_FALSE(expected);
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    for (const int threads : {1, 2}) {
      const auto loaded = ModelArchive::load(file, {.limits = limits, .threads = threads});
      ASSERT_FALSE(loaded);
      EXPECT_EQ(loaded.error().code, expected.error().code);
      EXPECT_EQ(loaded.error().context, expected.error().context);
    }
  };
  for (const auto& [what, metadata] :
       std::vector<std::pair<std::string, std::string>>{{"no metadata", ""},
                                                        {"no message", "\xff\xff\xff"},
                                                        {"no estimator", std::string("\x08\x01", 2)},
                                                        {"an empty estimator", std::string("\x1a\0", 2)}}) {
    refused_alike(what, "metadata.pb", rebuild::to_bytes(metadata));
  }
  rebuild::Bytes weights = original.back().second;
  weights[8] = std::byte{'x'};
  refused_alike("no JSON", "weights.safetensors", weights);
  weights[7] = std::byte{0xff};
  refused_alike("a header of 2^63 bytes", "weights.safetensors", weights);
  const auto header_of = [](std::string json, std::size_t size) {
    json.resize(size, ' ');
    rebuild::Bytes header(8);
    EXPECT_NE(aprender_store_u64(reinterpret_cast<std::uint8_t*>(header.data()), size), nullptr);
    std::ranges::transform(json, std::back_inserter(header), [](char c) { return static_cast<std::byte>(c); });
    return header;
  };
  rebuild::Bytes long_header = header_of("", 200'000);
  long_header.insert(long_header.end(), 8 * features, std::byte{});
  refused_alike("a header longer than what is read at first", "weights.safetensors", long_header);
  refused_alike("a header longer than is allowed", "weights.safetensors", long_header,
                {.safetensors_header_bytes = 10'000});
  refused_alike("a padded header without tensors", "weights.safetensors", header_of("{}", 300'000));
  refused_alike("three dimensions", "weights.safetensors", tensors({1, 1, features}, {1}));
  refused_alike("a scalar", "weights.safetensors", tensors({}, {features}));
  refused_alike("no coefficients", "weights.safetensors", tensors({0}, {features}));
  refused_alike("one feature more", "weights.safetensors", tensors({features - 1}, {1}));
}

// Weights that claim to reach into the end of the directory, by which the file is read: what was read to where they
// seemed to belong has to be looked at all the same.
TEST(Large, AWrongGuessIsRefusedAsFromMemory) {
  constexpr std::size_t features = 100'000;
  auto members = rebuild::members_of(wide(features).to_bytes());
  const auto file_of = [&](std::size_t claimed) {
    const rebuild::Bytes zeros(8 * claimed);
    const auto tensor = [&](const std::string& name, std::size_t count) {
      return container::Tensor{name, container::Dtype::f64, {count}, std::span(zeros).first(8 * count)};
    };
    auto weights =
        container::write_safetensors(std::array{tensor("coefficients", claimed), tensor("intercept", 1)}).joined();
    weights.resize(weights.size() - 8 * (claimed - features));
    rebuild::member(members, "weights.safetensors") = weights;
    return rebuild::archive_of(members);
  };
  const auto place = [](const rebuild::Bytes& bytes) { return container::guess_members(bytes, bytes.size())->weights; };
  const auto behind_the_weights = [&](const rebuild::Bytes& bytes) {
    return bytes.size() - in_memory(place(bytes).offset + place(bytes).size);
  };
  const std::size_t more = behind_the_weights(file_of(features)) / 8;
  rebuild::Bytes bytes = file_of(features + more);
  const auto signature = rebuild::to_bytes("PK\x03\x04");
  const auto header = std::find_end(bytes.begin(), bytes.end(), signature.begin(), signature.end());  // the last member
  for (const std::ptrdiff_t field : {18, 22}) {  // compressed and not, APPNOTE 4.3.7
    auto* size = reinterpret_cast<std::uint8_t*>(&header[field]);
    ASSERT_NE(aprender_store_u32(size, aprender_load_u32(size) + static_cast<std::uint32_t>(8 * more)), nullptr);
  }
  ASSERT_LT(behind_the_weights(bytes), 8);
  const auto expected = ModelArchive::from_bytes(bytes);
  ASSERT_FALSE(expected);
  const support::TemporaryDirectory directory;
  std::ofstream(directory / "edited", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  for (const int threads : {1, 2}) {
    const auto loaded = ModelArchive::load(directory / "edited", {.threads = threads});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, expected.error().code);
    EXPECT_EQ(loaded.error().context, expected.error().context);
  }
}

TEST(Large, ManyOutputsKeepTheirMetadataWithinTheLimit) {
  const Eigen::MatrixXd w = Eigen::MatrixXd::Random(20, 5'000);
  const ModelArchive targets(AnyModel(LinearModel<double, Eigen::Dynamic>(w, Eigen::RowVectorXd::Ones(5'000))), Ridge{},
                             report(20), {.name = "targets"});
  const ModelArchive classes(
      AnyModel(LogisticModel<double>(w.transpose().topRows(3'000), Eigen::RowVectorXd::Zero(3'000),
                                     [] {
                                       std::vector<std::int64_t> labels(3'000);
                                       std::iota(labels.begin(), labels.end(), 0);
                                       return labels;
                                     }())),
      LogisticRegression{}, report(20), {.name = "classes"});
  for (const ModelArchive* archive : {&targets, &classes}) {
    EXPECT_LT(archive->members()[0].size, Limits{}.metadata_bytes);
    const auto loaded = ModelArchive::from_bytes(archive->to_bytes());
    ASSERT_TRUE(loaded) << loaded.error().context;
    EXPECT_TRUE(samples::same_bits(loaded->any_model(), archive->any_model()));
  }
}

TEST(Large, TheContractOfAWideModelNoticesAnotherWeight) {
  const Eigen::Index features = 100'000;
  const ModelArchive archive = wide(features);
  Eigen::VectorXd other = weights(features);
  other(0) += 1e-6;
  const ModelArchive changed(AnyModel(LinearModel<double>(other, 0.5)), Ridge{}, report(features), {.name = "wide"});
  EXPECT_EQ(compatibility(archive, archive).level, Compatibility::identical);
  EXPECT_EQ(compatibility(archive, changed).level, Compatibility::output_changed);
}

}  // namespace
}  // namespace aprender

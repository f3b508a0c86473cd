/// An archive is written to the same bytes, is loaded again, and predicts the same bits then.
#include "aprender/archive.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "aprender/compatibility.hpp"
#include "fuzz/mutate_archive.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace aprender;

/// What a model answers to a few rows of no particular numbers.
std::vector<double> answers(const AnyModel& any) {
  std::vector<double> all;
  std::visit(
      [&](const auto& model) {
        using Scalar = typename std::decay_t<decltype(model)>::Scalar;
        const auto x = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>::NullaryExpr(
            3, model.n_features(),
            [](Eigen::Index i, Eigen::Index j) { return Scalar(std::sin(static_cast<double>(1 + i + 3 * j))); });
        const auto append = [&](const auto& matrix) {
          for (Eigen::Index i = 0; i < matrix.size(); ++i) all.push_back(static_cast<double>(matrix.data()[i]));
        };
        append(model.predict(x).eval());
        if constexpr (requires { model.predict_proba(x); }) append(model.predict_proba(x).eval());
      },
      any);
  return all;
}

/// The same number or both none: bits, but for those of a NaN.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

template <class Model>
void require_model(const ModelArchive& archive) {
  const auto model = archive.model<Model>();
  if (!model) fuzz::require_refusal(model.error(), {ErrorCode::wrong_model_type, ErrorCode::lossy_conversion});
  const bool stored = std::holds_alternative<Model>(archive.any_model());
  fuzz::require(!stored || model.has_value(), "a model is what it is stored as");
}

void require_refused_by_name(const Error& error) {
  fuzz::require_refusal(error,
                        {ErrorCode::limit_exceeded, ErrorCode::malformed_container, ErrorCode::wrong_entries,
                         ErrorCode::malformed_manifest, ErrorCode::unsupported_version, ErrorCode::unsupported_feature,
                         ErrorCode::size_mismatch, ErrorCode::checksum_mismatch, ErrorCode::signature_stripped,
                         ErrorCode::malformed_signature, ErrorCode::signature_mismatch, ErrorCode::malformed_metadata,
                         ErrorCode::inconsistent_metadata, ErrorCode::malformed_safetensors, ErrorCode::wrong_tensors,
                         ErrorCode::non_finite, ErrorCode::numeric_contract_broken});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto archive = ModelArchive::from_bytes(bytes);
  if (!archive) {
    require_refused_by_name(archive.error());
    return 0;
  }
  const std::vector<std::byte> written = archive->to_bytes();
  fuzz::require(std::ranges::equal(written, bytes), "written again, the archive is the same");
  const auto again = ModelArchive::from_bytes(written);
  fuzz::require(again.has_value(), "what was loaded once is loaded again");
  fuzz::require(again->id() == archive->id(), "it has the same id");
  fuzz::require(same(answers(again->any_model()), answers(archive->any_model())), "it predicts the same bits");
  fuzz::require(compatibility(*archive, *again).level == Compatibility::identical, "it is identical to itself");

  require_model<LinearModel<double>>(*archive);
  require_model<LinearModel<float>>(*archive);
  require_model<LinearModel<double, Eigen::Dynamic>>(*archive);
  require_model<LinearModel<float, Eigen::Dynamic>>(*archive);
  require_model<LogisticModel<double>>(*archive);
  require_model<LogisticModel<float>>(*archive);

  if (archive->members().size() + 3 > Limits{}.entries) return 0;
  const ModelArchive with_note = archive->attach("note", bytes.first(std::min<std::size_t>(size, 100)));
  const auto noted = ModelArchive::from_bytes(with_note.to_bytes());
  fuzz::require(noted.has_value(), noted ? "" : to_string(noted.error()));
  fuzz::require(same(answers(noted->any_model()), answers(archive->any_model())), "a note changes no prediction");
  return 0;
}

/// Mutates a member or the manifest, and mostly puts right what has to fit it: sizes, digests, numeric contract.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  fuzz::Random random(seed);
  const auto mutated = fuzz::mutate_archive(std::as_bytes(std::span(data, size)), random);
  if (mutated.empty() || mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}

// Files that are not what they were: nothing of a model exists until everything about its archive has been checked.
//
// Shows: what a load answers to damage, and the one switch over ErrorCode that turns it into advice. The switch has no
// default, so that the compiler points at it when a code is added.
// Checks: whichever byte of the archive is changed and wherever it is cut, it is refused, or the model is the very
// same.

#include <cstdlib>
#include <iostream>

#include <aprender/archive.hpp>

#include "read_csv.hpp"

namespace {

using aprender::ErrorCode;
using aprender::ModelArchive;

const char* advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::cannot_open:
    case ErrorCode::not_regular_file:
    case ErrorCode::cannot_read:
    case ErrorCode::cannot_write:
      return "check path, permissions and disk";
    case ErrorCode::out_of_memory:
      return "close other programs, or try a larger machine";
    case ErrorCode::limit_exceeded:
      return "raise a limit, if you expect an archive of this size";
    case ErrorCode::unsupported_version:
    case ErrorCode::unsupported_feature:
      return "update aprender";
    case ErrorCode::unsigned_archive:
    case ErrorCode::signature_stripped:
    case ErrorCode::malformed_signature:
    case ErrorCode::signature_mismatch:
    case ErrorCode::untrusted_key:
    case ErrorCode::bad_signature:
    case ErrorCode::version_too_old:
      return "do not use it: nobody whom you trust vouches for it";
    case ErrorCode::malformed_key:
    case ErrorCode::expired_key:
    case ErrorCode::wrong_curve:
      return "get a valid public key from the author";
    case ErrorCode::malformed_container:
    case ErrorCode::wrong_entries:
    case ErrorCode::parsers_disagree:
    case ErrorCode::malformed_manifest:
    case ErrorCode::size_mismatch:
    case ErrorCode::checksum_mismatch:
    case ErrorCode::malformed_metadata:
    case ErrorCode::inconsistent_metadata:
    case ErrorCode::malformed_safetensors:
    case ErrorCode::wrong_tensors:
    case ErrorCode::non_finite:
      return "fetch the archive again; do not use this copy";
    case ErrorCode::numeric_contract_broken:
      return "this machine does not compute what the author's did: do not use the model here";
    case ErrorCode::wrong_model_type:
    case ErrorCode::lossy_conversion:
      return "ask for the model that inspect says is in there";
    case ErrorCode::unusable_data:
      return "correct the data";
  }
  return "";
}

template <class T>
void show(const char* what, const aprender::Result<T>& result) {
  std::cout << what << ": ";
  if (result) {
    std::cout << "accepted\n";
  } else {
    std::cout << to_string(result.error()) << "\n  -> " << advice(result.error().code) << "\n";
  }
}

}  // namespace

int main() {
  const Table longley = read_csv(data_folder / "longley.csv");
  const auto fit = aprender::LinearRegression{}.fit(longley.X, longley.y());
  const ModelArchive archive(fit, {.name = "longley", .features = longley.features, .targets = {longley.target}});
  const auto bytes = archive.to_bytes();

  auto flipped = bytes;
  flipped[flipped.size() / 2] ^= std::byte{1};
  const auto half = std::span(bytes).first(bytes.size() / 2);

  show("the archive as it was written", ModelArchive::from_bytes(bytes));
  show("one bit flipped", ModelArchive::from_bytes(flipped));
  show("half of the file", ModelArchive::from_bytes(half));
  show("a text file", ModelArchive::load(data_folder / "longley.csv"));
  show("a folder", ModelArchive::load(data_folder));
  show("no such file", ModelArchive::load("nowhere.aprender"));
  show("a limit of 1,000 bytes", ModelArchive::from_bytes(bytes, {.limits = {.archive_bytes = 1000}}));
  show("a classifier, please", archive.model<aprender::LogisticModel<double>>());

  std::size_t refused = 0;
  std::size_t wrong = 0;
  const auto count = [&](std::span<const std::byte> damaged) {
    const auto loaded = ModelArchive::from_bytes(damaged);
    if (!loaded) {
      ++refused;
    } else if (const auto model = loaded->model<aprender::LinearModel<double>>();
               !model || model->coefficients() != fit.model.coefficients()) {
      ++wrong;
    }
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x20};
    count(damaged);
    count(std::span(bytes).first(i));
  }

  const bool fine = wrong == 0 && refused > 0 && ModelArchive::from_bytes(bytes).has_value();
  std::cout << 2 * bytes.size() << " damaged copies: " << refused << " refused, " << wrong << " wrong models, "
            << (fine ? "as it should be" : "WRONG") << "\n";
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

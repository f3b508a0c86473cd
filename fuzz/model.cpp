/// A model of any finite weights is written to an archive that is loaded again, to the same bits.
#include <cstring>

#include "fuzz/mutate_archive.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  fuzz::Random choices(std::as_bytes(std::span(data, size)));
  const ModelArchive archive = fuzz::random_archive(choices);
  const std::vector<std::byte> bytes = archive.to_bytes();
  const auto loaded = ModelArchive::from_bytes(bytes);
  fuzz::require(loaded.has_value(), loaded ? "" : to_string(loaded.error()));
  fuzz::require(loaded->to_bytes() == bytes && loaded->id() == archive.id(), "written again, it is the same archive");
  std::visit(
      [&](const auto& model) {
        using Model = std::remove_cvref_t<decltype(model)>;
        const auto& again = std::get<Model>(loaded->any_model());
        const auto n = static_cast<std::size_t>(model.coefficients().size()) * sizeof(typename Model::Scalar);
        fuzz::require(std::memcmp(again.coefficients().data(), model.coefficients().data(), n) == 0,
                      "every weight is the same bits");
      },
      archive.any_model());
  return 0;
}

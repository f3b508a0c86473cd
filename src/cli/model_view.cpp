#include "cli/model_view.hpp"

#include <charconv>
#include <concepts>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "aprender/compatibility.hpp"
#include "cli/failure.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

std::optional<std::tm> utc_of(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm utc{};
  if (::gmtime_r(&time, &utc) == nullptr) return {};
  return utc;
}

double with_digits_of(double value) { return value; }

double with_digits_of(float value) {
  const std::string digits = fmt::format("{}", value);  // the shortest that round-trip
  double result = 0.0;
  std::from_chars(digits.data(), digits.data() + digits.size(), result);
  return result;
}

template <class Coefficients, class Intercept>
Weights weights(const Coefficients& by_output, const Intercept& intercept) {
  using Scalar = typename Coefficients::Scalar;
  Weights result{.coefficients = {}, .intercept = {}, .dtype = std::same_as<Scalar, float> ? "float32" : "float64"};
  for (Eigen::Index k = 0; k < by_output.rows(); ++k) {
    auto& row = result.coefficients.emplace_back();
    for (Eigen::Index j = 0; j < by_output.cols(); ++j) row.push_back(with_digits_of(Scalar(by_output(k, j))));
    result.intercept.push_back(with_digits_of(Scalar(intercept(k))));
  }
  return result;
}

template <class Scalar>
Weights weights_of(const LinearModel<Scalar>& model) {
  return weights(model.coefficients().transpose(), Eigen::Matrix<Scalar, 1, 1>(model.intercept()));
}
template <class Scalar>
Weights weights_of(const LinearModel<Scalar, Eigen::Dynamic>& model) {
  return weights(model.coefficients().transpose(), model.intercept());
}
template <class Scalar>
Weights weights_of(const LogisticModel<Scalar>& model) {
  return weights(model.coefficients(), model.intercept());
}

}  // namespace

ModelArchive load(const std::string& file, const LoadOptions& options) {
  const Progress progress("loading " + file);
  return value_or_fail(ModelArchive::load(file, options), file);
}

std::string signature_in_words(const ModelArchive& archive) {
  if (archive.signed_by()) return "verified, by the key " + *archive.signed_by();
  return archive.has_signature() ? "embedded, not verified: no --trust KEY.pub.pem is given" : "none embedded";
}

std::optional<std::string> claimed_compatibility(const ModelArchive& archive) {
  const Compatibility level = archive.description().compatibility;
  return level == Compatibility::unspecified ? std::nullopt : std::optional(std::string(name(level)));
}

std::string compatibility_in_words(const ModelArchive& archive) {
  const auto level = claimed_compatibility(archive);
  return level ? *level + ", says the author of the version before" : "";
}

Weights weights(const AnyModel& any) {
  return std::visit([](const auto& model) { return weights_of(model); }, any);
}

std::string time_in_words(std::int64_t unix_seconds) {
  const auto utc = utc_of(unix_seconds);
  return utc ? fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", *utc) : fmt::format("{} s after 1970", unix_seconds);
}

std::optional<std::string> timestamp(std::int64_t unix_seconds) {
  const auto utc = utc_of(unix_seconds);
  if (!utc || utc->tm_year < -1900 || utc->tm_year > 8099) return {};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc->tm_year + 1900, utc->tm_mon + 1, utc->tm_mday,
                     utc->tm_hour, utc->tm_min, utc->tm_sec);
}

std::string feature_name(const Schema& schema, std::size_t j) {
  return schema.features.named() ? schema.features.list()[j].name : fmt::format("x[{}]", j);
}

std::vector<std::string> class_names(const Schema& schema) {
  if (!schema.classes) return {};
  if (const auto* text = std::get_if<std::vector<std::string>>(&*schema.classes)) return *text;
  std::vector<std::string> names;
  for (const std::int64_t label : std::get<std::vector<std::int64_t>>(*schema.classes)) {
    names.push_back(std::to_string(label));
  }
  return names;
}

std::vector<std::string> output_names(const Schema& schema) {
  if (!schema.classes) return schema.targets;
  std::vector<std::string> names = class_names(schema);
  if (names.size() == 2) names.erase(names.begin());
  return names;
}

}  // namespace aprender::cli

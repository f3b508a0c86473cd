/// Text labels of classes as the integers that classifiers work with.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

namespace aprender {

/// Any range of strings that can be gone through more than once.
template <class R>
concept TextLabels = std::ranges::forward_range<const R> &&
    std::convertible_to<std::ranges::range_reference_t<const R>, std::string_view>;

struct EncodedLabels {
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> values;  ///< positions in `classes`
  std::vector<std::string> classes;                       ///< each label once, in the order of their bytes
};

template <TextLabels R>
[[nodiscard]] EncodedLabels encode_labels(const R& labels) {
  EncodedLabels encoded;
  std::vector<std::string_view> views;
  if constexpr (std::ranges::sized_range<const R>) views.reserve(std::ranges::size(labels));
  for (const auto& label : labels) views.emplace_back(label);
  std::vector<std::string_view> classes = views;
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  encoded.values.resize(static_cast<Eigen::Index>(views.size()));
  for (std::size_t i = 0; i < views.size(); ++i) {
    encoded.values(static_cast<Eigen::Index>(i)) =
        std::lower_bound(classes.begin(), classes.end(), views[i]) - classes.begin();
  }
  encoded.classes.assign(classes.begin(), classes.end());
  return encoded;
}

}  // namespace aprender

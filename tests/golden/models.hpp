/// The archives that are kept for ever: what they are called and how they were made.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "archive/samples.hpp"

namespace aprender::golden {

/// One archive of every type of model, and one with attachments, by the name of its file.
inline std::vector<std::pair<std::string, ModelArchive>> archives() {
  std::vector<ModelArchive> all = samples::archives();
  const char* const names[] = {"ridge-f64",  "ridge-f32",  "targets-f64", "targets-f32",
                               "binary-f64", "binary-f32", "classes-f64", "classes-f32"};
  std::vector<std::pair<std::string, ModelArchive>> named;
  for (std::size_t k = 0; k < all.size(); ++k) named.emplace_back(names[k], std::move(all[k]));
  const std::string text = "# Prices of flats\n";
  named.emplace_back("attached-f64",
                     named.front().second.attach("card.md", std::as_bytes(std::span(text))).attach("empty", {}));
  return named;
}

}  // namespace aprender::golden

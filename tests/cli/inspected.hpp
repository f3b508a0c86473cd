/// A model as `aprender inspect` tells of it.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "cli/process.hpp"

namespace aprender::cli {

inline nlohmann::json inspected(const std::string& file) {
  const Outcome outcome = run({"inspect", "--json", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return nlohmann::json::parse(outcome.out);
}

}  // namespace aprender::cli

/// Commands run on the diabetes data, and refused.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/process.hpp"

namespace aprender::cli {

class OnDiabetes : public Command {
 protected:
  explicit OnDiabetes(std::string command) : command_(std::move(command)) {}

  [[nodiscard]] std::vector<std::string> arguments(const std::string& estimator,
                                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {command_,   "--estimator", estimator, "--data", data("diabetes.csv"),
                                    "--target", "progression"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void expect_refused(const std::string& estimator, const std::vector<std::string>& more, const std::string& message,
                      int exit_code = 2) const {
    const Outcome outcome = run(arguments(estimator, more));
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
    EXPECT_TRUE(files().empty());
  }

 private:
  std::string command_;
};

}  // namespace aprender::cli

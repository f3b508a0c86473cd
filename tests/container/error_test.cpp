#include "aprender/error.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace aprender {
namespace {

TEST(Error, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  const auto last = static_cast<std::uint8_t>(ErrorCode::unusable_data);
  for (std::uint8_t code = 0; code <= last; ++code) {
    const std::string_view spelled = name(static_cast<ErrorCode>(code));
    EXPECT_EQ(spelled.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), spelled.npos) << spelled;
    names.insert(spelled);
  }
  EXPECT_EQ(names.size(), last + 1U);
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(name(static_cast<ErrorCode>(last + 1)), "unknown");
  EXPECT_EQ(name(ErrorCode::checksum_mismatch), "checksum_mismatch");
}

TEST(Error, IsOneLineForPeople) {
  EXPECT_EQ(to_string({ErrorCode::cannot_open, "a.csv: No such file or directory"}),
            "cannot_open: a.csv: No such file or directory");
  EXPECT_EQ(to_string({ErrorCode::non_finite, ""}), "non_finite");
}

}  // namespace
}  // namespace aprender

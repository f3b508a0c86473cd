#include "container/base64.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace aprender::container {
namespace {

TEST(Base64, IsThatOfRfc4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    const auto raw = std::as_bytes(std::span(bytes));
    EXPECT_EQ(to_base64(raw), text);
    const auto back = from_base64(text);
    ASSERT_TRUE(back.has_value()) << text;
    EXPECT_TRUE(std::ranges::equal(*back, raw));
  }
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zg==Zg==", "====", "Zm9-", "Z===", "=m9v"}) {
    EXPECT_FALSE(from_base64(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace aprender::container

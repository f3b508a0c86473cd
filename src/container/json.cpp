#include "container/json.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "container/text.hpp"
#include "kernel/checked.h"

namespace aprender::container {

using nlohmann::json;

Result<json> parse_json(std::span<const std::byte> bytes, const JsonPart& part) {
  using Event = json::parse_event_t;
  bool too_deep = false;
  std::string twice;                             // the first key that an object has two of
  std::vector<std::set<std::string>> keys = {};  // of the objects open
  const auto keep = [&](int depth, Event event, json& parsed) {
    too_deep = too_deep || ((event == Event::object_start || event == Event::array_start) &&
                            static_cast<std::uint32_t>(depth) >= part.max_depth);
    if (part.unique_keys && event == Event::object_start) keys.emplace_back();
    if (part.unique_keys && event == Event::object_end) keys.pop_back();
    if (part.unique_keys && event == Event::key && !keys.back().insert(parsed.get<std::string>()).second &&
        twice.empty()) {
      twice = in_quotes(parsed.get_ref<const std::string&>());
    }
    return !too_deep;
  };
  const std::string_view text = as_text(bytes);
  const std::string where(part.name);
  const auto refuse = [&](const std::string& what) {
    if (too_deep) {
      return tl::unexpected(Error{ErrorCode::limit_exceeded,
                                  where + ": JSON nested deeper than " + std::to_string(part.max_depth) + " levels"});
    }
    return tl::unexpected(Error{part.malformed, where + ": " + what});
  };
  if (text.starts_with("\xef\xbb\xbf")) return refuse("starts with a byte order mark");
  // The parser takes it for the end of its input, other readers do not.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    return refuse("no JSON at byte " + std::to_string(zero + 1) + ", a zero byte");
  }
  try {
    json value = json::parse(text.begin(), text.end(), keep);
    if (too_deep) return refuse("");
    if (!twice.empty()) return refuse("the key " + twice + " twice in one object");
    return value;
  } catch (const json::parse_error& error) {
    return refuse("no JSON at byte " + std::to_string(error.byte));
  } catch (const json::out_of_range&) {
    return refuse("a number out of range");
  }
}

std::optional<std::uint64_t> json_integer(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto integer = value.get<std::uint64_t>();
  if (aprender_is_safe_integer(integer) == 0) return std::nullopt;
  return integer;
}

Result<void> require_canonical(std::span<const std::byte> bytes, std::string_view canonical, const JsonPart& part) {
  const std::string_view text = as_text(bytes);
  if (text == canonical) return {};
  const auto [found, expected] = std::mismatch(text.begin(), text.end(), canonical.begin(), canonical.end());
  const auto show = [](auto from, auto end) {
    return from == end ? std::string("the end")
                       : in_quotes({&*from, std::min<std::size_t>(16, std::size_t(end - from))});
  };
  return tl::unexpected(Error{
      part.malformed, std::string(part.name) + ": not canonical at byte " + std::to_string(found - text.begin()) +
                          ": found " + show(found, text.end()) + ", expected " + show(expected, canonical.end())});
}

}  // namespace aprender::container

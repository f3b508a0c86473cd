/// JSON that is not trusted, as the manifest, the header of safetensors and signatures hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "aprender/error.hpp"

namespace aprender::container {

/// A value and all that it holds. nlohmann::json would do, but its destructor allocates, and where that fails the
/// process ends.
class Json {
 public:
  struct Member;
  using List = std::vector<Json>;
  using Object = std::vector<Member>;  ///< in the order of their keys, each once
  using Value = std::variant<std::nullptr_t, bool, std::uint64_t, double, std::string, List, Object>;

  Json() noexcept;
  explicit Json(Value value) noexcept;
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;
  Json(Json&&) noexcept;
  Json& operator=(Json&&) noexcept;
  ~Json();

  /// The value if it is of that kind, else null.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&value_);
  }
  template <class T>
  [[nodiscard]] T* as() noexcept {
    return std::get_if<T>(&value_);
  }

  /// An integer in [0, 2^53 - 1], written as one.
  [[nodiscard]] std::optional<std::uint64_t> integer() const noexcept;

 private:
  Value value_;
};

struct Json::Member {
  std::string key;
  Json value;
};

// Here, where a Member is known, of which a Json can hold many.
inline Json::Json() noexcept = default;
inline Json::Json(Value value) noexcept : value_(std::move(value)) {}
inline Json::Json(Json&&) noexcept = default;
inline Json& Json::operator=(Json&&) noexcept = default;
inline Json::~Json() = default;

/// The value of that member, or null.
[[nodiscard]] const Json* find(const Json::Object& object, std::string_view key) noexcept;

/// The value of that member if it is of that kind, else null.
template <class T>
[[nodiscard]] const T* find(const Json::Object& object, std::string_view key) noexcept {
  const Json* found = find(object, key);
  return found == nullptr ? nullptr : found->as<T>();
}

/// Where the bytes come from and what to answer if they are not what they should be.
struct JsonPart {
  std::string_view name;  ///< "manifest.json"
  ErrorCode malformed;
  std::uint32_t max_depth;   ///< nesting of objects and arrays
  bool unique_keys = false;  ///< refuse an object with two members of one name
};

/// RFC 8259 in UTF-8, nothing around it. Errors: limit_exceeded (depth), part.malformed. Keeps the last of duplicate
/// keys unless they are refused: the caller compares bytes with require_canonical.
[[nodiscard]] Result<Json> parse_json(std::span<const std::byte> bytes, const JsonPart& part);

/// part.malformed, naming the first byte in which they differ, unless `bytes` are exactly `canonical`.
[[nodiscard]] Result<void> require_canonical(std::span<const std::byte> bytes, std::string_view canonical,
                                             const JsonPart& part);

/// The text as a JSON string, in quotes: nothing escaped but what has to be. In a text that is not UTF-8, U+FFFD stands
/// for every byte beyond ASCII.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace aprender::container

#include "container/json.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "container/text.hpp"
#include "kernel/checked.h"
#include "kernel/text.h"

namespace aprender::container {
namespace {

/// Makes a Json of the events of nlohmann's parser, which keeps nothing itself.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::uint32_t max_depth) : max_depth_(max_depth) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string& /*spelled*/) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(Json::Object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::List()); }
  bool key(std::string& value) override {
    open_.back()->as<Json::Object>()->push_back({std::move(value), Json()});
    return true;
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool end_object() override {
    Json::Object& members = *open_.back()->as<Json::Object>();
    std::ranges::stable_sort(members, {}, &Json::Member::key);
    keep_last_of_each(members);
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t at, const std::string& /*token*/, const nlohmann::json::exception& error) override {
    constexpr int number_out_of_range = 406;
    error_ = error.id == number_out_of_range ? "a number out of range" : "no JSON at byte " + std::to_string(at);
    return false;
  }

  [[nodiscard]] Json take() { return std::move(root_); }
  [[nodiscard]] bool too_deep() const noexcept { return too_deep_; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  [[nodiscard]] const std::optional<std::string>& key_twice() const noexcept { return twice_; }

 private:
  Json& place(Json::Value value) {
    Json* place = &root_;
    if (!open_.empty()) {
      auto* list = open_.back()->as<Json::List>();
      place = list != nullptr ? &list->emplace_back() : &open_.back()->as<Json::Object>()->back().value;
    }
    *place = Json(std::move(value));
    return *place;
  }
  bool add(Json::Value value) {
    place(std::move(value));
    return true;
  }
  bool open(Json::Value value) {
    too_deep_ = open_.size() >= max_depth_;
    if (!too_deep_) open_.push_back(&place(std::move(value)));
    return !too_deep_;
  }
  void keep_last_of_each(Json::Object& members) {
    const auto same_key = [](const Json::Member& a, const Json::Member& b) { return a.key == b.key; };
    const auto twice = std::ranges::adjacent_find(members, same_key);
    if (twice == members.end()) return;
    if (!twice_) twice_ = twice->key;
    const auto first_kept = std::unique(members.rbegin(), members.rend(), same_key).base();
    members.erase(members.begin(), first_kept);
  }

  std::uint32_t max_depth_;
  Json root_;
  std::vector<Json*> open_;  ///< each the last of what the one before it holds
  bool too_deep_ = false;
  std::string error_;
  std::optional<std::string> twice_;  ///< the first key that an object has two of
};

}  // namespace

std::optional<std::uint64_t> Json::integer() const noexcept {
  const auto* value = as<std::uint64_t>();
  if (value == nullptr || aprender_is_safe_integer(*value) == 0) return std::nullopt;
  return *value;
}

const Json* find(const Json::Object& object, std::string_view key) noexcept {
  const auto key_of = [](const Json::Member& member) -> std::string_view { return member.key; };
  const auto found = std::ranges::lower_bound(object, key, {}, key_of);
  return found != object.end() && found->key == key ? &found->value : nullptr;
}

Result<Json> parse_json(std::span<const std::byte> bytes, const JsonPart& part) {
  const std::string where(part.name);
  const auto refuse = [&](const std::string& what) {
    return tl::unexpected(Error{part.malformed, where + ": " + what});
  };
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\xef\xbb\xbf")) return refuse("starts with a byte order mark");
  // The parser takes it for the end of its input, other readers do not.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    return refuse("no JSON at byte " + std::to_string(zero + 1) + ", a zero byte");
  }
  Builder builder(part.max_depth);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  if (builder.too_deep()) {
    return tl::unexpected(Error{ErrorCode::limit_exceeded,
                                where + ": JSON nested deeper than " + std::to_string(part.max_depth) + " levels"});
  }
  if (!parsed) return refuse(builder.error());
  if (part.unique_keys && builder.key_twice()) {
    return refuse("the key " + in_quotes(*builder.key_twice()) + " twice in one object");
  }
  return builder.take();
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

std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef", escaped = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  const bool utf8 = aprender_is_utf8(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) != 0;
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const auto k = escaped.find(c); k != std::string_view::npos) {
      out.append("\\").push_back(letters[k]);
    } else if (byte < 0x20) {
      out.append("\\u00").append({digits[byte >> 4U], digits[byte & 15U]});
    } else if (byte >= 0x80 && !utf8) {
      out += "\xef\xbf\xbd";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace aprender::container

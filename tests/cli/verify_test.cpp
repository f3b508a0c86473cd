// verify: a verdict a file, and the worst of them as the exit code.
#include <nlohmann/json.hpp>

#include "aprender/archive.hpp"
#include "archive/rebuild.hpp"
#include "cli/process.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class Verify : public Command {
 protected:
  void SetUp() override { ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0); }

  [[nodiscard]] rebuild::Bytes bytes() const { return rebuild::to_bytes(read(model_file())); }
  std::string file(const std::string& name, const rebuild::Bytes& content) {
    return Command::file(name, {reinterpret_cast<const char*>(content.data()), content.size()});
  }
  using Command::file;

  /// What verify says of a file, which must be the first line of its output.
  void expect_refused(const std::string& name, int exit_code, const std::string& code) const {
    const Outcome outcome = run({"verify", name});
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out;
    EXPECT_TRUE(outcome.out.starts_with("REFUSED  " + name + "  " + code + ": ")) << outcome.out;
    const Outcome inspected = run({"inspect", name});
    EXPECT_EQ(inspected.exit_code, exit_code);
    EXPECT_EQ(inspected.out, "");
    EXPECT_TRUE(inspected.err.starts_with("aprender: error: ")) << inspected.err;
    const Outcome predicted = run({"predict", name, "--data", data("longley.csv")});
    EXPECT_EQ(predicted.exit_code, exit_code);
    EXPECT_EQ(predicted.out, "");
  }
};

TEST_F(Verify, AGoodArchiveIsNamedWithItsId) {
  const auto id = ModelArchive::load(model_file())->id();
  const Outcome outcome = run({"verify", model_file()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "ok  " + model_file() + "  " + id + "\n");
  EXPECT_EQ(json::parse(run({"verify", "--json", model_file()}).out), json({{{"file", model_file()},
                                                                             {"ok", true},
                                                                             {"code", nullptr},
                                                                             {"context", nullptr},
                                                                             {"archive_id", id},
                                                                             {"signed_by", nullptr}}}));
}

TEST_F(Verify, AFileMayBeCalledLikeACommand) {
  std::filesystem::rename(model_file(), path("inspect"));
  const Setting here{.directory = path("")};
  const Outcome outcome = run({"verify", "inspect", "train"}, here);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("ok  inspect  ")) << outcome.out;
  EXPECT_NE(outcome.out.find("REFUSED  train  cannot_open: "), std::string::npos) << outcome.out;
}

TEST_F(Verify, SeveralFilesAnswerWithTheWorst) {
  auto members = rebuild::members_of(bytes());
  const std::string future =
      file("future", rebuild::archive_of(members, [](container::Manifest& m) { m.schema_version = 99; }));
  const std::string text = file("text", "no archive");
  EXPECT_EQ(run({"verify", model_file(), path("missing")}).exit_code, 3);
  EXPECT_EQ(run({"verify", path("missing"), text, model_file()}).exit_code, 4);
  EXPECT_EQ(run({"verify", future, text, model_file(), path("missing")}).exit_code, 5);

  const Outcome outcome = run({"verify", "--json", future, model_file(), path("missing")});
  EXPECT_EQ(outcome.exit_code, 5);
  const json verdicts = json::parse(outcome.out);
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts[0]["code"], "unsupported_version");
  EXPECT_EQ(verdicts[1]["ok"], true);
  EXPECT_EQ(verdicts[2]["file"], path("missing"));
  EXPECT_EQ(verdicts[2]["code"], "cannot_open");
  EXPECT_EQ(verdicts[2]["archive_id"], nullptr);
  EXPECT_NE(verdicts[2]["context"].get<std::string>().find("No such file"), std::string::npos);
}

TEST_F(Verify, WhatCannotBeReadIsThree) {
  std::filesystem::create_symlink(model_file(), path("link"));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  expect_refused(path("missing"), 3, "cannot_open");
  expect_refused(path("link"), 3, "cannot_open");
  expect_refused(path("."), 3, "not_regular_file");
  expect_refused(path("fifo"), 3, "not_regular_file");
  expect_refused("/dev/null", 3, "not_regular_file");
  expect_refused("", 3, "cannot_open");
  std::filesystem::permissions(model_file(), std::filesystem::perms::none);
  expect_refused(model_file(), 3, "cannot_open");
}

TEST_F(Verify, WhatIsNoArchiveIsFour) {
  expect_refused(file("empty", ""), 4, "malformed_container");
  expect_refused(file("text", "a,b\n1,2\n"), 4, "malformed_container");
  expect_refused(data("longley.csv"), 4, "malformed_container");
  expect_refused(file("zip", std::string("PK\5\6") + std::string(18, '\0')), 4, "wrong_entries");
}

TEST_F(Verify, TruncatedAndExtendedArchivesAreFour) {
  const rebuild::Bytes whole = bytes();
  for (const std::size_t size : {std::size_t{1}, std::size_t{22}, whole.size() / 2, whole.size() - 1}) {
    expect_refused(file("cut", rebuild::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), 4,
                   "malformed_container");
  }
  rebuild::Bytes longer = whole;
  longer.push_back(std::byte{0});
  expect_refused(file("longer", longer), 4, "malformed_container");
}

TEST_F(Verify, AFlippedByteIsFour) {
  const rebuild::Bytes whole = bytes();
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    rebuild::Bytes edited = whole;
    edited[at] ^= std::byte{0x10};
    EXPECT_EQ(run({"verify", file("flipped", edited)}).exit_code, 4) << "byte " << at;
  }
}

TEST_F(Verify, AHugeSparseFileIsRefusedAtOnce) {
  const std::string huge = file("huge", "");
  std::filesystem::resize_file(huge, std::uintmax_t{20} << 30);
  const auto started = std::chrono::steady_clock::now();
  expect_refused(huge, 4, "limit_exceeded");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
}

TEST_F(Verify, OtherVersionsAndFeaturesAreFive) {
  const auto members = rebuild::members_of(bytes());
  const auto with = [&](auto edit) { return file("edited", rebuild::archive_of(members, edit)); };
  expect_refused(with([](container::Manifest& m) { m.schema_version = 3; }), 5, "unsupported_version");
  expect_refused(with([](container::Manifest& m) { m.min_reader_version = 3; }), 5, "unsupported_version");
  expect_refused(with([](container::Manifest& m) { m.required_features = {"quantised"}; }), 5, "unsupported_feature");
}

// Whoever edits the weights and then every digest over them is found out by the model's own answers.
TEST_F(Verify, EditedWeightsUnderCorrectedDigestsAreSeven) {
  auto members = rebuild::members_of(bytes());
  rebuild::Bytes& weights = rebuild::member(members, container::weights_name);
  weights[weights.size() - 2] ^= std::byte{0x04};  // in a coefficient or the intercept, whichever comes last
  expect_refused(file("manifest", rebuild::archive_of(members)), 4, "inconsistent_metadata");
  expect_refused(file("all", rebuild::with_weights(bytes(), weights)), 7, "numeric_contract_broken");
}

TEST_F(Verify, AHigherCodeIsNotHiddenByALaterFile) {
  rebuild::Bytes edited = bytes();
  edited[edited.size() / 2] ^= std::byte{1};
  EXPECT_EQ(run({"verify", file("flipped", edited), model_file()}).exit_code, 4);
}

}  // namespace
}  // namespace aprender::cli

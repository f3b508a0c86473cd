// keygen, sign and verify --trust: a signature goes its way from key to verdict.
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include "cli/process.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class Sign : public Command {
 protected:
  void SetUp() override {
    ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
    ASSERT_EQ(run({"keygen", path("me")}).exit_code, 0);
  }

  [[nodiscard]] std::string fingerprint(const std::string& key = "me") const {
    const Outcome outcome = run({"verify", "--json", model_file(), "--trust", path(key + ".pub.pem")});
    return json::parse(outcome.out).at(0).at("signed_by").get<std::string>();
  }
  [[nodiscard]] Outcome verify(const std::string& key) const {
    return run({"verify", model_file(), "--trust", path(key + ".pub.pem")});
  }
};

TEST_F(Sign, KeysAreMadeOnce) {
  struct stat status {};
  ASSERT_EQ(::stat(path("me.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const std::string before = read(path("me.pem"));
  EXPECT_TRUE(read(path("me.pub.pem")).starts_with("-----BEGIN PUBLIC KEY-----\n"));
  const Outcome again = run({"keygen", path("me")});
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_NE(again.err.find("already"), std::string::npos) << again.err;
  EXPECT_EQ(read(path("me.pem")), before);
  EXPECT_EQ(run({"keygen", path("x"), "--curve", "p255"}).exit_code, 2);
  EXPECT_EQ(run({"keygen", path("none/x")}).exit_code, 3);
  std::filesystem::remove(path("me.pem"));
  const std::string public_before = read(path("me.pub.pem"));
  EXPECT_EQ(run({"keygen", path("me")}).exit_code, 3);
  EXPECT_FALSE(std::filesystem::exists(path("me.pem")));
  EXPECT_EQ(read(path("me.pub.pem")), public_before);
}

TEST_F(Sign, BesideTheArchive) {
  const std::string before = read(model_file());
  EXPECT_EQ(verify("me").exit_code, 6);
  const Outcome outcome = run({"sign", model_file(), "--key", path("me.pem")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, model_file() + ".sig  signed by " + fingerprint() + "\n");
  EXPECT_EQ(read(model_file()), before);
  EXPECT_EQ(verify("me").exit_code, 0);
  EXPECT_NE(verify("me").out.find("  signed by " + fingerprint()), std::string::npos);

  ASSERT_EQ(run({"keygen", path("other"), "--curve", "p521"}).exit_code, 0);
  const Outcome refused = verify("other");
  EXPECT_EQ(refused.exit_code, 6);
  EXPECT_NE(refused.out.find("untrusted_key: "), std::string::npos) << refused.out;
  const Outcome either = run({"verify", model_file(), "--trust", path("other.pub.pem"), "--trust", path("me.pub.pem")});
  EXPECT_EQ(either.exit_code, 0) << either.out;
}

TEST_F(Sign, InsideTheArchive) {
  ASSERT_EQ(run({"sign", model_file(), "--embed", "--key", path("me.pem")}).exit_code, 0);
  EXPECT_EQ(verify("me").exit_code, 0);
  EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);
  EXPECT_EQ(run({"inspect", model_file()}).exit_code, 0);
}

// The signature beside it was one of the bytes that are replaced: it would have every reader that trusts refuse.
TEST_F(Sign, InsideLeavesNoSignatureOfBeforeBeside) {
  ASSERT_EQ(run({"sign", model_file(), "--key", path("me.pem")}).exit_code, 0);
  const Outcome outcome = run({"sign", model_file(), "--embed", "--key", path("me.pem")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("removed " + model_file() + ".sig"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(model_file() + ".sig"));
  EXPECT_EQ(verify("me").exit_code, 0) << verify("me").out;
}

TEST_F(Sign, OfAModelThatIsTrainedAnewGoesWithIt) {
  const Setting reproducible{.environment = {{"SOURCE_DATE_EPOCH", "1700000000"}}};
  const auto train_with = [&](const std::string& alpha) {
    return train("ridge", data("longley.csv"), "employed", {"--alpha", alpha}, reproducible);
  };
  ASSERT_EQ(train_with("1").exit_code, 0);
  ASSERT_EQ(run({"sign", model_file(), "--key", path("me.pem")}).exit_code, 0);
  EXPECT_EQ(train_with("1").err, "") << "the same bytes: what was signed is there";
  EXPECT_EQ(verify("me").exit_code, 0) << verify("me").out;

  const Outcome other = train_with("2");
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_NE(other.err.find("removed " + model_file() + ".sig"), std::string::npos) << other.err;
  EXPECT_NE(verify("me").out.find("unsigned_archive: "), std::string::npos) << verify("me").out;
}

TEST_F(Sign, WithAPassphrase) {
  const std::string phrase = file("phrase", "correct horse\nsecond line\n");
  ASSERT_EQ(run({"keygen", path("locked"), "--passphrase-file", phrase}).exit_code, 0);
  EXPECT_NE(read(path("locked.pem")).find("ENCRYPTED"), std::string::npos);
  const Outcome without = run({"sign", model_file(), "--key", path("locked.pem")});
  EXPECT_EQ(without.exit_code, 3);
  EXPECT_NE(without.err.find("a passphrase is needed"), std::string::npos) << without.err;
  EXPECT_EQ(run({"sign", model_file(), "--key", path("locked.pem"), "--passphrase-file", phrase}).exit_code, 0);
  EXPECT_EQ(verify("locked").exit_code, 0);
  const Outcome empty =
      run({"sign", model_file(), "--key", path("locked.pem"), "--passphrase-file", file("empty", "\n")});
  EXPECT_EQ(empty.exit_code, 3);
  EXPECT_NE(empty.err.find("no passphrase"), std::string::npos) << empty.err;
}

TEST_F(Sign, OlderVersionsCanBeRefused) {
  ASSERT_EQ(run({"sign", model_file(), "--key", path("me.pem")}).exit_code, 0);
  const auto at_least = [&](const std::string& version) {
    return run({"verify", model_file(), "--trust", path("me.pub.pem"), "--minimum-version", version});
  };
  EXPECT_EQ(at_least("0.1.0").exit_code, 0);
  EXPECT_EQ(at_least("0.1.1").exit_code, 6);
  EXPECT_NE(at_least("0.1.1").out.find("version_too_old: "), std::string::npos);
  EXPECT_EQ(at_least("new").exit_code, 2);
}

// Whoever may write an unsigned archive may write any version into it.
TEST_F(Sign, AVersionIsDemandedOfSignedModelsOnly) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"verify", model_file()},
                                                {"inspect", model_file()},
                                                {"export", model_file(), "--as", "slsa"},
                                                {"predict", model_file(), "--data", data("longley.csv")},
                                                {"diff", model_file(), model_file()}}) {
    std::vector<std::string> demanding = words;
    demanding.insert(demanding.end(), {"--minimum-version", "0.1.0"});
    const Outcome outcome = run(demanding);
    EXPECT_EQ(outcome.exit_code, 2) << words.front();
    EXPECT_NE(outcome.err.find("--minimum-version needs --trust"), std::string::npos) << outcome.err;
  }
}

TEST_F(Sign, EveryCommandThatLoadsAModelCanDemandIt) {
  const std::vector<std::string> trusted = {"--trust", path("me.pub.pem")};
  const std::vector<std::vector<std::string>> commands = {{"inspect", model_file()},
                                                          {"predict", model_file(), "--data", data("longley.csv")},
                                                          {"diff", model_file(), model_file()}};
  const auto with_trust = [&](std::vector<std::string> words) {
    words.insert(words.end(), trusted.begin(), trusted.end());
    return run(words);
  };
  for (const auto& words : commands) EXPECT_EQ(with_trust(words).exit_code, 6) << words.front();
  ASSERT_EQ(run({"sign", model_file(), "--embed", "--key", path("me.pem")}).exit_code, 0);
  for (const auto& words : commands) EXPECT_EQ(with_trust(words).exit_code, 0) << words.front();

  EXPECT_NE(run({"inspect", model_file()}).out.find("embedded, not verified"), std::string::npos);
  const std::string card = with_trust(commands[0]).out;
  EXPECT_NE(card.find("verified, by the key"), std::string::npos) << card;
  EXPECT_NE(card.find(fingerprint()), std::string::npos) << card;
  const json shown = json::parse(with_trust({"inspect", "--json", model_file()}).out);
  EXPECT_EQ(shown.at("signature"), (json{{"embedded", true}, {"verified_by", fingerprint()}}));
}

TEST_F(Sign, KeysThatCannotBeUsedAreNamed) {
  const Outcome secret = run({"verify", model_file(), "--trust", path("me.pem")});
  EXPECT_EQ(secret.exit_code, 3);
  EXPECT_NE(secret.err.find("a private key stays with whoever signs"), std::string::npos) << secret.err;
  EXPECT_EQ(run({"verify", model_file(), "--trust", path("none.pem")}).exit_code, 3);
  EXPECT_EQ(run({"sign", model_file(), "--key", path("me.pub.pem")}).exit_code, 3);
  EXPECT_EQ(run({"sign", file("text", "hello"), "--key", path("me.pem")}).exit_code, 4);
  EXPECT_FALSE(std::filesystem::exists(path("text.sig")));
}

}  // namespace
}  // namespace aprender::cli

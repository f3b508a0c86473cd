// export --as slsa: the same values as inspect --json, under the names of SLSA v1 and in-toto.
#include <nlohmann/json.hpp>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "cli/process.hpp"
#include "container/digest.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;
using Slsa = Command;

TEST_F(Slsa, SaysWhatRanFromWhatWithWhichParametersAndWhen) {
  const std::string settings = file("settings.toml", "alpha = 1\n");
  ASSERT_EQ(run({"train", "--estimator", "lasso", "--alpha", "0.5", "--data", data("longley.csv"), "--target",
                 "employed", "--seed", "7", "--threads", "2", "--dependency", "settings=" + settings, "--builder",
                 "https://ci.example.org", "--out", model_file()})
                .exit_code,
            0);
  const json card = json::parse(run({"inspect", "--json", model_file()}).out);
  const Outcome outcome = run({"export", model_file(), "--as", "slsa"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json statement = json::parse(outcome.out);
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"], "https://slsa.dev/provenance/v1");
  const std::string bytes = read(model_file());
  const std::string digest = container::hex(container::sha256(std::as_bytes(std::span(bytes))));
  EXPECT_EQ(statement["subject"], (json::array({{{"name", "model.aprender"}, {"digest", {{"sha256", digest}}}}})));

  const json build = statement["predicate"]["buildDefinition"];
  EXPECT_EQ(build["buildType"], "urn:aprender:training:v1");
  const json chosen = build["externalParameters"];
  EXPECT_EQ(chosen["estimator"]["type"], "Lasso");
  EXPECT_EQ(chosen["estimator"]["alpha"], 0.5);
  EXPECT_EQ(chosen["features"], card["features"]);
  EXPECT_EQ(chosen["targets"], card["targets"]);
  EXPECT_EQ(chosen["seed"], 7);
  EXPECT_EQ(chosen["annotations"]["threads"], "2");
  EXPECT_EQ(build["internalParameters"]["compiler"], card["provenance"]["compiler"]);
  EXPECT_EQ(build["internalParameters"]["library"], card["provenance"]["library"]);

  std::map<std::string, json> sources;
  for (const json& source : build["resolvedDependencies"]) sources[source["name"]] = source;
  EXPECT_EQ(sources.at("training data")["digest"]["sha256"], card["provenance"]["data"]["sha256"]);
  EXPECT_EQ(sources.at("training data")["annotations"],
            (json{{"rows", 16}, {"columns", 7}, {"recordedAs", "longley.csv"}}));
  EXPECT_EQ(sources.at("settings")["digest"]["sha256"], card["provenance"]["dependencies"]["settings"]["sha256"]);
  if (card["provenance"].contains("code")) {
    EXPECT_EQ(sources.at("training code")["digest"]["gitCommit"], card["provenance"]["code"]["git_commit"]);
  }

  const json run_details = statement["predicate"]["runDetails"];
  EXPECT_EQ(run_details["builder"]["id"], "https://ci.example.org");
  EXPECT_LE(run_details["metadata"]["startedOn"], run_details["metadata"]["finishedOn"]);
  EXPECT_EQ(run_details["byproducts"].size(), card["members"].size());
}

TEST_F(Slsa, ABuilderThatNobodyNamedIsUnknown) {
  ASSERT_EQ(run({"train", "--estimator", "ridge", "--data", data("longley.csv"), "--target", "employed", "--out",
                 model_file()},
                {.environment = {{"GITHUB_RUN_ID", ""}, {"CI_JOB_URL", ""}}})
                .exit_code,
            0);
  const json details = json::parse(run({"export", model_file(), "--as", "slsa"}).out)["predicate"]["runDetails"];
  EXPECT_EQ(details["builder"]["id"], "urn:aprender:builder:unknown");
  EXPECT_FALSE(details["metadata"].contains("invocationId"));
}

/// The statement of a model with such a provenance.
class SlsaUris : public Command {
 protected:
  [[nodiscard]] json predicate(const Provenance& source) const {
    const auto fit = LinearRegression{}.fit(Eigen::MatrixXd{{1.0}, {2.0}}, Eigen::VectorXd{{1.0, 3.0}});
    EXPECT_TRUE(ModelArchive(fit, {.name = "m", .provenance = source}).save(model_file()));
    return json::parse(run({"export", model_file(), "--as", "slsa"}).out)["predicate"];
  }
  [[nodiscard]] json only_source(const Provenance& source) const {
    return predicate(source)["buildDefinition"]["resolvedDependencies"].at(0);
  }
  [[nodiscard]] json code_from(const std::string& remote) const {
    Provenance source;
    source.code = TrainingCode{.git_commit = std::string(40, 'a'), .dirty = false, .uri = remote};
    return only_source(source);
  }
  [[nodiscard]] json data_from(const std::string& name) const {
    Provenance source;
    source.data = TrainingData{.uri = name, .sha256 = std::string(64, 'b'), .rows = 2, .columns = 2};
    return only_source(source);
  }
};

TEST_F(SlsaUris, AreThoseOfRemotes) {
  EXPECT_EQ(code_from("https://example.org/a/b.git")["uri"], "git+https://example.org/a/b.git");
  EXPECT_EQ(code_from("ssh://git@example.org:22/a/b.git")["uri"], "git+ssh://git@example.org:22/a/b.git");
  EXPECT_EQ(code_from("git@example.org:a/b.git")["uri"], "git+ssh://git@example.org/a/b.git");
  EXPECT_EQ(code_from("example.org:/srv/b c.git")["uri"], "git+ssh://example.org/srv/b%20c.git");
}

// What is no URI is said in an annotation, as it was recorded.
TEST_F(SlsaUris, AreLeftOutForWhatIsNone) {
  for (const char* const path : {"/srv/git/b.git", "../b.git", "C:\\b"}) {
    const json code = code_from(path);
    EXPECT_FALSE(code.contains("uri")) << code;
    EXPECT_EQ(code["annotations"]["recordedAs"], path);
  }
  const json data = data_from("prices of 2026.csv");
  EXPECT_FALSE(data.contains("uri")) << data;
  EXPECT_EQ(data["annotations"]["recordedAs"], "prices of 2026.csv");
  EXPECT_EQ(data["annotations"]["rows"], 2);
  EXPECT_EQ(data_from("https://example.org/prices.csv")["uri"], "https://example.org/prices.csv");
  EXPECT_EQ(data_from("")["annotations"], (json{{"rows", 2}, {"columns", 2}}));
  Provenance source;
  source.dependencies = {{"settings", {"settings.toml", std::string(64, 'c')}}};
  EXPECT_EQ(only_source(source)["annotations"], (json{{"recordedAs", "settings.toml"}}));
}

TEST_F(SlsaUris, ABuilderIsOneWhateverItIsCalled) {
  Provenance source;
  source.builder = "Jenkins, room 7";
  EXPECT_EQ(predicate(source)["runDetails"]["builder"]["id"], "urn:aprender:builder:Jenkins%2C%20room%207");
  source.builder = "urn:example:ci";
  EXPECT_EQ(predicate(source)["runDetails"]["builder"]["id"], "urn:example:ci");
}

}  // namespace
}  // namespace aprender::cli

// export --as slsa: the same values as inspect --json, under the names of SLSA v1 and in-toto.
#include <nlohmann/json.hpp>

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
  EXPECT_EQ(sources.at("training data")["annotations"], (json{{"rows", 16}, {"columns", 7}}));
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

}  // namespace
}  // namespace aprender::cli

// export --as cyclonedx: the same values as inspect --json, under the names of CycloneDX 1.6.
#include <nlohmann/json.hpp>

#include <set>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "aprender/version.hpp"
#include "cli/process.hpp"
#include "cli/six_rows.hpp"
#include "container/digest.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class Export : public Command {
 protected:
  [[nodiscard]] json exported(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"export", model_file(), "--as", "cyclonedx"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    json bom = json::parse(outcome.out);
    expect_form(bom);
    return bom;
  }
  [[nodiscard]] json exported_with(const Description& said) const {
    EXPECT_TRUE(ModelArchive(Ridge{}.fit(six_rows, six_targets), said).save(model_file()));
    return exported();
  }
  [[nodiscard]] static json model(const json& bom) { return bom["metadata"]["component"]; }

  /// The value of a property "aprender:NAME"; null if there is none.
  [[nodiscard]] static json property(const json& owner, const std::string& name) {
    for (const json& each : owner["properties"]) {
      if (each["name"] == "aprender:" + name) return each["value"];
    }
    return {};
  }
  [[nodiscard]] static json component(const json& bom, const std::string& reference) {
    for (const json& each : bom["components"]) {
      if (each["bom-ref"] == reference) return each;
    }
    return {};
  }
  [[nodiscard]] std::string file_digest() const {
    const std::string bytes = read(model_file());
    return container::hex(container::sha256(std::as_bytes(std::span(bytes))));
  }

 private:
  static void expect_keys(const json& object, const std::set<std::string>& known) {
    for (const auto& [key, value] : object.items()) EXPECT_TRUE(known.contains(key)) << key;
  }

  /// What the schema of CycloneDX 1.6 demands of the parts that occur: no key that it does not know, values of its
  /// types, references that resolve.
  static void expect_form(const json& bom) {
    expect_keys(bom, {"bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"});
    EXPECT_EQ(bom["bomFormat"], "CycloneDX");
    EXPECT_EQ(bom["specVersion"], "1.6");
    EXPECT_EQ(bom["version"], 1);
    expect_keys(bom["metadata"], {"timestamp", "tools", "component"});
    const json described = model(bom);
    std::vector<json> components = {described};
    for (const json& each : bom["components"]) components.push_back(each);
    for (const json& each : described["components"]) components.push_back(each);
    std::set<std::string> references;
    for (const json& each : components) {
      expect_keys(each, {"type", "bom-ref", "name", "version", "description", "hashes", "licenses",
                         "externalReferences", "components", "modelCard", "data", "properties"});
      EXPECT_TRUE(each["type"].is_string() && each["name"].is_string());
      if (each.contains("hashes")) {
        EXPECT_EQ(each["hashes"].at(0)["alg"], "SHA-256");
        EXPECT_EQ(each["hashes"].at(0)["content"].get<std::string>().size(), 64U);
      }
      if (each.contains("bom-ref")) {
        EXPECT_TRUE(references.insert(each["bom-ref"]).second) << each["bom-ref"];
      }
    }
    const json card = model(bom)["modelCard"];
    expect_keys(card, {"bom-ref", "modelParameters", "quantitativeAnalysis", "considerations", "properties"});
    expect_keys(card["modelParameters"],
                {"approach", "task", "architectureFamily", "modelArchitecture", "datasets", "inputs", "outputs"});
    for (const json& owner : {model(bom), card}) {
      for (const json& each : owner["properties"]) {
        expect_keys(each, {"name", "value"});
        EXPECT_TRUE(each["value"].is_string()) << each;
      }
    }
    for (const json& each : card["modelParameters"].value("datasets", json::array())) {
      EXPECT_TRUE(references.contains(each["ref"])) << each;
    }
    for (const json& each : bom["dependencies"]) {
      EXPECT_TRUE(references.contains(each["ref"])) << each;
      for (const json& needed : each["dependsOn"]) EXPECT_TRUE(references.contains(needed)) << needed;
    }
  }
};

TEST_F(Export, HoldsWhatInspectPrints) {
  ASSERT_EQ(train("elastic-net", data("diabetes.csv"), "progression",
                  {"--seed", "7", "--description", "a \"quoted\" <text>\n"},
                  {.environment = {{"SOURCE_DATE_EPOCH", "1700000000"}}})
                .exit_code,
            0);
  const json seen = json::parse(run({"inspect", "--json", model_file()}).out);
  const json bom = exported();
  EXPECT_EQ(bom["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(bom["metadata"]["tools"]["components"].at(0)["version"], APRENDER_VERSION);

  const json model = this->model(bom);
  EXPECT_EQ(model["type"], "machine-learning-model");
  for (const char* same : {"name", "version", "description"}) EXPECT_EQ(model[same], seen[same]);
  EXPECT_EQ(model["hashes"].at(0)["content"], file_digest());
  EXPECT_EQ(property(model, "archive:id"), seen["archive_id"]);
  EXPECT_EQ(property(model, "archive:uuid"), seen["uuid"]);
  EXPECT_EQ(property(model, "training:seed"), "7");
  EXPECT_EQ(property(model, "training:compiler"), seen["provenance"]["compiler"]);
  ASSERT_EQ(model["components"].size(), seen["members"].size());
  for (std::size_t k = 0; k < seen["members"].size(); ++k) {
    EXPECT_EQ(model["components"][k]["name"], seen["members"][k]["name"]);
    EXPECT_EQ(model["components"][k]["hashes"].at(0)["content"], seen["members"][k]["sha256"]);
  }

  const json parameters = model["modelCard"]["modelParameters"];
  EXPECT_EQ(parameters["approach"]["type"], "supervised");
  EXPECT_EQ(parameters["task"], "regression");
  EXPECT_EQ(parameters["architectureFamily"], "linear model");
  EXPECT_EQ(parameters["modelArchitecture"], seen["estimator"]["type"]);
  ASSERT_EQ(parameters["inputs"].size(), seen["features"].size());
  EXPECT_EQ(parameters["inputs"].at(2)["format"], "bmi: float64");
  EXPECT_EQ(parameters["outputs"], json::parse(R"([{"format": "progression: float64"}])"));
  for (const json& metric : model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]) {
    EXPECT_EQ(std::stod(metric["value"].get<std::string>()), seen["metrics"][metric["type"].get<std::string>()]);
  }
  for (const auto& [name, value] : seen["estimator"]["hyperparameters"].items()) {
    const std::string text = property(model["modelCard"], "hyperparameter:" + name);
    EXPECT_EQ(json::parse(text).get<json>(), value) << name;
  }

  const json set = component(bom, "training-data");
  EXPECT_EQ(set["type"], "data");
  EXPECT_EQ(set["name"], "diabetes.csv");
  EXPECT_EQ(set["hashes"].at(0)["content"], seen["provenance"]["data"]["sha256"]);
  const json library = component(bom, "library"), algebra = component(bom, "linear-algebra");
  EXPECT_EQ(library["name"].get<std::string>() + " " + library["version"].get<std::string>(),
            seen["provenance"]["library"]);
  EXPECT_EQ(algebra["name"], "Eigen");
}

TEST_F(Export, EveryEstimatorHasTheForm) {
  for (const std::string estimator : {"linear", "ridge", "lasso", "elastic-net"}) {
    ASSERT_EQ(train(estimator, data("longley.csv"), "employed", {"--float32"}).exit_code, 0);
    const json parameters = model(exported())["modelCard"]["modelParameters"];
    EXPECT_EQ(parameters["task"], "regression");
    EXPECT_EQ(parameters["outputs"].at(0)["format"], "employed: float32");
  }
}

TEST_F(Export, ClassesAreAnOutput) {
  ASSERT_EQ(train("logistic", data("breast_cancer.csv"), "diagnosis").exit_code, 0);
  const json parameters = model(exported())["modelCard"]["modelParameters"];
  EXPECT_EQ(parameters["task"], "classification");
  EXPECT_EQ(parameters["modelArchitecture"], "LogisticRegression");
  EXPECT_EQ(parameters["outputs"].at(0)["format"], "diagnosis: text, one of benign, malignant");
  EXPECT_EQ(parameters["outputs"].at(1)["format"], "probability of each class: float64");
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit", {"--max-iter", "1"}).exit_code, 0);
  const json card = model(exported())["modelCard"];
  EXPECT_EQ(card["modelParameters"]["outputs"].at(0)["format"], "digit: integer, one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
  EXPECT_EQ(card["considerations"]["technicalLimitations"].size(), 1U);
  EXPECT_EQ(property(card, "fit:converged"), "false");
}

TEST_F(Export, TheSerialNumberFollowsFromTheArchive) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const json bom = exported();
  EXPECT_EQ(exported(), bom);
  const std::string serial = bom["serialNumber"], id = property(model(bom), "archive:id");
  EXPECT_EQ(serial.size(), 45U);
  EXPECT_EQ(serial.substr(0, 23), "urn:uuid:" + id.substr(0, 8) + "-" + id.substr(8, 4) + "-");
  EXPECT_EQ(serial[23], '8');
  EXPECT_NE(std::string("89ab").find(serial[28]), std::string::npos) << serial;
  EXPECT_EQ(serial.substr(33), id.substr(20, 12));
}

TEST_F(Export, LicencesAreExpressionsOrNames) {
  const auto licences = [this](const std::string& text) {
    return model(exported_with(Description{.name = "m", .licence = text})).value("licenses", json());
  };
  EXPECT_TRUE(licences("").is_null());
  for (const char* text :
       {"MIT", "Apache-2.0 OR (MIT AND LicenseRef-ours)", "GPL-2.0-only WITH Classpath-exception-2.0", "(GPL-3.0+)"}) {
    EXPECT_EQ(licences(text), json::array({{{"expression", text}}}));
  }
  for (const char* text : {"for internal use", "MIT OR", "(MIT", "MIT)", "AND", "MIT/X11", "()", " "}) {
    EXPECT_EQ(licences(text), json::array({{{"license", {{"name", text}}}}}));
  }
}

TEST_F(Export, TrainingCodeIsAReferenceWhereItHasAnAddress) {
  const auto with = [this](const std::string& uri) {
    Provenance source;
    source.code = TrainingCode{.git_commit = std::string(40, 'c'), .dirty = true, .uri = uri};
    return model(exported_with(Description{.name = "m", .provenance = source}));
  };
  const json known = with("https://example.org/models.git");
  EXPECT_EQ(known["externalReferences"].size(), 1U);
  EXPECT_EQ(known["externalReferences"].at(0)["type"], "vcs");
  EXPECT_EQ(known["externalReferences"].at(0)["url"], "https://example.org/models.git");
  EXPECT_NE(known["externalReferences"].at(0)["comment"].get<std::string>().find(std::string(40, 'c')),
            std::string::npos);
  for (const char* none : {"", "models", "git@example.org:models", "https://a b", "://x", "1x://y", "x://<y>"}) {
    const json unknown = with(none);
    EXPECT_FALSE(unknown.contains("externalReferences")) << none;
    EXPECT_EQ(property(unknown, "training:git_commit"), std::string(40, 'c'));
    EXPECT_EQ(property(unknown, "training:git_dirty"), "true");
  }
}

TEST_F(Export, WhateverTextTheArchiveHolds) {
  const std::string text = "\"</script>\\\xE2\x80\xAE\xF0\x9F\x98\x80'";
  Provenance source;
  source.data = TrainingData{.uri = text, .sha256 = std::string(64, 'd'), .rows = 6, .columns = 3};
  source.library = text;
  source.blas = text;
  source.platform = text;
  source.started_unix_seconds = std::int64_t{1} << 62;
  source.annotations[text] = text;
  const json bom = exported_with(Description{.name = text,
                                             .features = std::vector<std::string>{text, "b"},
                                             .targets = {text},
                                             .description = text + "\n\t",
                                             .intended_use = text,
                                             .metrics = {{text, 1e300}},
                                             .provenance = source});
  const json model = this->model(bom);
  EXPECT_FALSE(bom["metadata"].contains("timestamp"));  // no year that RFC 3339 can write
  EXPECT_EQ(model["name"], text);
  EXPECT_EQ(model["description"], text + "\n\t");
  EXPECT_EQ(model["modelCard"]["considerations"]["useCases"], json::array({text}));
  EXPECT_EQ(model["modelCard"]["modelParameters"]["inputs"].at(0)["format"], text + ": float64");
  EXPECT_EQ(property(model, "annotation:" + text), text);
  EXPECT_EQ(component(bom, "training-data")["name"], text);
  EXPECT_EQ(component(bom, "library")["name"], text);
  EXPECT_FALSE(component(bom, "library").contains("version"));
}

TEST_F(Export, UnnamedFeaturesAreCounted) {
  const json bom = exported_with(Description{.name = "m", .provenance = {}});
  EXPECT_EQ(model(bom)["modelCard"]["modelParameters"]["inputs"],
            json::parse(R"([{"format": "2 unnamed columns: float64"}])"));
  EXPECT_TRUE(bom["components"].empty());
  EXPECT_FALSE(model(bom)["modelCard"]["modelParameters"].contains("datasets"));
}

TEST_F(Export, SignaturesAreToldAndDemanded) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  ASSERT_EQ(run({"keygen", path("me")}).exit_code, 0);
  const std::vector<std::string> trusting = {"export",    model_file(), "--as",
                                             "cyclonedx", "--trust",    path("me.pub.pem")};
  EXPECT_EQ(run(trusting).exit_code, 6);
  ASSERT_EQ(run({"sign", model_file(), "--key", path("me.pem"), "--embed"}).exit_code, 0);
  std::vector<std::string> newer = trusting;
  newer.insert(newer.end(), {"--minimum-version", "2.0.0"});
  EXPECT_EQ(run(newer).exit_code, 6);
  const json unverified = model(exported()), verified = model(exported({"--trust", path("me.pub.pem")}));
  EXPECT_EQ(property(unverified, "signature:embedded"), "true");
  EXPECT_TRUE(property(unverified, "signature:verified_by").is_null());
  EXPECT_EQ(property(verified, "signature:verified_by"), PublicKey::load(path("me.pub.pem"))->fingerprint());
  EXPECT_EQ(verified["hashes"].at(0)["content"], file_digest());  // the file with its signature
}

TEST_F(Export, ToAFile) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const Outcome outcome = run({"export", model_file(), "--as", "cyclonedx", "--out", path("bom.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, path("bom.json") + "  cyclonedx of " + model_file() + "\n");
  EXPECT_EQ(read(path("bom.json")), run({"export", model_file(), "--as", "cyclonedx"}).out);
}

TEST_F(Export, RefusesBadUsageAndBadFiles) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const auto refused = [this](const std::vector<std::string>& more, int exit_code, const std::string& message) {
    std::vector<std::string> arguments = {"export", model_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  };
  refused({}, 2, "export needs --as");
  refused({"--as", "spdx"}, 2, "--as 'spdx' is none of cyclonedx");
  refused({"--as", "cyclonedex"}, 2, "Did you mean 'cyclonedx'?");
  refused({"--as", "cyclonedx", "--out", path("none/bom.json")}, 3, "there is no directory");
  refused({"--as", "cyclonedx", "--out", model_file()}, 2, "would replace the input");
  refused({"--as", "cyclonedx", "--trust", path("none.pem")}, 3, "none.pem");
  write(model_file(), read(model_file()).substr(0, 1000));
  refused({"--as", "cyclonedx", "--out", path("bom.json")}, 4, "malformed_container");
  EXPECT_EQ(files(), std::vector<std::string>{"model.aprender"});
}

}  // namespace
}  // namespace aprender::cli

#include "faults/operations.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>

#include "archive/samples.hpp"

namespace aprender::faults {
namespace {

using Path = std::filesystem::path;

std::string contents(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const Path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::set<std::string> names_in(const Path& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.insert(entry.path().filename());
  return names;
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ModelArchive before() { return {samples::binary<double>(), samples::description()}; }
ModelArchive after() { return {samples::ridge<double>(), samples::description()}; }

/// Weights for which loading takes a thread: from 256 KiB on to hash them, from 8 MiB on to copy them.
constexpr Eigen::Index many = 50'000, most = 1'100'000;
ModelArchive large(Eigen::Index features) {
  return {AnyModel(LinearModel<double>(Eigen::VectorXd::LinSpaced(features, -1, 1), 0.5)),
          Ridge{},
          samples::report(features),
          {.name = "large", .provenance = samples::provenance()}};
}

/// run() with the fault, then check(its result) for what is lost. The result is destroyed under observation too.
template <class Run, class Check>
Ending observe(Fault fault, std::uint64_t at, const Run& run, const Check& check) {
  Ending ending;
  std::optional<decltype(run())> result;
  arm(fault, at);
  try {
    result.emplace(run());
    ending.counted = disarm();
  } catch (const std::bad_alloc&) {
    ending.counted = disarm();
    ending.lost = "std::bad_alloc leaves as an exception";
  } catch (...) {
    ending.counted = disarm();
    ending.lost = "an exception leaves";
  }
  if (!result) return ending;
  if (!*result) ending.error = result->error();
  ending.lost = check(*result, ending.counted);
  arm(Fault::none, 0);
  result.reset();
  const Counted freed = disarm();
  ending.counted.blocks_held += freed.blocks_held;
  ending.counted.descriptors += freed.descriptors;
  return ending;
}

/// Something that is read: it is what it should be, or there is an error.
template <class Run, class Same>
Operation reading(std::string name, std::optional<ErrorCode> refusal, Run run, Same same) {
  return {
      std::move(name), refusal, {ErrorCode::cannot_open, ErrorCode::cannot_read}, [=](Fault fault, std::uint64_t at) {
        return observe(fault, at, run, [&](const auto& result, const Counted&) -> std::string {
          if (!result) return {};
          if (refusal) return "accepted what is forged";
          return same(*result) ? "" : "accepted, and it is something else";
        });
      }};
}

/// A file that is written: the new one if that succeeded, else the old one or none.
struct Written {
  Path file;
  std::optional<std::string> old;
  std::function<bool()> is_new;

  void prepare() const {
    for (const auto& name : names_in(file.parent_path())) {
      if (name.starts_with(".aprender-")) std::filesystem::remove(file.parent_path() / name);
    }
    if (old) {
      write(file, *old);
    } else {
      std::filesystem::remove(file);
    }
  }
  [[nodiscard]] bool is_old() const {
    return old ? std::filesystem::exists(file) && contents(file) == *old : !std::filesystem::exists(file);
  }
  [[nodiscard]] std::size_t temporary_files() const {
    std::size_t n = 0;
    for (const auto& name : names_in(file.parent_path())) n += name.starts_with(".aprender-") ? 1 : 0;
    return n;
  }
};

template <class Run>
Operation writing(std::string name, const Written& to, std::vector<ErrorCode> io_errors, Run run) {
  const auto attempt = [=](Fault fault, std::uint64_t at) {
    to.prepare();
    return observe(fault, at, run, [&](const auto& result, const Counted& counted) -> std::string {
      const bool says_so = !result && result.error().context.find("written, but") != std::string::npos;
      if ((result || says_so) && !to.is_new()) return "success, and the new file is not there";
      if (!result && !says_so && !to.is_old()) return "an error, and the old file is not there";
      if (to.temporary_files() != 0 && std::string_view(counted.call) != "unlinkat") return "a temporary file is left";
      return {};
    });
  };
  const auto aftermath = [=]() -> std::string {
    if (!to.is_old() && !to.is_new()) return "neither the old file nor the new one is there";
    const std::size_t left = to.temporary_files();
    if (!to.old) std::filesystem::remove(to.file);
    if (!run() || !to.is_new()) return "the next one does not succeed";
    if (to.temporary_files() != left) return "the next one leaves a temporary file";
    return {};
  };
  return {std::move(name), std::nullopt, std::move(io_errors), attempt, aftermath};
}

}  // namespace

void furnish(const Path& directory) {
  for (const char* name : {"read", "write"}) std::filesystem::create_directory(directory / name);
  const auto in = [&](const char* name) { return directory / "read" / name; };
  const PrivateKey key = PrivateKey::generate(Curve::p256), stranger = PrivateKey::generate(Curve::p384);
  after().save(in("plain")).value();
  after().attach("card.md", std::as_bytes(std::span("# Prices"))).sign(key).save(in("signed")).value();
  after().sign(stranger).save(in("foreign")).value();
  after().save(in("detached")).value();
  sign_file(in("detached"), key).value();
  large(many).save(in("many")).value();
  large(most).save(in("most")).value();
  write(in("key.pub"), key.public_key().pem());
  write(in("key.pem"), key.to_pem());
  write(in("secret.pem"), key.to_pem("passphrase"));
}

std::vector<Operation> operations(const Path& directory) {
  const auto in = [&](const char* name) { return directory / "read" / name; };
  const auto out = [&](const char* name) { return directory / "write" / name; };
  const auto shared = std::make_shared<const ModelArchive>(after());
  const PublicKey trusted = PublicKey::load(in("key.pub")).value();
  const auto key = std::make_shared<const PrivateKey>(PrivateKey::load(in("key.pem")).value());
  const LoadOptions trusting = {.trust = {.keys = {trusted}}};
  const auto load = [](const Path& file, const LoadOptions& options) {
    return [=] { return ModelArchive::load(file, options); };
  };
  const auto same = [=](const ModelArchive& archive) {
    return samples::same_bits(archive.any_model(), shared->any_model());
  };
  const auto same_and_signed = [=](const ModelArchive& archive) {
    return same(archive) && archive.signed_by() == trusted.fingerprint();
  };
  const auto has = [](Eigen::Index features) {
    return [expected = std::make_shared<const ModelArchive>(large(features))](const ModelArchive& archive) {
      return samples::same_bits(archive.any_model(), expected->any_model());
    };
  };
  const auto same_key = [=](const PrivateKey& found) { return found.public_key().pem() == trusted.pem(); };
  const std::string bytes = contents(in("plain"));
  const Path archive = out("model.aprender"), fresh = out("fresh.aprender"), beside = out("signed.aprender.sig");
  write(out("signed.aprender"), bytes);
  const auto is_archive = [=](const Path& file) { return [=] { return contents(file) == bytes; }; };
  const auto is_signed = [=] {
    const auto loaded = ModelArchive::load(directory / "write/signed.aprender", trusting);
    return loaded && loaded->signed_by() == trusted.fingerprint();
  };
  const auto is_key = [=] {
    const auto loaded = PrivateKey::load(directory / "write/new.pem");
    return loaded && same_key(*loaded);
  };

  return {
      reading("load", {}, load(in("plain"), {}), same),
      reading("load, mapped", {}, load(in("plain"), {.map_file = true}), same),
      reading("load, 2 threads", {}, load(in("many"), {.threads = 2}), has(many)),
      reading("load, mapped, 2 threads", {}, load(in("most"), {.threads = 2, .map_file = true}), has(most)),
      reading("load, signed inside", {}, load(in("signed"), trusting), same_and_signed),
      reading("load, signed beside", {}, load(in("detached"), trusting), same_and_signed),
      reading("load, forged", ErrorCode::untrusted_key, load(in("foreign"), trusting), same),
      reading(
          "from_bytes", {}, [=] { return ModelArchive::from_bytes(std::as_bytes(std::span(bytes))); }, same),
      reading(
          "model", {}, [=] { return shared->model<LinearModel<float>>(); },
          [](const LinearModel<float>& found) { return found.n_features() == 3; }),
      reading(
          "load a public key", {}, [=, file = in("key.pub")] { return PublicKey::load(file); },
          [=](const PublicKey& found) { return found.pem() == trusted.pem(); }),
      reading(
          "load a private key", {}, [=, file = in("secret.pem")] { return PrivateKey::load(file, "passphrase"); },
          same_key),
      writing("save over a file", {archive, text_of(before().to_bytes()), is_archive(archive)},
              {ErrorCode::cannot_write}, [=] { return shared->save(archive); }),
      writing("save a new file", {fresh, {}, is_archive(fresh)}, {ErrorCode::cannot_write},
              [=] { return shared->save(fresh); }),
      writing("sign a file", {beside, std::string("old"), is_signed},
              {ErrorCode::cannot_open, ErrorCode::cannot_read, ErrorCode::cannot_write},
              [=, file = out("signed.aprender")] { return sign_file(file, *key); }),
      writing("save a private key", {out("new.pem"), {}, is_key}, {ErrorCode::cannot_write},
              [=, file = out("new.pem")] { return key->save(file); }),
  };
}

}  // namespace aprender::faults

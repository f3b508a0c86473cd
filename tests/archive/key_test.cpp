// Keys in PEM: what is read and written, and what is no key of ours.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aprender/trust.hpp"
#include "container/outcome.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

constexpr auto malformed = ErrorCode::malformed_key;

class KeyFiles : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path(const char* name) const { return directory_.path() / name; }
  [[nodiscard]] std::string contents(const char* name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Runs openssl in the directory; what it writes to a file is to be read there.
  [[nodiscard]] bool openssl(const std::string& arguments) const {
    const std::string command = "cd '" + directory_.path().string() + "' && openssl " + arguments + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }
  /// The PEM that openssl makes of a private key in DER.
  [[nodiscard]] std::string private_pem(const std::string& der) const {
    std::ofstream(path("key.der"), std::ios::binary) << der;
    EXPECT_TRUE(openssl("enc -base64 -in key.der -out key.b64"));
    return "-----BEGIN EC PRIVATE KEY-----\n" + contents("key.b64") + "-----END EC PRIVATE KEY-----\n";
  }

 private:
  support::TemporaryDirectory directory_;
};

TEST_F(KeyFiles, APrivateKeyComesBackAsItWas) {
  for (const Curve curve : {Curve::p256, Curve::p384, Curve::p521}) {
    for (const char* passphrase : {"", "correct horse"}) {
      const std::string file = std::string(name(curve)) + passphrase;
      const PrivateKey key = PrivateKey::generate(curve);
      ASSERT_EQ(outcome(key.save(path(file.c_str()), passphrase)), "accepted");
      const auto back = PrivateKey::load(path(file.c_str()), passphrase);
      ASSERT_EQ(outcome(back), "accepted");
      EXPECT_EQ(back->public_key().fingerprint(), key.public_key().fingerprint());
      EXPECT_EQ(back->public_key().curve(), curve);
      struct stat status {};
      ASSERT_EQ(::stat(path(file.c_str()).c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 0777U, 0600U);
    }
  }
}

TEST_F(KeyFiles, NoFileIsOverwrittenByAKey) {
  std::ofstream(path("key.pem")) << "precious";
  EXPECT_TRUE(refused(PrivateKey::generate(Curve::p256).save(path("key.pem")), ErrorCode::cannot_write, "already"));
  EXPECT_EQ(contents("key.pem"), "precious");
  EXPECT_TRUE(
      refused(PrivateKey::generate(Curve::p256).save(path("no/key.pem")), ErrorCode::cannot_write, "directory"));
}

TEST_F(KeyFiles, PassphrasesHaveALimit) {
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const std::string longest(1024, 'x');
  const std::string pem = key.to_pem(longest);
  EXPECT_EQ(outcome(PrivateKey::from_pem(pem, longest)), "accepted");
  for (const std::size_t size : {1025U, 1'000'000U}) {
    EXPECT_TRUE(refused(PrivateKey::from_pem(pem, std::string(size, 'x')), malformed, "with this passphrase"));
  }
  EXPECT_THROW((void)key.to_pem(longest + 'x'), std::invalid_argument);
}

TEST_F(KeyFiles, PassphrasesAreAskedForAndChecked) {
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const std::string pem = key.to_pem("one");
  EXPECT_NE(pem.find("ENCRYPTED"), std::string::npos);
  EXPECT_TRUE(refused(PrivateKey::from_pem(pem), malformed, "a passphrase is needed"));
  EXPECT_TRUE(refused(PrivateKey::from_pem(pem, "two"), malformed, "with this passphrase"));
  EXPECT_EQ(outcome(PrivateKey::from_pem(pem, "one")), "accepted");
  EXPECT_EQ(outcome(PrivateKey::from_pem(key.to_pem(), "unused")), "accepted");
}

TEST_F(KeyFiles, KeysOfOpensslAreRead) {
  ASSERT_TRUE(openssl("ecparam -name secp384r1 -genkey -noout -out sec1.pem"));
  ASSERT_TRUE(openssl("pkcs8 -topk8 -nocrypt -in sec1.pem -out pkcs8.pem"));
  ASSERT_TRUE(openssl("ec -in sec1.pem -pubout -out public.pem"));
  ASSERT_TRUE(openssl("ec -in sec1.pem -pubout -conv_form compressed -out compressed.pem"));
  ASSERT_TRUE(openssl("req -x509 -new -key sec1.pem -subj /CN=me -days 30 -out certificate.pem"));
  const PublicKey key = PublicKey::load(path("public.pem")).value();
  EXPECT_EQ(key.curve(), Curve::p384);
  EXPECT_FALSE(key.valid_until().has_value());
  for (const char* same : {"compressed.pem", "certificate.pem"}) {
    EXPECT_EQ(PublicKey::load(path(same)).value().fingerprint(), key.fingerprint()) << same;
  }
  for (const char* same : {"sec1.pem", "pkcs8.pem"}) {
    EXPECT_EQ(PrivateKey::load(path(same)).value().public_key().fingerprint(), key.fingerprint()) << same;
  }
  const PublicKey dated = PublicKey::load(path("certificate.pem")).value();
  ASSERT_TRUE(dated.valid_until() && dated.valid_from());
  EXPECT_EQ(*dated.valid_until() - *dated.valid_from(), 30 * 86400);
}

TEST_F(KeyFiles, TextAroundAKeyIsNotLookedAt) {  // RFC 7468, section 2
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const PublicKey& public_key = key.public_key();
  EXPECT_EQ(PublicKey::from_pem("whose key it is\n" + public_key.pem() + "and no more\n").value().fingerprint(),
            public_key.fingerprint());
  EXPECT_EQ(PrivateKey::from_pem("my key\n" + key.to_pem()).value().public_key().fingerprint(),
            public_key.fingerprint());
}

TEST_F(KeyFiles, OtherKindsOfKeysAreRefusedByName) {
  ASSERT_TRUE(openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa.pem"));
  ASSERT_TRUE(openssl("pkey -in rsa.pem -pubout -out rsa-public.pem"));
  ASSERT_TRUE(openssl("genpkey -algorithm ED25519 -out ed.pem"));
  ASSERT_TRUE(openssl("ecparam -name secp256k1 -genkey -noout -out k1.pem"));
  ASSERT_TRUE(openssl("ec -in k1.pem -pubout -out k1-public.pem"));
  EXPECT_TRUE(refused(PublicKey::load(path("rsa-public.pem")), ErrorCode::wrong_curve, "RSA"));
  EXPECT_TRUE(refused(PublicKey::load(path("k1-public.pem")), ErrorCode::wrong_curve, "secp256k1"));
  EXPECT_TRUE(refused(PrivateKey::load(path("rsa.pem")), ErrorCode::wrong_curve, "RSA"));
  EXPECT_TRUE(refused(PrivateKey::load(path("ed.pem")), ErrorCode::wrong_curve, "ED25519"));
  EXPECT_TRUE(refused(PrivateKey::load(path("k1.pem")), ErrorCode::wrong_curve, "P-256, P-384 or P-521"));
}

TEST_F(KeyFiles, WhatIsNoKeyIsRefused) {
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const std::string pem = key.public_key().pem();
  EXPECT_TRUE(refused(PublicKey::from_pem(""), malformed, "no -----BEGIN"));
  EXPECT_TRUE(refused(PrivateKey::from_pem(""), malformed, "no -----BEGIN"));
  EXPECT_TRUE(refused(PublicKey::from_pem("-----BEGIN PUBLIC KEY"), malformed, "without an end"));
  EXPECT_TRUE(refused(PublicKey::from_pem(pem + pem), malformed, "several PEM blocks"));
  EXPECT_TRUE(refused(PublicKey::from_pem(pem.substr(0, pem.size() / 2)), malformed, "cannot be decoded"));
  EXPECT_TRUE(refused(PublicKey::from_pem(key.to_pem()), malformed, "stays with whoever signs"));
  EXPECT_TRUE(refused(PrivateKey::from_pem(pem), malformed, "expected a private key"));
  EXPECT_TRUE(refused(PublicKey::from_pem("-----BEGIN \x01-----\n-----END \x01-----\n"), malformed, "\\x01"));
  for (std::size_t at = 27; at < 60; ++at) {  // in the encoding's head, not yet in the point
    std::string edited = pem;
    edited[at] = edited[at] == 'A' ? 'B' : 'A';
    const auto other = PublicKey::from_pem(edited);
    EXPECT_TRUE(!other || other->fingerprint() != key.public_key().fingerprint()) << at;
  }
  EXPECT_TRUE(refused(PublicKey::load(path("none.pem")), ErrorCode::cannot_open, "none.pem"));
  std::ofstream(path("large.pem")) << pem + std::string(65'536 - pem.size(), 'x');
  EXPECT_EQ(outcome(PublicKey::load(path("large.pem"))), "accepted");
  std::ofstream(path("large.pem"), std::ios::app) << 'x';
  EXPECT_TRUE(refused(PublicKey::load(path("large.pem")), ErrorCode::limit_exceeded, "65537"));
  std::ofstream(path("text.pem")) << "hello";
  EXPECT_TRUE(refused(PublicKey::load(path("text.pem")), malformed, "text.pem: not PEM"));
}

/// Whether `read` says nothing to the terminal of its process.
template <class Read>
bool asks_nobody(const Read& read) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) return false;
  const std::string name = ::ptsname(terminal);
  ::fcntl(terminal, F_SETFL, O_NONBLOCK);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    const int own = ::open(name.c_str(), O_RDWR);
    if (own < 0 || ::ioctl(own, TIOCSCTTY, 0) != 0) ::_exit(2);
    ::_exit(read() ? 0 : 1);
  }
  int status = -1;
  pid_t ended = 0;
  for (int tenths = 0; ended == 0 && tenths < 600; ++tenths) {  // an answer is waited for in vain, whatever the signal
    ended = ::waitpid(child, &status, WNOHANG);
    if (ended == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (ended == 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  char said = 0;
  const bool silent = ::read(terminal, &said, 1) <= 0;
  ::close(terminal);
  return silent && ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(KeyFiles, NobodyIsAskedForThePassphraseOfAPublicKey) {
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -genkey -noout -out key.pem"));
  ASSERT_TRUE(openssl("ec -in key.pem -pubout -out public.pem"));
  ASSERT_TRUE(openssl("req -x509 -new -key key.pem -subj /CN=me -days 30 -out certificate.pem"));
  const std::string cipher = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";
  for (const char* file : {"public.pem", "certificate.pem"}) {
    std::string pem = contents(file);
    EXPECT_TRUE(asks_nobody([&] { return PublicKey::from_pem(pem).has_value(); })) << file;
    pem.insert(pem.find('\n') + 1, cipher);
    EXPECT_TRUE(asks_nobody([&] { return refused(PublicKey::from_pem(pem), malformed, "cannot be decoded"); })) << file;
  }
}

// CVE-2020-0601: the parameters are spelled out, and their generator is the public key of somebody else, whose private
// number is then 1. What is signed with it libcrypto finds genuine, under a public key that has the same point.
TEST_F(KeyFiles, AKeyOnACurveThatTheFileMadeUpIsRefused) {
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -genkey -noout -outform DER -out victim.der"));
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -param_enc explicit -genkey -noout -outform DER -out own.der"));
  ASSERT_TRUE(openssl("ec -inform DER -in own.der -pubout -param_enc explicit -outform DER -out own-public.der"));
  constexpr std::size_t secret = 9, secret_size = 32, point_size = 65;  // SEC 1, C.4: the point is the end of the file
  const std::string own = contents("own.der"), victim = contents("victim.der");
  const std::string generator =  // SEC 2, 2.4.2: of P-256, uncompressed
      "\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39"
      "\x45\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e"
      "\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5";
  ASSERT_EQ(generator.size(), point_size);
  const std::string theirs = victim.substr(victim.size() - point_size);
  const auto with_their_point = [&](std::string der) {
    EXPECT_NE(der.find(generator), std::string::npos);
    return der.replace(der.find(generator), point_size, theirs).replace(der.size() - point_size, point_size, theirs);
  };
  std::string forged = with_their_point(own);
  forged.replace(secret, secret_size, std::string(secret_size - 1, '\0') + '\1');
  const std::string pem = private_pem(forged);
  std::ofstream(path("forged.pem")) << pem;
  std::ofstream(path("forged-public.der"), std::ios::binary) << with_their_point(contents("own-public.der"));
  ASSERT_TRUE(
      openssl("ec -pubin -inform DER -in forged-public.der -pubout -param_enc explicit -out forged-public.pem"));
  ASSERT_TRUE(openssl("dgst -sha256 -sign forged.pem -out signature victim.der"));
  ASSERT_TRUE(openssl("dgst -sha256 -verify forged-public.pem -signature signature victim.der"));
  EXPECT_TRUE(refused(PublicKey::load(path("forged-public.pem")), ErrorCode::wrong_curve, "P-256, P-384 or P-521"));
  EXPECT_TRUE(refused(PrivateKey::from_pem(pem), ErrorCode::wrong_curve, "P-256, P-384 or P-521"));
}

TEST_F(KeyFiles, APrivateKeyThatIsNotThatOfItsPublicKeyIsRefused) {
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -genkey -noout -outform DER -out one.der"));
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -genkey -noout -outform DER -out other.der"));
  const std::string one = contents("one.der"), other = contents("other.der");
  constexpr std::size_t secret = 7, secret_size = 32, point_size = 65;  // SEC 1, C.4: the point is the end of the file
  ASSERT_EQ(one.size(), other.size());
  EXPECT_EQ(outcome(PrivateKey::from_pem(private_pem(one))), "accepted");
  std::string mixed = one.substr(0, one.size() - point_size) + other.substr(other.size() - point_size);
  EXPECT_TRUE(refused(PrivateKey::from_pem(private_pem(mixed)), malformed, "not those of one key"));
  for (const char digit : {'\x00', '\xff'}) {  // 0, and more than the order of the group
    std::string edited = one;
    edited.replace(secret, secret_size, secret_size, digit);
    EXPECT_TRUE(refused(PrivateKey::from_pem(private_pem(edited)), malformed, "not those of one key")) << int{digit};
  }
}

TEST_F(KeyFiles, ACertificateWhosePeriodCannotBeReadIsNeverValid) {
  ASSERT_TRUE(
      openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -subj /CN=me "
              "-days 30 -set_serial 0x170d -outform DER -out certificate.der"));
  const std::string der = contents("certificate.der");
  // A SEQUENCE of two UTCTimes. The tag and length of one alone may be in a serial number too.
  const std::size_t validity = der.find("\x30\x1e\x17\x0d"), before = validity + 2, after = before + 15;
  ASSERT_NE(validity, std::string::npos);
  ASSERT_EQ(der.substr(after, 2), "\x17\x0d");
  const auto read_with = [&](std::size_t at) {
    std::string edited = der;
    if (at != std::string::npos) edited.replace(at + 2, 4, "zzzz");
    std::ofstream(path("edited.der"), std::ios::binary) << edited;
    EXPECT_TRUE(openssl("enc -base64 -in edited.der -out edited.b64"));
    return PublicKey::from_pem("-----BEGIN CERTIFICATE-----\n" + contents("edited.b64") +
                               "-----END CERTIFICATE-----\n");
  };
  const auto whole = read_with(std::string::npos), without_begin = read_with(before), without_end = read_with(after);
  ASSERT_TRUE(whole && without_begin && without_end);
  EXPECT_LT(*whole->valid_from(), *whole->valid_until());
  EXPECT_EQ(*without_begin->valid_from(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(*without_end->valid_until(), std::numeric_limits<std::int64_t>::min());
}

// RFC 8018, 4.1: a salt of at least 64 bits, before the count of iterations, which is 600,000.
TEST_F(KeyFiles, PassphrasesAreSaltedAndStretched) {
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  EXPECT_NE(key.to_pem("one"), key.to_pem("one"));
  std::ofstream(path("key.pem")) << key.to_pem("one");
  const std::string command = "openssl asn1parse -in '" + path("key.pem").string() +
                              "' | grep -B 1 'INTEGER *:0927C0' | grep -qE 'l= *(8|[1-9][0-9]) prim: OCTET STRING'";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace aprender

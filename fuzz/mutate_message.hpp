/// Changes a protobuf message as a message: what is encoded again afterwards is canonical.
#pragma once

#include <google/protobuf/message.h>

#include "fuzz/numbers.hpp"
#include "metadata.pb.h"

namespace aprender::fuzz {

/// One field, somewhere in the message, gets another value, is set, cleared, or repeated once more or less.
void mutate(google::protobuf::Message& message, Random& random);

/// What follows from the rest follows again: the digest of the inputs and the UUID.
void seal(format::Metadata& metadata);

}  // namespace aprender::fuzz

/// Messages of protobuf where memory may run out.
#pragma once

#include <google/protobuf/arena.h>

namespace aprender::container {

/// A message that frees whatever it has, however far it came: parsing or copying one on the heap, protobuf loses memory
/// when an allocation fails.
template <class Message>
class OnArena {
 public:
  OnArena() = default;
  explicit OnArena(const Message& other) { message_->CopyFrom(other); }
  OnArena(const OnArena&) = delete;
  OnArena& operator=(const OnArena&) = delete;

  [[nodiscard]] Message& operator*() noexcept { return *message_; }
  [[nodiscard]] Message* operator->() noexcept { return message_; }

 private:
  google::protobuf::Arena arena_;
  Message* message_ = google::protobuf::Arena::CreateMessage<Message>(&arena_);
};

}  // namespace aprender::container

// Objects: the states of actors/ behind a mutex each, and how they are asked, from this process or
// from a worker process (uplink.hpp is the worker's side, call_link.hpp the host's).
#pragma once

#include "actors/object_state.hpp"
#include "runtime/park.hpp"

#include <troupe/detail/reference.hpp>

#include <mutex>
#include <string>

namespace troupe::detail {

/// Names an object wherever it is mentioned.
struct object_name {
  std::uint64_t owner = 0;   ///< the process that has it: a random number
  std::uint64_t number = 0;  ///< counted in that process
  friend bool operator==(const object_name&, const object_name&) = default;
};

/// This process's own.
std::uint64_t owner_id() noexcept;

/// One question, without whom it comes from.
struct call {
  verb what{};
  std::uint64_t number = 0;
  bool at_once = false;
  steady_time until = never;  ///< then it is withdrawn
  buffer payload{};
  keepers keep{};
};

class reference : public std::enable_shared_from_this<reference> {
 public:
  virtual ~reference() = default;
  reference() = default;
  reference(const reference&) = delete;
  reference& operator=(const reference&) = delete;

  virtual object_name name() const noexcept = 0;
  virtual object_kind kind() const noexcept = 0;
  /// Asks and waits for the answer. Throws cancelled_error if the calling task was asked to stop
  /// while it waited, and then nothing was taken or given.
  virtual reply perform(call&& c) = 0;
};

/// An object of this process.
class object final : public reference {
 public:
  /// `system`: whose end is its end.
  static std::shared_ptr<object> make(const void* system, object_kind kind,
                                      std::unique_ptr<object_state> state);
  ~object() override;

  object_name name() const noexcept override { return {owner_id(), number_}; }
  object_kind kind() const noexcept override { return kind_; }
  reply perform(call&& c) override;

  // From any thread; answers are told by it before these return.
  void ask(request&& r);
  void withdraw(const answer_sink& from, std::uint64_t id);

  /// Null if there is none of that number any more.
  static std::shared_ptr<object> find(std::uint64_t number);
  /// A thread, or all of a worker process, is no more.
  static void gone(const party& whom);
  /// The system ends, and all its objects with it.
  static void end_all(const void* system);

 private:
  object(const void* system, object_kind kind, std::unique_ptr<object_state> state);
  template <class Fn>
  void act(Fn&& fn);

  const void* const system_;
  const object_kind kind_;
  std::uint64_t number_ = 0;
  std::mutex mutex_;
  std::unique_ptr<object_state> state_;
};

/// The host's object, as this worker process sees it; null if it is not the host's.
object_ref reference_to_host(object_name name, object_kind kind);
/// Answers `closed` to everything.
object_ref ended_reference(object_name name, object_kind kind);

/// What a refused call throws, in words about `what` ("queue", "mutex").
[[noreturn]] void refuse(outcome how, const char* what);

}  // namespace troupe::detail

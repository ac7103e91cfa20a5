// What queues, locks, semaphores, events and barriers have in common. Each is an actor: a state
// that hears one request at a time, in the order in which they arrive, and answers each exactly
// once, now or later. The states are pure: no thread, no clock, no link; requests go in, answers
// come out. The shell (runtime/object.hpp) calls them under the object's mutex and carries the
// answers out after it has let go of it. actors/README.md prints the tables.
#pragma once

#include <troupe/detail/buffer.hpp>
#include <troupe/detail/keeping.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace troupe::detail {

/// Who asks: a thread of a process. What it holds is given back when it ends.
struct party {
  std::uint64_t link = 0;    ///< the worker process it lives in; 0: this process
  std::uint64_t thread = 0;  ///< as numbered by its process, from 1; 0: all threads of the link
  bool covers(const party& p) const noexcept {
    return link == p.link && (thread == 0 || thread == p.thread);
  }
  friend bool operator==(const party&, const party&) = default;
  friend auto operator<=>(const party&, const party&) = default;
};

/// What may be asked of an object. Each kind knows some of them; the others are `not_known`.
enum class verb : std::uint8_t {
  // queue
  put = 1, get = 2, peek = 3, size = 4, close = 5, task_done = 6, join = 7,
  // mutex (acquire, release, inherited, the conditions), semaphore (acquire, release)
  acquire = 16, release = 17, inherited = 18,
  new_condition = 19, wait = 20, notify = 21,
  // event
  set = 32, clear = 33, is_set = 34, await = 35,
  // barrier
  arrive = 48, abort = 49, reset = 50,
  // shared memory
  describe = 64, read = 65,
};

/// How a request ended.
enum class outcome : std::uint8_t {
  done = 0,
  would_block = 1,  ///< asked with at_once, and could not be done at once
  timed_out = 2,    ///< withdrawn before it could be done
  closed = 3,       ///< the object takes, or gives, nothing more; or its owner has ended
  misused = 4,      ///< not the holder, one task_done too many
  deadlock = 5,     ///< it would wait for itself for ever
  broken = 6,       ///< the barrier is
  not_known = 7,    ///< no verb of this object
};

/// Whom an answer goes to. Never null in a request; told at most once for each.
class answer_sink;

struct request {
  std::shared_ptr<answer_sink> from;
  std::uint64_t id = 0;        ///< numbered by `from`
  party who;
  verb what{};
  bool at_once = false;        ///< rather `would_block` than wait
  std::uint64_t number = 0;    ///< of permits, of the condition, of how many to notify
  buffer payload;
  keepers keep;
};

struct reply {
  std::shared_ptr<answer_sink> to;
  std::uint64_t id = 0;
  outcome how = outcome::done;
  std::uint64_t number = 0;    ///< a size, an index, a flag: what the verb says
  buffer payload;
  keepers keep;
};
using replies = std::vector<reply>;

class answer_sink {
 public:
  /// Without any lock held. Must not block and must not throw.
  virtual void answered(reply&& r) noexcept = 0;

 protected:
  ~answer_sink() = default;
};

inline reply answer_to(const request& r, outcome how, std::uint64_t number = 0) {
  return {.to = r.from, .id = r.id, .how = how, .number = number, .payload = {}, .keep = {}};
}

class object_state {
 public:
  virtual ~object_state() = default;
  object_state() = default;
  object_state(const object_state&) = delete;
  object_state& operator=(const object_state&) = delete;

  virtual void ask(request&& r, replies& out) = 0;
  /// The caller waits no longer. If the request still waits it is answered `timed_out` (a waiter of
  /// a condition only once it holds its mutex again); if it has been answered nothing happens.
  virtual void withdraw(const answer_sink& from, std::uint64_t id, replies& out) = 0;
  /// These threads are no more: their requests are forgotten, what they hold is released.
  virtual void gone(const party& whom, replies& out) = 0;
  /// The owner ends: all that wait are answered `closed`, as is all that will be asked.
  virtual void end(replies& out) = 0;
};

}  // namespace troupe::detail

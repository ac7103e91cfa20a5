#include <troupe/sync.hpp>

#include "actors/barrier_state.hpp"
#include "actors/event_state.hpp"
#include "actors/lock_state.hpp"
#include "actors/semaphore_state.hpp"
#include "runtime/asking.hpp"

namespace troupe {

using namespace detail;

namespace {

constexpr const char* a_mutex = "mutex";
constexpr const char* a_condition = "condition";
constexpr const char* a_semaphore = "semaphore";
constexpr const char* an_event = "event";
constexpr const char* a_barrier = "barrier";

[[noreturn]] void not_the_holder(const char* what) {
  throw usage_error{std::string{what} + " was called by a thread that does not hold the mutex"};
}

template <class State, class... A>
object_ref made(system& sys, object_kind kind, A... args) {
  return make_object(sys, kind, std::make_unique<State>(args...));
}

}  // namespace

// --- mutex -----------------------------------------------------------------------------------

mutex::mutex(system& sys) : handle(made<lock_state>(sys, object_kind::mutex)) {}

void mutex::lock() { demand(need_object(ref_, a_mutex), {.what = verb::acquire}, a_mutex); }

bool mutex::try_lock() {
  const auto r = need_object(ref_, a_mutex)->perform({.what = verb::acquire, .at_once = true});
  if (r.how == outcome::would_block || r.how == outcome::deadlock) return false;
  if (r.how != outcome::done) refuse(r.how, a_mutex);
  return true;
}

bool mutex::try_lock_for(duration timeout) {
  return demand_in_time(need_object(ref_, a_mutex),
                        {.what = verb::acquire, .until = until(timeout)}, a_mutex);
}

void mutex::unlock() {
  const auto r = need_object(ref_, a_mutex)->perform({.what = verb::release});
  if (r.how == outcome::misused) not_the_holder("mutex::unlock()");
  // If its owner has ended it is released; and this is called by destructors.
}

bool mutex::inherited() const {
  const auto r = need_object(ref_, a_mutex)->perform({.what = verb::inherited});
  if (r.how == outcome::misused) not_the_holder("mutex::inherited()");
  if (r.how != outcome::done) refuse(r.how, a_mutex);
  return r.number != 0;
}

// --- condition -------------------------------------------------------------------------------

condition::condition(const mutex& m)
    : mutex_(m),
      number_(demand(need_object(m.ref_, a_mutex), {.what = verb::new_condition}, a_mutex).number) {}

bool condition::wait_until(steady_time when) {
  const auto r = need_object(mutex_.ref_, a_condition)
                     ->perform({.what = verb::wait, .number = number_, .until = when});
  if (r.how == outcome::timed_out) return false;
  if (r.how == outcome::misused) not_the_holder("condition::wait()");
  if (r.how != outcome::done) refuse(r.how, a_condition);
  return true;
}

void condition::wait() { wait_until(never); }

bool condition::wait_for(duration timeout) { return wait_until(until(timeout)); }

void condition::notify(std::uint32_t how_many) {
  const auto r = need_object(mutex_.ref_, a_condition)
                     ->perform({.what = verb::notify,
                                .number = std::uint64_t{how_many} << 32 | number_});
  if (r.how == outcome::misused) not_the_holder("condition::notify()");
  if (r.how != outcome::done) refuse(r.how, a_condition);
}

void condition::notify_one() { notify(1); }

void condition::notify_all() { notify(~std::uint32_t{0}); }

// --- semaphore -------------------------------------------------------------------------------

semaphore::semaphore(system& sys, std::size_t permits)
    : handle(made<semaphore_state>(sys, object_kind::semaphore, permits)) {}

void semaphore::acquire() {
  demand(need_object(ref_, a_semaphore), {.what = verb::acquire}, a_semaphore);
}

bool semaphore::try_acquire() {
  return demand_in_time(need_object(ref_, a_semaphore), {.what = verb::acquire, .at_once = true},
                        a_semaphore);
}

bool semaphore::try_acquire_for(duration timeout) {
  return demand_in_time(need_object(ref_, a_semaphore),
                        {.what = verb::acquire, .until = until(timeout)}, a_semaphore);
}

void semaphore::release() {
  // If its owner has ended there is nothing to give back; and this is called by destructors.
  need_object(ref_, a_semaphore)->perform({.what = verb::release});
}

std::size_t semaphore::available() const {
  return demand(need_object(ref_, a_semaphore), {.what = verb::size}, a_semaphore).number;
}

// --- event -----------------------------------------------------------------------------------

event::event(system& sys) : handle(made<event_state>(sys, object_kind::event)) {}

void event::set() { demand(need_object(ref_, an_event), {.what = verb::set}, an_event); }

void event::clear() { demand(need_object(ref_, an_event), {.what = verb::clear}, an_event); }

bool event::is_set() const {
  return demand(need_object(ref_, an_event), {.what = verb::is_set}, an_event).number != 0;
}

void event::wait() { demand(need_object(ref_, an_event), {.what = verb::await}, an_event); }

bool event::wait_for(duration timeout) {
  return demand_in_time(need_object(ref_, an_event),
                        {.what = verb::await, .until = until(timeout)}, an_event);
}

// --- barrier ---------------------------------------------------------------------------------

barrier::barrier(system& sys, std::size_t parties)
    : handle(parties == 0 ? throw usage_error{"a barrier needs at least one party"}
                          : made<barrier_state>(sys, object_kind::barrier, parties)) {}

std::size_t barrier::arrive_and_wait() {
  return demand(need_object(ref_, a_barrier), {.what = verb::arrive}, a_barrier).number;
}

std::size_t barrier::arrive_and_wait(duration timeout) {
  const auto r =
      need_object(ref_, a_barrier)->perform({.what = verb::arrive, .until = until(timeout)});
  if (r.how == outcome::timed_out)
    throw broken_barrier{"the others did not arrive within " + in_words(timeout) +
                         ": the barrier is broken"};
  if (r.how != outcome::done) refuse(r.how, a_barrier);
  return r.number;
}

void barrier::abort() { demand(need_object(ref_, a_barrier), {.what = verb::abort}, a_barrier); }

void barrier::reset() { demand(need_object(ref_, a_barrier), {.what = verb::reset}, a_barrier); }

std::size_t barrier::waiting() const {
  return demand(need_object(ref_, a_barrier), {.what = verb::size}, a_barrier).number;
}

}  // namespace troupe

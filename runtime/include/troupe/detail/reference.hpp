#pragma once

#include <troupe/codec.hpp>
#include <troupe/detail/keeping.hpp>

#include <chrono>
#include <memory>

namespace troupe {

class system;
using duration = std::chrono::nanoseconds;

namespace detail {

/// What every handle is made of: an object (a queue, a lock …) in this process, or the host's as
/// a worker process sees it. The object lives as long as there is a reference anywhere.
class reference;
using object_ref = std::shared_ptr<reference>;

enum class object_kind : std::uint8_t {
  nothing = 0, queue = 1, mutex = 2, semaphore = 3, event = 4, barrier = 5, pipe_end = 6, shared = 7
};

/// The object is the host's, and this a worker process.
bool leads_to_host(const object_ref& ref) noexcept;
/// Throws encode_error if whoever gets the bytes could not reach the object.
void save_reference(writer& to, object_kind kind, const object_ref& ref);
/// Throws decode_error: another kind of object, or one that cannot be reached from here.
object_ref load_reference(reader& from, object_kind kind);

}  // namespace detail
}  // namespace troupe

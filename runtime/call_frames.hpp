// What a worker process and its host say to each other about objects: frames of the kinds `handle`
// (worker → host) and `reply`, on two rings of their own.
#pragma once

#include "runtime/ring.hpp"

namespace troupe::detail {

/// What a `handle` frame asks beside the verbs of objects (actors/object_state.hpp). These are not
/// answered.
enum class link_verb : std::uint8_t {
  withdraw = 240,      ///< frame id: of the request that nobody waits for any more
  retain = 241,        ///< the worker has a handle
  release = 242,       ///< … and no longer
  attach = 243,        ///< a handle goes out in the results of the slice `number`
  thread_ended = 244,
};

/// Ahead of a `handle` frame's payload. frame_header: id = request, target = the object's number.
/// Behind it `keeps` numbers of objects that handles inside the payload refer to, then the payload.
struct call_head {
  std::uint64_t thread = 0;  ///< who asks, as numbered in the worker process
  std::uint64_t number = 0;
  std::uint8_t what = 0;     ///< verb or link_verb
  std::uint8_t at_once = 0;
  std::uint16_t reserved = 0;
  std::uint32_t keeps = 0;
  std::uint64_t reserved_too = 0;
};
static_assert(sizeof(call_head) == 32);

/// Ahead of a `reply` frame's payload. frame_header: id = that of the request.
struct reply_head {
  std::uint64_t number = 0;
  std::uint8_t how = 0;  ///< outcome
  std::uint8_t reserved[7] = {};
};
static_assert(sizeof(reply_head) == 16);

/// A frame up to this size lies in its ring whole. Of a larger one first come the two heads, then
/// the rest in pieces.
inline constexpr std::size_t whole_at_most = ring_size / 2;

}  // namespace troupe::detail

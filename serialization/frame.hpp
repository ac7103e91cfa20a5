// Frames: how messages follow each other on a link. Format version 1; README.md has the table.
#pragma once

#include <troupe/detail/buffer.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace troupe::detail {

inline constexpr std::uint32_t frame_magic = 0x31505254;  // "TRP1" in memory
inline constexpr std::uint8_t frame_version = 1;
/// Larger messages are refused before anything is sent, and before anything is allocated.
inline constexpr std::uint64_t default_max_frame = std::uint64_t{4} << 30;
/// On the control socket nothing large has any business.
inline constexpr std::uint64_t max_control_frame = std::uint64_t{1} << 20;

enum class frame_kind : std::uint8_t {
  welcome = 1,   ///< host → worker, first: who the worker is
  hello = 2,     ///< worker → host, first: protocol and build
  ready = 3,     ///< worker → host: the initializer is done
  failed = 4,    ///< worker → host: the initializer threw; payload: the exception
  stop = 5,      ///< host → worker: finish and exit; on the socket: set the stop token
  task = 6,      ///< host → worker
  result = 7,    ///< worker → host: the rest of a slice's results
  part = 8,      ///< worker → host: some of a slice's results, more follow
  started = 9,   ///< worker → host: the task with a deadline has begun
  tell = 10, ask = 11,  ///< kept for actors
  reply = 12,    ///< host → worker: what an object answered
  handle = 13,   ///< worker → host: what an object is asked
  piece = 14,    ///< worker → host: bytes of one large result, that the next part or result ends
};
inline constexpr std::uint8_t last_frame_kind = 14;
const char* to_string(frame_kind) noexcept;

/// Starts every frame; as it lies in memory, little-endian.
struct frame_header {
  std::uint32_t magic = frame_magic;
  std::uint8_t version = frame_version;
  frame_kind kind = frame_kind::task;
  std::uint16_t flags = 0;
  std::uint64_t length = 0;  ///< of the payload, bytes
  std::uint64_t id = 0;      ///< of the task, counted per link from 1; answers repeat it
  std::uint64_t target = 0;  ///< what is called: a callable's key; of a piece: bytes to come
};
static_assert(sizeof(frame_header) == 32 && std::is_trivially_copyable_v<frame_header>);

inline constexpr std::uint16_t flag_tell_start = 1;  ///< of a task: answer `started` first

/// Ahead of a task's arguments.
struct task_head {
  std::uint32_t items = 1;     ///< how many calls the arguments are for
  std::uint32_t slot = 0;      ///< which cursor of the link belongs to it
  std::uint64_t reserved = 0;  ///< 0; keeps the arguments aligned to 16
};
static_assert(sizeof(task_head) == 16);

/// Ahead of results.
struct result_head {
  std::uint32_t items = 0;        ///< in this frame
  std::uint32_t first_error = 0;  ///< the first item of the slice that failed; ~0: none
  std::uint64_t ran = 0;          ///< ns, of the whole slice; 0 in a part
  std::uint64_t cpu = 0;          ///< ns
  std::uint64_t errors = 0;       ///< how many items of this frame failed
};
static_assert(sizeof(result_head) == 32);

/// Frames start at multiples of this.
inline constexpr std::size_t frame_alignment = 16;
constexpr std::uint64_t padded(std::uint64_t n) noexcept {
  return (n + frame_alignment - 1) / frame_alignment * frame_alignment;
}

/// What is wrong with a header, in words, with both values; nothing if it is fine.
std::optional<std::string> check(const frame_header& h, std::uint64_t max_length);

/// A frame taken apart: the payload is a view.
struct frame {
  frame_header header;
  std::span<const std::byte> payload;
};

/// Cuts a stream of bytes, as it comes from a socket, into frames. After an error it stays in
/// error. Holds at most one frame and what was fed with it.
class frame_reader {
 public:
  explicit frame_reader(std::uint64_t max_length) : max_length_(max_length) {}

  void feed(std::span<const std::byte> bytes);
  /// The next whole frame, valid until the next call of either function; nothing yet; or what is
  /// wrong with the stream.
  std::variant<std::monostate, frame, std::string> next();

 private:
  std::uint64_t max_length_;
  buffer bytes_;
  std::size_t read_ = 0;  // of bytes_, already handed out
  std::string error_;
};

/// A whole frame as bytes, for the socket.
buffer make_frame(frame_kind kind, std::span<const std::byte> payload);

}  // namespace troupe::detail

#include "serialization/frame.hpp"

#include <cstring>

namespace troupe::detail {

const char* to_string(frame_kind kind) noexcept {
  switch (kind) {
    case frame_kind::welcome: return "welcome";
    case frame_kind::hello: return "hello";
    case frame_kind::ready: return "ready";
    case frame_kind::failed: return "failed";
    case frame_kind::stop: return "stop";
    case frame_kind::task: return "task";
    case frame_kind::result: return "result";
    case frame_kind::part: return "part";
    case frame_kind::started: return "started";
    case frame_kind::tell: return "tell";
    case frame_kind::ask: return "ask";
    case frame_kind::reply: return "reply";
    case frame_kind::handle: return "handle";
    case frame_kind::piece: return "piece";
  }
  return "unknown";
}

std::optional<std::string> check(const frame_header& h, std::uint64_t max_length) {
  const auto wrong = [](const char* what, std::uint64_t got, std::uint64_t expected) {
    return std::string{"a frame's "} + what + " is " + std::to_string(got) + ", expected " +
           std::to_string(expected);
  };
  if (h.magic != frame_magic) return wrong("magic number", h.magic, frame_magic);
  if (h.version != frame_version) return wrong("format version", h.version, frame_version);
  const auto kind = static_cast<std::uint8_t>(h.kind);
  if (kind == 0 || kind > last_frame_kind)
    return "a frame's kind is " + std::to_string(kind) + ", expected 1 to " +
           std::to_string(last_frame_kind);
  if (h.length > max_length)
    return "a frame's length is " + std::to_string(h.length) + ", expected at most " +
           std::to_string(max_length);
  if ((h.flags & ~flag_tell_start) != 0) return wrong("flags", h.flags, 0);
  return std::nullopt;
}

void frame_reader::feed(std::span<const std::byte> bytes) {
  if (!error_.empty()) return;
  if (read_ != 0) {
    const auto rest = bytes_.size() - read_;
    std::memmove(bytes_.data(), bytes_.data() + read_, rest);
    bytes_.resize(rest);
    read_ = 0;
  }
  bytes_.append(bytes);
}

std::variant<std::monostate, frame, std::string> frame_reader::next() {
  if (!error_.empty()) return error_;
  const auto available = bytes_.view().subspan(read_);
  if (available.size() < sizeof(frame_header)) return std::monostate{};
  frame f;
  std::memcpy(&f.header, available.data(), sizeof f.header);
  if (auto error = check(f.header, max_length_)) return error_ = std::move(*error);
  if (available.size() - sizeof f.header < f.header.length) return std::monostate{};
  f.payload = available.subspan(sizeof f.header, f.header.length);
  read_ += sizeof f.header + f.header.length;
  return f;
}

buffer make_frame(frame_kind kind, std::span<const std::byte> payload) {
  frame_header h;
  h.kind = kind;
  h.length = payload.size();
  buffer b;
  b.append(std::as_bytes(std::span{&h, 1}));
  b.append(payload);
  return b;
}

}  // namespace troupe::detail

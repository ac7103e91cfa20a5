// Any bytes, in any pieces, through frame_reader. The first byte is the chunking plan. However they
// are cut: the same frames, then the same end.
#include "serialization/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace troupe::detail;
using bytes = std::span<const std::byte>;

constexpr std::uint64_t limit = 4096;

struct seen {
  std::vector<std::string> frames;
  std::string error;
  bool operator==(const seen&) const = default;
};

void drain(frame_reader& in, seen& all) {
  for (;;) {
    auto next = in.next();
    if (std::holds_alternative<std::monostate>(next)) return;
    if (auto* error = std::get_if<std::string>(&next)) {
      all.error = *error;
      return;
    }
    const auto& f = std::get<frame>(next);
    if (check(f.header, limit) || f.payload.size() != f.header.length) std::abort();
    all.frames.emplace_back(reinterpret_cast<const char*>(f.payload.data()), f.payload.size());
  }
}

seen read_in_pieces(bytes stream, std::uint8_t plan) {
  frame_reader in{limit};
  seen all;
  std::uint32_t state = plan;
  while (!stream.empty()) {
    state = state * 1664525 + 1013904223;
    const auto n = std::min<std::size_t>(plan == 0 ? 1 : (state >> 16) % (plan * 4), stream.size());
    in.feed(stream.first(n));
    stream = stream.subspan(n);
    if (plan % 2 == 0) drain(in, all);
  }
  drain(in, all);
  return all;
}

seen read_at_once(bytes stream) {
  frame_reader in{limit};
  seen all;
  in.feed(stream);
  drain(in, all);
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto stream = std::as_bytes(std::span{data, size}).subspan(1);
  if (read_in_pieces(stream, data[0]) != read_at_once(stream)) std::abort();
  return 0;
}

#include "tests/serialization/memory_meter.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

thread_local std::int64_t held = 0;
thread_local std::int64_t most = 0;

}  // namespace

memory_meter::memory_meter() noexcept { held = most = 0; }

std::size_t memory_meter::peak() const noexcept { return static_cast<std::size_t>(most); }

void* operator new(std::size_t n) {
  void* block = std::malloc(n);
  if (block == nullptr) throw std::bad_alloc{};
  held += static_cast<std::int64_t>(malloc_usable_size(block));
  most = std::max(most, held);
  return block;
}

void operator delete(void* block) noexcept {
  held -= static_cast<std::int64_t>(malloc_usable_size(block));
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

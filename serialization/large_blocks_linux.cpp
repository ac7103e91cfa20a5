#include "serialization/large_blocks.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <vector>

namespace troupe::detail {

namespace {

class kept_blocks {
 public:
  static kept_blocks& instance() {
    static auto* k = new kept_blocks;  // not destroyed: futures may be, after main
    return *k;
  }

  // The smallest that will do and is not far too large.
  block take(std::size_t size) noexcept {
    const std::lock_guard hold{mutex_};
    auto best = blocks_.end();
    for (auto b = blocks_.begin(); b != blocks_.end(); ++b)
      if (b->size >= size && b->size / 8 <= size && (best == blocks_.end() || b->size < best->size))
        best = b;
    if (best == blocks_.end()) return {};
    const auto found = *best;
    blocks_.erase(best);
    kept_ -= found.size;
    return found;
  }

  bool keep(block b) noexcept {
    const std::lock_guard hold{mutex_};
    if (kept_ + b.size > large_kept || blocks_.size() == blocks_.capacity()) return false;
    blocks_.push_back(b);
    kept_ += b.size;
    return true;
  }

 private:
  kept_blocks() { blocks_.reserve(16); }
  std::mutex mutex_;
  std::vector<block> blocks_;
  std::size_t kept_ = 0;
};

constexpr std::size_t huge_page = std::size_t{2} << 20;

}  // namespace

block large_resize(block old, std::size_t size) {
  if (old.memory == nullptr) {
    if (const auto b = kept_blocks::instance().take(size); b.memory != nullptr) return b;
  }
  if (size > std::size_t{1} << 48) throw std::bad_alloc{};
  size = (size + huge_page - 1) / huge_page * huge_page;
  void* const memory =
      old.memory == nullptr
          ? mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
          : mremap(old.memory, old.size, size, MREMAP_MAYMOVE);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  madvise(memory, size, MADV_HUGEPAGE);  // refused: then they are small
  return {memory, size};
}

void large_free(block b) noexcept {
  if (b.memory != nullptr && !kept_blocks::instance().keep(b)) munmap(b.memory, b.size);
}

}  // namespace troupe::detail

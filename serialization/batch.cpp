#include <troupe/detail/batch.hpp>
#include <troupe/exception.hpp>

#include <new>

namespace troupe::detail {

constinit std::atomic<void (*)() noexcept> on_bad_alloc{nullptr};

void batch::fail() noexcept {
  if (const auto hook = on_bad_alloc.load(std::memory_order_relaxed); hook != nullptr) {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      hook();
    } catch (...) {
    }
  }
  auto& to = out.out();
  to.rewind();
  try {
    out.put(static_cast<std::uint8_t>(item_status::error));
    save_current_exception(out);
  } catch (...) {
    to.rewind();
    out_of_memory_ = true;
    return;
  }
  if (first_error_ == no_error) first_error_ = items_;
  ++errors_;
  commit();
}

}  // namespace troupe::detail

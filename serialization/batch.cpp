#include <troupe/detail/batch.hpp>
#include <troupe/exception.hpp>

namespace troupe::detail {

void batch::fail() noexcept {
  auto& to = out.out();
  to.cur = to.mark;
  try {
    out.put(static_cast<std::uint8_t>(item_status::error));
    save_current_exception(out);
  } catch (...) {
    to.cur = to.mark;
    out_of_memory_ = true;
    return;
  }
  if (first_error_ == no_error) first_error_ = items_;
  commit();
}

}  // namespace troupe::detail

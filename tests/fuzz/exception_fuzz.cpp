// Any bytes, read as an exception: there is always one, it is always a troupe::error, and what can
// be asked of it can be asked.
#include <troupe/exception.hpp>

#include <cstdint>
#include <cstdlib>
#include <system_error>

namespace {

struct registered {
  int code = 0;
  std::string text;
  std::vector<std::optional<int>> more;
};
[[maybe_unused]] bool name_it() { return troupe::register_exception<registered>(); }

std::size_t asked_everything(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const registered& e) {
    return e.text.size() + e.more.size();
  } catch (const std::system_error& e) {
    return e.code().message().size() + std::string{e.what()}.size();
  } catch (const troupe::worker_lost& e) {
    return e.stderr_tail().size();
  } catch (const troupe::task_error& e) {
    return e.describe().size();
  } catch (const troupe::error& e) {
    return std::string{e.what()}.size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::reader in{std::as_bytes(std::span{data, size})};
  const auto p = troupe::detail::load_exception(in, "w", 1);
  if (p == nullptr) std::abort();
  asked_everything(p);
  try {  // crosses once more, as from a worker of a worker
    std::rethrow_exception(p);
  } catch (...) {
    troupe::detail::buffer b;
    troupe::detail::buffer_sink to{b};
    troupe::writer out{to};
    troupe::detail::save_current_exception(out);
    to.done();
    troupe::reader again{b.view()};
    asked_everything(troupe::detail::load_exception(again, "w", 2));
    if (again.remaining() != 0) std::abort();
  }
  return 0;
}

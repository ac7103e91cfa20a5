#include "runtime/asking.hpp"

#include "runtime/system_impl.hpp"

#include <cstdio>

namespace troupe::detail {

object_ref make_object(system& sys, object_kind kind, std::unique_ptr<object_state> state) {
  sys.impl()->require_open();
  return object::make(sys.impl().get(), kind, std::move(state));
}

const object_ref& need_object(const object_ref& ref, const char* what) {
  if (!ref) throw usage_error{"this handle belongs to no " + std::string{what}};
  return ref;
}

reply demand(const object_ref& ref, call&& c, const char* what) {
  auto r = ref->perform(std::move(c));
  if (r.how != outcome::done) refuse(r.how, what);
  return r;
}

bool demand_in_time(const object_ref& ref, call&& c, const char* what) {
  const auto r = ref->perform(std::move(c));
  if (r.how == outcome::timed_out || r.how == outcome::would_block) return false;
  if (r.how != outcome::done) refuse(r.how, what);
  return true;
}

bool leads_to_host(const object_ref& ref) noexcept { return ref->name().owner != owner_id(); }

std::string in_words(duration d) {
  const auto ns = static_cast<double>(d.count());
  char text[32];
  if (ns >= 1e9) std::snprintf(text, sizeof text, "%.3g s", ns / 1e9);
  else if (ns >= 1e6) std::snprintf(text, sizeof text, "%.3g ms", ns / 1e6);
  else std::snprintf(text, sizeof text, "%.3g us", ns / 1e3);
  return text;
}

}  // namespace troupe::detail

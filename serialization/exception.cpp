#include <troupe/exception.hpp>

#include <any>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <system_error>
#include <variant>

namespace troupe::detail {

namespace {

constinit std::atomic<exception_entry*> entries{nullptr};
constexpr std::size_t longest_text = 64 * 1024;
constexpr std::size_t deepest_nesting = 16;

// What crosses. A standard type is named by its place in `standard_types` below, plus one.
struct record {
  std::uint8_t standard = 0;
  std::int32_t code = 0;        // of std::system_error, errno of start_error
  std::uint8_t category = 0;    // its place in `category_of`
  std::string registered;       // mangled name of a registered type; its data follows the record
  std::string type_name;
  std::string what;
  std::vector<task_error::cause> nested;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(standard, code, category, registered, type_name, what, nested);
  }
};

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text{
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free};
  std::string s = status == 0 ? text.get() : name;
  const std::string_view nested = "std::_Nested_exception<";  // std::throw_with_nested's own type
  if (s.starts_with(nested) && s.ends_with('>')) s = s.substr(nested.size(), s.size() - nested.size() - 1);
  return s;
}

std::string current_type_name() {
  const auto* type = abi::__cxa_current_exception_type();
  return type != nullptr ? demangled(type->name()) : "unknown type";
}

// A what() that returns null, throws, or goes on for ever is somebody's bug, not our end.
std::string text_of(const std::exception& e) noexcept {
  try {
    const char* text = e.what();
    if (text == nullptr) return "(what() returned nullptr)";
    std::string s{text, strnlen(text, longest_text + 1)};
    if (s.size() > longest_text) {
      s.resize(longest_text);
      s += " [cut]";
    }
    return s;
  } catch (...) {
    return "(what() threw)";
  }
}

// What is left of an error category that only the other program knows.
class unknown_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "unknown"; }
  std::string message(int code) const override { return "error " + std::to_string(code); }
};

const std::error_category& category_of(std::uint8_t place) {
  static const unknown_category unknown;
  switch (place) {
    case 0: return std::generic_category();
    case 1: return std::system_category();
    case 2: return std::iostream_category();
    case 3: return std::future_category();
    case 4: return unknown;
  }
  throw_bad_value("an error category", place);
}

std::uint8_t place_of(const std::error_category& category) {
  std::uint8_t place = 0;
  while (place != 4 && category != category_of(place)) ++place;
  return place;
}

template <class E>
E made(const record& r) {
  if constexpr (std::is_constructible_v<E, const std::string&>) return E{r.what};
  else return E{};
}
template <>
std::system_error made<std::system_error>(const record& r) {
  return {std::error_code{r.code, category_of(r.category)}};
}
template <>
worker_lost made<worker_lost>(const record&) { return worker_lost{loss{}}; }
template <>
start_error made<start_error>(const record& r) { return {r.what, r.code, ""}; }

struct standard_type {
  bool (*is)(const std::exception&);
  void (*raise)(const record&, task_error);
};
template <class E>
constexpr standard_type standard{
    [](const std::exception& e) { return dynamic_cast<const E*>(&e) != nullptr; },
    [](const record& r, task_error ours) { throw_as(made<E>(r), std::move(ours)); }};

// Derived before base: the first that fits is taken. Append only, the place is on the wire.
constexpr standard_type standard_types[] = {
    standard<std::invalid_argument>, standard<std::domain_error>, standard<std::length_error>,
    standard<std::out_of_range>, standard<std::logic_error>, standard<std::range_error>,
    standard<std::overflow_error>, standard<std::underflow_error>, standard<std::system_error>,
    standard<std::bad_array_new_length>, standard<std::bad_alloc>, standard<std::bad_any_cast>,
    standard<std::bad_cast>, standard<std::bad_typeid>, standard<std::bad_optional_access>,
    standard<std::bad_variant_access>, standard<std::bad_function_call>,
    standard<std::bad_weak_ptr>, standard<std::bad_exception>,
    // Troupe's own, from a task that used Troupe itself.
    standard<usage_error>, standard<closed_error>, standard<full_error>, standard<empty_error>,
    standard<timeout_error>, standard<cancelled_error>, standard<would_deadlock>,
    standard<encode_error>, standard<decode_error>, standard<unknown_function>,
    standard<start_error>, standard<worker_lost>, standard<pool_broken>,
    standard<broken_barrier>};

void describe_nested(const std::exception& e, std::vector<task_error::cause>& chain) {
  if (chain.size() == deepest_nesting) return;
  const auto* nest = dynamic_cast<const std::nested_exception*>(&e);
  if (nest == nullptr || nest->nested_ptr() == nullptr) return;
  try {
    nest->rethrow_nested();
  } catch (const std::exception& inner) {
    chain.push_back({demangled(typeid(inner).name()), text_of(inner)});
    describe_nested(inner, chain);
  } catch (...) {
    chain.push_back({current_type_name(), "unknown exception"});
  }
}

void describe(const std::exception& e, record& r) {
  if (const auto* earlier = dynamic_cast<const task_error*>(&e)) {  // of a pool inside this worker
    r.type_name = earlier->type_name();
    r.nested = earlier->nested();
  } else {
    r.type_name = demangled(typeid(e).name());
    describe_nested(e, r.nested);
  }
  r.what = text_of(e);
  for (std::size_t i = 0; i < std::size(standard_types) && r.standard == 0; ++i)
    if (standard_types[i].is(e)) r.standard = static_cast<std::uint8_t>(i + 1);
  if (const auto* s = dynamic_cast<const std::system_error*>(&e)) {
    r.code = s->code().value();
    r.category = place_of(s->code().category());
  }
  if (const auto* s = dynamic_cast<const start_error*>(&e)) r.code = s->errno_value();
}

// Null also if two types go by this name (of unnamed namespaces): which is meant, nobody can say.
const exception_entry* find(std::string_view name) noexcept {
  const exception_entry* found = nullptr;
  for (const auto* entry = entries.load(); entry != nullptr; entry = entry->next) {
    if (name != entry->name) continue;
    if (found != nullptr) return nullptr;
    found = entry;
  }
  return found;
}

// False if the exception being handled is not the entry's, or cannot be encoded.
bool save_registered(const exception_entry& entry, record& r, writer& to) {
  buffer data;
  buffer_sink data_sink{data};
  try {
    writer w{data_sink};
    if (!entry.save(w)) return false;
    data_sink.done();
  } catch (...) {
    return false;
  }
  r.registered = entry.name;
  encode(to, r);
  to.put_size(data.size());
  to.put(data.data(), data.size());
  return true;
}

}  // namespace

exception_entry::exception_entry(const char* n, bool (*s)(writer&),
                                 void (*r)(reader&, task_error::facts)) noexcept
    : name(n), save(s), raise(r), next(entries.load()) {
  while (!entries.compare_exchange_weak(next, this)) {
  }
}

void save_current_exception(writer& to) {
  record r;
  try {
    throw;
  } catch (const std::exception& e) {
    describe(e, r);
  } catch (...) {
    r.type_name = current_type_name();
    r.what = "unknown exception";
  }
  const auto* type = abi::__cxa_current_exception_type();
  const auto* exact = type != nullptr ? find(type->name()) : nullptr;
  if (exact != nullptr && save_registered(*exact, r, to)) return;
  // A class derived from a registered one, or nested by std::throw_with_nested.
  for (const auto* entry = entries.load(); entry != nullptr; entry = entry->next)
    if (find(entry->name) == entry && save_registered(*entry, r, to)) return;
  encode(to, r);
}

std::exception_ptr load_exception(reader& from, const std::string& worker, int pid) noexcept {
  try {
    record r;
    decode(from, r);
    task_error::facts facts{r.type_name, r.what, worker, pid, std::move(r.nested)};
    if (!r.registered.empty()) {
      const auto n = from.get_size(1);
      reader data{{from.take(n), n}};
      if (const auto* entry = find(r.registered)) entry->raise(data, std::move(facts));
    }
    if (r.standard > std::size(standard_types)) throw_bad_value("an exception's kind", r.standard);
    if (r.standard != 0) standard_types[r.standard - 1].raise(r, task_error{std::move(facts)});
    throw task_error{std::move(facts)};
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace troupe::detail

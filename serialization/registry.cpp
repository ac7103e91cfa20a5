#include <troupe/callable.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>

namespace troupe::detail {

namespace {

// Chained in fixed buckets: registering must not allocate, as it happens before main, where a
// failure could not be told to anybody.
class table {
 public:
  static table& instance() {
    static table t;
    return t;
  }

  void add(callable_entry& e) noexcept {
    const std::unique_lock hold{mutex_};
    std::uint64_t namesakes = 0;
    for (auto* other = by_name_head(e.name); other != nullptr; other = other->next) {
      if (std::string_view{other->name} != e.name) continue;
      other->ambiguous = e.ambiguous = true;
      ++namesakes;
    }
    e.key = hash(e.name, namesakes);
    auto*& head = buckets_[hash(e.name, 0) % size];
    e.next = head;
    head = &e;
  }

  const callable_entry* find(std::uint64_t key, const char* signature) noexcept {
    const std::shared_lock hold{mutex_};
    // A namesake's key differs from its bucket's: look through all then, it is rare.
    for (const auto* e = buckets_[key % size]; e != nullptr; e = e->next)
      if (e->key == key) return matching(e, signature);
    for (const auto* head : buckets_)
      for (const auto* e = head; e != nullptr; e = e->next)
        if (e->key == key) return matching(e, signature);
    return nullptr;
  }

 private:
  static constexpr std::size_t size = 1024;
  static constexpr std::uint64_t prime = 1099511628211ULL;

  callable_entry* by_name_head(const char* name) noexcept { return buckets_[hash(name, 0) % size]; }

  static const callable_entry* matching(const callable_entry* e, const char* signature) noexcept {
    return std::string_view{e->signature} == signature ? e : nullptr;
  }

  // FNV-1a, 64 bits; never 0, which means "no function".
  static std::uint64_t hash(std::string_view name, std::uint64_t namesakes) noexcept {
    std::uint64_t h = 14695981039346656037ULL;
    for (const unsigned char c : name) h = (h ^ c) * prime;
    if (namesakes != 0) h = (h ^ namesakes) * prime;
    return h == 0 ? 1 : h;
  }

  std::shared_mutex mutex_;
  callable_entry* buckets_[size] = {};
};

}  // namespace

callable_entry::callable_entry(const char* n, const char* s, void (*t)()) noexcept
    : name(n), signature(s), target(t) {
  table::instance().add(*this);
}

const callable_entry* find_callable(std::uint64_t key, const char* signature) noexcept {
  return key == 0 ? nullptr : table::instance().find(key, signature);
}

// callable_name<static_call<&fib>, …> reads "fib"; objects read as their type.
std::string display_name(const callable_entry& e) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text{
      abi::__cxa_demangle(e.name, nullptr, nullptr, &status), &std::free};
  std::string name = status == 0 ? text.get() : e.name;
  for (const std::string_view start : {"static_call<", "object_call<"}) {
    const auto at = name.find(start);
    if (at == std::string::npos) continue;
    name.erase(0, at + start.size());
    int depth = 1;
    std::size_t end = 0;
    while (end < name.size() && depth != 0) {
      const char c = name[end];
      if (c == '<' || c == '(' || c == '{') ++depth;
      if ((c == '>' && (end == 0 || name[end - 1] != '-')) || c == ')' || c == '}') --depth;
      if (depth != 0) ++end;
    }
    name.erase(end);
    break;
  }
  if (name.starts_with("&")) name.erase(0, 1);
  if (name.starts_with("(") && name.ends_with(")")) name = name.substr(1, name.size() - 2);
  if (name.ends_with("{}")) name.resize(name.size() - 2);
  while (name.ends_with(" ")) name.pop_back();
  return name;
}

}  // namespace troupe::detail

#include "runtime/object.hpp"

#include "runtime/waiting_thread.hpp"

#include <random>
#include <unordered_map>

namespace troupe::detail {

namespace {

// All objects of this process, by number. Not destroyed: threads end after main, too.
struct registry {
  std::mutex mutex;
  std::unordered_map<std::uint64_t, std::weak_ptr<object>> objects;
  std::uint64_t last = 0;

  static registry& instance() {
    static auto* r = new registry;
    return *r;
  }
  std::vector<std::shared_ptr<object>> all() {
    std::vector<std::shared_ptr<object>> list;
    const std::lock_guard hold{mutex};
    list.reserve(objects.size());
    for (const auto& [number, o] : objects)
      if (auto alive = o.lock()) list.push_back(std::move(alive));
    return list;
  }
};

void own_thread_ended(std::uint64_t thread) noexcept { object::gone({0, thread}); }

}  // namespace

std::uint64_t owner_id() noexcept {
  static const std::uint64_t id = [] {
    std::random_device any;
    return (std::uint64_t{any()} << 32 | any()) | 1;
  }();
  return id;
}

object::object(const void* system, object_kind kind, std::unique_ptr<object_state> state)
    : system_(system), kind_(kind), state_(std::move(state)) {}

std::shared_ptr<object> object::make(const void* system, object_kind kind,
                                     std::unique_ptr<object_state> state) {
  const std::shared_ptr<object> o{new object{system, kind, std::move(state)}};
  auto& r = registry::instance();
  const std::lock_guard hold{r.mutex};
  o->number_ = ++r.last;
  r.objects.emplace(o->number_, o);
  return o;
}

object::~object() {
  auto& r = registry::instance();
  const std::lock_guard hold{r.mutex};
  r.objects.erase(number_);
}

std::shared_ptr<object> object::find(std::uint64_t number) {
  auto& r = registry::instance();
  const std::lock_guard hold{r.mutex};
  const auto at = r.objects.find(number);
  return at == r.objects.end() ? nullptr : at->second.lock();
}

void object::gone(const party& whom) {
  for (const auto& o : registry::instance().all())
    o->act([&](object_state& s, replies& out) { s.gone(whom, out); });
}

void object::end_all(const void* system) {
  for (const auto& o : registry::instance().all())
    if (o->system_ == system) o->act([](object_state& s, replies& out) { s.end(out); });
}

template <class Fn>
void object::act(Fn&& fn) {
  replies out;
  {
    const std::lock_guard hold{mutex_};
    fn(*state_, out);
  }
  for (auto& r : out) {
    const auto to = r.to;
    to->answered(std::move(r));
  }
}

void object::ask(request&& r) {
  act([&](object_state& s, replies& out) { s.ask(std::move(r), out); });
}

void object::withdraw(const answer_sink& from, std::uint64_t id) {
  act([&](object_state& s, replies& out) { s.withdraw(from, id, out); });
}

reply object::perform(call&& c) {
  auto& me = waiting_thread::here();
  request r;
  r.from = me.shared_from_this();
  r.id = me.begin();
  r.who = {0, thread_number(own_thread_ended)};
  r.what = c.what;
  r.at_once = c.at_once;
  r.number = c.number;
  r.payload = std::move(c.payload);
  r.keep = std::move(c.keep);
  const auto id = r.id;
  ask(std::move(r));
  return me.wait(c.until, [&] { withdraw(me, id); });
}

void save_reference(writer& to, object_kind kind, const object_ref& ref) {
  const auto name = ref ? ref->name() : object_name{};
  if (ref && keeping::to_host() && name.owner == owner_id())
    throw encode_error{"a handle that was made in a worker process, in a system of its own, cannot "
                       "be sent to its host: make it in the host and hand it down"};
  to.put(static_cast<std::uint8_t>(ref ? kind : object_kind::nothing));
  to.put(name.owner);
  to.put(name.number);
  if (ref) keeping::note(ref);
}

object_ref load_reference(reader& from, object_kind kind) {
  const auto is = static_cast<object_kind>(from.get<std::uint8_t>());
  object_name name;
  name.owner = from.get<std::uint64_t>();
  name.number = from.get<std::uint64_t>();
  if (is == object_kind::nothing) return nullptr;
  if (is != kind) throw decode_error{"a handle to another kind of object"};
  object_ref ref;
  if (name.owner == owner_id()) ref = object::find(name.number);
  else ref = reference_to_host(name, kind);
  if (ref && ref->kind() != kind) throw decode_error{"a handle to another kind of object"};
  return ref ? ref : ended_reference(name, kind);
}

// --- what is left of an object that is no more ---------------------------------------------------

namespace {

class ended final : public reference {
 public:
  ended(object_name name, object_kind kind) : name_(name), kind_(kind) {}
  object_name name() const noexcept override { return name_; }
  object_kind kind() const noexcept override { return kind_; }
  reply perform(call&&) override {
    reply r;
    r.how = outcome::closed;
    return r;
  }

 private:
  const object_name name_;
  const object_kind kind_;
};

}  // namespace

object_ref ended_reference(object_name name, object_kind kind) {
  return std::make_shared<ended>(name, kind);
}

void refuse(outcome how, const char* what) {
  const std::string it = what;
  switch (how) {
    case outcome::closed: throw closed_error{"the " + it + " is closed, or its owner has ended"};
    case outcome::deadlock:
      throw would_deadlock{"the " + it + " is held by this thread already: it would wait for itself"};
    case outcome::broken: throw broken_barrier{"the " + it + " is broken"};
    case outcome::timed_out:
    case outcome::would_block: throw timeout_error{"the " + it + " did not answer in time"};
    default: throw usage_error{"this cannot be asked of a " + it};
  }
}

}  // namespace troupe::detail

#include "runtime/uplink.hpp"

#include "runtime/waiting_thread.hpp"
#include "runtime/worker_context.hpp"
#include "runtime/worker_process.hpp"

#include <algorithm>

namespace troupe::detail {

uplink* to_host = nullptr;

namespace {

void thread_ended(std::uint64_t thread) noexcept {
  to_host->tell(link_verb::thread_ended, 0, thread);
}

// An object of the host's, here. One for each object, however many handles there are.
class host_reference final : public reference {
 public:
  host_reference(uplink& link, std::uint64_t number, object_kind kind)
      : link_(link), number_(number), kind_(kind) {
    link_.tell(link_verb::retain, number_, 0, 0, false);
  }
  ~host_reference() override { link_.tell(link_verb::release, number_); }
  object_name name() const noexcept override { return {link_.host(), number_}; }
  object_kind kind() const noexcept override { return kind_; }
  reply perform(call&& c) override { return link_.perform(number_, std::move(c)); }

 private:
  uplink& link_;
  const std::uint64_t number_;
  const object_kind kind_;
};

}  // namespace

object_ref reference_to_host(object_name name, object_kind kind) {
  return to_host != nullptr && to_host->host() == name.owner ? to_host->refer(name.number, kind)
                                                             : nullptr;
}

uplink::uplink(shared_region& region, std::uint64_t host, int host_bell) noexcept
    : page_(*region.page()), host_(host), host_bell_(host_bell),
      out_(page_.calls_to_host, region.calls_to_host()),
      in_(page_.calls_to_worker, region.calls_to_worker()) {}

object_ref uplink::refer(std::uint64_t number, object_kind kind) {
  const std::lock_guard hold{references_mutex_};
  auto& known = references_[number];
  if (auto alive = known.lock()) return alive;
  if (references_.size() % 1024 == 0)
    std::erase_if(references_, [&](const auto& r) { return r.first != number && r.second.expired(); });
  const auto fresh = std::make_shared<host_reference>(*this, number, kind);
  references_[number] = fresh;
  return fresh;
}

// --- asking ----------------------------------------------------------------------------------

void uplink::wait_for_room(std::size_t n) noexcept {
  if (out_.room() >= n) return;
  ring_host(page_, host_bell_);
  page_.call_room_bell.wait([&] {
    page_.caller_wants_room.store(1, std::memory_order_seq_cst);
    return out_.room() >= n;
  });
  page_.caller_wants_room.store(0, std::memory_order_relaxed);
}

void uplink::send(const frame_header& h, const call_head& c, std::span<const std::uint64_t> keeps,
                  std::span<const std::byte> payload, bool ring) {
  const std::lock_guard hold{send_mutex_};
  const auto numbers = std::as_bytes(keeps);
  const auto total = padded(sizeof h + sizeof c + numbers.size() + payload.size());
  const bool whole = total <= whole_at_most;
  wait_for_room(whole ? total : sizeof h + sizeof c);
  std::memcpy(out_.at(), &h, sizeof h);
  std::memcpy(out_.at(sizeof h), &c, sizeof c);
  if (whole) {
    auto* to = out_.at(sizeof h + sizeof c);
    if (!numbers.empty()) std::memcpy(to, numbers.data(), numbers.size());
    if (!payload.empty()) std::memcpy(to + numbers.size(), payload.data(), payload.size());
    out_.publish(total);
    if (ring) ring_host(page_, host_bell_);
    return;
  }
  out_.publish(sizeof h + sizeof c);
  // Two runs of bytes, one behind the other.
  const auto size = numbers.size() + payload.size();
  for (std::size_t sent = 0; sent < size;) {
    const auto n = std::min(size - sent, whole_at_most);
    wait_for_room(padded(n));
    const auto first = sent < numbers.size() ? std::min(n, numbers.size() - sent) : 0;
    if (first != 0) std::memcpy(out_.at(), numbers.data() + sent, first);
    if (n != first)
      std::memcpy(out_.at(first), payload.data() + (sent + first - numbers.size()), n - first);
    out_.publish(padded(n));
    ring_host(page_, host_bell_);
    sent += n;
  }
}

void uplink::tell(link_verb what, std::uint64_t target, std::uint64_t number, std::uint64_t id,
                  bool ring) {
  const frame_header h{.kind = frame_kind::handle, .length = sizeof(call_head), .id = id,
                       .target = target};
  const call_head c{.number = number, .what = static_cast<std::uint8_t>(what)};
  send(h, c, {}, {}, ring);
}

reply uplink::perform(std::uint64_t target, call&& c) {
  std::vector<std::uint64_t> keeps;
  for (const auto& k : c.keep) keeps.push_back(k->name().number);
  waiter me;
  std::uint64_t id;
  {
    const std::lock_guard hold{mutex_};
    id = ++last_id_;
    waiting_.emplace(id, &me);
  }
  const frame_header h{
      .kind = frame_kind::handle,
      .length = sizeof(call_head) + keeps.size() * sizeof(std::uint64_t) + c.payload.size(),
      .id = id,
      .target = target};
  const call_head head{.thread = thread_number(thread_ended),
                       .number = c.number,
                       .what = static_cast<std::uint8_t>(c.what),
                       .at_once = c.at_once,
                       .keeps = static_cast<std::uint32_t>(keeps.size())};
  send(h, head, keeps, c.payload.view(), true);
  return wait(target, id, me, c.until);
}

// --- waiting ---------------------------------------------------------------------------------

reply uplink::wait(std::uint64_t target, std::uint64_t id, waiter& me, steady_time until) {
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  if (current_worker != nullptr)
    on_stop.emplace(current_worker->stop_token(), [this, &me] {
      const std::lock_guard hold{mutex_};
      me.stopping = true;
      handed_out_.notify_all();
      page_.reply_bell.ring();
    });
  bool withdrawn = false;
  const auto give_up = [&] {
    return !withdrawn && (me.stopping || (until != never && std::chrono::steady_clock::now() >= until));
  };
  std::unique_lock hold{mutex_};
  while (!me.answer) {
    if (give_up()) {
      withdrawn = true;
      hold.unlock();
      tell(link_verb::withdraw, target, 0, id);
      hold.lock();
    } else if (reading_) {
      if (withdrawn || until == never) handed_out_.wait(hold);
      else handed_out_.wait_until(hold, until);
    } else {
      reading_ = true;
      hold.unlock();
      read(give_up, withdrawn ? never : until);
      hold.lock();
      reading_ = false;
      for (auto& [whose, r] : arrived_)
        if (const auto w = waiting_.find(whose); w != waiting_.end()) w->second->answer = std::move(r);
      arrived_.clear();
      handed_out_.notify_all();
    }
  }
  waiting_.erase(id);
  hold.unlock();
  on_stop.reset();
  if (me.answer->how == outcome::timed_out && me.stopping)
    throw cancelled_error{"the task was asked to stop while it waited"};
  return std::move(*me.answer);
}

// Waits until there is something, or it is to be given up, and reads what there is.
template <class GiveUp>
void uplink::read(GiveUp&& give_up, steady_time until) {
  page_.reply_bell.wait([&] { return *in_.available() != 0 || give_up(); }, until);
  while (*in_.available() != 0) arrived_.push_back(read_one());
}

void uplink::consume(std::size_t n) noexcept {
  in_.consume(n);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (page_.host_wants_call_room.load(std::memory_order_relaxed) != 0) ring_host(page_, host_bell_);
}

std::pair<std::uint64_t, reply> uplink::read_one() {
  frame_header h;
  reply_head head;
  std::memcpy(&h, in_.at(), sizeof h);
  std::memcpy(&head, in_.at(sizeof h), sizeof head);
  reply r;
  r.how = static_cast<outcome>(head.how);
  r.number = head.number;
  const auto size = static_cast<std::size_t>(h.length - sizeof head);
  if (padded(sizeof h + h.length) <= whole_at_most) {
    r.payload.append({in_.at(sizeof h + sizeof head), size});
    consume(padded(sizeof h + h.length));
    return {h.id, std::move(r)};
  }
  consume(sizeof h + sizeof head);
  r.payload.reserve(size);
  while (r.payload.size() < size) {
    page_.reply_bell.wait([&] { return *in_.available() != 0; });
    const auto n = std::min(*in_.available(), padded(size - r.payload.size()));
    r.payload.append({in_.at(), std::min(n, size - r.payload.size())});
    consume(n);
  }
  return {h.id, std::move(r)};
}

}  // namespace troupe::detail

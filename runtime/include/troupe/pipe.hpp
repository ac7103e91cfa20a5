// pipe<T>: two ends; what is sent into one comes out of the other.
#pragma once

#include <troupe/detail/reference.hpp>
#include <troupe/portable.hpp>

#include <utility>

namespace troupe {

struct pipe_options {
  std::size_t capacity = 0;  ///< values under way in each direction; who sends more waits. 0: any
};

namespace detail {

/// Everything about an end but the type of what passes.
class pipe_handle {
 public:
  pipe_handle() = default;
  explicit pipe_handle(object_ref ref) : ref_(std::move(ref)) {}

  /// True if recv() would not wait: there is something, or the other end is closed. Waits for that
  /// at most so long.
  bool poll(duration timeout = duration{0}) const;
  /// The other end gets what was sent, then closed_error; what it sends is refused. Idempotent.
  void close() const;

  friend bool operator==(const pipe_handle&, const pipe_handle&) = default;

 protected:
  struct item {
    buffer bytes;
    keepers keep;
  };
  template <class T>
  item encoded_item(const T& x) const {
    item i;
    const keeping note{i.keep, leads_to_host(need())};
    i.bytes = encoded(x);
    return i;
  }
  void send_item(item&& i) const;
  buffer recv_item(duration timeout) const;
  const object_ref& need() const;
  void save(writer& to) const { save_reference(to, object_kind::pipe_end, ref_); }
  void load(reader& from) { ref_ = load_reference(from, object_kind::pipe_end); }

 private:
  object_ref ref_;
};

std::pair<object_ref, object_ref> make_pipe(system& sys, const pipe_options& options);

}  // namespace detail

/// One end: a handle, copyable and portable, so that it can be an argument of a task anywhere. All
/// copies are the same end; it is closed by close(), or when its last copy is gone, be it with the
/// process that had it. Members may be called from any thread; waiting costs no CPU and ends with
/// cancelled_error when the waiting task is asked to stop. A default-constructed end belongs to no
/// pipe: usage_error.
template <portable T>
class pipe_end : public detail::pipe_handle {
 public:
  using value_type = T;
  using pipe_handle::pipe_handle;

  /// Encodes in the calling thread (encode_error, and nothing was sent). Throws closed_error once
  /// either end is closed.
  void send(const T& x) const { this->send_item(this->encoded_item(x)); }
  /// Blocks until there is something. Throws closed_error once the other end is closed and all that
  /// it sent was received.
  T recv() const { return decode<T>(this->recv_item(duration::max()).view()); }
  /// The same, but throws empty_error after so long.
  T recv(duration timeout) const { return decode<T>(this->recv_item(timeout).view()); }

  template <class Archive>
  void save(Archive& to) const {
    pipe_handle::save(to);
  }
  template <class Archive>
  void load(Archive& from) {
    pipe_handle::load(from);
  }
};

/// `auto [a, b] = troupe::pipe<T>(sys);`: what is sent into a comes out of b, and the other way.
template <portable T>
std::pair<pipe_end<T>, pipe_end<T>> pipe(system& sys, pipe_options options = {}) {
  auto [a, b] = detail::make_pipe(sys, options);
  return {pipe_end<T>{std::move(a)}, pipe_end<T>{std::move(b)}};
}

}  // namespace troupe

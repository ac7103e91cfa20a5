// queue<T>: values from those who put to those who get, in threads and processes.
#pragma once

#include <troupe/detail/reference.hpp>
#include <troupe/portable.hpp>

#include <iterator>
#include <optional>

namespace troupe {

struct queue_options {
  std::size_t capacity = 0;  ///< items; who puts more waits. 0: as many as there are
  bool redeliver = false;    ///< an item whose consumer died before task_done() goes to the next
};

namespace detail {

/// Everything about a queue but its type. Each member may be called from any thread; in a worker
/// process each asks the host, where the queue is. A default-constructed or moved-from handle
/// belongs to no queue: its members throw usage_error.
class queue_handle {
 public:
  queue_handle() = default;
  queue_handle(system& sys, const queue_options& options);

  /// Items that nobody has got yet. As others may put and get, a hint only.
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// No more puts: they throw closed_error, those that wait, too. Consumers get what is there,
  /// then closed_error. Idempotent.
  void close() const;
  /// An item that was got is dealt with. One call too many is a usage_error; if the queue
  /// redelivers, so is a call by a thread that has no item in hand.
  void task_done() const;
  /// Blocks until every item put has been got and task_done() called for it (or its consumer has
  /// died, and the queue does not redeliver). As queue.Queue.join in Python.
  void join() const;
  bool join(duration timeout) const;  ///< false: not within that time

  friend bool operator==(const queue_handle&, const queue_handle&) = default;

 protected:
  struct item {
    buffer bytes;
    keepers keep;
  };
  enum class waiting : std::uint8_t { yes, no };
  template <class T>
  item encoded_item(const T& x) const {
    item i;
    const keeping note{i.keep, leads_to_host(need())};
    i.bytes = encoded(x);
    return i;
  }
  bool put_item(item&& i, duration timeout, waiting w) const;
  /// False: nothing there within that time. Throws closed_error.
  bool get_item(buffer& bytes, duration timeout, waiting w) const;
  bool get_or_end(buffer& bytes) const;  ///< false: closed
  [[noreturn]] void fail_full(duration timeout) const;
  [[noreturn]] void fail_empty(duration timeout) const;
  const object_ref& need() const;
  void save(writer& to) const { save_reference(to, object_kind::queue, ref_); }
  void load(reader& from) { ref_ = load_reference(from, object_kind::queue); }

 private:
  object_ref ref_;
};

}  // namespace detail

/// A handle: copyable, and portable itself, so that it can be an argument of a task anywhere, or an
/// item of another queue. The queue lives as long as there is a handle, and ends with its system:
/// then put and get throw closed_error, it is empty, a loop over it ends, and join() returns.
///
/// Items are encoded by put, in the calling thread: what cannot be encoded throws encode_error
/// there and nothing was put; there is no feeder thread, and a process may end as soon as put has
/// returned. First in, first out. An item is got once: if its consumer dies it is lost, or, with
/// redeliver, comes again until somebody calls task_done(). Waiting costs no CPU; it ends with
/// cancelled_error when the waiting task is asked to stop.
template <portable T>
class queue : public detail::queue_handle {
 public:
  using value_type = T;

  queue() = default;
  explicit queue(system& sys, queue_options options = {}) : queue_handle(sys, options) {}

  /// Blocks while the queue is full. Throws closed_error.
  void put(const T& x) const { this->put_item(this->encoded_item(x), duration::max(), waiting::yes); }
  /// The same, but throws full_error after so long.
  void put(const T& x, duration timeout) const {
    if (!this->put_item(this->encoded_item(x), timeout, waiting::yes)) this->fail_full(timeout);
  }
  /// False: it is full.
  bool try_put(const T& x) const {
    return this->put_item(this->encoded_item(x), duration{0}, waiting::no);
  }

  /// Blocks until there is an item. Throws closed_error once the queue is closed and empty.
  T get() const {
    detail::buffer bytes;
    this->get_item(bytes, duration::max(), waiting::yes);
    return decode<T>(bytes.view());
  }
  /// The same, but throws empty_error after so long.
  T get(duration timeout) const {
    detail::buffer bytes;
    if (!this->get_item(bytes, timeout, waiting::yes)) this->fail_empty(timeout);
    return decode<T>(bytes.view());
  }
  /// Nothing: it is empty.
  std::optional<T> try_get() const {
    detail::buffer bytes;
    if (!this->get_item(bytes, duration{0}, waiting::no)) return std::nullopt;
    return decode<T>(bytes.view());
  }

  /// Gets items until the queue is closed and empty: `for (auto x : q)`.
  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    iterator() = default;
    explicit iterator(const queue& q) : queue_(q) { ++*this; }
    T& operator*() const { return *at_; }
    T* operator->() const { return &*at_; }
    iterator& operator++() {
      detail::buffer bytes;
      at_.reset();
      if (queue_.get_or_end(bytes)) at_ = decode<T>(bytes.view());
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& i, std::default_sentinel_t) { return !i.at_; }

   private:
    queue queue_;
    mutable std::optional<T> at_;
  };
  iterator begin() const { return iterator{*this}; }
  std::default_sentinel_t end() const { return {}; }

  template <class Archive>
  void save(Archive& to) const {
    queue_handle::save(to);
  }
  template <class Archive>
  void load(Archive& from) {
    queue_handle::load(from);
  }
};

}  // namespace troupe

// stream<R>: results of a lazy map, while the input is still being read.
#pragma once

#include <troupe/future.hpp>

#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <variant>

namespace troupe {

struct stream_options {
  std::size_t chunk = 0;    ///< items sent together; 0: automatic, as far as the window allows
  std::size_t window = 0;   ///< items read ahead of the one handed out; 0: 4 x workers
  duration deadline = duration::max();  ///< of one item, from its start
};

namespace detail {

class pool_core;

/// The input and the encoding of a stream, without its types.
class stream_source {
 public:
  virtual ~stream_source() = default;
  /// Encodes the next item behind the others; false: the input is over. Throws what the input
  /// throws.
  virtual bool encode_next(writer& to) = 0;
  virtual void encode_object(writer& to) = 0;
  virtual const callable_entry& call() const = 0;
};

/// Keeps the pool supplied and takes its results out, in input order or as they end.
class stream_engine {
 public:
  stream_engine(std::shared_ptr<pool_core> pool, std::unique_ptr<stream_source> source,
                stream_options options, bool ordered);
  ~stream_engine();  ///< what has not been started is cancelled; it does not wait
  stream_engine(const stream_engine&) = delete;
  stream_engine& operator=(const stream_engine&) = delete;

  /// Blocks for the next chunk; null at the end. Throws what the input threw, after the results
  /// of what it gave before.
  job_ptr next_chunk();
  /// An item of it was handed out: there is room for another.
  void handed_out(std::size_t items) noexcept { ahead_ -= items; }

 private:
  void fill();
  void send_chunk();
  std::size_t chunk() const noexcept;

  std::shared_ptr<pool_core> pool_;
  std::unique_ptr<stream_source> source_;
  stream_options options_;
  bool ordered_;
  std::deque<job_ptr> under_way_;     // ordered: all; else by index, null once taken
  std::size_t first_index_ = 0;       // of under_way_.front()
  std::unique_ptr<gate> gate_;        // unordered
  std::size_t open_ = 0;              // chunks not yet taken
  std::size_t ahead_ = 0;             // items read and not handed out
  std::int64_t item_ns_ = 0;          // as measured
  bool over_ = false;
  std::exception_ptr input_error_;
};

}  // namespace detail

/// An input range of R (std::monostate for void). Move-only; one thread at a time. `*it` throws
/// an item's own error; the iteration may go on with `++it`, or with a new begin(). Or use
/// next(). An error of the input comes after the results of what it gave before.
template <class R>
class stream {
 public:
  using value_type = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

  explicit stream(std::unique_ptr<detail::stream_engine> engine) : engine_(std::move(engine)) {}

  /// The next result; nothing at the end; throws the item's error, after which one may go on.
  std::optional<value_type> next() {
    if (!fetch()) return std::nullopt;
    auto item = std::exchange(item_, std::nullopt);
    return take(*std::move(item));
  }

  class iterator {
   public:
    using value_type = stream::value_type;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;
    iterator() = default;
    explicit iterator(stream* s) : stream_(s) {}
    const value_type& operator*() const { return stream_->current(); }
    const value_type* operator->() const { return &stream_->current(); }
    iterator& operator++() {
      stream_->drop();
      stream_->fetch();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const {
      return stream_ == nullptr || !stream_->item_;
    }

   private:
    stream* stream_ = nullptr;
  };
  iterator begin() {
    if (item_ && thrown_) drop();
    fetch();
    return iterator{this};
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  using item = std::variant<value_type, std::exception_ptr>;

  static value_type take(item&& i) {
    if (auto* error = std::get_if<std::exception_ptr>(&i)) std::rethrow_exception(*error);
    return std::get<value_type>(std::move(i));
  }
  const value_type& current() {
    if (auto* error = std::get_if<std::exception_ptr>(&*item_)) {
      thrown_ = true;
      std::rethrow_exception(*error);
    }
    return std::get<value_type>(*item_);
  }
  void drop() noexcept {
    item_.reset();
    thrown_ = false;
  }
  bool fetch() {
    if (item_) return true;
    if (items_.empty()) {
      const auto chunk = engine_->next_chunk();
      if (!chunk) return false;
      detail::for_each_item(*chunk, [&](reader& from, const std::exception_ptr& error) {
        items_.push_back(load(*chunk, from, error));
      }, [](reader&) {});
    }
    item_ = std::move(items_.front());
    items_.pop_front();
    engine_->handed_out(1);
    return true;
  }
  static item load(const detail::job& j, reader& from, const std::exception_ptr& error) {
    if (error) return error;
    try {
      if constexpr (std::is_void_v<R>) {
        detail::load_item<void>(j, from);
        return std::monostate{};
      } else {
        return detail::load_item<R>(j, from);
      }
    } catch (...) {
      return std::current_exception();
    }
  }

  std::unique_ptr<detail::stream_engine> engine_;
  std::deque<item> items_;        // of the chunk in hand
  std::optional<item> item_;      // the one begin() or ++ stopped at
  bool thrown_ = false;           // and it was an error that has been thrown
};

}  // namespace troupe

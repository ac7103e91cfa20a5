// pool: workers that call functions.
#pragma once

#include <troupe/future.hpp>
#include <troupe/pool_options.hpp>
#include <troupe/stream.hpp>
#include <troupe/system.hpp>

#include <initializer_list>
#include <ranges>
#include <tuple>

namespace troupe {

/// How one task is to be treated.
struct call_options {
  duration deadline = duration::max();  ///< from its start: then timeout_error, and the worker
                                        ///< process is replaced; a thread is asked to stop
  std::string key = {};                 ///< tasks of one key run on one worker, one after another,
                                        ///< in the order of submission; "": any worker
  int retries = -1;                     ///< how often it may take a worker down; -1: as the pool
};

namespace detail {

template <class T, class... Rest>
inline constexpr bool starts_with_options = std::is_same_v<std::remove_cvref_t<T>, call_options>;
template <class... A>
struct no_options : std::true_type {};
template <class T, class... Rest>
struct no_options<T, Rest...>
    : std::bool_constant<!std::is_same_v<std::remove_cvref_t<T>, call_options>> {};

/// An object that is called, as opposed to options or data.
template <class Fn>
concept callable_object = !std::is_same_v<std::remove_cvref_t<Fn>, call_options>;

job_owner* address_of(pool_core& pool) noexcept;
void submit(pool_core& pool, const callable_entry& call, const call_options& options,
            const job_ptr& job);
/// What the items of a map were encoded to, without a word about their types.
void submit_map(pool_core& pool, const callable_entry& call, const job_ptr& job,
                std::size_t items);

/// How a call's arguments get into bytes: F as template argument, or an object whose data goes
/// first.
template <auto F>
struct static_target {
  template <class...>
  using callable = static_callable<F>;
  void save(writer&) const {}
};
template <class Fn>
struct object_target {
  const Fn& fn;
  template <class... A>
  using callable = object_callable<Fn, A...>;
  void save(writer& to) const { save_object(to, fn); }
};

template <class Target, class... A>
auto submit_call(pool_core& pool, const Target& target, const call_options& options,
                 const A&... args) {
  using call = typename Target::template callable<std::decay_t<A>...>;
  using R = typename call::result;
  auto j = job_ref<typed_job<R>>::adopt(new single_job<R>{address_of(pool)});
  const keeping note{j->keep};
  buffer_sink to{j->args};
  writer w{to};
  target.save(w);
  j->prefix = static_cast<std::uint32_t>(to.size());
  call::save_args(w, args...);
  to.done();
  submit(pool, call::entry, options, job_ptr::share(j.get()));
  return future<R>{std::move(j)};
}

/// Encodes an item for each step of all the ranges together; the shortest ends it.
template <class Target, class... Ranges>
auto submit_zip(pool_core& pool, const Target& target, Ranges&&... ranges) {
  using call = typename Target::template callable<std::ranges::range_value_t<Ranges>...>;
  using R = typename call::result;
  auto j = job_ref<typed_job<mapped_t<R>>>::adopt(new map_job<R>{address_of(pool)});
  const keeping note{j->keep};
  buffer_sink to{j->args};
  writer w{to};
  target.save(w);
  j->prefix = static_cast<std::uint32_t>(to.size());
  [&](auto... at) {
    while (((at.first != at.second) && ...)) {
      j->offsets.push_back(to.size());
      call::save_args(w, *at.first...);
      ((void)++at.first, ...);
    }
  }(std::pair{std::ranges::begin(ranges), std::ranges::end(ranges)}...);
  to.done();
  submit_map(pool, call::entry, job_ptr::share(j.get()), j->offsets.size());
  return future<mapped_t<R>>{std::move(j)};
}

template <class Target, class Tuple>
struct tuple_callable;
template <class Target, class... A>
struct tuple_callable<Target, std::tuple<A...>> {
  using type = typename Target::template callable<A...>;
};
template <class Target, class A, class B>
struct tuple_callable<Target, std::pair<A, B>> {
  using type = typename Target::template callable<A, B>;
};

template <class Target, class Range>
auto submit_star(pool_core& pool, const Target& target, Range&& tuples) {
  using call = typename tuple_callable<Target, std::ranges::range_value_t<Range>>::type;
  using R = typename call::result;
  auto j = job_ref<typed_job<mapped_t<R>>>::adopt(new map_job<R>{address_of(pool)});
  const keeping note{j->keep};
  buffer_sink to{j->args};
  writer w{to};
  target.save(w);
  j->prefix = static_cast<std::uint32_t>(to.size());
  for (const auto& t : tuples) {
    j->offsets.push_back(to.size());
    std::apply([&](const auto&... a) { call::save_args(w, a...); }, t);
  }
  to.done();
  submit_map(pool, call::entry, job_ptr::share(j.get()), j->offsets.size());
  return future<mapped_t<R>>{std::move(j)};
}

/// A range that the caller keeps alive (an lvalue), or one that was moved or copied in. Not
/// std::views::all: clang 14 cannot compile it with the library of GCC 12.
template <class Range>
class kept_range {
 public:
  explicit kept_range(Range&& range) : range_(std::move(range)) {}
  Range& get() noexcept { return range_; }

 private:
  Range range_;
};
template <class Range>
class kept_range<Range&> {
 public:
  explicit kept_range(Range& range) : range_(&range) {}
  Range& get() noexcept { return *range_; }

 private:
  Range* range_;
};

template <class Call, class Keep, class Range>
class range_source final : public stream_source {
 public:
  range_source(Keep object, Range&& range)
      : object_(std::move(object)), range_(std::forward<Range>(range)),
        at_(std::ranges::begin(range_.get())) {}
  bool encode_next(writer& to) override {
    if (begun_) ++at_;
    begun_ = true;
    if (at_ == std::ranges::end(range_.get())) {
      begun_ = false;
      return false;
    }
    Call::save_args(to, *at_);
    return true;
  }
  void encode_object(writer& to) override { object_.save(to); }
  const callable_entry& call() const override { return Call::entry; }

 private:
  Keep object_;
  kept_range<Range> range_;
  std::ranges::iterator_t<std::remove_reference_t<Range>> at_;
  bool begun_ = false;  // at_ has been read: it is moved on only when more is wanted
};
template <class Fn>
struct kept_object {
  Fn fn;
  void save(writer& to) const { save_object(to, fn); }
};

template <class Call, class Keep, class Range>
auto make_stream(std::shared_ptr<pool_core> pool, Keep keep, Range&& range,
                 const stream_options& options, bool ordered) {
  auto source = std::make_unique<range_source<Call, Keep, Range>>(std::move(keep),
                                                                  std::forward<Range>(range));
  return stream<typename Call::result>{std::make_unique<stream_engine>(
      std::move(pool), std::move(source), options, ordered)};
}

}  // namespace detail

/// Movable, not copyable; every member may be called from any thread. F is a function as template
/// argument, or the first argument is an object to call; see callable.hpp. Arguments are encoded
/// in the calling thread, at the call: what cannot be encoded throws encode_error, and nothing was
/// sent. After close(), submit and its like throw closed_error; once the pool has given up,
/// pool_broken.
class pool {
 public:
  /// Blocks until all workers were started and one has reported. Throws usage_error (an option
  /// that cannot be, by its name) or start_error, and leaves nothing behind.
  explicit pool(system& sys, pool_options options = {});
  pool(pool&&) noexcept = default;
  pool& operator=(pool&&) noexcept;
  /// As a std::jthread: takes no new work, finishes what was accepted, stops the workers. From a
  /// task of this very pool it does not wait for that.
  ~pool();

  // --- one task -----------------------------------------------------------------------------
  /// Blocks only if max_pending is reached. Throws full_error after submit_timeout.
  template <auto F, class... A>
    requires(detail::no_options<A...>::value)
  auto submit(const A&... args) {
    return detail::submit_call(core(), detail::static_target<F>{}, {}, args...);
  }
  template <auto F, class... A>
  auto submit(call_options options, const A&... args) {
    return detail::submit_call(core(), detail::static_target<F>{}, options, args...);
  }
  template <detail::callable_object Fn, class... A>
    requires(detail::no_options<A...>::value)
  auto submit(const Fn& fn, const A&... args) {
    return detail::submit_call(core(), detail::object_target<Fn>{fn}, {}, args...);
  }
  template <detail::callable_object Fn, class... A>
  auto submit(const Fn& fn, call_options options, const A&... args) {
    return detail::submit_call(core(), detail::object_target<Fn>{fn}, options, args...);
  }
  /// submit, and its result.
  template <auto F, class... A>
  auto apply(const A&... args) {
    return submit<F>(args...).get();
  }
  template <detail::callable_object Fn, class... A>
  auto apply(const Fn& fn, const A&... args) {
    return submit(fn, args...).get();
  }

  // --- many at once -------------------------------------------------------------------------
  /// F of each element, in input order; several ranges go side by side, the shortest ends it.
  /// Blocks. The error thrown is the one with the lowest input index; what had not been started
  /// then is cancelled.
  template <auto F, std::ranges::input_range Range, std::ranges::input_range... Ranges>
  auto map(Range&& range, Ranges&&... ranges) {
    return detail::submit_zip(core(), detail::static_target<F>{}, range, ranges...).get();
  }
  template <auto F, class T>
  auto map(std::initializer_list<T> range) {
    return detail::submit_zip(core(), detail::static_target<F>{}, range).get();
  }
  template <class Fn, std::ranges::input_range Range, std::ranges::input_range... Ranges>
  auto map(const Fn& fn, Range&& range, Ranges&&... ranges) {
    return detail::submit_zip(core(), detail::object_target<Fn>{fn}, range, ranges...).get();
  }
  template <class Fn, class T>
  auto map(const Fn& fn, std::initializer_list<T> range) {
    return detail::submit_zip(core(), detail::object_target<Fn>{fn}, range).get();
  }
  /// The same for a range of tuples or pairs: each is one call's arguments.
  template <auto F, std::ranges::input_range Range>
  auto starmap(Range&& tuples) {
    return detail::submit_star(core(), detail::static_target<F>{}, tuples).get();
  }
  template <class Fn, std::ranges::input_range Range>
  auto starmap(const Fn& fn, Range&& tuples) {
    return detail::submit_star(core(), detail::object_target<Fn>{fn}, tuples).get();
  }
  /// map that does not wait: a future of the vector.
  template <auto F, std::ranges::input_range Range, std::ranges::input_range... Ranges>
  auto map_async(Range&& range, Ranges&&... ranges) {
    return detail::submit_zip(core(), detail::static_target<F>{}, range, ranges...);
  }
  template <auto F, class T>
  auto map_async(std::initializer_list<T> range) {
    return detail::submit_zip(core(), detail::static_target<F>{}, range);
  }
  template <class Fn, std::ranges::input_range Range, std::ranges::input_range... Ranges>
  auto map_async(const Fn& fn, Range&& range, Ranges&&... ranges) {
    return detail::submit_zip(core(), detail::object_target<Fn>{fn}, range, ranges...);
  }

  // --- without end --------------------------------------------------------------------------
  /// Results in input order while the input is read, `window` items ahead at most. An lvalue range
  /// must outlive the stream; an rvalue is kept by it.
  template <auto F, std::ranges::input_range Range>
  auto imap(Range&& range, stream_options options = {}) {
    return detail::make_stream<detail::static_callable<F>>(
        core_, detail::static_target<F>{}, std::forward<Range>(range), options, true);
  }
  template <class Fn, std::ranges::input_range Range>
  auto imap(const Fn& fn, Range&& range, stream_options options = {}) {
    return detail::make_stream<detail::object_callable<Fn, std::ranges::range_value_t<Range>>>(
        core_, detail::kept_object<Fn>{fn}, std::forward<Range>(range), options, true);
  }
  /// The same in the order in which the items end.
  template <auto F, std::ranges::input_range Range>
  auto imap_unordered(Range&& range, stream_options options = {}) {
    return detail::make_stream<detail::static_callable<F>>(
        core_, detail::static_target<F>{}, std::forward<Range>(range), options, false);
  }
  template <class Fn, std::ranges::input_range Range>
  auto imap_unordered(const Fn& fn, Range&& range, stream_options options = {}) {
    return detail::make_stream<detail::object_callable<Fn, std::ranges::range_value_t<Range>>>(
        core_, detail::kept_object<Fn>{fn}, std::forward<Range>(range), options, false);
  }

  // --- its life -----------------------------------------------------------------------------
  /// No new work. Returns at once; what was accepted goes on.
  void close();
  /// After close or terminate: until the workers have stopped. usage_error while it is open,
  /// would_deadlock in a task of this pool.
  void join();
  bool join(duration timeout);  ///< false: not within that time
  /// Pending tasks end with cancelled_error; running ones too: their processes get SIGTERM and, after
  /// `grace`, SIGKILL.
  /// Threads are asked to stop; one that ignores its stop token past `grace` is left behind, and
  /// told as an event (worker_left_behind). Returns at once.
  void terminate();
  /// Returns at once: new workers start, superfluous ones finish what they run. Tasks with a key
  /// that have not started may change their worker.
  void resize(std::size_t workers);
  pool_stats stats() const;
  const std::string& name() const;

 private:
  detail::pool_core& core() const;
  std::shared_ptr<detail::pool_core> core_;
};

}  // namespace troupe

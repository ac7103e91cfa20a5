#include <troupe/pipe.hpp>

#include "actors/queue_state.hpp"
#include "runtime/asking.hpp"

namespace troupe::detail {

namespace {

struct nobody final : answer_sink {
  void answered(reply&&) noexcept override {}
};

// One end: it hears from one queue and tells another. Its end, with the last handle to it, closes
// both: so the other end learns that nobody is there any more.
class pipe_end_state final : public object_state {
 public:
  pipe_end_state(std::shared_ptr<object> in, std::shared_ptr<object> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~pipe_end_state() override { close(); }

  void ask(request&& r, replies& out) override {
    switch (r.what) {
      case verb::put: return out_->ask(std::move(r));
      case verb::get:
      case verb::peek: return in_->ask(std::move(r));
      case verb::close:
        close();
        return out.push_back(answer_to(r, outcome::done));
      default: return out.push_back(answer_to(r, outcome::not_known));
    }
  }
  void withdraw(const answer_sink& from, std::uint64_t id, replies&) override {
    in_->withdraw(from, id);
    out_->withdraw(from, id);
  }
  // The queues are objects of their own, and hear of it themselves.
  void gone(const party&, replies&) override {}
  void end(replies&) override {}

 private:
  void close() {
    for (const auto& q : {in_, out_}) {
      request r;
      r.from = std::make_shared<nobody>();
      r.what = verb::close;
      q->ask(std::move(r));
    }
  }
  const std::shared_ptr<object> in_, out_;
};

}  // namespace

std::pair<object_ref, object_ref> make_pipe(system& sys, const pipe_options& options) {
  const auto line = [&] {
    return std::static_pointer_cast<object>(
        make_object(sys, object_kind::queue,
                    std::make_unique<queue_state>(queue_rules{.capacity = options.capacity})));
  };
  const auto there = line(), back = line();
  return {make_object(sys, object_kind::pipe_end, std::make_unique<pipe_end_state>(back, there)),
          make_object(sys, object_kind::pipe_end, std::make_unique<pipe_end_state>(there, back))};
}

const object_ref& pipe_handle::need() const { return need_object(ref_, "pipe"); }

bool pipe_handle::poll(duration timeout) const {
  const auto r = need()->perform(
      {.what = verb::peek, .at_once = timeout <= duration::zero(), .until = until(timeout)});
  return r.how == outcome::done || r.how == outcome::closed;
}

void pipe_handle::close() const { need()->perform({.what = verb::close}); }

void pipe_handle::send_item(item&& i) const {
  demand(need(), {.what = verb::put, .payload = std::move(i.bytes), .keep = std::move(i.keep)},
         "pipe");
}

buffer pipe_handle::recv_item(duration timeout) const {
  auto r = need()->perform({.what = verb::get, .until = until(timeout)});
  if (r.how == outcome::timed_out)
    throw empty_error{"nothing came through the pipe within " + in_words(timeout)};
  if (r.how != outcome::done) refuse(r.how, "pipe");
  return std::move(r.payload);
}

}  // namespace troupe::detail

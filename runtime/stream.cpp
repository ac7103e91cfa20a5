#include <troupe/stream.hpp>

#include "runtime/pool_core.hpp"

#include <algorithm>

namespace troupe::detail {

namespace {

constexpr std::int64_t chunk_ns = 200'000;  // so that handing a chunk over costs little beside it

}  // namespace

stream_engine::stream_engine(std::shared_ptr<pool_core> pool, std::unique_ptr<stream_source> source,
                             stream_options options, bool ordered)
    : pool_(std::move(pool)), source_(std::move(source)), options_(options), ordered_(ordered) {
  pool_->require_open();
  if (options_.deadline <= duration::zero())
    throw usage_error{"stream_options.deadline must be positive"};
  if (options_.window == 0) options_.window = std::max(4 * pool_->workers(), options_.chunk);
  if (options_.chunk > options_.window)
    throw usage_error{"stream_options.chunk is " + std::to_string(options_.chunk) +
                      ", larger than the window of " + std::to_string(options_.window)};
  if (!ordered_) gate_ = std::make_unique<gate>();
}

stream_engine::~stream_engine() {
  for (const auto& j : under_way_)
    if (j) pool_->cancel(*j, false);
}

std::size_t stream_engine::chunk() const noexcept {
  if (options_.chunk != 0) return options_.chunk;
  const auto share = options_.window / (4 * pool_->workers());
  if (share <= 1 || item_ns_ == 0) return 1;
  return std::clamp<std::size_t>(static_cast<std::size_t>(chunk_ns / item_ns_), 1, share);
}

void stream_engine::send_chunk() {
  const auto most = std::min(chunk(), options_.window - ahead_);
  auto j = job_ref<chunk_job>::adopt(new chunk_job{pool_.get()});
  const keeping note{j->keep};
  buffer_sink to{j->args};
  writer w{to};
  source_->encode_object(w);
  j->prefix = static_cast<std::uint32_t>(to.size());
  std::size_t items = 0, at = 0;
  try {
    while (items < most) {
      at = to.size();
      if (!source_->encode_next(w)) {
        over_ = true;
        break;
      }
      j->offsets.push_back(at);
      ++items;
    }
  } catch (...) {
    over_ = true;
    input_error_ = std::current_exception();
    to.cur = to.begin + at;  // half an item may stand behind the last whole one
  }
  if (items == 0) return;
  to.done();
  j->items = static_cast<std::uint32_t>(items);
  if (items == 1) j->offsets.clear();
  j->call = &source_->call();
  if (options_.deadline != duration::max()) j->deadline = options_.deadline;
  const auto job = job_ptr::share(j.get());
  pool_->submit(job);
  ahead_ += items;
  ++open_;
  under_way_.push_back(job);
  if (gate_) gate_->add(*job, first_index_ + under_way_.size() - 1);
}

void stream_engine::fill() {
  while (!over_ && ahead_ < options_.window &&
         (open_ == 0 || options_.window - ahead_ >= chunk()))
    send_chunk();
}

job_ptr stream_engine::next_chunk() {
  fill();
  if (open_ == 0) {
    if (input_error_) std::rethrow_exception(std::exchange(input_error_, nullptr));
    return {};
  }
  job_ptr j;
  if (ordered_) {
    wait(*under_way_.front(), duration::max());
    j = std::move(under_way_.front());
    under_way_.pop_front();
  } else {
    const auto index = gate_->next(std::nullopt);
    j = std::exchange(under_way_[*index - first_index_], {});
    for (; !under_way_.empty() && !under_way_.front(); ++first_index_) under_way_.pop_front();
  }
  --open_;
  if (j->item_ns != 0) item_ns_ = item_ns_ == 0 ? j->item_ns : (item_ns_ + j->item_ns) / 2;
  return j;
}

}  // namespace troupe::detail

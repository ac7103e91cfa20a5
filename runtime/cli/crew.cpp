#include "runtime/cli/crew.hpp"

namespace troupe::cli {

void refuse_timeout(const session& s, const std::string& program) {
  if (s.options.timeout != duration::max())
    throw troupe::usage_error{program +
                              " runs one call in each worker, without a deadline: leave out -t"};
}

crew_tasks::crew_tasks(session& s, std::vector<json> inputs)
    : session_(s), inputs_(std::move(inputs)), done_(inputs_.size()), open_(inputs_.size()) {
  tally_.tasks = inputs_.size();
}

void crew_tasks::take(std::size_t task, task_end end) {
  if (done_.at(task)) return;
  done_[task] = true;
  --open_;
  end.input = inputs_[task];
  tally_.count(end);
  session_.results().task(task, end);
}

void crew_tasks::finish(const std::vector<std::string>& deaths) {
  tally_.wall = std::chrono::steady_clock::now() - began_;
  for (std::size_t i = 0; i < done_.size(); ++i) {
    if (done_[i]) continue;
    task_end end;
    end.how = session_.stopping() ? ending::cancelled : ending::lost;
    end.error = deaths.empty() ? "no worker is left that would run it" : deaths.front();
    take(i, std::move(end));
  }
  session_.results().add(tally_);
}

}  // namespace troupe::cli

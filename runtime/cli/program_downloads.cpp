#include "runtime/cli/crew.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/sample_pages.hpp"

#include <troupe/this_worker.hpp>

#include <fmt/format.h>

namespace troupe::cli {

namespace {

using clock = std::chrono::steady_clock;

// What a link led to; an error, too, goes through the queue: one item for each link.
struct download {
  std::uint64_t link = 0;
  std::string body, error;
  std::string worker;
  int pid = 0;
  std::int64_t ran_ns = 0;
};
using outq = queue<download>;

void get_content(std::uint64_t link, const std::string& url, const outq& out) {
  const auto began = clock::now();
  download d{link, {}, {}, this_worker::name(), this_worker::pid(), 0};
  try {
    http_request request;
    request.url = url;
    request.body = [&](std::string_view bytes) { d.body += bytes; };
    request.progress = [](auto, auto) { return !this_worker::stop_requested(); };
    http_get(request);
  } catch (const std::exception& e) {
    d.error = e.what();
  }
  d.ran_ns = std::chrono::nanoseconds{clock::now() - began}.count();
  out.put(d);
}

struct links {
  std::vector<std::string> urls;
  std::vector<http_page> pages;
};

std::string as_python_bytes(std::string_view text) {
  std::string all;
  for (const char c : text) {
    if (c == '\r')
      all += "\\r";
    else if (c == '\n')
      all += "\\n";
    else
      all += c;
  }
  return "b'" + all + "'";
}

void take(session& s, const links& l, const download& d, crew_tasks& tasks) {
  task_end end;
  end.worker = d.worker;
  end.pid = d.pid;
  end.ran = std::chrono::nanoseconds{d.ran_ns};
  if (d.error.empty()) {
    end.result = d.body.size();
    s.show(l.urls[d.link] + " " + as_python_bytes(std::string_view{d.body}.substr(0, 100)));
    if (s.options.verify && d.body != l.pages[d.link].body)
      s.results().wrong(fmt::format("{} has other contents", l.urls[d.link]));
  } else {
    end.how = ending::failed;
    end.error = d.error;
  }
  tasks.take(d.link, std::move(end));
}

double seconds_since(clock::time_point t) {
  return std::chrono::duration<double>(clock::now() - t).count();
}

// The same function, here; 0 if the user stopped it.
double one_after_the_other(session& s, const links& l) {
  const outq out{s.system()};
  const auto began = clock::now();
  for (std::size_t i = 0; i < l.urls.size(); ++i) {
    if (s.stopping()) return 0;
    get_content(i, l.urls[i], out);
    out.get();
    out.task_done();
  }
  return seconds_since(began);
}

tally one_worker_a_link(session& s, const links& l, placement where) {
  const outq out{s.system()};
  crew<void> crew{s, "downloads", where, l.urls.size()};
  crew_tasks tasks{s, std::vector<json>(l.urls.begin(), l.urls.end())};
  for (std::size_t i = 0; i < l.urls.size() && !s.stopping(); ++i)
    crew.spawn<get_content>(std::uint64_t{i}, l.urls[i], out);
  const auto one_get = [&] {
    try {
      const auto d = out.get(crew_tick);
      take(s, l, d, tasks);
      out.task_done();
    } catch (const troupe::empty_error&) {
    }
    return tasks.open() == 0;
  };
  if (crew.wait_until(one_get, [] {})) out.join();
  while (out.size() != 0) one_get();
  tasks.finish(crew.deaths());
  crew.join();
  return tasks.counts();
}

void run(session& s, int latency_ms) {
  refuse_timeout(s, "downloads");
  const auto where = s.options.where.value_or(placement::thread);
  const std::size_t count = s.workers_or(3);
  links l;
  l.pages = sample_tables(count, std::chrono::milliseconds{latency_ms});
  const auto server = serve_on_loopback(l.pages);
  for (const auto& p : l.pages) l.urls.push_back(server->url(p.path));
  const auto run = one_worker_a_link(s, l, where);
  if (!run.complete() || s.stopping()) return;
  const auto alone = one_after_the_other(s, l);
  if (s.stopping()) return;
  s.results().summary["one_after_the_other_s"] = alone;
  if (s.options.json) return;
  s.out().result(fmt::format("one after the other: {:.3f} s", alone));
  s.out().result(fmt::format("by a {} a link: {:.3f} s", to_string(where), run.wall_s()));
}

}  // namespace

program_body add_downloads(CLI::App& app) {
  const auto latency_ms = std::make_shared<int>(200);
  add_number(app, "--latency", "MS", "of each link, in ms", *latency_ms, 0, 60'000);
  return [latency_ms](session& s) { run(s, *latency_ms); };
}

}  // namespace troupe::cli

#include "runtime/cli/download_files.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/runner.hpp"
#include "runtime/cli/sample_pages.hpp"

#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <cerrno>
#include <cstdio>
#include <optional>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;

struct flags {
  std::vector<std::string> urls;
  std::string folder;
  int latency_ms = 200;
};

struct order {
  std::string url;
  std::string part;  // where to; "": it is only counted
  duration timeout{0};
};

struct page {
  std::uint64_t bytes = 0, checksum = no_bytes_yet;
  int status = 0;
  std::string url;  // where redirects have led
};

void to_json(json& j, const page& p) {
  j = {{"bytes", p.bytes}, {"status", p.status}, {"url", p.url}};
}

using file = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void check(bool ok, const std::string& path) {
  if (!ok) throw std::system_error{errno, std::generic_category(), path};
}

// Retrieves a single page. The part exists, as long as anybody wants it.
page load(const order& o) {
  file part{o.part.empty() ? nullptr : std::fopen(o.part.c_str(), "r+b"), &std::fclose};
  check(part || o.part.empty(), o.part);
  page p;
  const auto answer = http_get({
      .url = o.url,
      .timeout = o.timeout,
      .body =
          [&](std::string_view bytes) {
            p.checksum = checksum(bytes, p.checksum);
            p.bytes += bytes.size();
            if (part)
              check(std::fwrite(bytes.data(), 1, bytes.size(), part.get()) == bytes.size(), o.part);
          },
      .progress =
          [](std::uint64_t now, std::uint64_t total) {
            if (total != 0)
              this_worker::progress(static_cast<double>(now) / static_cast<double>(total));
            return !this_worker::stop_requested();
          },
  });
  if (part) check(std::fclose(part.release()) == 0, o.part);
  p.status = answer.status;
  p.url = answer.url;
  return p;
}

std::string why(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

class downloads final : public task_list {
 public:
  downloads(session& s, const flags& f) : session_(s), urls_(f.urls), futures_(f.urls.size()) {
    if (!f.folder.empty()) files_.emplace(f.folder, urls_);
    s.on_kill([this] {
      if (files_) files_->remove_parts();
    });
  }
  ~downloads() override { session_.on_kill({}); }

  std::size_t size() const override { return urls_.size(); }
  void submit(std::size_t i, std::function<void()> done) override {
    const auto longest =
        session_.options.timeout != duration::max() ? session_.options.timeout : 60s;
    const order o{urls_[i], files_ ? files_->begin(i).string() : "", longest};
    call_options options;
    options.deadline = longest + 5s;  // curl minds the timeout itself, and says what it waited for
    futures_[i] = session_.pool().submit<load>(options, o);
    futures_[i].then([done = std::move(done)](const auto&) { done(); });
  }
  void cancel(std::size_t i) override { futures_[i].cancel(); }
  std::string underway(std::size_t i) const override {
    const auto progress = futures_[i].running() ? futures_[i].progress() : 0;
    return progress > 0 ? fmt::format("{} {:.0f} %", file_name_for(urls_[i]), progress * 100) : "";
  }
  task_end take(std::size_t i) override;

  duration one_after_the_other{0};
  std::uint64_t bytes = 0;
  std::function<void(std::size_t, const page&, const std::filesystem::path&)> verify;

 private:
  void succeed(std::size_t i, const page& p);

  session& session_;
  const std::vector<std::string>& urls_;
  std::vector<future<page>> futures_;
  std::optional<download_files> files_;
};

void downloads::succeed(std::size_t i, const page& p) {
  if (files_) files_->complete(i);
  bytes += p.bytes;
  if (verify) verify(i, p, files_ ? files_->target(i) : "");
  if (!session_.options.json)
    session_.out().result(fmt::format("'{}' page is {} bytes", urls_[i], p.bytes));
}

task_end downloads::take(std::size_t i) {
  const auto f = std::exchange(futures_[i], {});
  const auto outcome = f.outcome();
  const auto receipt = f.receipt();
  task_end end;
  auto error = outcome ? nullptr : outcome.error();
  if (outcome) try {
      succeed(i, *outcome);
      end.result = *outcome;
      if (files_) end.result["file"] = files_->target(i).string();
    } catch (const std::system_error&) {
      error = std::current_exception();
    }
  if (error) {
    end = end_of_failed_task(error);
    end.error = why(error);
    end.told = end.how == ending::failed;
    if (files_) files_->fail(i);
    if (end.told && !session_.options.json)
      session_.out().result(fmt::format("'{}' generated an exception: {}", urls_[i], end.error));
  }
  one_after_the_other += receipt.ran;
  end.input = urls_[i];
  end.worker = receipt.worker;
  end.pid = receipt.pid;
  end.ran = receipt.ran;
  return end;
}

void sum_up(session& s, const downloads& d, const tally& run) {
  const auto alone = std::chrono::duration<double>(d.one_after_the_other).count();
  auto& summary = s.results().summary;
  summary["bytes"] = d.bytes;
  summary["one_after_the_other_s"] = alone;
  s.out().note(
      fmt::format("{} pages, {} bytes, {} failed; {:.2f} s by {} workers, {:.2f} s if one "
                  "after the other",
                  run.ok, d.bytes, run.failed, run.wall_s(), s.workers(), alone));
}

std::string contents(const std::filesystem::path& path) {
  file f{std::fopen(path.c_str(), "rb"), &std::fclose};
  std::string all;
  char some[4096];
  for (std::size_t n = 0; f && (n = std::fread(some, 1, sizeof some, f.get())) > 0;)
    all.append(some, n);
  return all;
}

void run_downloads(session& s, const flags& f, const std::vector<http_page>& known) {
  const std::size_t as_in_the_document = 5;
  s.open_pool(s.options.where.value_or(placement::thread), s.workers_or(as_in_the_document));
  std::unique_ptr<downloads> d;
  try {
    d = std::make_unique<downloads>(s, f);
  } catch (const std::filesystem::filesystem_error& e) {
    throw troupe::usage_error{std::string{"--save: "} + e.what()};
  }
  if (s.options.verify && !known.empty())
    d->verify = [&](std::size_t i, const page& p, const std::filesystem::path& saved) {
      const bool right = i < known.size() && p.checksum == checksum(known[i].body) &&
                         (saved.empty() || contents(saved) == known[i].body);
      if (!right) s.results().wrong(fmt::format("'{}' has other contents", f.urls[i]));
    };
  const auto run = run_tasks(s, "fetch", *d, run_kind::recorded);
  sum_up(s, *d, run);
  if (s.options.verify && !known.empty() && !s.stopping() && run.ok != known.size())
    s.results().wrong(fmt::format("{} pages came, not {}", run.ok, known.size()));
}

void run(session& s, flags f) {
  if (!f.urls.empty()) return run_downloads(s, f, {});
  const auto pages = sample_sites(std::chrono::milliseconds{f.latency_ms});
  const auto server = serve_on_loopback(pages);
  for (const auto& p : pages) f.urls.push_back(server->url(p.path));
  f.urls.push_back(server->closed_url("/some-made-up-domain"));
  run_downloads(s, f, pages);
}

}  // namespace

program_body add_fetch(CLI::App& app) {
  const auto f = std::make_shared<flags>();
  add_texts(app, "urls", "URL", "http or https; none: five of its own, see below", f->urls);
  add_text(app, "--save", "DIR", "keep the pages in files in this folder", f->folder);
  add_number(app, "--latency", "MS", "of the slowest of its own pages, in ms", f->latency_ms, 0,
             60'000);
  return [f](session& s) { run(s, *f); };
}

}  // namespace troupe::cli

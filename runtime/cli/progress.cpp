#include "runtime/cli/progress.hpp"

#include "runtime/cli/terminal.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdio>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto redraw_after = 100ms;
constexpr auto print_after = 2s;

progress_style chosen(progress_style style) {
  if (style != progress_style::automatic) return style;
  return stderr_is_terminal() ? progress_style::bar : progress_style::none;
}

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

progress::progress(progress_style style) : style_(chosen(style)) {}

void progress::begin(std::string label, std::size_t total) {
  end();
  label_ = std::move(label);
  total_ = total;
  printed_ = 0;
  begun_ = clock::now();
  drawn_ = style_ == progress_style::bar ? clock::time_point{} : begun_;
}

void progress::update(std::size_t done, const std::string& detail) {
  if (total_ == 0) return;
  if (style_ == progress_style::bar) draw_bar(done, detail);
  if (style_ == progress_style::plain) print_plain(done, detail);
}

void progress::hide() {
  if (!shown_) return;
  put("\r\x1b[K");
  shown_ = false;
}

void progress::end() {
  hide();
  total_ = 0;
}

std::string progress::figures(std::size_t done) const {
  const std::chrono::duration<double> since = clock::now() - begun_;
  if (total_ == unknown) return fmt::format("{}  {:.1f} s", done, since.count());
  return fmt::format("{}/{}  {:3} %  {:.1f} s", done, total_, done * 100 / total_, since.count());
}

void progress::draw_bar(std::size_t done, const std::string& detail) {
  const auto now = clock::now();
  if (now - drawn_ < redraw_after) return;
  drawn_ = now;
  const auto tail = figures(done);
  const int room = terminal_width() - static_cast<int>(label_.size() + tail.size()) - 7;
  std::string bar;
  if (room >= 5 && total_ != unknown) {
    const auto width = static_cast<std::size_t>(std::min(room, detail.empty() ? 40 : 10));
    const auto full = width * done / total_;
    bar = "[" + std::string(full, '#') + std::string(width - full, '.') + "]  ";
  }
  auto line = fmt::format("{}  {}{}{}{}", label_, bar, tail, detail.empty() ? "" : "  ", detail);
  // A line that wraps could not be erased.
  line.resize(std::min(line.size(), static_cast<std::size_t>(std::max(terminal_width() - 1, 1))));
  put("\r" + line + "\x1b[K");
  shown_ = true;
}

void progress::print_plain(std::size_t done, const std::string& detail) {
  const auto now = clock::now();
  const bool further = done != printed_ && ((done - printed_) * 10 >= total_ || done == total_);
  if (now - drawn_ < print_after && !further) return;
  drawn_ = now;
  printed_ = done;
  put(fmt::format("{}  {}{}{}\n", label_, figures(done), detail.empty() ? "" : "  ", detail));
}

}  // namespace troupe::cli

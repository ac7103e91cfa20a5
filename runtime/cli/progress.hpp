// How far a run is, on stderr.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace troupe::cli {

enum class progress_style { automatic, bar, plain, none };

/// A bar that is redrawn in its line, at most ten times a second, and erased at the end; or a plain
/// line now and then. `automatic`: a bar on a terminal, else nothing.
class progress {
 public:
  explicit progress(progress_style style);
  ~progress() { end(); }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  static constexpr std::size_t unknown = std::size_t(-1);  ///< total: how many remains to be seen

  void begin(std::string label, std::size_t total);
  /// `detail`: words about what is under way, cut to what fits into the line.
  void update(std::size_t done, const std::string& detail = {});
  void hide();  ///< for a line that is about to be printed; the next update draws it again
  void end();

 private:
  using clock = std::chrono::steady_clock;

  void draw_bar(std::size_t done, const std::string& detail);
  void print_plain(std::size_t done, const std::string& detail);
  std::string figures(std::size_t done) const;

  progress_style style_;
  std::string label_;
  std::size_t total_ = 0;  // 0: nothing under way
  bool shown_ = false;
  clock::time_point begun_, drawn_;
  std::size_t printed_ = 0;  // `done` of the last plain line
};

}  // namespace troupe::cli

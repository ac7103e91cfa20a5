// The files that downloads are saved to.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::cli {

/// A worker writes a part, hidden beside the file that it becomes when it is complete. The parts
/// are made and removed here, and only here: whatever becomes of a worker, none is left behind, and
/// one that comes too late finds nothing to write to. For any thread.
class download_files {
 public:
  /// Makes the folder, if there is none. Throws std::filesystem::filesystem_error.
  download_files(const std::filesystem::path& folder, const std::vector<std::string>& urls);
  ~download_files() { remove_parts(); }
  download_files(const download_files&) = delete;
  download_files& operator=(const download_files&) = delete;

  const std::filesystem::path& target(std::size_t i) const { return targets_.at(i); }
  /// An empty part. Throws std::system_error; so does complete.
  std::filesystem::path begin(std::size_t i);
  void complete(std::size_t i);  ///< replaces an older file of that name
  void fail(std::size_t i);
  void remove_parts();  ///< and no more are made

 private:
  std::filesystem::path part(std::size_t i) const;

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> targets_;
  std::mutex mutex_;
  std::vector<bool> begun_;
  bool over_ = false;
};

/// The last part of the URL's path, as far as it is fit for a file's name; else its host.
std::string file_name_for(const std::string& url);

}  // namespace troupe::cli

#include "runtime/cli/download_files.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <set>
#include <system_error>

namespace troupe::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_name = 100;

[[noreturn]] void fail_with_errno(const fs::path& file) {
  throw std::system_error{errno, std::generic_category(), file.string()};
}

// "page.html", "page-2.html": names that differ.
std::string unused(const std::string& name, std::set<std::string>& used) {
  const fs::path as_path{name};
  auto candidate = name;
  for (int n = 2; !used.insert(candidate).second; ++n)
    candidate = fmt::format("{}-{}{}", as_path.stem().string(), n, as_path.extension().string());
  return candidate;
}

}  // namespace

std::string file_name_for(const std::string& url) {
  auto rest = url.substr(0, url.find_first_of("?#"));
  if (const auto scheme = rest.find("://"); scheme != rest.npos) rest.erase(0, scheme + 3);
  while (rest.ends_with('/')) rest.pop_back();
  auto name = rest.substr(rest.rfind('/') + 1);
  std::ranges::replace_if(
      name,
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-' && c != '_'; },
      '_');
  if (name.size() > longest_name) name.erase(0, name.size() - longest_name);
  if (name.empty()) return "page";
  if (name.front() == '.') name.front() = '_';
  return name;
}

download_files::download_files(const fs::path& folder, const std::vector<std::string>& urls)
    : folder_(folder), begun_(urls.size()) {
  fs::create_directories(folder);
  std::set<std::string> used;
  for (const auto& url : urls) targets_.push_back(folder / unused(file_name_for(url), used));
}

fs::path download_files::part(std::size_t i) const {
  return folder_ / fmt::format(".{}.part", targets_.at(i).filename().string());
}

fs::path download_files::begin(std::size_t i) {
  const std::lock_guard hold{mutex_};
  auto file = part(i);
  if (over_) return file;
  std::FILE* const f = std::fopen(file.c_str(), "wb");
  if (f == nullptr) fail_with_errno(file);
  std::fclose(f);
  begun_[i] = true;
  return file;
}

void download_files::complete(std::size_t i) {
  const std::lock_guard hold{mutex_};
  fs::rename(part(i), targets_[i]);
  begun_[i] = false;
}

void download_files::fail(std::size_t i) {
  const std::lock_guard hold{mutex_};
  std::error_code ignored;
  if (begun_[i]) fs::remove(part(i), ignored);
  begun_[i] = false;
}

void download_files::remove_parts() {
  {
    const std::lock_guard hold{mutex_};
    over_ = true;
  }
  for (std::size_t i = 0; i < targets_.size(); ++i) fail(i);
}

}  // namespace troupe::cli

#include "tests/runtime/support.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

extern char** environ;

namespace support {

namespace fs = std::filesystem;

namespace {

constexpr const char* cookie_variable = "TROUPE_TEST_COOKIE";

std::string contents(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string status_line(const std::string& key) {
  std::istringstream in{contents("/proc/self/status")};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return line;
  return {};
}

// Children, dead or alive, and whoever else was started from here and inherited the cookie.
std::string processes() {
  const std::string self = std::to_string(getpid());
  const std::string cookie = cookie_variable + ("=" + std::string{std::getenv(cookie_variable)}) + '\0';
  std::string found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto pid = entry.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos || pid == self) continue;
    const auto stat = contents(entry.path() / "stat");
    std::istringstream rest{stat.substr(std::min(stat.size(), stat.rfind(')') + 1))};
    std::string state, parent;
    rest >> state >> parent;
    if (parent == self || contents(entry.path() / "environ").find(cookie) != std::string::npos)
      found += pid + "(" + state + ", parent " + parent + ") ";
  }
  return found;
}

std::string listing(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& e : fs::directory_iterator(path, ignored)) names.push_back(e.path().filename());
  std::sort(names.begin(), names.end());
  std::string all;
  for (const auto& n : names) all += n + " ";
  return all;
}

std::string descriptors() {
  std::vector<std::string> all;
  std::error_code ignored;
  for (const auto& e : fs::directory_iterator("/proc/self/fd", ignored)) {
    const auto target = fs::read_symlink(e.path(), ignored).string();
    if (!target.starts_with("/proc/")) all.push_back(e.path().filename().string() + "=" + target);
  }
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& f : all) text += f + " ";
  return text;
}

std::string handlers() {
  std::string all;
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) != 0 || now.sa_handler == SIG_DFL) continue;
    std::ostringstream out;
    out << signal << ':' << reinterpret_cast<void*>(now.sa_handler) << '/' << now.sa_flags << ' ';
    all += out.str();
  }
  return all;
}

std::string environment() {
  std::string all;
  for (char** e = environ; *e != nullptr; ++e) all += std::string{*e} + '\n';
  return all;
}

void wait_for_file(const std::string& path, bool may_stop) {
  while (!fs::exists(path) && !(may_stop && troupe::this_worker::stop_requested()))
    usleep(1000);
}

void leave_mark(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  [[maybe_unused]] const auto n = write(fd, "x", 1);
  close(fd);
}

}  // namespace

std::mt19937_64 random_source() {
  const char* given = std::getenv("TROUPE_SEED");
  const auto seed = given != nullptr ? std::strtoull(given, nullptr, 10)
                                     : static_cast<unsigned long long>(std::random_device{}());
  std::cout << "TROUPE_SEED=" << seed << std::endl;
  return std::mt19937_64{seed};
}

std::size_t peak_memory() {
  std::istringstream line{status_line("VmHWM:")};
  std::string name;
  std::size_t kib = 0;
  line >> name >> kib;
  return kib * 1024;
}
void reset_peak_memory() { std::ofstream{"/proc/self/clear_refs"} << 5; }

footprint footprint_now() {
  return {{"processes", processes()},
          {"descriptors", descriptors()},
          {"threads", status_line("Threads")},
          {"shared memory", listing("/dev/shm")},
          {"signal mask", status_line("SigBlk")},
          {"signal handlers", handlers()},
          {"umask", status_line("Umask")},
          {"directory", fs::current_path()},
          {"environment", environment()}};
}

scratch::scratch() {
  std::string name = (fs::temp_directory_path() / "troupe-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
  path_ = name;
}
scratch::~scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

clean_test::clean_test() { setenv(cookie_variable, std::to_string(getpid()).c_str(), 1); }

void clean_test::SetUp() {
  eventually([] { return status_line("Threads").ends_with("\t1"); }, 500ms);  // of other tests
  before_ = footprint_now();
}

void clean_test::TearDown() {
  system_.reset();
  if (before_.empty()) return;  // skipped before it was set up
  eventually([&] { return footprint_now() == before_; }, 10s);
  for (const auto& [what, now] : footprint_now())
    EXPECT_EQ(now, before_[what]) << what << " differ: something was left behind";
}

troupe::system& clean_test::sys() {
  if (!system_) return sys({});
  return *system_;
}

troupe::system& clean_test::sys(troupe::system_options options) {
  options.on_event = [this](const troupe::system_event& e) {
    const std::lock_guard hold{mutex_};
    events_.push_back(e);
  };
  return system_.emplace(std::move(options));
}

int clean_test::events(const std::string& kind) {
  const std::lock_guard hold{mutex_};
  return static_cast<int>(std::count_if(events_.begin(), events_.end(),
                                        [&](const auto& e) { return e.kind == kind; }));
}

int turnstile::arrived() const { return marks(path); }
void turnstile::open() const { leave_mark(path + ".open"); }

int pass(const std::string& turnstile, int x) {
  leave_mark(turnstile);
  wait_for_file(turnstile + ".open", true);
  return x;
}

int pass_deaf(const std::string& turnstile, int x) {
  leave_mark(turnstile);
  wait_for_file(turnstile + ".open", false);
  return x;
}

int mark(const std::string& path, int x) {
  leave_mark(path);
  return x;
}

int marks(const std::string& path) {
  std::error_code ignored;
  const auto n = fs::file_size(path, ignored);
  return ignored ? 0 : static_cast<int>(n);
}

}  // namespace support

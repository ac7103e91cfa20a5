#include "runtime/process_tree.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace troupe::detail {

namespace {

constexpr int rounds_at_most = 1000;  // against one that forks faster than it can be stopped

// From /proc/PID/stat, behind the name, which may hold anything. 0: it is gone.
pid_t parent_of(const char* pid) noexcept {
  char path[64], text[1024];
  std::snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const auto n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  const char* behind = std::strrchr(text, ')');
  char state = 0;
  int parent = 0;
  if (behind == nullptr || std::sscanf(behind, ") %c %d", &state, &parent) != 2) return 0;
  return parent;
}

// Stops the children of those in the tree and takes them in; false: there were no more.
bool take_children(std::set<pid_t>& tree) {
  DIR* all = opendir("/proc");
  if (all == nullptr) return false;
  bool more = false;
  while (const dirent* entry = readdir(all)) {
    const auto pid = static_cast<pid_t>(std::atoi(entry->d_name));
    if (pid <= 0 || tree.contains(pid) || !tree.contains(parent_of(entry->d_name))) continue;
    kill(pid, SIGSTOP);
    tree.insert(pid);
    more = true;
  }
  closedir(all);
  return more;
}

}  // namespace

// Each is stopped before its children are looked for: so it has no others afterwards, and, as it
// cannot reap them, their numbers stay theirs.
void kill_tree(int root) noexcept {
  kill(root, SIGSTOP);
  try {
    std::set<pid_t> tree{root};
    for (int i = 0; i < rounds_at_most && take_children(tree); ++i) {
    }
    for (const auto pid : tree) kill(pid, SIGKILL);
  } catch (...) {
    kill(root, SIGKILL);  // no memory for more
  }
}

}  // namespace troupe::detail

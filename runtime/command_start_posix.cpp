#include "runtime/command_start.hpp"

#include "runtime/command.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

extern char** environ;

namespace troupe::detail {

namespace {

// One that is not a standard stream's: of a host that has closed its own, pipes get their numbers,
// and would overwrite each other when they are put in place.
descriptor beyond_streams(descriptor d) {
  if (d.get() < 0 || d.get() > STDERR_FILENO) return d;
  return descriptor{fcntl(d.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
}

// As a file in memory: no pipe that could fill up, break, or raise SIGPIPE.
descriptor input_file(const arguments& argv, const std::string& input) {
  const auto failed = [&](int error) { cannot_start(argv, ": its input", error, argv[0]); };
  rlimit size{};
  if (getrlimit(RLIMIT_FSIZE, &size) == 0 && input.size() > size.rlim_cur) failed(EFBIG);
  auto file = beyond_streams(descriptor{memfd_create("troupe-input", MFD_CLOEXEC)});
  if (!file) failed(errno);
  for (std::string_view rest = input; !rest.empty();) {
    const auto n = ::write(file.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) failed(n < 0 ? errno : ENOSPC);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<char*> pointers(const arguments& strings) {
  std::vector<char*> p;
  p.reserve(strings.size() + 1);
  for (const auto& s : strings) p.push_back(const_cast<char*>(s.c_str()));
  p.push_back(nullptr);
  return p;
}

// What posix_spawn is told. Its functions fail for want of memory only.
class plan {
 public:
  plan() {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  ~plan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  plan(const plan&) = delete;
  plan& operator=(const plan&) = delete;

  void place(const descriptor& from, int to) {
    note(posix_spawn_file_actions_adddup2(&files_, from.get(), to));
  }
  void nothing_to_read() {
    note(posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
  }
  void go_to(const std::filesystem::path& cwd) {
    note(posix_spawn_file_actions_addchdir_np(&files_, cwd.c_str()));
  }
  int start(pid_t& pid, const arguments& argv, char* const* env, bool own_group) {
    note(posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1));
    const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
    posix_spawnattr_setflags(
        &attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
    if (error_ != 0) return error_;
    return posix_spawnp(&pid, argv[0].c_str(), &files_, &attributes_, pointers(argv).data(), env);
  }

 private:
  void note(int error) noexcept { error_ = error_ != 0 ? error_ : error; }

  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
  int error_ = 0;
};

}  // namespace

void cannot_start(const arguments& argv, const std::string& why, int error,
                  const std::string& path) {
  throw start_error{"command '" + shown_command(argv) + "' could not be started" + why + ": " +
                        std::strerror(error),
                    error, path};
}

void descriptor::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void pipe_ends::open(const arguments& argv) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) cannot_start(argv, " for want of a pipe", errno, argv[0]);
  read = descriptor{fds[0]};
  write = descriptor{fds[1]};
  read = beyond_streams(std::move(read));
  write = beyond_streams(std::move(write));
  if (!read || !write) cannot_start(argv, " for want of a pipe", errno, argv[0]);
}

int start_command(const arguments& argv, const command_options& o, const descriptor& out,
                  const descriptor& err, bool own_group) {
  plan p;
  descriptor input;
  if (o.input && o.input->empty()) p.nothing_to_read();
  if (o.input && !o.input->empty()) p.place(input = input_file(argv, *o.input), STDIN_FILENO);
  if (out) p.place(out, STDOUT_FILENO);
  if (err) p.place(err, STDERR_FILENO);
  if (!o.cwd.empty()) p.go_to(o.cwd);
  arguments variables;
  if (o.env)
    for (const auto& [name, value] : *o.env) variables.push_back(name + "=" + value);
  pid_t pid = -1;
  const int error = p.start(pid, argv, o.env ? pointers(variables).data() : environ, own_group);
  if (error == 0) return pid;
  // The same errno may be meant for either.
  if (!o.cwd.empty() && access((o.cwd / ".").c_str(), X_OK) != 0)
    cannot_start(argv, " in " + o.cwd.string(), errno, o.cwd.string());
  cannot_start(argv, "", error, argv[0]);
}

}  // namespace troupe::detail

#include <troupe/shared.hpp>

#include "runtime/asking.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace troupe::detail {

namespace {

constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
constexpr std::size_t read_at_once = std::size_t{16} << 20;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

// Where the owner keeps it.
struct place {
  std::int32_t pid = 0;
  std::int32_t fd = -1;
  std::uint64_t bytes = 0;
};

buffer bytes_of(const place& p) {
  buffer b;
  b.append(std::as_bytes(std::span{&p, 1}));
  return b;
}

}  // namespace

class shared_bytes::mapping {
 public:
  // A new one with these contents, which nobody can change any more.
  explicit mapping(std::span<const std::byte> bytes) : size_(bytes.size()) {
    if (size_ == 0) return;
    fd_ = memfd_create("troupe-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd_ < 0) fail("memfd_create for shared memory");
    try {
      fill(bytes);
      map(fd_);
    } catch (...) {
      close(fd_);
      throw;
    }
  }
  // The owner's; if that cannot be opened (another user, another namespace) a copy of it.
  mapping(const place& where, const object_ref& ref) : size_(where.bytes) {
    if (size_ == 0 || open_owners(where)) return;
    copy_.reserve(size_);
    while (copy_.size() < size_) {
      const auto r = demand(ref, {.what = verb::read, .number = copy_.size()}, "shared memory");
      if (r.payload.empty()) throw decode_error{"shared memory is shorter than it was said to be"};
      copy_.append(r.payload.view());
    }
    data_ = copy_.data();
  }
  ~mapping() {
    if (data_ != nullptr && copy_.empty()) munmap(const_cast<std::byte*>(data_), size_);
    if (fd_ >= 0) close(fd_);
  }
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;

  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  int fd() const noexcept { return fd_; }

 private:
  void fill(std::span<const std::byte> bytes) {
    if (ftruncate(fd_, static_cast<off_t>(size_)) != 0) fail("sizing shared memory");
    // Not through a mapping: a full disk of memory is then an error here, not a signal.
    for (std::size_t done = 0; done < size_;) {
      const auto n = write(fd_, bytes.data() + done, std::min(size_ - done, std::size_t{1} << 30));
      if (n < 0 && errno != EINTR) fail("filling shared memory");
      if (n > 0) done += static_cast<std::size_t>(n);
    }
    if (fcntl(fd_, F_ADD_SEALS, seals) != 0) fail("sealing shared memory");
  }
  void map(int fd) {
    void* const at = mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) fail("mapping shared memory");
    data_ = static_cast<const std::byte*>(at);
  }
  bool open_owners(const place& where) {
    const auto path = "/proc/" + std::to_string(where.pid) + "/fd/" + std::to_string(where.fd);
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat st {};
    const bool right = fstat(fd, &st) == 0 && st.st_size == static_cast<off_t>(size_) &&
                       fcntl(fd, F_GET_SEALS) == seals;
    if (right) map(fd);
    close(fd);
    return right;
  }

  std::size_t size_;
  const std::byte* data_ = nullptr;
  int fd_ = -1;
  buffer copy_;
};

// Tells where the memory is; or, to who cannot go there, what is in it.
class shared_state final : public object_state {
 public:
  explicit shared_state(std::shared_ptr<const shared_bytes::mapping> m) : mapping_(std::move(m)) {}

  void ask(request&& r, replies& out) override {
    auto a = answer_to(r, outcome::done);
    const auto bytes = mapping_->bytes();
    if (r.what == verb::describe) {
      a.payload = bytes_of({getpid(), mapping_->fd(), bytes.size()});
    } else if (r.what == verb::read) {
      const auto from = std::min<std::size_t>(r.number, bytes.size());
      a.payload.append(bytes.subspan(from, std::min(read_at_once, bytes.size() - from)));
    } else {
      a.how = outcome::not_known;
    }
    out.push_back(std::move(a));
  }
  void withdraw(const answer_sink&, std::uint64_t, replies&) override {}
  void gone(const party&, replies&) override {}
  void end(replies&) override {}  // there is nothing to wait for, and who has a handle keeps it

 private:
  const std::shared_ptr<const shared_bytes::mapping> mapping_;
};

namespace {

using object_key = std::pair<std::uint64_t, std::uint64_t>;
object_key key_of(const object_ref& ref) { return {ref->name().owner, ref->name().number}; }

// What is mapped in this process, so that it is mapped once. Not destroyed.
template <class Mapping>
struct mapped {
  std::mutex mutex;
  std::map<object_key, std::weak_ptr<const Mapping>> all;
  static mapped& instance() {
    static auto* m = new mapped;
    return *m;
  }
};

}  // namespace

shared_bytes::shared_bytes(system& sys, std::span<const std::byte> bytes)
    : mapping_(std::make_shared<const mapping>(bytes)) {
  ref_ = make_object(sys, object_kind::shared, std::make_unique<shared_state>(mapping_));
  auto& known = mapped<mapping>::instance();
  const std::lock_guard hold{known.mutex};
  std::erase_if(known.all, [](const auto& m) { return m.second.expired(); });
  known.all[key_of(ref_)] = mapping_;
}

std::shared_ptr<const shared_bytes::mapping> shared_bytes::attach(const object_ref& ref) {
  auto& known = mapped<mapping>::instance();
  const std::lock_guard hold{known.mutex};
  auto& here = known.all[key_of(ref)];
  if (auto already = here.lock()) return already;
  const auto r = ref->perform({.what = verb::describe});
  if (r.how != outcome::done || r.payload.size() != sizeof(place)) return nullptr;
  place where;
  std::memcpy(&where, r.payload.data(), sizeof where);
  const auto fresh = std::make_shared<const mapping>(where, ref);
  here = fresh;
  return fresh;
}

std::span<const std::byte> shared_bytes::bytes() const {
  if (mapping_) return mapping_->bytes();
  if (ref_) throw closed_error{"the shared memory was gone before this handle to it arrived"};
  return {};
}

void shared_bytes::load(reader& from) {
  ref_ = load_reference(from, object_kind::shared);
  mapping_ = ref_ ? attach(ref_) : nullptr;
}

}  // namespace troupe::detail

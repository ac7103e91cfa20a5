#include "runtime/ring.hpp"

#include <cerrno>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace troupe::detail {

namespace {

constexpr std::size_t rings = 4;
constexpr std::size_t file_bytes = page_bytes + rings * ring_size;
constexpr std::size_t mapped_bytes = page_bytes + 2 * rings * ring_size;
constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

shared_region shared_region::create(int& fd) {
  fd = memfd_create("troupe-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) fail("memfd_create for a worker's mailbox");
  try {
    if (ftruncate(fd, file_bytes) != 0) fail("sizing a worker's mailbox");
    if (fcntl(fd, F_ADD_SEALS, seals) != 0) fail("sealing a worker's mailbox");
    auto region = map(fd);
    new (region.base_) shared_page;
    return region;
  } catch (...) {
    close(fd);
    fd = -1;
    throw;
  }
}

shared_region shared_region::open(int fd) {
  struct stat st {};
  if (fstat(fd, &st) != 0) fail("looking at the mailbox");
  if (st.st_size != static_cast<off_t>(file_bytes) || fcntl(fd, F_GET_SEALS) != seals)
    throw usage_error{"the mailbox is not one of this version of Troupe"};
  auto region = map(fd);
  if (region.page()->version != layout_version || region.page()->size != sizeof(shared_page))
    throw usage_error{"the mailbox is laid out for another version of Troupe"};
  return region;
}

shared_region shared_region::map(int fd) {
  auto* const base = static_cast<std::byte*>(
      mmap(nullptr, mapped_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (base == MAP_FAILED) fail("reserving memory for a mailbox");
  shared_region region{base};
  const auto place = [&](std::size_t at, std::size_t bytes, std::size_t offset) {
    if (mmap(base + at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
             static_cast<off_t>(offset)) == MAP_FAILED)
      fail("mapping a mailbox");
  };
  place(0, page_bytes, 0);
  for (std::size_t i = 0; i < 2 * rings; ++i)
    place(page_bytes + i * ring_size, ring_size, page_bytes + i / 2 * ring_size);
  return region;
}

shared_region::~shared_region() {
  if (base_ != nullptr) munmap(base_, mapped_bytes);
}

}  // namespace troupe::detail

// Types of your own: a plain aggregate travels as it is, a class says how.
#include <cstdio>
#include <map>
#include <string>
#include <troupe/troupe.hpp>
#include <vector>

struct point {
  double x = 0, y = 0;
};
struct polygon {
  std::string name;
  std::vector<point> corners;
};

class account {
 public:
  account() = default;
  explicit account(int cents) : cents_(cents) {}
  int cents() const { return cents_; }
  template <class Archive>
  void serialize(Archive& ar) {
    ar(cents_);
  }

 private:
  int cents_ = 0;
};

double area(const polygon& p) {
  double sum = 0;
  for (std::size_t i = 0; i < p.corners.size(); ++i) {
    const auto& [x1, y1] = p.corners[i];
    const auto& [x2, y2] = p.corners[(i + 1) % p.corners.size()];
    sum += x1 * y2 - x2 * y1;
  }
  return sum / 2;
}
account total(const std::map<std::string, account>& all) {
  int sum = 0;
  for (const auto& [name, a] : all) sum += a.cents();
  return account{sum};
}

static_assert(troupe::portable<polygon> && troupe::portable<account>);
static_assert(!troupe::portable<int*>);

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};
  std::printf("%g\n", pool.apply<area>(polygon{"square", {{0, 0}, {2, 0}, {2, 2}, {0, 2}}}));
  const std::map<std::string, account> all{{"ann", account{250}}, {"bob", account{175}}};
  std::printf("%d\n", pool.apply<total>(all).cents());
}

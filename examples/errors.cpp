// What a task throws arrives as what it was, and as a task_error that tells where it happened.
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <troupe/troupe.hpp>

int price(const std::string& fruit) {
  static const std::map<std::string, int> prices{{"apple", 3}, {"pear", 4}};
  return prices.at(fruit);
}

struct sold_out : std::runtime_error {  // an exception with data of its own
  std::string fruit;
  sold_out() : std::runtime_error("sold out") {}
  template <class Archive>
  void serialize(Archive& ar) {
    ar(fruit);
  }
};
int buy(const std::string& fruit) {
  sold_out e;
  e.fruit = fruit;
  throw e;
}

int main(int argc, char** argv) {
  troupe::register_exception<sold_out>();
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};

  try {
    pool.apply<price>("plum");
  } catch (const std::out_of_range&) {
    std::printf("no such fruit\n");
  }
  try {
    pool.apply<price>("plum");
  } catch (const troupe::task_error& e) {
    std::printf("%s in another process: %s\n", e.type_name().c_str(),
                e.pid() != troupe::this_worker::pid() ? "yes" : "no");
  }
  try {
    pool.apply<buy>("pear");
  } catch (const sold_out& e) {
    std::printf("%s: %s\n", e.what(), e.fruit.c_str());
  }
}

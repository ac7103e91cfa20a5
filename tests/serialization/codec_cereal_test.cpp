// cereal's own headers, as programs that know cereal include them, change nothing.
#include <cereal/types/array.hpp>
#include <cereal/types/bitset.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/complex.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/forward_list.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/valarray.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include "tests/fuzz/kitchen_sink.hpp"
#include "tests/serialization/bytes.hpp"
#include "tests/serialization/memory_meter.hpp"

#include <troupe/portable.hpp>

#include <valarray>

namespace {

TEST(CerealsHeaders, DoNotChangeTheBytes) {
  EXPECT_EQ(bytes::hex(bytes::encoded(std::vector<std::string>{"a"})),
            "01000000000000000100000000000000" "61");
  EXPECT_EQ(bytes::hex(bytes::encoded(std::optional<int>{7})), "0107000000");
  EXPECT_EQ(bytes::hex(bytes::encoded(std::bitset<10>{0x205})), "0502");
  EXPECT_EQ(bytes::hex(bytes::encoded(std::variant<int, bool>{true})), "0100000001");
}

TEST(CerealsHeaders, LeaveEveryKindOfValueReadable) {
  const auto in = bytes::encoded(kitchen::filled());
  EXPECT_TRUE(bytes::encoded(troupe::decode<kitchen::canonical>(in)) == in);
  const auto loose = bytes::encoded(kitchen::filled_loose());
  EXPECT_TRUE(troupe::decode<kitchen::loose>(loose) == kitchen::filled_loose());
}

TEST(CerealsHeaders, MakeMoreTypesPortableWithTheSameGuard) {
  static_assert(troupe::is_portable_v<std::valarray<double>>);
  const std::valarray<double> v{1, 2};
  EXPECT_EQ(troupe::decode<std::valarray<double>>(bytes::encoded(v))[1], 2);
  const auto bomb = bytes::size_tag(std::uint64_t{1} << 40, 64);
  const memory_meter meter;
  EXPECT_THROW(troupe::decode<std::valarray<double>>(bomb), troupe::decode_error);
  EXPECT_LE(meter.peak(), 4096u);
}

}  // namespace

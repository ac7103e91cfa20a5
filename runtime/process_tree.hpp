// A process and all that descends from it, where a process group is not to be had.
#pragma once

namespace troupe::detail {

/// Kills the process, a child of this one that has not been reaped, and its descendants. Those
/// whose parent has ended already are nobody's descendants: they stay. Reads /proc; bounded.
void kill_tree(int root) noexcept;

}  // namespace troupe::detail

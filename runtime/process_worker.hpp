// A worker process, seen from the host: its mailbox (the ring), its news (the reactor), its life.
#pragma once

#include "runtime/pool_core.hpp"
#include "runtime/ring.hpp"

namespace troupe::detail {

/// What a child process has to tell, once it is over.
struct child_over {};

class process_worker final : public worker,
                             public mailbox,
                             public reactor::watcher,
                             public std::enable_shared_from_this<process_worker> {
 public:
  process_worker(worker_spec spec, std::shared_ptr<pool_core> pool);
  ~process_worker() override;

  /// On the spawner's thread: makes the link, starts the process.
  void launch() noexcept;

  // worker
  caf::actor_addr address() const override;
  int pid() const override { return pid_.load(); }
  void apply(stop_action action) noexcept override;
  // mailbox
  bool push(slice& s) override;
  void wake() noexcept override;
  // reactor::watcher, on the reactor's thread
  void ready(int tag) noexcept override;

 private:
  friend std::shared_ptr<worker> start_process_worker(worker_spec, std::shared_ptr<pool_core>);
  enum tag : int { bell_tag, socket_tag, exit_tag };

  // Outgoing: under out_mutex_, by whoever pushes and by the reactor.
  bool send_now(const slice& s);
  void pump();
  bool pump_some();
  std::size_t room_to_go_on() const;
  // Incoming: the reactor's alone.
  void listen();
  void drain();
  bool drain_some();
  std::optional<frame_header> next_frame() noexcept;
  bool take_frame(pool_state& state, effects& fx, std::vector<std::uint64_t>& started);
  bool take_piece();
  bool piece_fits(const frame_header& h);
  bool take_answer(pool_state& state, effects& fx, const frame_header& h,
                   std::span<const std::byte> payload);
  bool take_start(const pool_state& state, const frame_header& h) noexcept;
  void read_socket();
  bool obey(const frame& f);
  void broke_protocol(std::string how) noexcept;
  void unexpected(const frame_header& h) noexcept;
  // The end.
  void over();
  void over_when_dead() noexcept;
  void recover();
  void signal_group(int signal) noexcept;
  void close_all() noexcept;

  const std::shared_ptr<pool_core> pool_;
  caf::actor proxy_;
  std::atomic<int> pid_{0};

  std::mutex out_mutex_;
  shared_region region_;
  std::optional<ring_writer> out_;
  std::deque<slice> outbox_;           // what found no room
  std::size_t streamed_ = 0;           // bytes of the first of them that are in the ring
  bool streaming_ = false;
  int pidfd_ = -1, socket_ = -1, bell_ = -1;
  bool killed_ = false;                // before or after the launch
  bool reaped_ = false;

  std::optional<ring_reader> in_;
  buffer pieces_;                      // of the first item that is not answered
  frame_reader control_{max_control_frame};
  std::uint64_t answered_ = 0;         // id of the last slice that is wholly answered
  std::uint64_t begun_ = 0;            // id of the last slice that was told to have begun
  std::uint32_t part_items_ = 0;       // of the next one, answered in parts
  bool hello_ = false, is_ready_ = false, broken_ = false;
};

}  // namespace troupe::detail

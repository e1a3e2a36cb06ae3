#include <holdfast/trainer/stop_signals.h>

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>

namespace holdfast::trainer {
namespace {

constexpr std::array<int, 3> kStopSignals = {SIGTERM, SIGINT, SIGUSR1};

// The only globals of the trainer: a signal handler has nothing else to write to.
std::atomic<int> noted{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free &&
                  std::atomic<pid_t>::is_always_lock_free,
              "a signal handler may touch nothing else");

std::array<struct sigaction, kStopSignals.size()> previous;

std::atomic<bool> parent_was_first{false};
std::atomic<bool> other_has_come{false};  // a signal from elsewhere came after the parent's
std::atomic<pid_t> last_parent{0};        // the parent that sent a signal last
std::atomic<pid_t> parent_at_start{0};

// The parent may have died after it sent the signal: then getppid() is another, and the first
// parent is remembered.
bool is_from_parent(const siginfo_t& info) {
  return info.si_code == SI_USER && (info.si_pid == getppid() || info.si_pid == parent_at_start);
}

extern "C" void note_or_end(int signal, siginfo_t* info, void*) {
  const bool from_parent = is_from_parent(*info);
  const bool is_new_parent = from_parent && last_parent.exchange(info->si_pid) != info->si_pid;
  int none = 0;
  if (noted.compare_exchange_strong(none, signal)) {
    parent_was_first = from_parent;
    return;
  }
  if (is_new_parent) return;
  if (!from_parent && parent_was_first && !other_has_come.exchange(true)) return;
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(signal, &by_default, nullptr);
  raise(signal);  // takes effect when the handler returns
}

}  // namespace

StopSignals::StopSignals() {
  noted = 0;
  other_has_come = false;
  last_parent = 0;
  parent_at_start = getppid();
  struct sigaction action {};
  action.sa_sigaction = note_or_end;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    sigaction(kStopSignals[i], nullptr, &previous[i]);
    if (previous[i].sa_handler != SIG_IGN) sigaction(kStopSignals[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i)
    sigaction(kStopSignals[i], &previous[i], nullptr);
}

int StopSignals::signal() const noexcept {
  return noted;
}

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

}  // namespace holdfast::trainer

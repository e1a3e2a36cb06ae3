#include <holdfast/trainer/fatal_signals.h>

#include <array>
#include <atomic>

namespace holdfast::trainer {
namespace {

constexpr std::array<int, 5> kFatalSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

constexpr std::size_t kStackBytes = 64 << 10;

std::atomic<Checkpointer*> counted{nullptr};
static_assert(std::atomic<Checkpointer*>::is_always_lock_free,
              "a signal handler may touch nothing else");

// The action is the default again when this runs (SA_RESETHAND): raised anew, the signal ends the
// process.
extern "C" void count_and_end(int signal) {
  if (Checkpointer* const checkpoints = counted.exchange(nullptr))
    checkpoints->note_fatal_signal(signal);
  raise(signal);
}

bool is_handled(int signal) {
  struct sigaction present {};
  sigaction(signal, nullptr, &present);
  return (present.sa_flags & SA_SIGINFO) != 0 || present.sa_handler != SIG_DFL;
}

}  // namespace

FatalSignals::FatalSignals(Checkpointer& checkpoints) : stack_(kStackBytes) {
  counted = &checkpoints;
  stack_t own{};
  own.ss_sp = stack_.data();
  own.ss_size = stack_.size();
  sigaltstack(nullptr, &before_);
  if ((before_.ss_flags & SS_DISABLE) != 0) sigaltstack(&own, nullptr);
  struct sigaction action {};
  action.sa_handler = count_and_end;
  action.sa_flags = SA_RESETHAND | SA_ONSTACK;
  for (const int signal : kFatalSignals)
    if (!is_handled(signal)) sigaction(signal, &action, nullptr);
}

FatalSignals::~FatalSignals() {
  counted = nullptr;
  for (const int signal : kFatalSignals) {
    struct sigaction present {};
    sigaction(signal, nullptr, &present);
    if ((present.sa_flags & SA_SIGINFO) == 0 && present.sa_handler == count_and_end)
      ::signal(signal, SIG_DFL);
  }
  if ((before_.ss_flags & SS_DISABLE) != 0) sigaltstack(&before_, nullptr);
}

}  // namespace holdfast::trainer

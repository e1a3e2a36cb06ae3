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

std::array<struct sigaction, kFatalSignals.size()> previous;

// Puts the earlier handler back. It gets the signal next: a fault happens again when this returns,
// and a signal that was sent is raised again.
extern "C" void count_and_pass_on(int signal, siginfo_t* info, void*) {
  if (Checkpointer* const checkpoints = counted.exchange(nullptr))
    checkpoints->note_fatal_signal(signal);
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i)
    if (kFatalSignals[i] == signal) sigaction(signal, &previous[i], nullptr);
  if (info->si_code <= 0) raise(signal);  // it was sent by abort() or kill()
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
  action.sa_sigaction = count_and_pass_on;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i)
    sigaction(kFatalSignals[i], &action, &previous[i]);
}

FatalSignals::~FatalSignals() {
  counted = nullptr;
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i)
    sigaction(kFatalSignals[i], &previous[i], nullptr);
  if ((before_.ss_flags & SS_DISABLE) != 0) sigaltstack(&before_, nullptr);
}

}  // namespace holdfast::trainer

// Starts other programs, watches them and kills them.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.h"

namespace holdfast::testing {

// A running program. Both its output streams go to a file. The destructor kills it.
class Process {
 public:
  explicit Process(const std::vector<std::string>& command) : output_path_(directory_ / "output") {
    std::vector<char*> arguments;
    for (const std::string& argument : command)
      arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      const int output = open(output_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(output, STDOUT_FILENO);
      dup2(output, STDERR_FILENO);
      execv(arguments[0], arguments.data());
      _exit(127);
    }
  }
  ~Process() {
    if (!status_) kill();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool running() {
    if (status_) return false;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == 0) return true;
    status_ = status;
    return false;
  }

  // Its exit status, or 128 + the signal that ended it.
  int wait() {
    if (!status_) {
      int status = 0;
      waitpid(pid_, &status, 0);
      status_ = status;
    }
    return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : 128 + WTERMSIG(*status_);
  }

  pid_t id() const { return pid_; }

  void signal(int signal) {
    if (!status_) ::kill(pid_, signal);
  }

  int kill() {
    if (!status_) ::kill(pid_, SIGKILL);
    return wait();
  }

  std::string output() const {
    std::ifstream file(output_path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

 private:
  TemporaryDirectory directory_;
  std::string output_path_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// Sets signals to their default action, as the programs that a test starts expect it. The test
// itself may ignore some signals: in the background of a script, under nohup, or if a server has
// started it.
inline void restore_signals() {
  for (const int one : {SIGINT, SIGHUP, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2}) ::signal(one, SIG_DFL);
}

// Waits a millisecond, between two looks at what another process does.
inline void pause() {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

struct Finished {
  int status;
  std::string output;
};

inline Finished run_process(const std::vector<std::string>& command) {
  Process process(command);
  const int status = process.wait();
  return {status, process.output()};
}

}  // namespace holdfast::testing

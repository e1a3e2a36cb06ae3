// A training that does nothing but tell its steps, as fast as it can: quick_steps BEGIN END
#include <cstdint>
#include <cstdlib>

#include <holdfast/checkpoint/protocol/proving.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  holdfast::Heartbeat heartbeat;
  const std::int64_t end = std::atoll(argv[2]);
  for (std::int64_t step = std::atoll(argv[1]) + 1; step <= end; ++step) heartbeat.completed(step);
  return 0;
}

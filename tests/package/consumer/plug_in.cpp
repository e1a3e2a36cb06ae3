// A shared library that has Holdfast in it, as a Python module or a plug-in of a simulation would.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>

#include <holdfast/checkpoint/checkpointer.h>

// Saves one number to a run and restores it from there. Returns it, or -1 after an error.
extern "C" std::int64_t save_and_restore(const char* run, std::int64_t number) {
  try {
    std::filesystem::remove_all(run);
    {
      holdfast::State state;
      state.scalar("number", number);
      holdfast::Checkpointer checkpoints(run);
      checkpoints.save(1, state);
      checkpoints.wait();
    }
    std::int64_t restored = 0;
    holdfast::State state;
    state.scalar("number", restored);
    holdfast::Checkpointer(run).restore_latest(state);
    return restored;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return -1;
  }
}

// Uses the trainer as a library: reads a configuration and says what it would train.
#include <iostream>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/trainer/config.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const auto config = holdfast::trainer::load_config(argv[1], {"run.dir=elsewhere"});
    for (const auto& model : config.models) std::cout << "trains " << model.name << '\n';
    return config.run.dir == "elsewhere" && !config.models.empty() ? 0 : 1;
  } catch (const holdfast::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

// Loads the plug-in, of which it knows one function.
#include <dlfcn.h>

#include <cstdint>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  void* const plug_in = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  void* const found = plug_in == nullptr ? nullptr : ::dlsym(plug_in, "save_and_restore");
  if (found == nullptr) {
    std::cerr << ::dlerror() << '\n';
    return 1;
  }
  const auto save_and_restore = reinterpret_cast<std::int64_t (*)(const char*, std::int64_t)>(found);
  return save_and_restore(argv[2], 42) == 42 ? 0 : 1;
}

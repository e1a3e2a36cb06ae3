// Inputs made of other inputs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace holdfast::testing {

// The same seed and corpus give the same inputs. Not for use by several threads at once.
class Mutator {
 public:
  // The corpus is not empty, and outlives this.
  Mutator(const std::vector<std::string>& corpus, std::uint64_t seed);

  // One of the corpus with a few changes: flipped bits, lost, doubled and foreign parts, numbers
  // and strings that are others.
  std::string next();

 private:
  struct Part {
    std::size_t begin, bytes;
  };

  std::size_t below(std::size_t limit);  // at random; 0 for a limit of 0
  const std::string& one_of(const std::vector<std::string>& texts);
  Part any_part(const std::string& input);
  void change(std::string& input);
  void flip_bit(std::string& input);
  void set_byte(std::string& input);
  void remove_part(std::string& input);
  void double_part(std::string& input);
  void insert_foreign_part(std::string& input);
  void change_number(std::string& input);
  void exchange_strings(std::string& input);

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

}  // namespace holdfast::testing

// SPDX-License-Identifier: Apache-2.0
// What the values of options may be, and what is said of others: "'kmeens' is none of linear, ...,
// kmeans_lut (did you mean kmeans_lut?)".
#ifndef NBITS_CLI_OPTION_VALUES_H_
#define NBITS_CLI_OPTION_VALUES_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"

namespace nbits::cli {

// A word out of a few, in small or capital letters, or a beginning that only one of them has; the
// command gets the whole word.
CLI::Validator WordOf(const std::vector<std::string>& words);

// Several such words in one value, with commas or blanks between them; the command gets them with
// commas.
CLI::Validator WordsOf(const std::vector<std::string>& words);

// A whole number.
CLI::Validator WholeNumber(int64_t least, int64_t most = std::numeric_limits<int64_t>::max());

// Bits per weight: 1 to 8, or 16.
CLI::Validator BitsOfWeights();

// A number of 0 or more.
CLI::Validator NotNegative();

// Bytes as ParseByteCount reads them; the command gets a plain number.
CLI::Validator ByteCount();

// The words that a value may be, where its option checks it by one of the first two; otherwise
// none.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

// An option whose words stand for values of some type.
template <typename Value>
CLI::Option* AddChoice(CLI::App& command, const std::string& name, Value& target,
                       const std::string& description,
                       std::vector<std::pair<std::string, Value>> choices) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  const auto set = [&target, choices = std::move(choices)](const std::string& word) {
    for (const auto& choice : choices) {
      if (choice.first == word) target = choice.second;
    }
  };
  const std::string shown = absl::StrJoin(words, "|");
  return command.add_option_function<std::string>(name, set, description)
      ->type_name(shown)
      ->transform(WordOf(words));
}

}  // namespace nbits::cli

#endif  // NBITS_CLI_OPTION_VALUES_H_

// SPDX-License-Identifier: Apache-2.0
// A progress bar for work that takes more than a second.
#ifndef NBITS_CLI_PROGRESS_H_
#define NBITS_CLI_PROGRESS_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace nbits::cli {

// Draws "label [#####.....]  50 %  0:03 elapsed, 0:03 left" on stderr, from the first second on and
// six times a second, however long a step takes; nothing at all when stderr is not a terminal or
// the work is shorter. The line is erased at the end, so that it never mixes with other output.
// Thread-safe.
//
//   Progress progress("Quantizing", weights.size());
//   for (...) { ...; progress.Advance(); }
class Progress {
 public:
  // `total` steps; 0 or less: their number is not known, only the elapsed time is shown.
  Progress(std::string label, int64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void Advance(int64_t steps = 1);
  // `done` of `total` steps, for callbacks that report both. `total` may change; what is shown
  // never goes back within a phase.
  void Set(int64_t done, int64_t total);
  // Another name for what is done, from now on.
  void Rename(std::string label);
  // Another phase of the work, which takes `seconds` at most: until Resume, the bar shows how much
  // of them has passed.
  void WaitFor(std::string label, double seconds);
  void Resume();
  // Prints a line (without "nbits: ") in the bar's place, where a bar is drawn at all.
  void Say(const std::string& line);
  // Erases the line before something else is printed; the next update draws it anew.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  void DrawUntilEnd();
  void Draw();  // These two with mutex_ held.
  void Erase();

  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
  std::string label_;
  int64_t total_;
  int64_t done_ = 0;
  double shown_ = 0;   // Share of the work, 0..1; does not fall.
  std::string phase_;  // Empty: the work itself.
  double phase_seconds_ = 0;
  Clock::time_point phase_start_;
  bool drawn_ = false;
  const Clock::time_point start_ = Clock::now();
  std::thread drawer_;  // Not started when nothing is shown.
};

// The text of the bar, without its control characters; `width` is the terminal's. A share below 0
// is not known. A label that leaves no room for the times is shortened.
std::string ProgressLine(const std::string& label, double share, double elapsed_seconds, int width);

}  // namespace nbits::cli

#endif  // NBITS_CLI_PROGRESS_H_

// A progress bar for work that takes more than a second.
#ifndef NBITS_CLI_PROGRESS_H_
#define NBITS_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace nbits::cli {

// Draws "label [#####.....]  50 %  0:03 elapsed, 0:03 left" on stderr, from the first second on and
// at most six times a second; nothing at all when stderr is not a terminal or the work is shorter.
// The line is erased at the end, so that it never mixes with other output. Thread-safe.
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
  // `done` of `total` steps, for callbacks that report both. `total` may change.
  void Set(int64_t done, int64_t total);
  void SetLabel(std::string label);
  // Erases the line, e.g. before printing something else; the next change draws it anew.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  void Draw();  // With mutex_ held.

  std::mutex mutex_;
  std::string label_;
  int64_t total_;
  int64_t done_ = 0;
  const bool shown_;
  bool drawn_ = false;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
};

// The text of the bar, without its control characters; `width` is the terminal's.
std::string ProgressLine(const std::string& label, int64_t done, int64_t total,
                         double elapsed_seconds, int width);

}  // namespace nbits::cli

#endif  // NBITS_CLI_PROGRESS_H_

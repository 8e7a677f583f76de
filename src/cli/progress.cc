// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/terminal.h"

namespace nbits::cli {
namespace {

constexpr auto kBeforeFirst = std::chrono::seconds(1);
constexpr auto kBetweenUpdates = std::chrono::milliseconds(1000 / 6);
constexpr int kBarWidth = 24;
constexpr size_t kLeastLabel = 12;
constexpr char kEraseLine[] = "\r\033[K";

bool OnTerminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) && !(kind != nullptr && std::string(kind) == "dumb");
}

std::string Minutes(double seconds) {
  const auto whole = static_cast<int64_t>(std::max(0.0, seconds));
  if (whole < 3600) return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
  return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
}

// The label's beginning and its end.
std::string Shortened(const std::string& label, size_t width) {
  if (label.size() <= width) return label;
  const size_t kept = width - 3, begin = kept / 2;
  return absl::StrCat(label.substr(0, begin), "...", label.substr(label.size() - (kept - begin)));
}

}  // namespace

std::string ProgressLine(const std::string& label, double share, double elapsed_seconds,
                         int width) {
  std::string line;
  if (share >= 0) {
    const double done = std::min(share, 1.0);
    const int filled = static_cast<int>(done * kBarWidth);
    absl::StrAppendFormat(&line, " [%s%s] %3d %%", std::string(filled, '#'),
                          std::string(kBarWidth - filled, '.'), static_cast<int>(done * 100));
  }
  absl::StrAppend(&line, "  ", Minutes(elapsed_seconds), " elapsed");
  // What is left then is not counted in steps, such as writing the results.
  if (share >= 1) absl::StrAppend(&line, ", finishing");
  if (share > 0 && share < 1) {
    absl::StrAppend(&line, ", ", Minutes(elapsed_seconds * (1 - share) / share), " left");
  }
  // A line that wraps could not be erased.
  const size_t room = static_cast<size_t>(std::max(width - 1, 0));
  const size_t for_label = room - std::min(room, line.size());
  return absl::StrCat(Shortened(label, std::max(for_label, kLeastLabel)), line).substr(0, room);
}

Progress::Progress(std::string label, int64_t total) : label_(std::move(label)), total_(total) {
  if (OnTerminal()) drawer_ = std::thread([this] { DrawUntilEnd(); });
}

Progress::~Progress() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_all();
  if (drawer_.joinable()) drawer_.join();
  Clear();
}

void Progress::Advance(int64_t steps) {
  const std::lock_guard<std::mutex> lock(mutex_);
  done_ += steps;
}

void Progress::Set(int64_t done, int64_t total) {
  const std::lock_guard<std::mutex> lock(mutex_);
  done_ = done;
  total_ = total;
}

void Progress::Rename(std::string label) {
  const std::lock_guard<std::mutex> lock(mutex_);
  label_ = std::move(label);
}

void Progress::WaitFor(std::string label, double seconds) {
  const std::lock_guard<std::mutex> lock(mutex_);
  phase_ = std::move(label);
  phase_seconds_ = seconds;
  phase_start_ = Clock::now();
}

void Progress::Resume() {
  const std::lock_guard<std::mutex> lock(mutex_);
  phase_.clear();
}

void Progress::Say(const std::string& line) {
  if (!drawer_.joinable()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  Erase();
  std::fprintf(stderr, "nbits: %s\n", Printable(line).c_str());
}

void Progress::Clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Erase();
}

void Progress::DrawUntilEnd() {
  std::unique_lock<std::mutex> lock(mutex_);
  auto next = start_ + kBeforeFirst;
  while (!ended_changed_.wait_until(lock, next, [this] { return ended_; })) {
    Draw();
    next = Clock::now() + kBetweenUpdates;
  }
}

void Progress::Draw() {
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const bool waits = !phase_.empty();
  double share = -1;
  if (waits) {
    share = std::min(1.0, since(phase_start_) / phase_seconds_);
  } else if (total_ > 0) {
    share = shown_ = std::max(shown_, static_cast<double>(done_) / static_cast<double>(total_));
  }
  const std::string line =
      ProgressLine(waits ? phase_ : label_, share, since(waits ? phase_start_ : start_),
                   TerminalWidth(STDERR_FILENO));
  std::fprintf(stderr, "%s%s", kEraseLine, line.c_str());
  drawn_ = true;
}

void Progress::Erase() {
  if (!drawn_) return;
  std::fputs(kEraseLine, stderr);
  drawn_ = false;
}

}  // namespace nbits::cli

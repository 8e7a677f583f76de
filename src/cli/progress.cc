// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nbits::cli {
namespace {

constexpr auto kBeforeFirst = std::chrono::seconds(1);
constexpr auto kBetweenUpdates = std::chrono::milliseconds(1000 / 6);
constexpr int kBarWidth = 24;
constexpr int kUsualWidth = 80;
constexpr char kEraseLine[] = "\r\033[K";

bool OnTerminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) && !(kind != nullptr && std::string(kind) == "dumb");
}

int TerminalWidth() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

std::string Minutes(double seconds) {
  const auto whole = static_cast<int64_t>(std::max(0.0, seconds));
  if (whole < 3600) return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
  return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::string ProgressLine(const std::string& label, int64_t done, int64_t total,
                         double elapsed_seconds, int width) {
  std::string line = label;
  if (total > 0) {
    const double share =
        std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    const int filled = static_cast<int>(share * kBarWidth);
    absl::StrAppend(&line, " [", std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
                    absl::StrFormat("] %3d %%", static_cast<int>(share * 100)));
    absl::StrAppend(&line, "  ", Minutes(elapsed_seconds), " elapsed");
    if (share > 0) {
      absl::StrAppend(&line, ", ", Minutes(elapsed_seconds * (1 - share) / share), " left");
    }
  } else {
    absl::StrAppend(&line, "  ", Minutes(elapsed_seconds), " elapsed");
  }
  // A line that wraps could not be erased.
  return line.substr(0, static_cast<size_t>(std::max(width - 1, 0)));
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

void Progress::SetLabel(std::string label) {
  const std::lock_guard<std::mutex> lock(mutex_);
  label_ = std::move(label);
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
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::string line = ProgressLine(label_, done_, total_, elapsed, TerminalWidth());
  std::fprintf(stderr, "%s%s", kEraseLine, line.c_str());
  drawn_ = true;
}

void Progress::Erase() {
  if (!drawn_) return;
  std::fputs(kEraseLine, stderr);
  drawn_ = false;
}

}  // namespace nbits::cli

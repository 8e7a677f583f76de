// SPDX-License-Identifier: Apache-2.0
#include "base/memory_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "base/figures.h"
#include "base/system.h"

namespace nbits {
namespace {

constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();
// So much is taken before the system is asked again, which takes some tens of microseconds.
constexpr int64_t kUnasked = int64_t{16} << 20;
constexpr int64_t kLimitToUnasked = 16;  // Under a small limit less.

// What was left a moment ago counts while little of it is asked for.
constexpr int64_t kMomentMilliseconds = 100;
constexpr int64_t kLittle = 8;  // One part in so many.

std::atomic<int64_t> limit = 0, unasked = 0;
std::atomic<int64_t> known_left = 0, known_at = -kMomentMilliseconds;

int64_t Milliseconds() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

int64_t LeftOfAddressSpace() {
  rlimit space = {};
  if (getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY) return kUnlimited;
  return std::max<int64_t>(0, static_cast<int64_t>(space.rlim_cur) - AddressSpaceBytes());
}

}  // namespace

void SetMemoryLimit(int64_t bytes) {
  limit = bytes;
  known_left = 0;
}

int64_t MemoryLeftBytes() {
  int64_t left = LeftOfAddressSpace();
  if (limit > 0) left = std::min(left, std::max<int64_t>(0, limit - OwnMemoryBytes()));
  const int64_t available = AvailableMemoryBytes();
  return available > 0 ? std::min(left, available) : left;
}

absl::Status CheckMemory(int64_t bytes, absl::string_view what) {
  const int64_t enough = limit > 0 ? std::min(kUnasked, limit / kLimitToUnasked) : kUnasked;
  if (unasked.fetch_add(bytes) < enough - bytes) return absl::OkStatus();
  const int64_t taken = std::max(bytes, unasked.exchange(0));
  const bool is_known = Milliseconds() - known_at < kMomentMilliseconds;
  if (is_known && taken < known_left / kLittle) {
    known_left -= taken;
    return absl::OkStatus();
  }
  const int64_t left = MemoryLeftBytes();
  known_at = Milliseconds();
  known_left = left - bytes;
  if (bytes <= left) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(what, " needs ", BytesText(bytes), " of memory, ", BytesText(left), " are left",
                   limit > 0 ? absl::StrCat(" of a limit of ", BytesText(limit)) : ""));
}

absl::StatusOr<int64_t> ParseByteCount(absl::string_view text) {
  const std::string given = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(text));
  const size_t digits = std::min(given.find_first_not_of("0123456789."), given.size());
  absl::string_view unit =
      absl::StripLeadingAsciiWhitespace(absl::string_view(given).substr(digits));
  double count = 0;
  const bool is_number = absl::SimpleAtod(given.substr(0, digits), &count);
  absl::ConsumeSuffix(&unit, "B");
  const bool binary = absl::ConsumeSuffix(&unit, "I");
  const size_t power = absl::string_view("KMGT").find(unit);
  const bool is_unit =
      unit.empty() ? !binary : unit.size() == 1 && power != absl::string_view::npos;
  if (!is_number || !is_unit) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is no number of bytes, like 2G, 512MB or 100000"));
  }
  if (!unit.empty()) count *= std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1));
  if (count >= 0x1p62) return absl::InvalidArgumentError(absl::StrCat(text, " bytes are too many"));
  return static_cast<int64_t>(count);
}

}  // namespace nbits

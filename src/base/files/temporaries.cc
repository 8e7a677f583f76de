// SPDX-License-Identifier: Apache-2.0
#include "base/files/temporaries.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/files/file_target.h"
#include "base/system.h"

namespace nbits {

// Slots are never freed, so that a handler may walk through them at any time; whoever takes the
// path out of one owns it.
struct TemporaryNote::Slot {
  std::atomic<char*> path = nullptr;
  std::atomic<bool> is_taken = true;
  bool is_folder = false;
  Slot* next = nullptr;
};

namespace {

using Slot = TemporaryNote::Slot;

std::atomic<Slot*> first_slot = nullptr;
std::atomic<bool> is_ending = false;

Slot* TakeSlot() {
  for (Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    if (!slot->is_taken.exchange(true)) return slot;
  }
  Slot* slot = new Slot;
  slot->next = first_slot;
  while (!first_slot.compare_exchange_weak(slot->next, slot)) {
  }
  return slot;
}

// Other processes may be writing into the folder: under another name they no longer find it.
void RemoveFolder(const char* path) {
  char moved[4096];
  const size_t length = strlen(path);
  if (length + 2 > sizeof moved) return;
  memcpy(moved, path, length);
  memcpy(moved + length, "~", 2);
  RemoveFolderTree(rename(path, moved) == 0 ? moved : path);
}

}  // namespace

TemporaryNote::TemporaryNote(const std::string& path, bool is_folder) : slot_(TakeSlot()) {
  while (is_ending) pause();
  slot_->is_folder = is_folder;
  slot_->path = strdup(path.c_str());
}

TemporaryNote::TemporaryNote(TemporaryNote&& other) noexcept
    : slot_(std::exchange(other.slot_, nullptr)) {}

TemporaryNote& TemporaryNote::operator=(TemporaryNote&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

TemporaryNote::~TemporaryNote() {
  if (slot_ == nullptr) return;
  std::free(slot_->path.exchange(nullptr));
  slot_->is_taken = false;
}

void RemoveTemporaries() {
  // Another thread is at it, and would be ended by what this one does next.
  if (is_ending.exchange(true)) {
    while (true) pause();
  }
  for (Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    const char* path = slot->path.exchange(nullptr);
    if (path == nullptr) continue;
    if (slot->is_folder) {
      RemoveFolder(path);
    } else {
      unlink(path);
    }
  }
}

absl::StatusOr<std::string> FolderForTemporaries() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (!error) return folder.string();
  for (const char* variable : {"TMPDIR", "TMP", "TEMP", "TEMPDIR"}) {
    const char* name = std::getenv(variable);
    if (name == nullptr) continue;
    return SystemError(error.value(), "use", std::string(name) + " of " + variable);
  }
  return SystemError(error.value(), "use", "/tmp for temporary files");
}

}  // namespace nbits

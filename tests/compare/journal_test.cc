// SPDX-License-Identifier: Apache-2.0
// The journal by itself: what comes back is what was stored, or nothing.
#include "compare/journal.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/files/file.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

Task TaskOfClasses(int classes) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.classes = classes;
  return task;
}

JournalEntry EntryOf(const Task& task) {
  JournalEntry entry{
      .times_ms = {1.5, 2.25}, .load_ms = 3, .peak_memory_bytes = 4, .tally = Tally(task)};
  entry.output.agreement = 0.5;
  EXPECT_TRUE(entry.tally.truth.AddCount(2, 1, 7).ok());
  entry.tally.pictures = 1;
  entry.tally.outputs = {
      {.max_difference = std::numeric_limits<double>::infinity(), .count = 3, .noise = 0.1}};
  return entry;
}

RunIdentity RunWith(const std::string& setting) {
  std::vector<std::string> samples;
  for (const char* name : {"a", "b", "c", "d", "e"}) samples.push_back(name);
  return {.settings = {{"setting", setting}},
          .original = "original",
          .variants = {"first", "second"},
          .samples = samples};
}

Journal Opened(const TestFolder& folder, bool resume) {
  auto journal = Journal::Open(folder.path().string(), RunWith("one"), resume);
  EXPECT_TRUE(journal.ok()) << journal.status();
  return *std::move(journal);
}

TEST(Journal, GivesBackWhatWasStored) {
  const TestFolder folder;
  const Task task = TaskOfClasses(3);
  ASSERT_TRUE(Opened(folder, false).Store(4, 1, EntryOf(task)).ok());
  const auto found = Opened(folder, true).Find(task, 4, 1);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->times_ms, (std::vector<double>{1.5, 2.25}));
  EXPECT_EQ(found->output.agreement, 0.5);
  EXPECT_EQ(found->tally.truth.count(2, 1), 7);
  ASSERT_EQ(found->tally.outputs.size(), 1u);
  EXPECT_EQ(found->tally.outputs[0].max_difference, std::numeric_limits<double>::infinity());
  EXPECT_EQ(found->tally.outputs[0].count, 3);
  EXPECT_EQ(found->tally.outputs[0].noise, 0.1);
  EXPECT_FALSE(Opened(folder, true).Find(task, 4, 0).has_value());
}

// Three classes do not fit into two: half of the counts would be worse than none.
TEST(Journal, AnEntryOfAnotherTaskIsNone) {
  const TestFolder folder;
  ASSERT_TRUE(Opened(folder, false).Store(0, 0, EntryOf(TaskOfClasses(3))).ok());
  EXPECT_TRUE(Opened(folder, true).Find(TaskOfClasses(3), 0, 0).has_value());
  EXPECT_FALSE(Opened(folder, true).Find(TaskOfClasses(2), 0, 0).has_value());
}

TEST(Journal, ADamagedEntryIsNone) {
  const TestFolder folder;
  const Task task = TaskOfClasses(3);
  ASSERT_TRUE(Opened(folder, false).Store(0, 0, EntryOf(task)).ok());
  const std::string path = folder / "progress/0-0.json";
  const std::string text = ReadFile(path).value();
  for (const std::string& damaged :
       {text.substr(0, text.size() / 2), std::string("{}"), std::string("[]"), std::string()}) {
    ASSERT_TRUE(WriteFileAtomically(path, damaged).ok());
    EXPECT_FALSE(Opened(folder, true).Find(task, 0, 0).has_value()) << damaged;
  }
}

TEST(Journal, AnotherRunIsRefusedAndForgottenWithoutResume) {
  const TestFolder folder;
  const Task task = TaskOfClasses(3);
  ASSERT_TRUE(Opened(folder, false).Store(0, 0, EntryOf(task)).ok());
  const RunIdentity other = RunWith("two");
  EXPECT_EQ(Journal::Open(folder.path().string(), other, true).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const auto anew = Journal::Open(folder.path().string(), other, false);
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_FALSE(anew->Find(task, 0, 0).has_value());
}

TEST(Journal, NumbersStayWithWhatTheyWereGivenFor) {
  const TestFolder folder;
  const Task task = TaskOfClasses(3);
  ASSERT_TRUE(Opened(folder, false).Store(1, 2, EntryOf(task)).ok());
  RunIdentity more = RunWith("one");
  more.samples.insert(more.samples.begin(), "new");
  more.variants = {"second", "new"};
  const auto journal = Journal::Open(folder.path().string(), more, true);
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ(journal->PictureNumber(0), 5);
  EXPECT_EQ(journal->PictureNumber(2), 1);
  EXPECT_EQ(journal->ContenderNumber(1), 2);
  EXPECT_TRUE(journal->Find(task, 2, 1).has_value());
  EXPECT_FALSE(journal->Find(task, 2, 2).has_value());
}

// Whatever stands in run.json.
TEST(Journal, ADamagedRunIsNone) {
  const TestFolder folder;
  const Task task = TaskOfClasses(3);
  ASSERT_TRUE(Opened(folder, false).Store(0, 0, EntryOf(task)).ok());
  for (const char* text : {"", "[]", "{}", R"({"settings":1,"original":2,"variants":3})",
                           R"({"settings":[],"original":"","variants":[],"samples":{}})"}) {
    ASSERT_TRUE(WriteFileAtomically(folder / "progress/run.json", text).ok());
    EXPECT_FALSE(Opened(folder, true).Find(task, 0, 0).has_value()) << text;
  }
}

}  // namespace
}  // namespace nbits

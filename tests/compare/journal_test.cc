// SPDX-License-Identifier: Apache-2.0
// The journal by itself: what comes back is what was stored, or nothing.
#include "compare/journal.h"

#include <gtest/gtest.h>

#include <filesystem>
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

Journal OpenedOn(const TestFolder& folder, std::vector<std::string> samples, bool resume) {
  RunIdentity run = RunWith("one");
  run.samples = std::move(samples);
  auto journal = Journal::Open(folder.path().string(), run, resume);
  EXPECT_TRUE(journal.ok()) << journal.status();
  return *std::move(journal);
}

// Without --resume what samples hold is not known before their turn.
TEST(Journal, SamplesThatWereOnlyNamedAreNotNew) {
  const TestFolder folder;
  const Journal first = OpenedOn(folder, {"a b ", "c\nd ", "e "}, false);
  ASSERT_TRUE(first.Note(0, "a b 1").ok());
  ASSERT_TRUE(first.Note(1, "c\nd 2").ok());
  const Journal same = OpenedOn(folder, {"e 3", "a b 1", "c\nd 2"}, true);
  EXPECT_EQ(same.PictureNumber(0), 2);
  EXPECT_EQ(same.PictureNumber(1), 0);
  EXPECT_EQ(same.PictureNumber(2), 1);
  EXPECT_EQ(same.news(), "");
  // What was noted holds in the next run, too, and what is another now is another sample.
  const Journal changed = OpenedOn(folder, {"a b 9", "c\nd 2", "e 8"}, true);
  EXPECT_EQ(changed.PictureNumber(0), 3);
  EXPECT_EQ(changed.PictureNumber(1), 1);
  EXPECT_EQ(changed.PictureNumber(2), 4);
  EXPECT_NE(changed.news().find("2 of 3 pictures"), std::string::npos) << changed.news();
}

// A process that is killed may leave half a line.
TEST(Journal, ANoteThatWasCutShortIsNone) {
  const TestFolder folder;
  ASSERT_TRUE(OpenedOn(folder, {"a ", "b "}, false).Note(0, "a 1").ok());
  const std::string path = folder / "progress/samples.jsonl";
  const std::string notes = ReadFile(path).value();
  EXPECT_EQ(notes, "[0,\"a 1\"]\n");
  for (const char* more : {"[1,\"b", "[1]", "[7,\"b 2\"]", "[1,2]", "{}", "[1,\"c 2\"]"}) {
    ASSERT_TRUE(WriteFileAtomically(path, notes + more).ok());
    const TestFolder copy;
    std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
    const Journal journal = OpenedOn(copy, {"b 2", "a 1"}, true);
    EXPECT_EQ(journal.PictureNumber(0), 1) << more;
    EXPECT_EQ(journal.PictureNumber(1), 0) << more;
  }
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

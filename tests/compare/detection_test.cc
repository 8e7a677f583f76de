// SPDX-License-Identifier: Apache-2.0
// Object detectors in a comparison: recognised, judged, kept in the journal, and their true boxes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/file.h"
#include "compare/journal.h"
#include "compare/judge/score.h"
#include "compare/judge/true_boxes.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;

ModelDescription Detector() {
  ModelDescription model;
  model.class_labels = {"cat", "dog"};
  model.detector = {"confidence", "coordinates"};
  return model;
}

// A cat on the left of which the model is as sure as `cat` says, and a dog on the right.
TensorMap Outputs(float cat) {
  return {{"confidence", {{2, 2}, {cat, 0.0f, 0.1f, 0.6f}}},
          {"coordinates", {{2, 4}, {0.2f, 0.5f, 0.2f, 0.2f, 0.8f, 0.5f, 0.2f, 0.2f}}}};
}

TEST(Detection, IsRecognisedByTheModelsOutputs) {
  const Task task = RecognizeTask(Detector(), nullptr, Outputs(0.9f));
  EXPECT_EQ(task.kind, TaskKind::kDetection);
  EXPECT_EQ(task.labels[1], "dog");
  EXPECT_TRUE(ChooseTask("detection", Detector(), nullptr, Outputs(0.9f)).ok());
  EXPECT_FALSE(ChooseTask("detection", ModelDescription(), nullptr, Outputs(0.9f)).ok());
}

TEST(Detection, IsJudgedAgainstTheOriginalAndTheTruth) {
  const Task task = RecognizeTask(Detector(), nullptr, Outputs(0.9f));
  const Answer original = *Interpret(task, Outputs(0.9f), 8, 8);
  ASSERT_EQ(original.boxes.size(), 2u);
  const Answer answer = *Interpret(task, Outputs(0.0f), 8, 8);  // The cat is lost.
  Truth truth;
  truth.boxes = std::vector<Detection>{{0, 1, 0.2, 0.5, 0.2, 0.2}};
  auto judgement = JudgeAnswer(task, original, answer, truth);
  ASSERT_TRUE(judgement.ok()) << judgement.status();
  EXPECT_DOUBLE_EQ(*judgement->output.agreement, 2.0 / 3);
  const ResultMetrics metrics = MetricsOf(task, judgement->tally);
  EXPECT_EQ(metrics.agreement_map50, 0.5);
  EXPECT_EQ(metrics.agreement_precision, 1.0);
  EXPECT_EQ(metrics.agreement_recall, 0.5);
  EXPECT_EQ(metrics.map50, 0.0);
  EXPECT_EQ(judgement->tally.masked, 1);  // Its truth is known.
  JournalEntry entry{.tally = judgement->tally};
  const auto again = JournalEntryFromJson(JournalEntryToJson(entry), task);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(MetricsOf(task, again->tally).agreement_map50, 0.5);
  EXPECT_EQ(MetricsOf(task, again->tally).map50, 0.0);
}

class TrueBoxes : public ::testing::Test {
 protected:
  absl::StatusOr<std::optional<std::vector<Detection>>> Read(const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(folder_ / "a.txt", text).ok());
    return ReadTrueBoxes(folder_.path().string(), "a.jpg", 2);
  }
  std::string ErrorOf(const std::string& text) {
    return std::string(Read(text).status().message());
  }

  TestFolder folder_;
};

TEST_F(TrueBoxes, AreReadLineByLine) {
  const auto boxes = Read("1 0.5 0.25 0.1 0.2\r\n\n0 .1 .1 .2 .2");
  ASSERT_TRUE(boxes.ok()) << boxes.status();
  ASSERT_EQ((*boxes)->size(), 2u);
  EXPECT_EQ((**boxes)[0].class_id, 1);
  EXPECT_EQ((**boxes)[0].y, 0.25);
  EXPECT_EQ((*Read(""))->size(), 0u);  // A picture with nothing on it.
}

TEST_F(TrueBoxes, AreNotThereWithoutAFile) {
  EXPECT_EQ(*ReadTrueBoxes(folder_.path().string(), "b.jpg", 2), std::nullopt);
  EXPECT_EQ(*ReadTrueBoxes("", "a.jpg", 2), std::nullopt);
}

TEST_F(TrueBoxes, NameTheLineThatIsNone) {
  EXPECT_THAT(ErrorOf("0 .1 .1 .2 .2\n0 .1 .1 .2"), HasSubstr("line 2"));
  EXPECT_THAT(ErrorOf("cat .1 .1 .2 .2"), HasSubstr("line 1"));
  EXPECT_THAT(ErrorOf("0 12 10 200 100"), HasSubstr("relative"));
  EXPECT_THAT(ErrorOf("0 nan .1 .2 .2"), HasSubstr("line 1"));
  EXPECT_THAT(ErrorOf("2 .1 .1 .2 .2"), HasSubstr("class 2; the model has 0 to 1"));
}

}  // namespace
}  // namespace nbits

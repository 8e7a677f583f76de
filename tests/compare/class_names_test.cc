// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/class_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ClassNames, AreOneALine) {
  const auto names = ParseClassNames("\xef\xbb\xbfsky\r\n road sign \nBackground\n\n");
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(*names, ElementsAre("sky", "road sign", "Background"));
}

TEST(ClassNames, RefusesWhatNamesNoClass) {
  EXPECT_THAT(std::string(ParseClassNames(" \n").status().message()), HasSubstr("one name a line"));
  EXPECT_THAT(std::string(ParseClassNames("a\n\nb").status().message()), HasSubstr("line 2"));
  std::string many;
  for (int i = 0; i < 256; ++i) many += "a\n";
  EXPECT_THAT(std::string(ParseClassNames(many).status().message()), HasSubstr("more than 255"));
}

class NamedTask : public ::testing::Test {
 protected:
  NamedTask() {
    std::ofstream(file_) << "sky\nroad\nbackground\n";
    task_.kind = TaskKind::kSegmentation;
    task_.rule = MapRule::kArgmaxFirst;
    task_.classes = 3;
  }

  std::string file_ = ::testing::TempDir() + "/class_names_test.txt";
  Task task_;
};

TEST_F(NamedTask, GetsTheNamesAndTheirBackground) {
  ASSERT_TRUE(NameClasses(file_, task_).ok());
  EXPECT_THAT(task_.table.labels, ElementsAre("sky", "road", "background"));
  EXPECT_EQ(task_.table.background_id, 2);
}

TEST_F(NamedTask, RefusesAnotherNumberOfClassesAndOtherTasks) {
  task_.classes = 12;
  EXPECT_THAT(std::string(NameClasses(file_, task_).message()),
              HasSubstr("3 names for 12 classes"));
  task_.kind = TaskKind::kArrays;
  EXPECT_THAT(std::string(NameClasses(file_, task_).message()), HasSubstr("arrays"));
  EXPECT_FALSE(NameClasses(file_ + ".nowhere", task_).ok());
  EXPECT_TRUE(NameClasses("", task_).ok());
}

}  // namespace
}  // namespace nbits

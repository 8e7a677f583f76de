// SPDX-License-Identifier: Apache-2.0
// Checked reading of a JSON document from outside.
#ifndef NBITS_RESULTS_JSON_READER_H_
#define NBITS_RESULTS_JSON_READER_H_

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "results/results_to_json.h"

namespace nbits {

// Reads members of JSON objects and keeps the first error: after one, everything reads as empty.
class JsonReader {
 public:
  explicit JsonReader(absl::Status& status) : status_(status) {}

  void Fail(absl::string_view what) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat("not an nbits results document: ", what));
    }
  }

  const Json& Member(const Json& object, const char* name) {
    static const Json kNull = nullptr;
    if (!object.is_object()) {
      Fail(absl::StrCat("'", name, "' is looked for in something that is not an object"));
      return kNull;
    }
    const auto found = object.find(name);
    if (found == object.end()) {
      Fail(absl::StrCat("'", name, "' is missing"));
      return kNull;
    }
    return *found;
  }

  void Read(const Json& object, const char* name, std::string& value) {
    const Json& member = Member(object, name);
    if (!member.is_string()) return Fail(absl::StrCat("'", name, "' is not a text"));
    value = member.get<std::string>();
  }
  void Read(const Json& object, const char* name, double& value) {
    const Json& member = Member(object, name);
    if (!member.is_number()) return Fail(absl::StrCat("'", name, "' is not a number"));
    value = member.get<double>();
  }
  void Read(const Json& object, const char* name, bool& value) {
    const Json& member = Member(object, name);
    if (!member.is_boolean()) return Fail(absl::StrCat("'", name, "' is not true or false"));
    value = member.get<bool>();
  }
  // Counts: from 0 to 2^53.
  void Read(const Json& object, const char* name, int64_t& value) {
    double number = -1;
    Read(object, name, number);
    if (!(number >= 0 && number <= 9007199254740992.0 && number == std::floor(number))) {
      return Fail(absl::StrCat("'", name, "' is not a count"));
    }
    value = static_cast<int64_t>(number);
  }
  void Read(const Json& object, const char* name, int& value) {
    int64_t number = 0;
    Read(object, name, number);
    if (number > std::numeric_limits<int>::max()) {
      return Fail(absl::StrCat("'", name, "' is too large"));
    }
    value = static_cast<int>(number);
  }
  template <typename T>
  void Read(const Json& object, const char* name, std::optional<T>& value) {
    value.reset();
    if (Member(object, name).is_null()) return;
    Read(object, name, value.emplace());
  }
  // Of a member that documents of an older nbits lack: absent means null.
  static bool Has(const Json& object, const char* name) {
    if (!object.is_object()) return false;
    const auto found = object.find(name);
    return found != object.end() && !found->is_null();
  }
  template <typename T>
  void ReadNew(const Json& object, const char* name, std::optional<T>& value) {
    value.reset();
    if (Has(object, name)) Read(object, name, value.emplace());
  }
  // Leaves `value` as it is when the member is not there.
  template <typename T>
  void ReadIfThere(const Json& object, const char* name, T& value) {
    if (Has(object, name)) Read(object, name, value);
  }
  template <typename Function>
  void EachNew(const Json& object, const char* name, Function read) {
    if (Has(object, name)) Each(object, name, read);
  }

  // Calls read(element) for every element of the array `name`.
  template <typename Function>
  void Each(const Json& object, const char* name, Function read) {
    const Json& member = Member(object, name);
    if (!member.is_array()) return Fail(absl::StrCat("'", name, "' is not a list"));
    for (const Json& element : member) read(element);
  }
  void Read(const Json& object, const char* name, std::vector<std::string>& values) {
    Each(object, name, [&](const Json& element) {
      if (!element.is_string()) return Fail(absl::StrCat("'", name, "' holds more than texts"));
      values.push_back(element.get<std::string>());
    });
  }
  void Read(const Json& object, const char* name, std::vector<int64_t>& values) {
    Each(object, name, [&](const Json& element) {
      if (!element.is_number_integer()) {
        return Fail(absl::StrCat("'", name, "' holds more than whole numbers"));
      }
      values.push_back(element.get<int64_t>());
    });
  }
  void Read(const Json& object, const char* name, std::vector<std::optional<double>>& values) {
    Each(object, name, [&](const Json& element) {
      auto& value = values.emplace_back();
      if (element.is_number()) {
        value = element.get<double>();
      } else if (!element.is_null()) {
        Fail(absl::StrCat("'", name, "' holds more than numbers"));
      }
    });
  }
  void Read(const Json& object, const char* name, std::vector<double>& values) {
    Each(object, name, [&](const Json& element) {
      if (!element.is_number()) return Fail(absl::StrCat("'", name, "' holds more than numbers"));
      values.push_back(element.get<double>());
    });
  }

  // A file of the results' folder.
  void ReadPath(const Json& object, const char* name, std::string& path) {
    Read(object, name, path);
    bool leaves = path.empty() || path[0] == '/' || path.find('\\') != std::string::npos;
    for (absl::string_view part : absl::StrSplit(path, '/')) leaves = leaves || part == "..";
    if (leaves) Fail(absl::StrCat("'", name, "' is not a path inside the folder"));
  }
  void ReadPath(const Json& object, const char* name, std::optional<std::string>& path) {
    path.reset();
    if (!Member(object, name).is_null()) ReadPath(object, name, path.emplace());
  }

 private:
  absl::Status& status_;
};

// One picture's output for one variant.
PictureOutput ReadPictureOutput(JsonReader& reader, const Json& json);

}  // namespace nbits

#endif  // NBITS_RESULTS_JSON_READER_H_

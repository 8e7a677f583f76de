#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nbits/report.h"
#include "report/metric_fields.h"
#include "report/to_json.h"

namespace nbits {
namespace {

// Reads members of JSON objects and keeps the first error: after one, everything reads as empty.
class Reader {
 public:
  explicit Reader(absl::Status& status) : status_(status) {}

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

ResultMetrics ReadMetrics(Reader& reader, const Json& json) {
  ResultMetrics metrics;
  for (const MetricField& field : kMetricFields) {
    reader.Read(json, field.name, metrics.*field.member);
  }
  reader.Each(json, "class_iou", [&](const Json& element) {
    auto& iou = metrics.class_iou.emplace_back();
    if (element.is_number()) {
      iou = element.get<double>();
    } else if (!element.is_null()) {
      reader.Fail("'class_iou' holds more than numbers");
    }
  });
  return metrics;
}

VariantResult ReadVariant(Reader& reader, const Json& json) {
  VariantResult variant;
  reader.Read(json, "name", variant.name);
  reader.Read(json, "file", variant.file);
  reader.Read(json, "is_original", variant.is_original);
  reader.Read(json, "bits", variant.bits);
  reader.Read(json, "mode", variant.mode);
  reader.Read(json, "bytes", variant.bytes);
  reader.Read(json, "load_ms", variant.load_ms);
  reader.Read(json, "times_ms", variant.times_ms);
  reader.Read(json, "median_ms", variant.median_ms);
  reader.Read(json, "min_ms", variant.min_ms);
  reader.Read(json, "spread_ms", variant.spread_ms);
  reader.Read(json, "peak_memory_bytes", variant.peak_memory_bytes);
  variant.metrics = ReadMetrics(reader, reader.Member(json, "metrics"));
  reader.Read(json, "error", variant.error);
  return variant;
}

PictureOutput ReadOutput(Reader& reader, const Json& json) {
  PictureOutput output;
  reader.Read(json, "agreement", output.agreement);
  reader.Read(json, "miou", output.miou);
  reader.ReadPath(json, "ids", output.ids);
  reader.ReadPath(json, "image", output.image);
  reader.Each(json, "top", [&](const Json& element) {
    RankedLabel& ranked = output.top.emplace_back();
    reader.Read(element, "label", ranked.label);
    reader.Read(element, "probability", ranked.probability);
  });
  return output;
}

PictureResult ReadPicture(Reader& reader, const Json& json, size_t variants) {
  PictureResult picture;
  reader.Read(json, "name", picture.name);
  reader.Read(json, "width", picture.width);
  reader.Read(json, "height", picture.height);
  reader.ReadPath(json, "image", picture.image);
  reader.ReadPath(json, "ground_truth", picture.ground_truth);
  reader.Each(json, "outputs",
              [&](const Json& element) { picture.outputs.push_back(ReadOutput(reader, element)); });
  if (picture.outputs.size() != variants) reader.Fail("'outputs' has not one entry per variant");
  return picture;
}

void ReadHead(Reader& reader, const Json& json, Results& results) {
  reader.Read(json, "created", results.created);
  reader.Read(json, "nbits_version", results.nbits_version);
  const Json& machine = reader.Member(json, "machine");
  reader.Read(machine, "cpu", results.cpu);
  reader.Read(machine, "cores", results.cores);
  reader.Read(machine, "threads", results.threads);
  reader.Read(reader.Member(json, "noise_floor"), "time_ratio_spread", results.time_ratio_spread);
}

void ReadModel(Reader& reader, const Json& json, Results& results) {
  reader.Read(json, "name", results.model_name);
  reader.Read(json, "type", results.model_type);
  reader.Read(json, "input", results.input);
  reader.Read(json, "task", results.task);
  reader.Read(json, "labels", results.labels);
  reader.Read(json, "colors", results.colors);
  reader.Read(json, "background_id", results.background_id);
}

void CheckFormat(Reader& reader, const Json& json) {
  std::string format;
  int version = 0;
  reader.Read(json, "format", format);
  reader.Read(json, "version", version);
  if (format != "nbits-results") reader.Fail("'format' is another");
  if (version != 1) reader.Fail(absl::StrCat("version ", version, " is not supported"));
}

}  // namespace

absl::StatusOr<Results> ResultsFromJson(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return absl::InvalidArgumentError("not an nbits results document: not JSON");
  }
  absl::Status status;
  Reader reader(status);
  Results results;
  CheckFormat(reader, json);
  ReadHead(reader, json, results);
  ReadModel(reader, reader.Member(json, "model"), results);
  reader.Each(json, "variants", [&](const Json& element) {
    results.variants.push_back(ReadVariant(reader, element));
  });
  reader.Each(json, "pictures", [&](const Json& element) {
    results.pictures.push_back(ReadPicture(reader, element, results.variants.size()));
  });
  reader.Each(json, "skipped", [&](const Json& element) {
    SkippedFile& skipped = results.skipped.emplace_back();
    reader.Read(element, "file", skipped.file);
    reader.Read(element, "reason", skipped.reason);
  });
  if (!status.ok()) return status;
  return results;
}

}  // namespace nbits

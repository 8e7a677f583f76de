// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "results/at_most.h"
#include "results/json_reader.h"
#include "results/metric_fields.h"
#include "results/verdict.h"

namespace nbits {
namespace {

ResultMetrics ReadMetrics(JsonReader& reader, const Json& json) {
  ResultMetrics metrics;
  for (const MetricField& field : kMetricFields) {
    reader.ReadNew(json, field.name, metrics.*field.member);
  }
  reader.Read(json, "class_iou", metrics.class_iou);
  return metrics;
}

// An end that is null is nowhere.
void ReadIntervals(JsonReader& reader, const Json& json,
                   std::map<std::string, Interval>& intervals) {
  for (const MetricField& field : kMetricFields) {
    if (!JsonReader::Has(json, field.name)) continue;
    std::vector<std::optional<double>> ends;
    reader.Read(json, field.name, ends);
    if (ends.size() != 2) return reader.Fail(absl::StrCat("'", field.name, "' is no interval"));
    intervals[field.name] = {ends[0].value_or(-kInfinite), ends[1].value_or(kInfinite)};
  }
}

LayerResult ReadLayer(JsonReader& reader, const Json& json) {
  LayerResult layer;
  reader.Read(json, "name", layer.name);
  reader.Read(json, "kind", layer.kind);
  reader.Read(json, "shape", layer.shape);
  reader.Read(json, "elements", layer.elements);
  reader.Read(json, "bits", layer.bits);
  reader.Read(json, "mode", layer.mode);
  reader.Read(json, "bytes", layer.bytes);
  reader.Read(json, "snr_db", layer.snr_db);
  reader.Read(json, "max_error", layer.max_error);
  return layer;
}

std::optional<WeightGrid> ReadGrid(JsonReader& reader, const Json& json) {
  if (json.is_null()) return std::nullopt;
  WeightGrid grid;
  reader.Read(json, "bits", grid.bits);
  reader.Read(json, "mode", grid.mode);
  reader.Read(json, "channel", grid.channel);
  reader.Read(json, "values", grid.values);
  reader.Read(json, "uses", grid.uses);
  if (grid.values.size() != grid.uses.size()) reader.Fail("'uses' has not one entry per value");
  return grid;
}

WeightHistogram ReadHistogram(JsonReader& reader, const Json& json, size_t variants) {
  WeightHistogram histogram;
  reader.Read(json, "layer", histogram.layer);
  reader.Read(json, "kind", histogram.kind);
  reader.Read(json, "shape", histogram.shape);
  reader.Read(json, "elements", histogram.elements);
  reader.Read(json, "edges", histogram.edges);
  reader.Read(json, "counts", histogram.counts);
  reader.Each(json, "grids",
              [&](const Json& element) { histogram.grids.push_back(ReadGrid(reader, element)); });
  if (histogram.grids.size() != variants) reader.Fail("'grids' has not one entry per variant");
  return histogram;
}

VariantResult ReadVariant(JsonReader& reader, const Json& json) {
  VariantResult variant;
  reader.Read(json, "name", variant.name);
  reader.Read(json, "file", variant.file);
  reader.Read(json, "is_original", variant.is_original);
  reader.Read(json, "bits", variant.bits);
  reader.Read(json, "mode", variant.mode);
  reader.ReadNew(json, "policy", variant.policy);
  reader.Read(json, "bytes", variant.bytes);
  reader.Read(json, "load_ms", variant.load_ms);
  reader.Read(json, "times_ms", variant.times_ms);
  reader.Read(json, "median_ms", variant.median_ms);
  reader.Read(json, "min_ms", variant.min_ms);
  reader.Read(json, "spread_ms", variant.spread_ms);
  reader.Read(json, "peak_memory_bytes", variant.peak_memory_bytes);
  variant.metrics = ReadMetrics(reader, reader.Member(json, "metrics"));
  if (JsonReader::Has(json, "intervals")) {
    ReadIntervals(reader, reader.Member(json, "intervals"), variant.intervals);
  }
  reader.ReadIfThere(json, "blank_masks", variant.blank_masks);
  reader.ReadIfThere(json, "nonfinite_values", variant.nonfinite_values);
  reader.ReadNew(json, "worst_output", variant.worst_output);
  reader.EachNew(json, "layers", [&](const Json& element) {
    variant.layers.push_back(ReadLayer(reader, element));
  });
  reader.Read(json, "error", variant.error);
  return variant;
}

ArraySummary ReadSummary(JsonReader& reader, const Json& json) {
  ArraySummary summary;
  reader.Read(json, "output", summary.output);
  reader.Read(json, "shape", summary.shape);
  reader.Read(json, "elements", summary.elements);
  reader.Read(json, "min", summary.min);
  reader.Read(json, "max", summary.max);
  reader.Read(json, "mean", summary.mean);
  reader.Read(json, "deviation", summary.deviation);
  reader.Read(json, "step", summary.step);
  reader.Read(json, "samples", summary.samples);
  return summary;
}

std::optional<KeyPoints> ReadPoints(JsonReader& reader, const Json& json) {
  if (json.is_null()) return std::nullopt;
  KeyPoints points;
  reader.Read(json, "output", points.output);
  reader.Read(json, "x", points.x);
  reader.Read(json, "y", points.y);
  reader.Read(json, "confidence", points.confidence);
  const size_t count = points.x.size(), known = points.confidence.size();
  if (points.y.size() != count || (known != 0 && known != count)) {
    reader.Fail("'points' has not as many entries in each list");
  }
  return points;
}

PictureResult ReadPicture(JsonReader& reader, const Json& json, size_t variants) {
  PictureResult picture;
  reader.Read(json, "name", picture.name);
  reader.Read(json, "width", picture.width);
  reader.Read(json, "height", picture.height);
  reader.ReadNew(json, "own_width", picture.own_width);
  reader.ReadNew(json, "own_height", picture.own_height);
  reader.ReadPath(json, "image", picture.image);
  reader.ReadPath(json, "ground_truth", picture.ground_truth);
  reader.ReadNew(json, "label", picture.label);
  reader.Each(json, "outputs", [&](const Json& element) {
    picture.outputs.push_back(ReadPictureOutput(reader, element));
  });
  if (picture.outputs.size() != variants) reader.Fail("'outputs' has not one entry per variant");
  return picture;
}

void ReadNoise(JsonReader& reader, const Json& json, NoiseFloor& noise) {
  reader.Read(json, "time_ratio_spread", noise.time_ratio_spread);
  reader.ReadNew(json, "memory_ratio_spread", noise.memory_ratio_spread);
  if (!JsonReader::Has(json, "metrics")) return;
  for (const MetricField& field : kMetricFields) {
    reader.ReadNew(reader.Member(json, "metrics"), field.name, noise.metrics.*field.member);
  }
}

// Only what was allowed is taken from a document: the rule makes the rest of it, so that no
// document says one thing and its table another.
void ReadVerdict(JsonReader& reader, const Json& json, Results& results) {
  if (!JsonReader::Has(json, "verdict")) return;
  const Json& part = reader.Member(json, "verdict");
  Verdict stated;
  reader.Read(part, "metric", stated.metric);
  reader.Read(part, "allowed_loss", stated.allowed_loss);
  reader.Read(part, "smallest", stated.smallest);
  reader.Read(part, "recommended", stated.recommended);
  for (const auto& index : {stated.smallest, stated.recommended}) {
    if (index && static_cast<size_t>(*index) >= results.variants.size()) {
      reader.Fail("'verdict' names a variant that is not there");
    }
  }
  results.verdict = MakeVerdict(results, stated.allowed_loss);
  if (results.verdict && results.verdict->metric != stated.metric) {
    results.verdict = MakeVerdict(results, std::nullopt);
  }
}

void ReadPartial(JsonReader& reader, const Json& json, Results& results) {
  if (!JsonReader::Has(json, "partial")) return;
  const Json& part = reader.Member(json, "partial");
  reader.Read(part, "done", results.partial.emplace().done);
  reader.Read(part, "total", results.partial->total);
}

void ReadHead(JsonReader& reader, const Json& json, Results& results) {
  reader.Read(json, "created", results.created);
  reader.Read(json, "nbits_version", results.nbits_version);
  reader.ReadNew(json, "commit", results.commit);
  reader.ReadNew(json, "command", results.command);
  ReadPartial(reader, json, results);
  const Json& machine = reader.Member(json, "machine");
  reader.Read(machine, "cpu", results.cpu);
  reader.Read(machine, "cores", results.cores);
  reader.Read(machine, "threads", results.threads);
  reader.ReadNew(machine, "memory_bytes", results.memory_bytes);
  reader.ReadNew(machine, "system", results.system);
  reader.ReadNew(machine, "instructions", results.instructions);
  ReadNoise(reader, reader.Member(json, "noise_floor"), results.noise_floor);
}

void ReadJudgedClass(JsonReader& reader, const Json& json, Results& results) {
  if (!JsonReader::Has(json, "judged_class")) return;
  const Json& part = reader.Member(json, "judged_class");
  JudgedClass& judged = results.judged_class.emplace();
  reader.Read(part, "id", judged.id);
  reader.Read(part, "label", judged.label);
}

void ReadModel(JsonReader& reader, const Json& json, Results& results) {
  reader.Read(json, "name", results.model_name);
  reader.Read(json, "type", results.model_type);
  reader.Read(json, "input", results.input);
  reader.ReadNew(json, "output", results.output);
  reader.Read(json, "task", results.task);
  reader.ReadNew(json, "rule", results.rule);
  reader.ReadNew(json, "truth", results.truth);
  reader.ReadNew(json, "truth_pictures", results.truth_pictures);
  reader.ReadNew(json, "proposed_mask_map", results.proposed_mask_map);
  ReadJudgedClass(reader, json, results);
  reader.Read(json, "labels", results.labels);
  reader.Read(json, "colors", results.colors);
  reader.Read(json, "background_id", results.background_id);
}

void CheckFormat(JsonReader& reader, const Json& json) {
  std::string format;
  int version = 0;
  reader.Read(json, "format", format);
  reader.Read(json, "version", version);
  if (format != "nbits-results") reader.Fail("'format' is another");
  if (version != 1) reader.Fail(absl::StrCat("version ", version, " is not supported"));
}

}  // namespace

PictureOutput ReadPictureOutput(JsonReader& reader, const Json& json) {
  PictureOutput output;
  reader.Read(json, "agreement", output.agreement);
  reader.Read(json, "miou", output.miou);
  reader.ReadNew(json, "iou", output.iou);
  reader.ReadNew(json, "pixel_accuracy", output.pixel_accuracy);
  reader.ReadNew(json, "boundary_f", output.boundary_f);
  reader.ReadNew(json, "snr_db", output.snr_db);
  reader.ReadNew(json, "psnr_db", output.psnr_db);
  reader.ReadNew(json, "max_relative_difference", output.max_relative_difference);
  reader.ReadPath(json, "ids", output.ids);
  if (JsonReader::Has(json, "matte")) reader.ReadPath(json, "matte", output.matte);
  reader.ReadPath(json, "image", output.image);
  reader.Each(json, "top", [&](const Json& element) {
    RankedLabel& ranked = output.top.emplace_back();
    reader.Read(element, "label", ranked.label);
    reader.Read(element, "probability", ranked.probability);
  });
  reader.ReadIfThere(json, "blank", output.blank);
  reader.ReadIfThere(json, "nonfinite_values", output.nonfinite_values);
  reader.EachNew(json, "values", [&](const Json& element) {
    output.values.push_back(ReadSummary(reader, element));
  });
  if (JsonReader::Has(json, "points")) {
    output.points = ReadPoints(reader, reader.Member(json, "points"));
  }
  return output;
}

absl::StatusOr<Results> ResultsFromJson(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return absl::InvalidArgumentError("not an nbits results document: not JSON");
  }
  absl::Status status;
  JsonReader reader(status);
  Results results;
  CheckFormat(reader, json);
  ReadHead(reader, json, results);
  ReadModel(reader, reader.Member(json, "model"), results);
  reader.Each(json, "variants", [&](const Json& element) {
    results.variants.push_back(ReadVariant(reader, element));
  });
  reader.EachNew(json, "histograms", [&](const Json& element) {
    results.histograms.push_back(ReadHistogram(reader, element, results.variants.size()));
  });
  reader.Each(json, "pictures", [&](const Json& element) {
    results.pictures.push_back(ReadPicture(reader, element, results.variants.size()));
  });
  reader.Each(json, "skipped", [&](const Json& element) {
    SkippedFile& skipped = results.skipped.emplace_back();
    reader.Read(element, "file", skipped.file);
    reader.Read(element, "reason", skipped.reason);
  });
  ReadVerdict(reader, json, results);
  if (!status.ok()) return status;
  return results;
}

}  // namespace nbits

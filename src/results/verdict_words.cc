// SPDX-License-Identifier: Apache-2.0
// The verdict in sentences, the same for the terminal, Markdown and the page.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/printable.h"
#include "results/change.h"
#include "results/loss.h"
#include "results/verdict.h"
#include "results/words.h"

namespace nbits {
namespace {

class Writer {
 public:
  Writer(const Results& results, const VariantResult& original, const Verdict& verdict)
      : results_(results),
        original_(original),
        verdict_(verdict),
        measure_(*FindMetric(verdict.metric)),
        title_(MeasureTitle(results, verdict.metric)) {}

  std::vector<std::string> Sentences() const;

 private:
  const VariantResult& At(int index) const { return results_.variants[static_cast<size_t>(index)]; }
  Standing StandingAt(int index) const { return verdict_.standings[static_cast<size_t>(index)]; }
  bool AgainstTruth() const { return measure_.reference == Against::kTruth; }

  std::string Allowed() const;
  std::string Figure(const VariantResult& variant) const;
  std::string AtWorst(const VariantResult& variant) const;
  std::string Offer(int index) const;
  std::string Costs(int index) const;
  std::string TooFew(const VariantResult& variant) const;
  std::string Needed() const;
  std::string Against(const VariantResult& variant, Standing standing) const;
  std::string DoubtWords() const;
  std::string UnclearWords(int recommended) const;
  void AddRecommended(std::vector<std::string>& sentences) const;
  void AddNone(std::vector<std::string>& sentences) const;

  const Results& results_;
  const VariantResult& original_;
  const Verdict& verdict_;
  const MetricField& measure_;
  const std::string title_;
};

// "mIoU (0.5 points)", "PSNR (at least 40 dB)".
std::string Writer::Allowed() const {
  if (measure_.unit == Unit::kDecibels) {
    return absl::StrFormat("%s (at least %.4g dB; --allowed-loss)", title_, -verdict_.allowed_loss);
  }
  return absl::StrCat(title_, " (", PointsText(verdict_.allowed_loss), "; --allowed-loss)");
}

// "mIoU 71.00 % against 71.20 %": neither higher nor lower, as long as chance may have made it so.
std::string Writer::Figure(const VariantResult& variant) const {
  if (variant.metrics.max_relative_difference == 0) return "equal outputs";
  const auto &value = variant.metrics.*measure_.member,
             &before = original_.metrics.*measure_.member;
  if (!value) return absl::StrCat(title_, " not measured");
  std::string text = absl::StrCat(title_, " ", MeasureText(measure_.name, *value));
  if (measure_.unit == Unit::kDecibels && variant.worst_output) {
    absl::StrAppend(&text, " of output '", Printable(*variant.worst_output), "'");
  }
  if (AgainstTruth() && before) {
    absl::StrAppend(&text, " against ", MeasureText(measure_.name, *before));
  }
  return text;
}

// ", at worst 0.43 points lower"; nothing where the interval says no more than the figure.
std::string Writer::AtWorst(const VariantResult& variant) const {
  const auto loss = LossIn(measure_, original_, variant);
  const auto worst = WorstLossIn(measure_, original_, variant);
  if (!loss || !worst || !std::isfinite(*worst) || *worst - *loss < 5e-5) return "";
  if (measure_.unit == Unit::kDecibels) return absl::StrFormat(", at worst %.1f dB", -*worst);
  if (!AgainstTruth()) {
    return absl::StrCat(", at worst ", MeasureText(measure_.name, 1 - *worst));
  }
  if (*worst <= 0) return "";
  return absl::StrCat(", at worst ", PointsText(*worst), " lower");
}

// "8-linear: 2.32 MB instead of 8.43 MB, 3.6 times smaller, mIoU 71.00 % against 71.20 %".
std::string Writer::Offer(int index) const {
  const VariantResult& variant = At(index);
  std::string text =
      absl::StrFormat("%s: %s instead of %s, %.1f times smaller, ", Printable(variant.name),
                      BytesText(variant.bytes), BytesText(original_.bytes),
                      static_cast<double>(original_.bytes) / static_cast<double>(variant.bytes));
  if (StandingAt(index) != Standing::kGoodByAgreement || !AgainstTruth()) {
    return absl::StrCat(text, Figure(variant), AtWorst(variant));
  }
  return absl::StrCat(text, "agreement ",
                      MeasureText("agreement", variant.metrics.agreement.value_or(0)));
}

// What became of time and memory, honestly.
std::string Writer::Costs(int index) const {
  std::vector<std::string> parts;
  for (const std::string& part : {TimeWords(original_, At(index), results_.noise_floor),
                                  MemoryWords(original_, At(index), results_.noise_floor)}) {
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.empty()) return "";
  std::string text = absl::StrCat(absl::StrJoin(parts, "; "), ".");
  if (text[0] == 'm') text[0] = 'M';
  return text;
}

std::string Writer::Needed() const {
  if (!verdict_.pictures_needed) return "";
  return absl::StrCat("; about ", *verdict_.pictures_needed, " would do");
}

// "6 pictures are too few to tell whether it loses 0.5 points of mIoU (mIoU 72 % against ...".
std::string Writer::TooFew(const VariantResult& variant) const {
  const std::string loss =
      AgainstTruth()
          ? absl::StrCat("it keeps ", title_, " within ", PointsText(verdict_.allowed_loss))
          : absl::StrCat("it has ", LimitText(results_, measure_, verdict_.allowed_loss));
  return absl::StrCat(CountText(verdict_.pictures, "picture"),
                      verdict_.pictures == 1 ? " is" : " are", " too few to tell whether ", loss,
                      " (", Figure(variant), AtWorst(variant), ")", Needed(), ".");
}

// Why a variant is not good enough.
std::string Writer::Against(const VariantResult& variant, Standing standing) const {
  const std::string figure = absl::StrCat(Figure(variant), AtWorst(variant));
  const auto measured = [&](const char* measure) {
    const auto& value = variant.metrics.*FindMetric(measure)->member;
    return MeasureText(measure, value.value_or(0));
  };
  switch (standing) {
    case Standing::kDisagrees:
      return absl::StrCat(figure, ", but only ", measured("agreement"),
                          " agree with the original (at least ",
                          PerCentText(LeastAgreement(verdict_.allowed_loss)), " must)");
    case Standing::kOtherShapes:
      return absl::StrCat(figure, ", but its masks overlap with the original's by ",
                          measured("agreement_miou"), " only (agreement mIoU; at least ",
                          PerCentText(LeastAgreementMiou(verdict_.allowed_loss)), " must)");
    case Standing::kBlank:
      return absl::StrCat(figure, ", but its masks are blank on ",
                          CountText(variant.blank_masks, "picture"));
    case Standing::kNotFinite:
      return absl::StrCat("its outputs hold ", CountText(variant.nonfinite_values, "value"),
                          " that are NaN or infinite");
    default:
      return figure;
  }
}

std::string Writer::DoubtWords() const {
  const auto& value = original_.metrics.*measure_.member;
  const bool masks = results_.task == "segmentation";
  std::string text = absl::StrCat(
      "The original itself reaches only ", title_, " ",
      MeasureText(measure_.name, value.value_or(0)),
      masks ? ": do the masks belong to these pictures, and do their ids mean the model's classes?"
            : ": does the truth belong to these pictures, and to the model's classes?");
  if (results_.proposed_mask_map) {
    absl::StrAppend(&text, " --mask-map ", Printable(*results_.proposed_mask_map),
                    " would fit better.");
  }
  return text;
}

void Writer::AddRecommended(std::vector<std::string>& sentences) const {
  const int index = *verdict_.recommended;
  const bool by_agreement = StandingAt(index) == Standing::kGoodByAgreement;
  const std::string offer = Offer(index);
  if (by_agreement && AgainstTruth()) {
    sentences.push_back(absl::StrCat("Going by agreement with the original, take ", offer, "."));
  } else {
    sentences.push_back(absl::StrCat("Take ", offer, "."));
  }
  if (by_agreement) sentences.push_back(TooFew(At(index)));
  const std::string costs = Costs(index);
  if (!costs.empty()) sentences.push_back(costs);
  if (verdict_.smallest && verdict_.smallest != verdict_.recommended) {
    sentences.push_back(
        absl::StrCat("The smallest within the allowed loss is ", Offer(*verdict_.smallest), "."));
  }
  const bool equal = At(index).metrics.max_relative_difference == 0;
  if (!equal && At(index).intervals.count(verdict_.metric) == 0) {
    sentences.emplace_back("How far other pictures would move these figures is not known.");
  }
  const std::string unclear = UnclearWords(index);
  if (!unclear.empty()) sentences.push_back(unclear);
}

// What is smaller than the recommended and might do, if one knew.
std::string Writer::UnclearWords(int recommended) const {
  std::vector<std::string> names;
  for (int i = 0; i < static_cast<int>(results_.variants.size()); ++i) {
    const bool smaller = At(i).bytes < At(recommended).bytes;
    if (smaller && StandingAt(i) == Standing::kUnclear) names.push_back(Printable(At(i).name));
  }
  if (names.empty()) return "";
  return absl::StrCat("Of ", absl::StrJoin(names, ", "), ", smaller still, ",
                      CountText(verdict_.pictures, "picture"),
                      verdict_.pictures == 1 ? " is" : " are", " too few to tell.");
}

void Writer::AddNone(std::vector<std::string>& sentences) const {
  if (verdict_.doubtful_truth) {
    sentences.push_back(DoubtWords());
  } else if (!verdict_.closest) {
    const bool judged = std::all_of(
        verdict_.standings.begin(), verdict_.standings.end(),
        [](Standing each) { return each == Standing::kOriginal || each == Standing::kNotSmaller; });
    sentences.emplace_back(judged
                               ? "No variant is smaller than the original."
                               : "No variant that could be judged is smaller than the original.");
    return;
  } else {
    sentences.push_back(
        absl::StrCat("No smaller variant is within the allowed loss of ", Allowed(), "."));
  }
  if (!verdict_.closest) return;
  const int index = *verdict_.closest;
  const std::string name = Printable(At(index).name);
  if (verdict_.doubtful_truth && At(index).metrics.agreement) {
    sentences.push_back(absl::StrCat("Closest to the original is ", name, ": agreement ",
                                     MeasureText("agreement", *At(index).metrics.agreement), "."));
  } else if (StandingAt(index) == Standing::kUnclear) {
    sentences.push_back(absl::StrCat("The closest is ", name, ": ", TooFew(At(index))));
  } else {
    sentences.push_back(
        absl::StrCat("The closest is ", name, ": ", Against(At(index), StandingAt(index)), "."));
  }
}

std::vector<std::string> Writer::Sentences() const {
  std::vector<std::string> sentences;
  if (verdict_.recommended) {
    AddRecommended(sentences);
  } else {
    AddNone(sentences);
  }
  return sentences;
}

// Whatever else is to be said: outputs that are no numbers, rows that failed.
void AddTroubles(const Results& results, std::vector<std::string>& sentences) {
  for (const VariantResult& variant : results.variants) {
    if (variant.nonfinite_values == 0) continue;
    sentences.push_back(absl::StrCat("Outputs of ", Printable(variant.name), " hold ",
                                     CountText(variant.nonfinite_values, "value"),
                                     " that are NaN or infinite."));
  }
}

bool IsWhole(const Results& results, const Verdict& verdict) {
  const auto inside = [&](const std::optional<int>& index) {
    return !index || (*index >= 0 && static_cast<size_t>(*index) < results.variants.size());
  };
  return FindMetric(verdict.metric) != nullptr &&
         verdict.standings.size() == results.variants.size() && inside(verdict.smallest) &&
         inside(verdict.recommended) && inside(verdict.closest);
}

}  // namespace

std::vector<std::string> VerdictSentences(const Results& results,
                                          const std::optional<Verdict>& verdict) {
  std::vector<std::string> sentences;
  const VariantResult* original = OriginalOf(results);
  if (verdict && original != nullptr && IsWhole(results, *verdict)) {
    sentences = Writer(results, *original, *verdict).Sentences();
  } else {
    sentences.emplace_back("Nothing was measured that a verdict could rest on.");
  }
  AddTroubles(results, sentences);
  return sentences;
}

}  // namespace nbits

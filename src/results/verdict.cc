// SPDX-License-Identifier: Apache-2.0
#include "results/verdict.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "results/at_most.h"
#include "results/change.h"
#include "results/loss.h"

namespace nbits {
namespace {

constexpr double kWorthItsBytes = 1.1;    // The recommended variant may have so many times the
                                          // bytes of the smallest that is as fast and lean.
constexpr double kFallbackAgreement = 2;  // Allowed losses that agreement may lose instead.
constexpr double kPoorTruth = 0.2;        // Of the original itself: truth and model do not match.
constexpr double kManyBlank = 0.1;        // Of the pictures.

bool IsDiscrete(const Results& results) {
  return results.task == "segmentation" || results.task == "classification" ||
         results.task == "detection";
}

// Measures that a verdict may rest on, the most telling first. Floating-point values hardly ever
// agree to the bit: for them decibels tell more.
std::vector<const MetricField*> JudgedMeasures(const Results& results) {
  std::vector<const char*> names = {"map50", "miou", "iou", "top1", "pixel_accuracy"};
  if (IsDiscrete(results)) {
    names.insert(names.end(), {"agreement_map50", "agreement", "top1_agreement"});
  }
  names.insert(names.end(), {"psnr_db", "snr_db"});
  if (!IsDiscrete(results)) names.push_back("agreement");
  std::vector<const MetricField*> measures;
  for (const char* name : names) measures.push_back(FindMetric(name));
  return measures;
}

// The first measure that the original and some variant have.
const MetricField* MeasureOf(const Results& results, const VariantResult& original) {
  for (const MetricField* measure : JudgedMeasures(results)) {
    for (const VariantResult& variant : results.variants) {
      if (variant.is_original || variant.error) continue;
      if (LossIn(*measure, original, variant)) return measure;
    }
  }
  return nullptr;
}

// Up to two digits, upwards: "about 240".
int64_t Rounded(double count) {
  const double scale = std::pow(10, std::max(0.0, std::floor(std::log10(count)) - 1));
  return static_cast<int64_t>(std::ceil(count / scale) * scale);
}

using Indices = std::vector<int>;

Indices Keep(const Indices& indices, const auto& condition) {
  Indices kept;
  std::copy_if(indices.begin(), indices.end(), std::back_inserter(kept), condition);
  return kept;
}

class VerdictMaker {
 public:
  VerdictMaker(const Results& results, const VariantResult& original, const MetricField& measure,
               double allowed)
      : results_(results), original_(original), measure_(measure), allowed_(allowed) {}

  Verdict Make() const;

 private:
  const VariantResult& At(int index) const { return results_.variants[static_cast<size_t>(index)]; }
  bool AgainstTruth() const { return measure_.reference == Against::kTruth; }
  std::optional<double> LossAt(int index) const { return LossIn(measure_, original_, At(index)); }

  bool DoubtfulTruth() const;
  int64_t Pictures() const;
  Standing StandingOf(const VariantResult& variant) const;
  std::optional<Standing> Struck(const VariantResult& variant) const;
  Standing ByLoss(const VariantResult& variant) const;
  bool AgreesEnough(const VariantResult& variant) const;
  std::optional<double> Needed(int index) const;
  std::optional<int64_t> PicturesNeeded(const Verdict& verdict) const;
  Indices AsFastAndLean(const Indices& good) const;
  Indices NearlySmallest(const Indices& indices) const;
  int Smallest(const Indices& indices) const;
  double RankOf(int index) const;
  int LeastLoss(const Indices& indices) const;
  std::optional<int> Closest(const std::vector<Standing>& standings) const;

  const Results& results_;
  const VariantResult& original_;
  const MetricField& measure_;
  const double allowed_;
};

bool VerdictMaker::DoubtfulTruth() const {
  const auto& value = original_.metrics.*measure_.member;
  return AgainstTruth() && value && *value < kPoorTruth;
}

int64_t VerdictMaker::Pictures() const {
  const auto all = static_cast<int64_t>(results_.pictures.size());
  return AgainstTruth() ? results_.truth_pictures.value_or(all) : all;
}

// What excludes a variant whatever its loss.
std::optional<Standing> VerdictMaker::Struck(const VariantResult& variant) const {
  if (variant.error) return Standing::kFailed;
  if (variant.bytes >= original_.bytes) return Standing::kNotSmaller;
  if (variant.nonfinite_values > original_.nonfinite_values) return Standing::kNotFinite;
  const double most_blank = kManyBlank * static_cast<double>(results_.pictures.size());
  if (static_cast<double>(variant.blank_masks) > most_blank) return Standing::kBlank;
  if (!LossIn(measure_, original_, variant)) return Standing::kNotMeasured;
  const auto &agreement = variant.metrics.agreement, &miou = variant.metrics.agreement_miou;
  const auto below = [](const std::optional<double>& value, double least) {
    return value && !AtMost(least, *value);
  };
  if (AgainstTruth() && below(agreement, LeastAgreement(allowed_))) return Standing::kDisagrees;
  const bool of_masks = measure_.unit == Unit::kShare && results_.task == "segmentation";
  if (of_masks && below(miou, LeastAgreementMiou(allowed_))) return Standing::kOtherShapes;
  return std::nullopt;
}

// Pixels are many even where pictures are few. Whole pictures that agree or do not are not, so
// that the figure as measured has to do.
bool VerdictMaker::AgreesEnough(const VariantResult& variant) const {
  const MetricField& agreement = *FindMetric("agreement");
  const auto loss = results_.task == "classification" ? LossIn(agreement, original_, variant)
                                                      : WorstLossIn(agreement, original_, variant);
  const double most = AgainstTruth() ? kFallbackAgreement * allowed_ : allowed_;
  return loss && AtMost(*loss, most);
}

Standing VerdictMaker::ByLoss(const VariantResult& variant) const {
  const double loss = *LossIn(measure_, original_, variant);
  if (AtMost(*WorstLossIn(measure_, original_, variant), allowed_)) return Standing::kGood;
  const auto best = BestLossIn(measure_, original_, variant);
  if (!AtMost(*best, allowed_)) return Standing::kLoses;
  const bool can_fall_back = measure_.unit == Unit::kShare && AtMost(loss, allowed_);
  return can_fall_back && AgreesEnough(variant) ? Standing::kGoodByAgreement : Standing::kUnclear;
}

Standing VerdictMaker::StandingOf(const VariantResult& variant) const {
  if (variant.is_original) return Standing::kOriginal;
  const std::optional<Standing> struck = Struck(variant);
  return struck ? *struck : ByLoss(variant);
}

// Neither slower nor fatter than the original beyond noise; all when none is.
Indices VerdictMaker::AsFastAndLean(const Indices& good) const {
  const Indices kept = Keep(good, [&](int i) {
    return TimeChange(original_, At(i), results_.noise_floor) != Change::kMore &&
           MemoryChange(original_, At(i), results_.noise_floor) != Change::kMore;
  });
  return kept.empty() ? good : kept;
}

Indices VerdictMaker::NearlySmallest(const Indices& indices) const {
  const double most = kWorthItsBytes * static_cast<double>(At(Smallest(indices)).bytes);
  return Keep(indices, [&](int i) { return AtMost(static_cast<double>(At(i).bytes), most); });
}

int VerdictMaker::Smallest(const Indices& indices) const {
  return *std::min_element(indices.begin(), indices.end(),
                           [&](int a, int b) { return At(a).bytes < At(b).bytes; });
}

// A score above the original's is chance, not merit: what counts against the truth is how near a
// variant stays to the original.
double VerdictMaker::RankOf(int index) const {
  const double loss = LossAt(index).value_or(kInfinite);
  if (!AgainstTruth()) return loss;
  const auto& agreement = At(index).metrics.agreement;
  return agreement ? 1 - *agreement : std::max(0.0, loss);
}

int VerdictMaker::LeastLoss(const Indices& indices) const {
  const auto key = [&](int i) {
    const double loss = LossAt(i).value_or(kInfinite);
    return std::tuple(RankOf(i), AgainstTruth() ? std::max(0.0, loss) : loss, At(i).bytes);
  };
  return *std::min_element(indices.begin(), indices.end(),
                           [&](int a, int b) { return key(a) < key(b); });
}

std::optional<int> VerdictMaker::Closest(const std::vector<Standing>& standings) const {
  Indices sound, broken;
  for (int i = 0; i < static_cast<int>(standings.size()); ++i) {
    const Standing standing = standings[static_cast<size_t>(i)];
    if (standing == Standing::kNotFinite || standing == Standing::kBlank) broken.push_back(i);
    if (standing > Standing::kOriginal && standing < Standing::kBlank) sound.push_back(i);
  }
  const Indices& candidates = sound.empty() ? broken : sound;
  return candidates.empty() ? std::nullopt : std::optional<int>(LeastLoss(candidates));
}

// How many pictures would tell: an interval narrows with the root of their number.
std::optional<double> VerdictMaker::Needed(int index) const {
  const auto loss = LossAt(index), worst = WorstLossIn(measure_, original_, At(index));
  if (!loss || !worst || !std::isfinite(*worst) || Pictures() == 0) return std::nullopt;
  const double centre = measure_.unit == Unit::kShare ? std::max(0.0, *loss) : *loss;
  if (AtMost(allowed_, centre)) return std::nullopt;
  const double narrower = (*worst - *loss) / (allowed_ - centre);
  return static_cast<double>(Pictures()) * narrower * narrower;
}

std::optional<int64_t> VerdictMaker::PicturesNeeded(const Verdict& verdict) const {
  constexpr double kMost = 1e9;
  std::optional<double> least;
  for (int i = 0; i < static_cast<int>(verdict.standings.size()); ++i) {
    const Standing standing = verdict.standings[static_cast<size_t>(i)];
    const bool asked =
        verdict.recommended ? i == *verdict.recommended : standing == Standing::kUnclear;
    if (!asked || standing == Standing::kGood) continue;
    const auto needed = Needed(i);
    if (needed && *needed < least.value_or(kMost)) least = needed;
  }
  if (!least) return std::nullopt;
  return std::max(Rounded(*least), Pictures() + 1);
}

Verdict VerdictMaker::Make() const {
  Verdict verdict{.metric = measure_.name, .allowed_loss = allowed_};
  verdict.doubtful_truth = DoubtfulTruth();
  verdict.pictures = Pictures();
  Indices good;
  for (int i = 0; i < static_cast<int>(results_.variants.size()); ++i) {
    const Standing standing = StandingOf(At(i));
    verdict.standings.push_back(standing);
    if (standing == Standing::kGood || standing == Standing::kGoodByAgreement) good.push_back(i);
  }
  if (good.empty() || verdict.doubtful_truth) {
    verdict.closest = Closest(verdict.standings);
  } else {
    verdict.smallest = Smallest(good);
    verdict.recommended = LeastLoss(NearlySmallest(AsFastAndLean(good)));
  }
  if (!verdict.doubtful_truth) verdict.pictures_needed = PicturesNeeded(verdict);
  return verdict;
}

}  // namespace

const char* StandingName(Standing standing) {
  constexpr const char* kNames[] = {"original",   "good",        "good by agreement", "unclear",
                                    "loses",      "disagrees",   "other shapes",      "blank",
                                    "not finite", "not smaller", "not measured",      "failed"};
  return kNames[static_cast<size_t>(standing)];
}

std::optional<Verdict> MakeVerdict(const Results& results, std::optional<double> allowed_loss) {
  const VariantResult* original = OriginalOf(results);
  const MetricField* measure = original == nullptr ? nullptr : MeasureOf(results, *original);
  if (measure == nullptr) return std::nullopt;
  const double allowed = allowed_loss.value_or(UsualLoss(*measure));
  return VerdictMaker(results, *original, *measure, allowed).Make();
}

}  // namespace nbits

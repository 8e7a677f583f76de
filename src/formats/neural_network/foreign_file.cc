// SPDX-License-Identifier: Apache-2.0
// Sources: PKWARE's APPNOTE.TXT (a zip archive's local header); PyTorch's torch/serialization.py
// (zip with data.pkl); onnx.proto3 (ModelProto); safetensors' README. How other files begin:
// base/files/file_kind.cc.
#include "formats/neural_network/foreign_file.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/files/file_kind.h"
#include "formats/neural_network/description.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/wire/wire_reader.h"

namespace nbits {
namespace {

using absl::string_view;

constexpr char kConvert[] =
    "convert it with coremltools: ct.convert(..., convert_to=\"neuralnetwork\")";

// A literal with zero bytes in it.
template <size_t kSize>
constexpr string_view Bytes(const char (&text)[kSize]) {
  return {text, kSize - 1};
}

constexpr char kUnpack[] = ", not a model: unpack it and name the model in it";

// What there is to say of a file of a family, behind its name.
std::string WayToModel(FileFamily family) {
  switch (family) {
    case FileFamily::kZip:
    case FileFamily::kArchive:
      return kUnpack;
    case FileFamily::kLfsPointer:
      return ", not the model itself: git lfs pull fetches it";
    case FileFamily::kAnnexPointer:
      return ", not the model itself: git annex get fetches it";
    case FileFamily::kOtherModel:
      return absl::StrCat(", not a Core ML model; ", kConvert);
    case FileFamily::kHdf5:
      return absl::StrCat(", as Keras writes its models; ", kConvert);
    case FileFamily::kPage:
      return ", not a model: what was saved is a page about the file; download the file itself (on "
             "GitHub: the \"raw\" link)";
    default:
      return ", not a model";
  }
}

// The name of a zip archive's first file, from its local header.
string_view FirstNameInZip(string_view bytes) {
  if (bytes.size() < 30) return "";
  const auto byte = [&](size_t at) {
    return static_cast<size_t>(static_cast<unsigned char>(bytes[at]));
  };
  return bytes.substr(30, byte(26) | byte(27) << 8);
}

std::string DescribeZip(string_view bytes) {
  const string_view name = FirstNameInZip(bytes);
  if (absl::EndsWith(name, "/data.pkl") || absl::EndsWith(name, "/.format_version")) {
    return absl::StrCat("is a PyTorch file", WayToModel(FileFamily::kOtherModel));
  }
  if (absl::EndsWith(name, ".npy")) return "is an archive of NumPy arrays (.npz), not a model";
  return absl::StrCat("is a zip archive", kUnpack);
}

// What stands for blanks in front of text, the mark of its encoding included.
string_view TextOf(string_view bytes) {
  if (absl::StartsWith(bytes, "\xef\xbb\xbf")) bytes.remove_prefix(3);
  return absl::StripLeadingAsciiWhitespace(bytes);
}

bool IsText(string_view bytes) {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c)) ||
           absl::ascii_isspace(static_cast<unsigned char>(c)) || (c & 0x80) != 0;
  });
}

std::string DescribeText(string_view bytes) {
  const string_view text = TextOf(bytes);
  if (!IsText(bytes) || text.empty()) return "";
  const string_view line = text.substr(0, std::min<size_t>(text.find_first_of("\r\n"), 40));
  return absl::StrCat("is text, not a model; it begins with \"", line, "\"");
}

// Length of a header in JSON, then the header.
bool IsSafetensors(string_view bytes) {
  return bytes.size() > 10 && bytes.substr(5, 3) == Bytes("\0\0\0") && bytes.substr(8, 2) == "{\"";
}

// An ONNX ModelProto: a graph in field 7 and the sets of operators in field 8, which are none of a
// Core ML model's.
bool IsOnnx(std::span<const std::byte> bytes) {
  constexpr int kGraph = 7, kOperatorSets = 8, kMostFields = 1000;
  bool graph = false, operators = false;
  WireReader reader(bytes);
  WireField field;
  for (int i = 0; i < kMostFields && !reader.done(); ++i) {
    if (!reader.Next(field).ok()) return false;
    graph |= field.number == kGraph;
    operators |= field.number == kOperatorSets;
  }
  return graph && operators;
}

bool Exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

}  // namespace

std::string DescribeForeignFile(std::span<const std::byte> bytes) {
  const string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (all.empty()) return "is empty";
  const string_view head = all.substr(0, kTellingBytes);
  if (const auto known = KnownFileOf(head)) {
    if (known->family == FileFamily::kZip) return DescribeZip(head);
    return absl::StrCat("is ", known->name, WayToModel(known->family));
  }
  if (IsSafetensors(head)) return "is a file of weights (safetensors), not a Core ML model";
  if (IsOnnx(bytes)) {
    return "is an ONNX model, not a Core ML model; coremltools up to version 5 converts it, newer "
           "ones the PyTorch or TensorFlow model that it was made from";
  }
  return DescribeText(head);
}

std::string DescribeForeignFolder(const std::string& path) {
  if (Exists(path + "/coremldata.bin") || Exists(path + "/model.espresso.net")) {
    return "is a compiled model (.mlmodelc), which cannot be changed any more: take the .mlmodel "
           "file that it was made from";
  }
  if (Exists(path + "/saved_model.pb"))
    return absl::StrCat("is a TensorFlow SavedModel; ", kConvert);
  return "";
}

std::string ProgramAdvice(const Model& model) {
  if (!HoldsProgram(model.impl().tree->root)) return "";
  return " (an ML Program is another kind of model than the neural networks that are run and made "
         "smaller here; ct.convert(..., convert_to=\"neuralnetwork\") makes such a one)";
}

}  // namespace nbits

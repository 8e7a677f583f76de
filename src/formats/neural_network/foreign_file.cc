// SPDX-License-Identifier: Apache-2.0
// Sources: the formats' own descriptions of how their files begin. Git LFS specification
// (docs/spec.md); PKWARE's APPNOTE.TXT (zip); RFC 1952 (gzip); POSIX ustar; FlatBuffers' file
// identifiers and TensorFlow Lite's schema ("TFL3"); HDF5 file format specification; PyTorch's
// torch/serialization.py (zip with data.pkl, before version 1.6 pickles of a magic number);
// onnx.proto3 (ModelProto); safetensors' README; NumPy's NEP 1.
#include "formats/neural_network/foreign_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "formats/neural_network/description.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/wire/wire_reader.h"

namespace nbits {
namespace {

using absl::string_view;

constexpr char kConvert[] =
    "convert it with coremltools: ct.convert(..., convert_to=\"neuralnetwork\")";

struct Beginning {
  size_t at;
  string_view bytes;
  const char* what;
};

// A literal with zero bytes in it.
template <size_t kSize>
constexpr string_view Bytes(const char (&text)[kSize]) {
  return {text, kSize - 1};
}

constexpr char kArchive[] = "an archive, not a model: unpack it and name the model in it";

constexpr std::array kBeginnings = {
    Beginning{0, "version https://git-lfs.github.com/spec/",
              "a Git LFS pointer, not the model itself: git lfs pull fetches it"},
    Beginning{0, "/annex/objects/",
              "a git-annex pointer, not the model itself: git annex get fetches it"},
    Beginning{0, "\x1f\x8b", kArchive},
    Beginning{0, "BZh", kArchive},
    Beginning{0,
              Bytes("\xfd"
                    "7zXZ\0"),
              kArchive},
    Beginning{0, "7z\xbc\xaf\x27\x1c", kArchive},
    Beginning{0, "Rar!\x1a\x07", kArchive},
    Beginning{0, "\x28\xb5\x2f\xfd", kArchive},
    Beginning{257, "ustar", kArchive},
    Beginning{4, "TFL3", "a TensorFlow Lite model, not a Core ML model"},
    Beginning{0, "\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes its models"},
    Beginning{0, "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", "a PyTorch file"},
    Beginning{0, "\x93NUMPY", "an array of NumPy (.npy), not a model"},
    Beginning{0, "\x89PNG\r\n\x1a\n", "a PNG picture, not a model"},
    Beginning{0, "\xff\xd8\xff", "a JPEG picture, not a model"},
    Beginning{0, "%PDF-", "a PDF document, not a model"},
};

bool IsOtherTools(string_view what) {
  return absl::StartsWith(what, "a TensorFlow") || absl::StartsWith(what, "an HDF5") ||
         absl::StartsWith(what, "a PyTorch");
}

std::string WithWayOut(string_view what) {
  return absl::StrCat("is ", what, IsOtherTools(what) ? absl::StrCat("; ", kConvert) : "");
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
    return WithWayOut("a PyTorch file");
  }
  if (absl::EndsWith(name, ".npy")) return "is an archive of NumPy arrays (.npz), not a model";
  return absl::StrCat("is a zip ", string_view(kArchive).substr(3));
}

// What stands for blanks in front of text, the mark of its encoding included.
string_view TextOf(string_view bytes) {
  if (absl::StartsWith(bytes, "\xef\xbb\xbf")) bytes.remove_prefix(3);
  return absl::StripLeadingAsciiWhitespace(bytes);
}

bool IsPage(string_view text) {
  const std::string head = absl::AsciiStrToLower(text.substr(0, 512));
  return absl::StartsWith(head, "<!doctype html") || absl::StartsWith(head, "<html") ||
         (absl::StartsWith(head, "<?xml") && absl::StrContains(head, "<html"));
}

bool IsText(string_view bytes) {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c)) ||
           absl::ascii_isspace(static_cast<unsigned char>(c)) || (c & 0x80) != 0;
  });
}

std::string DescribeText(string_view bytes) {
  const string_view text = TextOf(bytes);
  if (IsPage(text)) {
    return "is a web page (HTML), not a model: what was saved is a page about the file; download "
           "the file itself (on GitHub: the \"raw\" link)";
  }
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
  constexpr size_t kLooked = 4096;
  const string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (all.empty()) return "is empty";
  const string_view head = all.substr(0, kLooked);
  for (const Beginning& each : kBeginnings) {
    if (head.size() >= each.at && absl::StartsWith(head.substr(each.at), each.bytes)) {
      return WithWayOut(each.what);
    }
  }
  if (absl::StartsWith(head, "PK\x03\x04")) return DescribeZip(head);
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

// SPDX-License-Identifier: Apache-2.0
// Declares the options of nbits quantize and writes their help.
#include "cli/quantize/quantize_arguments.h"

#include <CLI/CLI.hpp>

#include "cli/option_values.h"

namespace nbits::cli {
namespace {

constexpr char kStorage[] = "How weights are stored";
constexpr char kSelection[] = "Which weights";
constexpr char kThresholds[] = "Thresholds (by the layer's largest weight; coremltools' selectors)";
constexpr char kFiles[] = "Files and output";

constexpr char kMode[] =
    "linear            a scale and an offset per channel (default)\n"
    "linear_symmetric  the same with a range around 0\n"
    "linear_lut        a table of equal steps per tensor\n"
    "kmeans_lut        the table with the least squared error\n"
    "custom_lut        your own tables, see --table\n"
    "float16           half of the bytes, as --bits 16\n"
    "dequantize        Float32 again, whatever is stored now";

constexpr char kNotes[] =
    "FORMAT is BITS:MODE (4:kmeans_lut), BITS (in the mode of --mode), float16, float32, "
    "custom_lut or keep. GLOB is a layer's name (conv1) or a weight's (conv1/bias), where * stands "
    "for any text and ? for any character; a rule that names a weight takes it whatever the policy "
    "says. The last rule that matches counts, --layer before --type, --keep before all. Where "
    "there are rules and no --bits, only what they name is quantized. nbits info MODEL --weights "
    "lists the names.\n"
    "\n"
    "Without -o the result stands beside the model and is called NAME-8-linear.mlmodel, "
    "NAME-float16.mlmodel, NAME-float32.mlmodel, NAME-mixed.mlmodel (with rules) or "
    "NAME-PLAN.mlmodel (with --plan PLAN.json). What was written is read back and compared before "
    "it takes its place.\n"
    "\n"
    "Examples:\n"
    "  # 8 bits per weight; then 4 bits with the best table\n"
    "  nbits quantize M.mlmodel --bits 8\n"
    "  nbits quantize M.mlmodel -b 4 -m kmeans_lut -o S.mlmodel\n"
    "  # what would become of each weight\n"
    "  nbits quantize M.mlmodel -b 4 --layer 'conv1=8' --dry-run\n"
    "  # only fully connected layers\n"
    "  nbits quantize M.mlmodel --type innerProduct=4:kmeans_lut\n"
    "  # once, and again to the same bytes\n"
    "  nbits quantize M.mlmodel -b 6 --save-plan p.json\n"
    "  nbits quantize M.mlmodel --plan p.json\n"
    "  # tables of your own, as lines like conv1,-0.5,0,0.5\n"
    "  nbits quantize M.mlmodel -m custom_lut --table t.csv\n"
    "  # Float32 again\n"
    "  nbits quantize S.mlmodel -m dequantize";

// An option of one word out of a few.
CLI::Option* AddWord(CLI::App& command, const char* name, std::string& target,
                     const char* type_name, const char* description,
                     const std::vector<std::string>& words) {
  return command.add_option(name, target, description)
      ->type_name(type_name)
      ->transform(WordOf(words));
}

// May be given more than once, with one value each time.
CLI::Option* AddRepeated(CLI::App& command, const char* name, std::vector<std::string>& target,
                         const char* type_name, const char* description) {
  return command.add_option(name, target, description)
      ->type_name(type_name)
      ->group(kSelection)
      ->allow_extra_args(false);
}

std::vector<CLI::Option*> AddStorage(CLI::App& command, QuantizeArguments& arguments) {
  std::vector<CLI::Option*> options = {
      command.add_option("-b,--bits", arguments.bits, "1 to 8, or 16 for Float16")
          ->type_name("N")
          ->check(BitsOfWeights()),
      AddWord(command, "-m,--mode", arguments.mode, "MODE", kMode,
              {"linear", "linear_symmetric", "linear_lut", "kmeans_lut", "custom_lut", "float16",
               "dequantize"}),
      command
          .add_option("--table", arguments.table,
                      "Tables for custom_lut, CSV or JSON: one for all weights, or "
                      "one per layer")
          ->type_name("FILE"),
      AddWord(command, "--range", arguments.range, "RANGE",
              "Of the linear modes: minmax, or mse, with the least squared "
              "error (default: mse, with --policy coremltools minmax)",
              {"minmax", "mse"}),
      AddWord(command, "--rounding", arguments.rounding, "HOW",
              "Of kmeans_lut and linear_lut: nearest entry, or balanced, "
              "where a channel's errors add up to little (default: "
              "balanced, with --policy coremltools nearest)",
              {"nearest", "balanced"}),
      AddWord(command, "--on-overflow", arguments.on_overflow, "WHAT",
              "Weights that are infinite, NaN or beyond Float16's range: "
              "error (default), keep that weight tensor as it is, or "
              "clamp to the nearest number",
              {"error", "keep", "clamp"}),
      command.add_flag("--no-fold", arguments.no_fold,
                       "Do not merge batch normalisation, scale and bias layers "
                       "into the layer before them")};
  for (CLI::Option* option : options) option->group(kStorage);
  return options;
}

std::vector<CLI::Option*> AddSelection(CLI::App& command, QuantizeArguments& arguments) {
  Conditions& conditions = arguments.conditions;
  return {AddWord(command, "-p,--policy", arguments.policy, "POLICY",
                  "bulk (default): kernels and large constants; biases and "
                  "normalisation are not quantized. coremltools: what "
                  "coremltools 7.2 takes, to the same bits",
                  {"bulk", "coremltools"})
              ->group(kSelection),
          AddRepeated(command, "--layer", arguments.layers, "GLOB=FORMAT",
                      "Format of these layers or weights; may be repeated"),
          AddRepeated(command, "--type", arguments.types, "TYPE=FORMAT",
                      "Format of all layers of this type (convolution, "
                      "innerProduct, embedding ...); may be repeated"),
          AddRepeated(command, "--keep", arguments.keep, "GLOB",
                      "Layers or weights that stay as they are; may be repeated"),
          AddRepeated(command, "--only", conditions.only_layers, "GLOB",
                      "Quantize no other layers; may be repeated"),
          AddRepeated(command, "--only-type", conditions.only_types, "TYPE",
                      "Quantize no other types of layers; may be repeated"),
          AddRepeated(command, "--skip-type", conditions.skip_types, "TYPE",
                      "Do not quantize layers of this type (also: depthwiseConv, "
                      "bias); may be repeated")};
}

std::vector<CLI::Option*> AddThresholds(CLI::App& command, Conditions& conditions) {
  std::vector<CLI::Option*> options;
  const auto add = [&](const char* name, int64_t& target, const char* description) {
    options.push_back(command.add_option(name, target, description)
                          ->type_name("N")
                          ->group(kThresholds)
                          ->check(WholeNumber(0)));
  };
  add("--min-elements", conditions.min_elements, "Weights of smaller layers stay");
  add("--min-channels", conditions.min_convolution_channels,
      "Convolutions with fewer kernel channels stay");
  add("--min-convolution-elements", conditions.min_convolution_elements,
      "Convolutions with fewer weights stay");
  add("--min-inputs", conditions.min_inputs, "Layers with fewer input channels stay");
  add("--max-inputs", conditions.max_inputs, "Layers with more input channels stay");
  add("--min-outputs", conditions.min_outputs, "Layers with fewer output channels stay");
  add("--max-outputs", conditions.max_outputs, "Layers with more output channels stay");
  return options;
}

void AddFiles(CLI::App& command, QuantizeArguments& arguments) {
  const auto add_file = [&](const char* name, std::string& target, const char* description) {
    command.add_option(name, target, description)->type_name("FILE")->group(kFiles);
  };
  add_file("-o,--output", arguments.output,
           "The model to write, or a folder for it; the original, too,\n"
           "if you name it");
  add_file("--plan", arguments.plan,
           "Do what a saved plan says, to the same bytes; takes the "
           "place of all options above");
  add_file("--save-plan", arguments.save_plan, "Write what becomes of each weight, as JSON");
  add_file("--report", arguments.report, "Write each weight's size and error, as CSV");
  command
      .add_flag("--allow-unchanged", arguments.allow_unchanged,
                "Write the model, and succeed, even if nothing could be made smaller")
      ->group(kFiles);
  command
      .add_flag("--dry-run", arguments.dry_run, "Show the plan, sizes and errors; write no model")
      ->group(kFiles);
  command.add_flag("--json", arguments.json, "Print the result as JSON")->group(kFiles);
}

}  // namespace

void AddQuantizeArguments(CLI::App& command, QuantizeArguments& arguments) {
  command.add_option("MODEL", arguments.model, "A .mlmodel or .mlpackage")
      ->type_name("")
      ->required();
  for (const auto& options : {AddStorage(command, arguments), AddSelection(command, arguments),
                              AddThresholds(command, arguments.conditions)}) {
    arguments.replaced_by_plan.insert(arguments.replaced_by_plan.end(), options.begin(),
                                      options.end());
  }
  AddFiles(command, arguments);
  command.footer(kNotes);
}

}  // namespace nbits::cli

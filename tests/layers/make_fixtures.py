#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/layers/fixtures/*.json: models made by coremltools with the outputs that slow references, written from the
comments of Core ML's NeuralNetwork.proto, expect. Needs coremltools 7.2.

    python3 tests/layers/make_fixtures.py [NAME...]
"""
import importlib
import os
import sys
import warnings

warnings.filterwarnings("ignore")
FAMILIES = ("elementwise", "axis", "window", "resample", "product", "rearrange", "lookup", "recurrent", "control", "converted")


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")
    for family in FAMILIES:
        for suite in importlib.import_module("cases_" + family).suites():
            if len(sys.argv) == 1 or suite.name in sys.argv[1:]:
                suite.write(folder)


if __name__ == "__main__":
    main()

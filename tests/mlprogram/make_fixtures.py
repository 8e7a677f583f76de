#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the cases of ML Program operations, expected values computed with NumPy alone."""
import pathlib

import case_maker
import cases_elementwise
import cases_model
import cases_tensor
import cases_window

folder = pathlib.Path(__file__).parent / "fixtures"
for name, module in (("elementwise", cases_elementwise), ("window", cases_window), ("tensor", cases_tensor),
                     ("model", cases_model)):
    module.make()
    case_maker.write(folder / f"{name}.json")

#!/usr/bin/env python3
"""Makes tests/metrics/fixtures.json with scikit-learn and NumPy, which the metrics are held to.

python3 -m pip install numpy scikit-learn && python3 tests/metrics/make_fixtures.py
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, jaccard_score

random = np.random.RandomState(7)


def maps(classes, height=9, width=11, ignore=0.1):
    truth = random.randint(0, classes, (height, width))
    predicted = np.where(random.rand(height, width) < 0.6, truth,
                         random.randint(0, classes, (height, width)))
    truth[random.rand(height, width) < ignore] = 255
    return truth, predicted


def segmentation():
    cases = []
    for classes, used in ((2, 2), (5, 5), (21, 6)):
        truth, predicted = maps(used)
        counted = truth != 255
        t, p = truth[counted], predicted[counted]
        present = sorted(set(t) | set(p))
        iou = jaccard_score(t, p, labels=present, average=None)
        cases.append({
            "classes": classes, "height": truth.shape[0], "width": truth.shape[1],
            "truth": truth.ravel().tolist(), "predicted": predicted.ravel().tolist(),
            "confusion": confusion_matrix(t, p, labels=range(classes)).tolist(),
            "iou": [float(iou[present.index(c)]) if c in present else None
                    for c in range(classes)],
            "mean_iou": float(iou.mean()), "accuracy": float(accuracy_score(t, p)),
            "binary_iou": float(jaccard_score(t == 1, p == 1)),
        })
    return cases


def arrays():
    cases = []
    for scale, noise in ((1, 0.1), (100, 1e-3), (1e-3, 1)):
        a = (random.randn(50) * scale).astype(np.float32)
        b = (a + random.randn(50) * scale * noise).astype(np.float32)
        x, y = a.astype(np.float64), b.astype(np.float64)
        power = np.sum((x - y) ** 2) / x.size + 1e-7
        cases.append({
            "original": [float(v) for v in a], "variant": [float(v) for v in b],
            "snr": float(10 * np.log10(np.sum(y ** 2) / y.size / power)),
            "psnr": float(10 * np.log10(np.max(y ** 2) / power)),
            "relative": float(np.max(np.abs(x - y)) / np.max(np.abs(x))),
        })
    return cases


path = pathlib.Path(__file__).parent / "fixtures.json"
path.write_text(json.dumps({"segmentation": segmentation(), "arrays": arrays()}) + "\n")

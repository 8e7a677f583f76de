#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/metrics/fixtures.json with scikit-learn, SciPy and NumPy, which the metrics are held to.

python3 -m pip install numpy scikit-learn scipy pillow && python3 tests/metrics/make_fixtures.py

Real masks are taken from ../shared/corpus.
"""
import json
import pathlib

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt
from sklearn.metrics import accuracy_score, confusion_matrix, jaccard_score, top_k_accuracy_score

random = np.random.RandomState(7)
IGNORED = 255
CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "corpus" / "images"


def maps(classes, height=9, width=11, ignore=0.1):
    truth = random.randint(0, classes, (height, width))
    predicted = np.where(random.rand(height, width) < 0.6, truth,
                         random.randint(0, classes, (height, width)))
    truth[random.rand(height, width) < ignore] = 255
    return truth, predicted


def real_maps(name, binary):
    """A mask of the corpus at a quarter of its size, and a prediction that is shifted and in part wrong."""
    mask = np.array(Image.open(CORPUS / name))[::4, ::4]
    truth = (mask > 127).astype(int) if binary else np.where(mask == 11, IGNORED, mask)
    predicted = np.roll(np.where(truth == IGNORED, 0, truth), (1, 3), (0, 1))
    predicted[10:20, 30:50] = 1
    return truth, predicted


def boundary(ids):
    """Pixels with a right or lower neighbour of another class, both not ignored."""
    edge = np.zeros(ids.shape, bool)
    counted = ids != IGNORED
    edge[:, :-1] |= (ids[:, :-1] != ids[:, 1:]) & counted[:, :-1] & counted[:, 1:]
    edge[:-1] |= (ids[:-1] != ids[1:]) & counted[:-1] & counted[1:]
    return edge


def boundary_f(truth, predicted, tolerance=2):
    def share_near(pixels, others):
        if not pixels.any():
            return 1.0
        if not others.any():
            return 0.0
        return float((distance_transform_edt(~others)[pixels] <= tolerance).mean())

    t, p = boundary(truth), boundary(predicted)
    precision, recall = share_near(p, t), share_near(t, p)
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def segmentation_case(classes, truth, predicted):
    counted = truth != IGNORED
    t, p = truth[counted], predicted[counted]
    present = sorted(set(t) | set(p))
    iou = jaccard_score(t, p, labels=present, average=None)
    return {
        "classes": classes, "height": truth.shape[0], "width": truth.shape[1],
        "truth": truth.ravel().tolist(), "predicted": predicted.ravel().tolist(),
        "confusion": confusion_matrix(t, p, labels=range(classes)).tolist(),
        "iou": [float(iou[present.index(c)]) if c in present else None for c in range(classes)],
        "mean_iou": float(iou.mean()), "accuracy": float(accuracy_score(t, p)),
        "binary_iou": float(jaccard_score(t == 1, p == 1)),
        "boundary_f": boundary_f(truth, predicted),
    }


def segmentation():
    cases = [segmentation_case(classes, *maps(used)) for classes, used in ((2, 2), (5, 5), (21, 6))]
    camvid, human = (sorted((CORPUS / n / "masks").iterdir())[0] for n in ("camvid", "human290"))
    cases.append(segmentation_case(12, *real_maps(camvid, binary=False)))
    cases.append(segmentation_case(2, *real_maps(human, binary=True)))
    return cases


def top_k():
    """Scores of 40 samples over 12 classes; accuracy of the best 1 and 5."""
    scores, truth = random.rand(40, 12).astype(np.float32), random.randint(0, 12, 40)
    return {"scores": [[float(v) for v in row] for row in scores], "truth": truth.tolist(),
            "accuracy": {str(k): float(top_k_accuracy_score(truth, scores, k=k, labels=range(12)))
                         for k in (1, 5)}}


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
path.write_text(json.dumps({"segmentation": segmentation(), "arrays": arrays(), "top_k": top_k()}) + "\n")

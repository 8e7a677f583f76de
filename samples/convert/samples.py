# SPDX-License-Identifier: Apache-2.0
"""What each sample is: the source's name, and what the Core ML file says of itself."""
import json
from dataclasses import dataclass

from convert import Conversion
from interpret import sigmoid

SIDE = 256
AUTHOR = "The MediaPipe Authors (Google); converted to Core ML by nbits"
LICENCE = "Apache License 2.0"
# Colours and names as Xcode's preview and nbits' reports show them.
PREVIEW = {"labels": ["background", "person"], "colors": ["0x000000FF", "0x21D07AFF"]}
SEGMENTER = {"com.apple.coreml.model.preview.type": "imageSegmenter",
             "com.apple.coreml.model.preview.params": json.dumps(PREVIEW)}
PICTURE = "the picture, with the person large in it"
MATTE = "1 where the person is, 0 elsewhere, and between the two at soft edges"


def begin(graph, picture_text):
    """The converted layers, with MediaPipe's preparation of a picture: bytes become 0..1."""
    conversion = Conversion(graph, "image")
    conversion.network.describe_picture("image", SIDE, SIDE, 1 / 255, picture_text)
    return conversion


def name_output(conversion, tensor, name, shape, text):
    conversion.network.rename(tensor, name)
    conversion.network.describe_output(name, shape, text)


def selfie_segmentation(graph):
    conversion = begin(graph, PICTURE)
    name_output(conversion, conversion.names[graph.outputs[0]], "matte", [1, SIDE, SIDE], MATTE)
    conversion.network.describe(
        text="Selfie segmentation: finds the person in front of the camera, for another background.",
        author=AUTHOR, license=LICENCE, version="mediapipe 0.10.14", more=SEGMENTER)
    return conversion.network


def pose_landmark(graph):
    conversion = begin(graph, "a square around one whole person, the head up")
    landmarks, presence, mask, heatmap, world = (conversion.names[tensor] for tensor in graph.outputs)
    # MediaPipe does this to the mask after the network.
    mask = conversion.network.activation(mask, "sigmoid")
    name_output(conversion, mask, "matte", [1, SIDE, SIDE], MATTE)
    name_output(conversion, landmarks, "landmarks", [195],
                "39 points of the body: x, y and depth in pixels, visibility and presence before a sigmoid")
    name_output(conversion, presence, "presence", [1], "how sure it is that a person is there, 0..1")
    name_output(conversion, heatmap, "heatmap", [39, 64, 64], "where each of the 39 points is, before a sigmoid")
    name_output(conversion, world, "world_landmarks", [117], "the points in metres: x, y, z from the hips' centre")
    conversion.network.describe(
        text="Pose landmarks: points of a person's body, and the person's matte.",
        author=AUTHOR, license=LICENCE, version="mediapipe 0.10.14, full", more=SEGMENTER)
    return conversion.network


def as_it_is(values):
    return values


@dataclass
class Sample:
    name: str
    source: str         # In the package.
    convert: object     # From a graph to a network.
    outputs: dict       # Index of the graph's output, and what is still done to it, by name.


SAMPLES = [
    Sample("selfie_segmentation", "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
           selfie_segmentation, {"matte": (0, as_it_is)}),
    Sample("pose_landmark", "mediapipe/modules/pose_landmark/pose_landmark_full.tflite", pose_landmark,
           {"landmarks": (0, as_it_is), "presence": (1, as_it_is), "matte": (2, sigmoid),
            "heatmap": (3, lambda values: values.transpose(0, 3, 1, 2)), "world_landmarks": (4, as_it_is)}),
]
PICTURES = ["skimage/data/astronaut.png", "skimage/data/camera.png",
            "matplotlib/mpl-data/sample_data/grace_hopper.jpg"]

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the files of tests/data/fixtures with NumPy and Pillow (numpy 2, pillow 12).

python3 -m pip install numpy pillow && python3 tests/data/make_fixtures.py
"""
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

OUT = pathlib.Path(__file__).parent / "fixtures"


def picture(width, height):
    """A smooth colour picture with edges."""
    y, x = np.mgrid[0:height, 0:width]
    red = (x * 255 // (width - 1)).astype(np.uint8)
    green = (y * 255 // (height - 1)).astype(np.uint8)
    blue = (((x // 5 + y // 7) % 2) * 200 + 20).astype(np.uint8)
    return np.stack([red, green, blue], axis=-1)


def arrays():
    values = np.arange(24, dtype=np.float64).reshape(2, 3, 4) - 7
    for kind in ("float16", "float32", "float64", "int8", "int16", "int32", "int64"):
        np.save(OUT / f"{kind}.npy", values.astype(kind))
    np.save(OUT / "uint8.npy", (values + 7).astype(np.uint8))
    np.save(OUT / "bool.npy", values > 0)
    np.save(OUT / "fortran.npy", np.asfortranarray(values.astype(np.float32)))
    np.save(OUT / "scalar.npy", np.float32(2.5))
    np.save(OUT / "big_endian.npy", values.astype(">f4"))


def resized():
    image = Image.fromarray(picture(61, 47))
    image.save(OUT / "picture.png")
    for width, height in ((20, 16), (61, 16), (150, 90), (7, 100)):
        image.resize((width, height), Image.BILINEAR).save(OUT / f"picture_{width}x{height}.png")


def orientations():
    """One file per EXIF orientation, each with how Pillow shows it."""
    from PIL import ImageOps
    image = Image.fromarray(picture(32, 24)).resize((32, 24))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = OUT / f"orientation_{orientation}.jpg"
        image.save(path, exif=exif, quality=95, subsampling=0)
        with Image.open(path) as stored:
            ImageOps.exif_transpose(stored).save(OUT / f"orientation_{orientation}.png")


def kinds():
    rgb = picture(16, 12)
    alpha = np.full((12, 16, 1), 255, np.uint8)
    alpha[:6] = 0
    alpha[6:8] = 128
    Image.fromarray(np.concatenate([rgb, alpha], axis=-1)).save(OUT / "rgba.png")
    grey = (np.arange(16 * 12).reshape(12, 16) * 300 + 7).astype(np.uint16)
    Image.fromarray(grey).save(OUT / "grey16.png")
    Image.fromarray(rgb).convert("CMYK").save(OUT / "cmyk.jpg", quality=95)
    Image.fromarray(rgb[..., 0]).save(OUT / "grey.jpg", quality=95)
    ids = (np.arange(16 * 12).reshape(12, 16) % 5).astype(np.uint8)
    ids[0, 0] = 255
    mask = Image.fromarray(ids)
    mask.save(OUT / "mask_grey.png")
    palette = mask.convert("P")
    palette.putpalette([v for i in range(256) for v in (i, 255 - i, i // 2)])
    palette.save(OUT / "mask_palette.png")
    bits = Image.fromarray((ids % 2 * 255).astype(np.uint8)).convert("1")
    bits.save(OUT / "mask_1bit.png")


def interlaced(pixels, path):
    """A PNG of Adam7's seven passes, which Pillow does not write; `pixels`: [height, width(, 3)] bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape[:2]
    rows = b""
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                         (1, 0, 2, 2), (0, 1, 1, 2)):
        part = pixels[y::dy, x::dx]
        rows += b"".join(b"\0" + row.tobytes() for row in part) if part.size else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 1)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                     chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def whole():
    """Files that cannot be read row by row, small and large."""
    interlaced(picture(61, 47), OUT / "interlaced.png")
    interlaced(np.zeros((4096, 4096), np.uint8), OUT / "large_interlaced.png")
    Image.new("L", (3000, 3000)).save(OUT / "large_progressive.jpg", progressive=True)
    Image.fromarray(picture(61, 47)).save(OUT / "progressive.jpg", progressive=True, quality=95)
    Image.fromarray(picture(61, 47)).save(OUT / "baseline.jpg", quality=95)


OUT.mkdir(exist_ok=True)
arrays()
resized()
orientations()
kinds()
whole()

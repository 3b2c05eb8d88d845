"""A small PNG of a picture with few colours: at most 64 of them, one byte a pixel, deflated."""

import struct
import zlib
from typing import Any

import numpy as np

COLOURS = 64
#: The raw pixels of a PNG, from a browser that can read them: base64 of red, green, blue, alpha.
PIXELS = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const pixels = canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
  let found = "";
  for (let at = 0; at < pixels.length; at += 8192) found += String.fromCharCode(...pixels.subarray(at, at + 8192));
  return [bitmap.width, bitmap.height, btoa(found)];
}"""


def small_png(pixels: bytes, width: int, height: int) -> bytes:
    """A palette PNG of ``width`` x ``height`` RGBA pixels; alpha is left out, for a wall has none."""
    rgb = np.frombuffer(pixels, np.uint8).reshape(-1, 4)[:, :3]
    # Colours alike to five bits are one; the most frequent stay, and each other becomes the nearest of them.
    keys = (rgb >> 3).astype(np.int32) @ np.array([1024, 32, 1], np.int32)
    _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(inverse, rgb[:, k]) / counts for k in range(3)], axis=1)
    kept = np.argsort(-counts)[:COLOURS]
    nearest = ((means[:, None, :] - means[None, kept, :]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    rows = nearest[inverse].reshape(height, width)
    filtered = np.zeros((height, width + 1), np.uint8)  # a zero before each row: not filtered
    filtered[:, 1:] = rows
    return _file(width, height, means[kept].round().astype(np.uint8), filtered)


def _file(width: int, height: int, palette: Any, rows: Any) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )

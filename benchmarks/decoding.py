"""JPEGs decoded whole against JPEGs decoded as finely as the crops need: time and accuracy.

One person is followed through the demo's clip; both ways get each image in turn, in one process.
Usage: python benchmarks/decoding.py [IMAGES]
"""

import sys
import time

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros import Camera, Picture, Pipeline, metrics
from pose3d_ros.cli.bench import clip
from pose3d_ros.shipped import ASSETS

SCALES = {'1280x720': 1.0, '1920x1080': 1.5}
WARM_UP = 10


def scaled(jpeg: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return a JPEG of another size."""
    image = cv2.resize(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), None, fx=scale, fy=scale)
    return np.asarray(cv2.imencode('.jpg', image, (cv2.IMWRITE_JPEG_QUALITY, 90))[1])


def main() -> None:
    """Print medians of the thread's CPU time [ms], their ratio, and MPJPE [mm]."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with np.load(ASSETS / 'demo_clip.npz') as stored:
        truth = 1e3 * stored['positions'].astype(float)
    small, loaded = clip.camera_of(), Pipeline.load()
    for name, scale in SCALES.items():
        matrix = np.diag((scale, scale, 1.0)) @ small.K
        matrix[:2, 2] += (scale - 1) / 2
        camera = Camera(round(scale * small.width), round(scale * small.height), matrix)
        ways = {'whole': loaded.sibling(), 'as needed': loaded.sibling()}
        times: dict[str, list[float]] = {way: [] for way in ways}
        errors: dict[str, list[float]] = {way: [] for way in ways}
        for index, jpeg in enumerate(clip.jpegs(count)):
            data = scaled(jpeg, scale) if scale != 1 else jpeg
            for way, pipeline in ways.items():
                begin = time.thread_time()
                picture = Picture.from_code(data)
                image = picture.whole if way == 'whole' else picture
                people = pipeline(image, camera, index / 30)
                times[way].append(1e3 * (time.thread_time() - begin))
                if people and index < len(truth):
                    found, wanted = 1e3 * people[0].positions, truth[index]
                    errors[way].append(
                        metrics.mpjpe((found - found[0])[None], (wanted - wanted[0])[None])
                    )
        medians = {way: float(np.median(each[WARM_UP:])) for way, each in times.items()}
        for way in ways:
            print(f'{name} {way:<9} {medians[way]:6.2f} ms  MPJPE {np.mean(errors[way]):.1f} mm')
        print(f'{name} ratio of medians {medians["as needed"] / medians["whole"]:.2f}')


if __name__ == '__main__':
    main()

"""MediaPipe Pose as the other program of `pose3d bench --against mediapipe`.

Runs with a Python that has mediapipe, and nothing of ours: paths of JPEGs come in, one a line;
times and whether somebody was seen go out.
"""

import os
import sys
import time

import cv2
import mediapipe
import numpy as np


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # what MediaPipe itself prints is no answer
    pose = mediapipe.solutions.pose.Pose(static_image_mode=False, model_complexity=1)
    for line in sys.stdin:
        data = np.fromfile(line.strip(), np.uint8)
        begin = time.perf_counter()
        decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        image = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
        converted = time.perf_counter()
        found = pose.process(image)
        end = time.perf_counter()
        seen = int(found.pose_world_landmarks is not None)
        print(end - begin, converted - begin, seen, file=answers, flush=True)


if __name__ == '__main__':
    main()

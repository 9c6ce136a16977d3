"""MediaPipe Pose behind a pipe: images in, joints out. Runs in a virtual environment of its own.

Standard input carries one JSON line `{"height", "width", "still"}` and the BGR bytes of an image,
again and again; standard output one JSON line for each: `pixels` (12 limb joints by name, [px]),
`metres` (the same about the middle of the hips) and `ms`; both are null where nobody was found.
"""

import json
import sys
import time

import cv2
import mediapipe
import numpy as np

JOINTS = {
    'l_shoulder': 11, 'r_shoulder': 12, 'l_elbow': 13, 'r_elbow': 14, 'l_wrist': 15,
    'r_wrist': 16, 'l_hip': 23, 'r_hip': 24, 'l_knee': 25, 'r_knee': 26, 'l_ankle': 27,
    'r_ankle': 28,
}  # fmt: skip


def main() -> None:
    """Answer until the pipe ends."""
    pose = mediapipe.solutions.pose.Pose
    following = None
    while line := sys.stdin.buffer.readline():
        head = json.loads(line)
        height, width = head['height'], head['width']
        data = sys.stdin.buffer.read(height * width * 3)
        image = np.frombuffer(data, np.uint8).reshape(height, width, 3)
        if head['still'] or following is None:
            following = pose(static_image_mode=head['still'], model_complexity=1)
        begin = time.perf_counter()
        found = following.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        answer = {'ms': 1e3 * (time.perf_counter() - begin), 'pixels': None, 'metres': None}
        if found.pose_landmarks:
            seen = found.pose_landmarks.landmark
            there = found.pose_world_landmarks.landmark
            answer['pixels'] = {
                n: (seen[i].x * width, seen[i].y * height) for n, i in JOINTS.items()
            }
            answer['metres'] = {n: (there[i].x, there[i].y, there[i].z) for n, i in JOINTS.items()}
        if head['still']:
            following.close()
            following = None
        sys.stdout.write(json.dumps(answer) + '\n')
        sys.stdout.flush()


if __name__ == '__main__':
    main()

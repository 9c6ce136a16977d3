"""What robots go through with the node, told once.

`test_scenarios.py` plays them with a node in a plain process, `test_scenarios_launched.py` with
one that ROS 2's launch has started.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dots
import numpy as np
from bodies import standing
from eye import Eye, wall
from pose3d_ros.msg import Skeleton3D
from processes import CAMERA, Client

__all__ = ['SCENARIOS', 'Scenario']

RATE_HZ = 20.0
FRAME_S = 1 / 30
LOST_AFTER_S = 0.5


@dataclass(frozen=True)
class Scenario:
    """What happens to a node.

    Attributes:
        name: What is shown, as a sentence.
        parameters: Of the node; makes what files it needs in a folder.
        play: Does it, and fails if the node does not do what it should.
    """

    name: str
    parameters: Callable[[Path], Mapping[str, Any]]
    play: Callable[[Client], None]


def dots_model(folder: Path) -> dict[str, Any]:
    """A model that sees whom `dots` paints."""
    path = dots.write_model(folder / 'dots.onnx')
    return {'estimator': 'volumetric', 'model': str(path), 'threads': 1}


def picture(*people: np.ndarray) -> np.ndarray:
    image = dots.blank(CAMERA)
    for each in people:
        dots.paint(image, CAMERA, each, radius=6.0)
    return image


def one_camera_stops(client: Client) -> None:
    front, rear = Eye(client, 'front'), Eye(client, 'rear')
    for eye in (front, rear):
        client.wait_for_subscriptions(eye.images, eye.infos)
        eye.run(RATE_HZ)
    client.wait_until(lambda: min(len(e.skeletons) for e in (front, rear)) > 40, 'answers to both')
    assert not front.ids & rear.ids
    for eye in (front, rear):
        assert {msg.header.frame_id for msg in eye.skeletons} == {eye.frame}
        bodies = {f'body_{name}' for name in eye.ids}
        parents = {
            t.child_frame_id: t.header.frame_id for msg in client.frames for t in msg.transforms
        }
        assert {parents[body] for body in bodies} == {eye.frame}
    everybody = front.ids | rear.ids
    client.wait_until(lambda: set(client.listed) == everybody, 'all in one list')

    rear.stop()
    alone = len(front.skeletons)
    client.wait_until(lambda: len(front.skeletons) > alone + 40, 'more answers to the other')
    client.wait_until(lambda: set(client.listed) == front.ids, 'a list without the rest')
    client.wait_until(lambda: 'no images' in client.messages('images of rear'), 'the reason')

    heard = len(rear.skeletons)
    rear.run(RATE_HZ)
    client.wait_until(lambda: len(rear.skeletons) > heard + 5, 'answers when it is back')
    rear.stop()
    front.stop()


def somebody_leaves(client: Client) -> None:
    here, gone = picture(standing()), picture()
    stamps = iter(10 + FRAME_S * np.arange(1000))
    last = 0.0
    for _ in range(10):
        last = float(next(stamps))
        (person,) = client.answer(last, here).skeletons
    assert person.state == Skeleton3D.PERSON_SEEN
    assert Skeleton3D.JOINT_VISIBLE in person.joint_states
    lost = []
    for _ in range(25):
        stamp = float(next(stamps))
        for each in client.answer(stamp, gone).skeletons:
            assert each.id == person.id
            assert each.state != Skeleton3D.PERSON_SEEN
            assert Skeleton3D.JOINT_VISIBLE not in each.joint_states
            lost += [stamp] if each.state == Skeleton3D.PERSON_LOST else []
    (at,) = lost
    assert at - last < LOST_AFTER_S + 1.5 * FRAME_S
    assert not client.skeletons[-1].skeletons


def the_only_camera_freezes(client: Client) -> None:
    here = picture(standing())
    for index in range(5):
        client.answer(10 + FRAME_S * index, here)
    client.wait_until(lambda: client.frames and client.listed, 'somebody')
    stuck = client.header(10 + FRAME_S * 4)
    dropped = 'dropped, same stamp as before'

    def refused() -> bool:
        client.send(stuck, here)
        return int(client.values('images').get(dropped, 0)) > 3

    client.wait_until(refused, 'images that come again are dropped')
    client.wait_until(lambda: not client.listed, 'an empty list')
    more = len(client.diagnostics)
    client.wait_until(lambda: len(client.diagnostics) > more + 5, 'life')
    for said in (client.skeletons, client.frames, client.markers):
        assert len(said) <= 5, said  # one of each for each image
    client.answer(20.0, here)
    client.wait_until(lambda: client.listed, 'somebody again')


def depth_comes_and_goes(client: Client) -> None:
    front = Eye(client, 'front')
    front.picture = picture(standing(yaw_deg=0.0))  # as flat as a wall
    client.wait_for_subscriptions(front.images, front.infos, front.depths)

    def said(text: str) -> Callable[[], bool]:
        before = len(client.diagnostics)

        def is_said() -> bool:
            news = client.diagnostics[before:]
            about = [s for array in news for s in array.status if 'images of front' in s.name]
            return any(
                text in s.message or text in [f'{v.key}: {v.value}' for v in s.values]
                for s in about
            )

        return is_said

    def answers_go_on() -> None:
        count = len(front.skeletons)
        client.wait_until(lambda: len(front.skeletons) > count + 10, 'more answers')

    def stands_at(distance: float, within: float) -> None:
        client.wait_until(
            lambda: abs(front.distance() - distance) < within, f'somebody at {distance:.2f} m'
        )

    front.run(RATE_HZ)
    client.wait_until(said('no depth: nothing has come on /front/depth'), 'why there is none')
    answers_go_on()
    alone = front.distance()

    near, far = 0.85 * alone, 1.15 * alone
    for depth, place in (
        (wall(near, metres=True), near),
        (wall(far, metres=False), far),
        (wall(near, metres=False, width=320, height=240), near),
    ):
        front.depth = depth
        client.wait_until(said('depth: in use for 100% of the images'), 'depth in use')
        answers_go_on()  # whoever jumps is missing for a while
        stands_at(place, within=0.2)  # joints are behind the surface

    for depth, reason in (
        (wall(near, metres=True, width=640, height=360), 'it is not aligned'),
        (wall(0.0, metres=True), 'depth: in use for 100% of the images'),  # all holes
        (broken(wall(near, metres=True)), 'bytes of data; it must be'),
        (colourful(wall(near, metres=False)), "encoding 'bgr8' is none of a depth image"),
    ):
        front.depth = depth
        client.wait_until(said(reason), reason)
        answers_go_on()
        stands_at(alone, within=0.1)

    front.depth = wall(near, metres=True)
    stands_at(near, within=0.2)
    front.depth = None  # the depth camera dies
    client.wait_until(said('earlier than the image; depth_tolerance is 0.05 s'), 'the reason')
    answers_go_on()
    stands_at(alone, within=0.1)
    front.stop()


def broken(msg: Any) -> Any:
    msg.data = msg.data[:-100]
    return msg


def colourful(msg: Any) -> Any:
    msg.encoding = 'bgr8'
    return msg


SCENARIOS = (
    Scenario(
        'one of two cameras stops and the other goes on',
        lambda _: {'cameras': ['front', 'rear']},
        one_camera_stops,
    ),
    Scenario(
        'depth comes and goes and skeletons do not',
        lambda folder: {'cameras': ['front depth=/front/depth'], **dots_model(folder)},
        depth_comes_and_goes,
    ),
    Scenario('who leaves is lost within half a second', dots_model, somebody_leaves),
    Scenario('a frozen camera repeats nobody', dots_model, the_only_camera_freezes),
)

"""The human model as URDF, with a person's own measures: for RViz, MoveIt and any other client."""

from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.human_model import LIMITS, LINKS, Link
from pose3d_ros.skeleton import H36M_17

__all__ = ['urdf']

Array = NDArray[np.float64]

_RADIUS = 0.03  # of a drawn bone [m]
_HEAD_RADIUS = 0.1  # [m]
_EFFORT, _VELOCITY = '1000', '20'  # URDF wants them; nothing uses them


def urdf(measures: Array, person_id: str, prefix: str = '') -> str:
    """Return the description of a person.

    Joint `waist_<id>` and the 19 others are revolute, named as their angles; the origin of every
    link is where the person's measures say.

    Args:
        measures: Shape (17, 3) [m]; see `pose3d_ros.human_model.measures_of`.
        person_id: Suffix of all names.
        prefix: Put before the name of every link.
    """
    robot = ET.Element('robot', name=f'human_{person_id}')
    material = ET.SubElement(robot, 'material', name='skin')
    ET.SubElement(material, 'color', rgba='1 0.7 0 1')
    for link in LINKS:
        element = ET.SubElement(robot, 'link', name=f'{prefix}{link.name}_{person_id}')
        for each in LINKS:
            if each.parent == link.name and each.joint:
                _draw_bone(element, measures[H36M_17.index(each.joint)])
        if link.name == 'p_head':
            middle = measures[[H36M_17.index('nose'), H36M_17.index('head_top')]].mean(axis=0)
            _draw(element, middle, 'sphere', {'radius': f'{_HEAD_RADIUS}'})
        if link.parent:
            _add_joint(robot, link, measures, person_id, prefix)
    return ET.tostring(robot, encoding='unicode', xml_declaration=True)


def _add_joint(
    robot: ET.Element, link: Link, measures: Array, person_id: str, prefix: str
) -> None:
    name = f'{link.angle or link.name}_{person_id}'
    joint = ET.SubElement(robot, 'joint', name=name, type='revolute' if link.angle else 'fixed')
    ET.SubElement(joint, 'parent', link=f'{prefix}{link.parent}_{person_id}')
    ET.SubElement(joint, 'child', link=f'{prefix}{link.name}_{person_id}')
    origin = measures[H36M_17.index(link.joint)] if link.joint else np.zeros(3)
    ET.SubElement(joint, 'origin', xyz=_numbers(origin), rpy='0 0 0')
    if link.angle:
        low, high = LIMITS[link.angle]
        ET.SubElement(joint, 'axis', xyz=' '.join(map(str, link.axis)))
        ET.SubElement(
            joint, 'limit', lower=str(low), upper=str(high), effort=_EFFORT, velocity=_VELOCITY
        )


def _draw_bone(link: ET.Element, end: Array) -> None:
    """Draw a cylinder from the link's origin to a point of it."""
    length = float(np.linalg.norm(end))
    if length > _RADIUS:
        x, y, z = end / length
        turn = (0.0, float(np.arccos(np.clip(z, -1, 1))), float(np.arctan2(y, x)))
        sizes = {'radius': f'{_RADIUS}', 'length': f'{length:.6f}'}
        _draw(link, end / 2, 'cylinder', sizes, turn)


def _draw(
    link: ET.Element,
    centre: Array,
    shape: str,
    sizes: dict[str, str],
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> None:
    visual = ET.SubElement(link, 'visual')
    ET.SubElement(visual, 'origin', xyz=_numbers(centre), rpy=_numbers(np.array(turn)))
    ET.SubElement(ET.SubElement(visual, 'geometry'), shape, sizes)
    ET.SubElement(visual, 'material', name='skin')


def _numbers(values: Array) -> str:
    return ' '.join(f'{value:.6f}' for value in values.tolist())

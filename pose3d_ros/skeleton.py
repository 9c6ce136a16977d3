"""Skeletons: which joints there are and how they hang together."""

from dataclasses import dataclass

from pose3d_ros.errors import SkeletonError

__all__ = ['H36M_17', 'Skeleton']


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A tree of named joints.

    Attributes:
        name: What this set of joints is called.
        joints: Names of the joints; their order is the order of every array of joints.
        parents: For each joint the index of its parent, which comes before it; -1 for the root.
        mirror: For each joint the index of its left or right twin, itself on the midline.
        bone_lengths: For each joint the mean adult distance to its parent [m]; 0 for the root.

    Raises:
        SkeletonError: The attributes do not describe one tree.
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    mirror: tuple[int, ...]
    bone_lengths: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what is not one tree in topological order."""
        for attribute in ('joints', 'parents', 'mirror', 'bone_lengths'):
            object.__setattr__(self, attribute, tuple(getattr(self, attribute)))
        self._check_lengths()
        self._check_tree()
        self._check_mirror()
        self._check_bone_lengths()

    @property
    def root(self) -> int:
        """The index of the joint that has no parent: 0, as parents come first."""
        return self.parents.index(-1)

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """Pairs (child, parent) of joint indices, in the order of the children."""
        return tuple((child, parent) for child, parent in enumerate(self.parents) if parent >= 0)

    def index(self, joint: str) -> int:
        """Return the index of the joint of this name.

        Raises:
            SkeletonError: There is no such joint.
        """
        if joint not in self.joints:
            msg = f'skeleton {self.name!r} has no joint {joint!r}; it has {", ".join(self.joints)}'
            raise SkeletonError(msg)
        return self.joints.index(joint)

    def _check_lengths(self) -> None:
        count = len(self.joints)
        if not count or len(set(self.joints)) != count:
            self._refuse(f'joints must be one or more different names, not {self.joints}')
        for attribute in ('parents', 'mirror', 'bone_lengths'):
            found = len(getattr(self, attribute))
            if found != count:
                self._refuse(f'{attribute} has {found} entries for {count} joints')

    def _check_tree(self) -> None:
        if self.parents[0] != -1:
            self._refuse(f'the first joint must be the root, parent -1, not {self.parents[0]}')
        for child, parent in enumerate(self.parents[1:], start=1):
            if not 0 <= parent < child:
                self._refuse(
                    f'the parent of {self.joints[child]!r} is {parent}; parents come before '
                    f'their children, so it must lie in 0..{child - 1}'
                )

    def _check_mirror(self) -> None:
        for joint, twin in enumerate(self.mirror):
            if not 0 <= twin < len(self.joints) or self.mirror[twin] != joint:
                self._refuse(
                    f'the mirror of {self.joints[joint]!r} is {twin}, which does not point back'
                )

    def _check_bone_lengths(self) -> None:
        if self.bone_lengths[0] != 0:
            self._refuse(f'the root has no bone: its length is 0, not {self.bone_lengths[0]}')
        for joint, length in zip(self.joints[1:], self.bone_lengths[1:], strict=True):
            if not 0 < length < float('inf'):
                self._refuse(f'the bone of {joint!r} must be longer than 0 m, not {length}')

    def _refuse(self, reason: str) -> None:
        msg = f'skeleton {self.name!r}: {reason}'
        raise SkeletonError(msg)


H36M_17 = Skeleton(
    name='h36m_17',
    joints=(
        'pelvis',
        'r_hip',
        'r_knee',
        'r_ankle',
        'l_hip',
        'l_knee',
        'l_ankle',
        'spine',
        'neck',
        'nose',
        'head_top',
        'l_shoulder',
        'l_elbow',
        'l_wrist',
        'r_shoulder',
        'r_elbow',
        'r_wrist',
    ),
    parents=(-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15),
    mirror=(0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13),
    # Means of Human3.6M [m]; Pavlakos et al. 2017, "Coarse-to-fine volumetric prediction".
    bone_lengths=(
        0.0,
        0.13405,  # pelvis to hip
        0.44920,  # femur
        0.44558,  # tibia
        0.13405,
        0.44920,
        0.44558,
        0.23838,  # lower spine
        0.25534,  # upper spine
        0.11608,  # neck
        0.11500,  # head
        0.14884,  # clavicle
        0.27976,  # humerus
        0.24952,  # forearm
        0.14884,
        0.27976,
        0.24952,
    ),
)
"""The 17 joints of Human3.6M: the skeleton of the built-in estimators."""

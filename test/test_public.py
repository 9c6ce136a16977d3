"""The public surface: what `from pose3d_ros import ...` gives."""

import pose3d_ros


def test_the_public_names_are_these() -> None:
    assert pose3d_ros.__all__ == [
        'H36M_17',
        'Camera',
        'DepthImage',
        'Estimates',
        'JointState',
        'NodeConfig',
        'Person',
        'PersonState',
        'Picture',
        'Pipeline',
        'PipelineConfig',
        'Pose3DError',
        'Skeleton',
    ]
    for name in pose3d_ros.__all__:
        assert getattr(pose3d_ros, name).__doc__

"""`pose3d node`: the ROS 2 node, with every setting as an option."""

import argparse

from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import NodeConfig
from pose3d_ros.options import options
from pose3d_ros.ros.node import main
from pose3d_ros.ros.parameters import ros_words

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add every setting of the node."""
    add_settings(parser, NodeConfig)


def run(arguments: argparse.Namespace) -> int:
    """Run the node until it is asked to end."""
    from_arguments(NodeConfig, arguments)  # say what is wrong before anything starts
    given = vars(arguments)
    names = [option.name for option in options(NodeConfig) if option.name in given]
    return main(ros_words({name: given[name] for name in names}))

"""Metric 3D human skeletons from a robot's camera images."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

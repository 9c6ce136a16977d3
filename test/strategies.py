"""Hypothesis strategies shared by the tests of the geometry."""

import numpy as np
from hypothesis import strategies as st

from pose3d_ros.camera import Camera

WIDTH, HEIGHT = 1280, 720


def matrices() -> st.SearchStrategy[np.ndarray]:
    """Intrinsic matrices of a 1280 x 720 camera, 25 to 105 degrees wide."""
    return st.builds(
        lambda focal, aspect, u, v: np.array([[focal, 0, u], [0, focal * aspect, v], [0, 0, 1]]),
        st.floats(500, 3000),
        st.floats(0.9, 1.1),
        st.floats(0.45 * WIDTH, 0.55 * WIDTH),
        st.floats(0.45 * HEIGHT, 0.55 * HEIGHT),
    )


def pinhole_cameras() -> st.SearchStrategy[Camera]:
    """Cameras without distortion."""
    return matrices().map(lambda matrix: Camera(WIDTH, HEIGHT, matrix))


def cameras() -> st.SearchStrategy[Camera]:
    """Cameras of every distortion model whose lens covers the image."""
    radial, tangential = (st.floats(-0.35, 0.3), st.floats(-0.1, 0.1)), st.floats(-0.003, 0.003)
    third, below = st.floats(-0.01, 0.01), (st.floats(0, 0.3), st.floats(0, 0.1))
    angular = [st.floats(-limit, limit) for limit in (0.05, 0.03, 0.01, 0.003)]
    plumb_bob = st.tuples(*radial, tangential, tangential, third)
    rational = st.tuples(*radial, tangential, tangential, third, *below, third)
    lenses = st.one_of(
        st.tuples(plumb_bob, st.just('plumb_bob')),
        st.tuples(rational, st.just('rational_polynomial')),
        st.tuples(st.tuples(*angular), st.just('equidistant')),
    )
    bent = st.builds(lambda matrix, lens: Camera(WIDTH, HEIGHT, matrix, *lens), matrices(), lenses)
    return st.one_of(pinhole_cameras(), bent.filter(_lens_covers_image))


def _lens_covers_image(camera: Camera) -> bool:
    last = 0.8 * min(camera.limit, 5)
    angles = np.radians(np.arange(0, 360, 5))
    rim = np.stack((np.cos(angles), np.sin(angles), np.full(len(angles), 1 / last)), axis=-1)
    corners = camera.rays([(u, v) for u in (0, WIDTH - 1) for v in (0, HEIGHT - 1)])
    return bool(np.isfinite(corners).all() and not camera.contains(camera.project(rim)).any())


def pixels(margin: float = 0.0) -> st.SearchStrategy[tuple[float, float]]:
    """Pixels of the image, or up to `margin` times its size outside of it."""
    return st.tuples(
        st.floats(-margin * WIDTH, (1 + margin) * (WIDTH - 1)),
        st.floats(-margin * HEIGHT, (1 + margin) * (HEIGHT - 1)),
    )

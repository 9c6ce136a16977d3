"""Laws of pictures that are decoded when they are looked at, and no finer than is needed."""

import cv2
import numpy as np
import pytest
from strategies import HEIGHT, WIDTH

from pose3d_ros import Camera, Person, Picture, Pipeline
from pose3d_ros.cli.bench import clip
from pose3d_ros.crop import Crop
from pose3d_ros.detectors.full_image import FullImageDetector
from pose3d_ros.errors import ImageError

SIZES = [(1280, 720), (1279, 719), (1273, 717)]
SIZE = (128, 128)
CAMERA = Camera.from_fov(WIDTH, HEIGHT, 70)
CAMERAS = [
    CAMERA,
    Camera(WIDTH, HEIGHT, CAMERA.K, (-0.25, 0.06, 0.001, -0.001, 0.0)),
    Camera(WIDTH, HEIGHT, CAMERA.K, (-0.02, 0.003, 0.0, 0.0), 'equidistant'),
]
FRAME = 1 / 30
TURNED = b'\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'


def coordinates(width: int, height: int, *, grey: bool = False) -> np.ndarray:
    """An image, as bright in each channel as the share of the way across or down."""
    v, u = np.mgrid[:height, :width]
    across, down = 255 * u / width, 255 * v / height
    channels = [across] if grey else [across, down, (across + down) / 2]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def spot(width: int, height: int, pixel: tuple[float, float]) -> np.ndarray:
    """A grey image with a bright spot around a pixel, shape (height, width)."""
    v, u = np.mgrid[:height, :width]
    squares = (u - pixel[0]) ** 2 + (v - pixel[1]) ** 2
    return (250 * np.exp(-squares / (2 * 16.0**2))).round().astype(np.uint8)


def middle(image: np.ndarray) -> tuple[float, float]:
    """Where the spot of an image is: the mean of its pixels, weighted by brightness."""
    bright = image.mean(axis=-1)
    v, u = np.mgrid[: bright.shape[0], : bright.shape[1]]
    return float((bright * u).sum() / bright.sum()), float((bright * v).sum() / bright.sum())


def coded(image: np.ndarray, kind: str = 'jpg') -> np.ndarray:
    return np.asarray(cv2.imencode(f'.{kind}', image, (cv2.IMWRITE_JPEG_QUALITY, 98))[1])


def reductions(picture: Picture) -> set[int]:
    """How far the picture is reduced where it has been decoded."""
    return set(picture._decoded)


def damaged() -> np.ndarray:
    """A JPEG with a frame but without a scan."""
    data = coded(coordinates(64, 48)).tobytes()
    return np.frombuffer(data[: data.index(b'\xff\xda')] + b'\xff\xd9', np.uint8)


# Size and scale


@pytest.mark.parametrize(('width', 'height'), SIZES)
@pytest.mark.parametrize('progressive', [0, 1])
def test_a_jpeg_knows_its_size_before_it_is_decoded(
    width: int, height: int, progressive: int
) -> None:
    words = (cv2.IMWRITE_JPEG_PROGRESSIVE, progressive)
    for image in (coordinates(width, height), coordinates(width, height, grey=True)):
        data = np.asarray(cv2.imencode('.jpg', image, words)[1])
        picture = Picture.from_code(data)
        assert picture.shape == (height, width, 3)
        assert not reductions(picture)
        assert np.array_equal(picture.whole, cv2.imdecode(data, cv2.IMREAD_COLOR))


@pytest.mark.parametrize(('width', 'height'), SIZES)
@pytest.mark.parametrize('kind', ['colour', 'grey'])
@pytest.mark.parametrize('reduction', [2, 4, 8])
def test_a_pixel_of_a_reduced_picture_is_where_the_law_says(
    width: int, height: int, kind: str, reduction: int
) -> None:
    for u, v in ((100.0, 90.0), (617.3, 401.8), (width - 60.5, height - 61.2)):
        blob = spot(width, height, (u, v))
        picture = Picture.from_code(coded(blob if kind == 'grey' else np.dstack([blob] * 3)))
        image, reduced = picture.at(reduction)
        assert reduced == reduction
        assert image.shape == (-(-height // reduction), -(-width // reduction), 3)
        expected = (u + 0.5) / reduction - 0.5, (v + 0.5) / reduction - 0.5
        assert middle(image) == pytest.approx(expected, abs=0.1 / reduction)


def test_what_is_decoded_is_not_decoded_again() -> None:
    picture = Picture.from_code(coded(coordinates(64, 48)))
    assert not picture.is_decoded(8)
    assert picture.at(4)[1] == 4
    assert picture.at(8)[1] == 4
    assert picture.whole.shape == (48, 64, 3)
    assert picture.at(2)[1] == 1
    assert reductions(picture) == {1, 4}


def test_no_jpeg_is_reduced_more_than_eight_times() -> None:
    assert Picture.from_code(coded(coordinates(640, 480))).at(32)[1] == 8


def test_an_array_is_a_picture_of_itself() -> None:
    image = coordinates(64, 48)
    picture = Picture.of(image)
    assert picture.whole is image
    assert picture.at(8) == (image, 1)
    assert Picture.of(picture) is picture


# What is not read as a plain JPEG


def test_a_jpeg_that_exif_turns_is_decoded_whole_and_turned() -> None:
    plain = coded(coordinates(640, 480)).tobytes()
    data = np.frombuffer(plain[:2] + TURNED + plain[2:], np.uint8)
    picture = Picture.from_code(data)
    assert reductions(picture) == {1}
    assert picture.shape == (640, 480, 3)
    assert np.array_equal(picture.whole, cv2.imdecode(data, cv2.IMREAD_COLOR))


def test_a_png_is_decoded_whole() -> None:
    image = coordinates(64, 48)
    picture = Picture.from_code(coded(image, 'png'))
    assert reductions(picture) == {1}
    assert np.array_equal(picture.whole, image)


@pytest.mark.parametrize(
    ('data', 'reason'),
    [
        (b'', 'photo: there is no data'),
        (coded(coordinates(64, 48)).tobytes()[:-20], 'photo: the JPEG is cut off'),
        (b'this is no picture', 'photo: OpenCV cannot decode it'),
        (b'\xff\xd8\xff\xd9', 'photo: OpenCV cannot decode it'),
    ],
)
def test_what_is_no_picture_is_refused_at_once(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        Picture.from_code(np.frombuffer(data, np.uint8), 'photo')


@pytest.mark.parametrize('reduction', [1, 4])
def test_a_damaged_jpeg_is_refused_when_it_is_decoded(reduction: int) -> None:
    picture = Picture.from_code(damaged(), 'photo')
    with pytest.raises(ImageError, match='photo: OpenCV cannot decode it'):
        picture.at(reduction)


# Crops


@pytest.mark.parametrize('camera', CAMERAS, ids=lambda camera: camera.model)
@pytest.mark.parametrize('side', [60, 210, 290, 500, 700])
def test_a_crop_shows_the_same_of_a_picture_as_of_its_image(camera: Camera, side: float) -> None:
    data = coded(cv2.GaussianBlur(cv2.imdecode(clip.jpegs(1)[0], cv2.IMREAD_COLOR), (0, 0), 3))
    image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    for x, y in ((400, 20), (3, 5), (WIDTH - 0.7 * side, HEIGHT - 0.7 * side)):
        picture = Picture.from_code(data)
        crop = Crop.around(camera, (x, y, side, side), SIZE)
        apart = np.abs(crop.warp(picture).astype(float) - crop.warp(image))
        assert reductions(picture) == {crop.reduction}
        assert apart.mean() < 0.6


def test_a_crop_asks_for_a_picture_as_fine_as_itself() -> None:
    sides = (60, 128, 200, 256, 400, 512, 700)
    boxes = [(640 - side / 2, 360 - side / 2, side, side) for side in sides]
    found = [Crop.around(CAMERA, box, SIZE, margin=1.0).reduction for box in boxes]
    assert found == [1, 1, 1, 2, 2, 4, 4]


# The pipeline


@pytest.fixture(scope='module')
def pipeline() -> Pipeline:
    return Pipeline.load()


def follow(pipeline: Pipeline, *, coded: bool, count: int = 20) -> tuple[list[Person], list[set]]:
    people, found = [], []
    pipeline.reset()
    for index, data in enumerate(clip.jpegs(count)):
        picture = Picture.from_code(data)
        image = picture if coded else picture.whole
        (person,) = pipeline(image, clip.camera_of(), index * FRAME)
        people.append(person)
        found.append(reductions(picture))
    return people, found


def test_joints_in_reduced_pictures_are_those_in_whole_ones(pipeline: Pipeline) -> None:
    (reduced, found), (whole, _) = (follow(pipeline, coded=each) for each in (True, False))
    assert {4} in found
    pixels = [
        np.linalg.norm(one.pixels - other.pixels, axis=-1)
        for one, other in zip(reduced, whole, strict=True)
    ]
    assert np.median(pixels) < 1.5
    root_relative = [
        np.linalg.norm(
            (one.positions - one.positions[0]) - (other.positions - other.positions[0]), axis=-1
        )
        for one, other in zip(reduced, whole, strict=True)
    ]
    assert np.mean(root_relative) < 0.02


def test_pictures_are_whole_only_when_a_detector_looks_at_them(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    interval = round(pipeline.config.detect_interval / FRAME)
    _, found = follow(pipeline, coded=True)
    assert not any(1 in each for each in found)
    monkeypatch.setattr(FullImageDetector, 'needs_pixels', True)
    pipeline.reset()
    people, looked_at = follow(pipeline, coded=True)
    assert [index for index, each in enumerate(looked_at) if 1 in each] == [0, interval]
    assert all(each == {4} for each in looked_at[1:interval])
    assert all(person.is_seen for person in people)


def test_the_smallest_box_says_how_finely_the_picture_is_decoded(pipeline: Pipeline) -> None:
    data = clip.jpegs(1)[0]
    large, small = (440.0, 60.0, 400.0, 600.0), (600.0, 300.0, 60.0, 90.0)
    for boxes, expected in (([large], {4}), ([large, small], {1}), ([small], {1})):
        picture = Picture.from_code(data)
        pipeline(picture, clip.camera_of(), 0.0, boxes=boxes)
        assert reductions(picture) == expected


def test_decoding_is_a_stage_of_its_own() -> None:
    ticks = iter(range(1000))
    pipeline = Pipeline.load('constant', clock=lambda: float(next(ticks)))
    box = (440.0, 60.0, 400.0, 600.0)
    picture = Picture.from_code(clip.jpegs(1)[0])
    pipeline(picture, clip.camera_of(), 0.0, boxes=[box])
    assert set(pipeline.timings) == {'decode', 'crop', 'infer', 'place'}
    assert pipeline.timings['crop'] == 2  # without what it waited for
    pipeline(picture.whole, clip.camera_of(), 0.0, boxes=[box])
    assert pipeline.timings == {'crop': 1, 'infer': 1, 'place': 1}

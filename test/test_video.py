"""`pose3d video`: files that can be followed, and files that cannot."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose3d_ros.cli import main
from pose3d_ros.errors import ImageError
from pose3d_ros.footage import Footage, read_video
from pose3d_ros.shipped import ASSETS

CLIP = ASSETS / 'demo_clip.mp4'


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """Return a video of seven images whose brightness tells their number."""
    path = tmp_path / 'short.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 12.0, (96, 64))
    for step in range(7):
        writer.write(np.full((64, 96, 3), 30 * step, np.uint8))
    writer.release()
    return path


def test_footage_gives_all_images_in_their_order(short: Path) -> None:
    footage = Footage(short)
    assert (footage.size, footage.fps, footage.count) == ((96, 64), 12.0, 7)
    brightness = [float(image.mean()) for image in footage]
    footage.close()
    assert brightness == sorted(brightness)
    assert len(brightness) == 7
    assert brightness[-1] == pytest.approx(180, abs=3)


@pytest.mark.parametrize('content', [b'', b'no video at all', None], ids=['empty', 'text', 'none'])
def test_what_is_no_video_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / 'file.mp4'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError, match=r'file\.mp4'):
        next(read_video(path))


def test_people_are_followed_drawn_and_told(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / 'overlay.mp4'
    command = ['video', str(short), '--out', str(out), '--json', '--estimator', 'constant']
    assert not main([*command, '--max-people', '1'])
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [line['image'] for line in lines] == list(range(7))
    assert lines[6]['stamp_s'] == pytest.approx(0.5)
    (first,), (last,) = lines[0]['people'], lines[6]['people']
    assert first['state'] == 'ENTERING'
    assert last['state'] == 'SEEN'
    assert first['id'] == last['id']
    assert np.shape(last['positions_m']) == (17, 3)
    assert '7/7' in printed.err  # the progress bar
    drawn = list(read_video(out))
    assert len(drawn) == 7
    assert max(float(image.std()) for image in drawn) > 5  # there is a skeleton on a plain image


@pytest.mark.parametrize(
    ('words', 'reason'),
    [
        (['{short}'], 'nothing to do: give --out'),
        (['{short}', '--out', '{folder}/o.avi'], r'its suffix .mp4\?'),
        (['{short}', '--out', '{folder}/nowhere/o.mp4'], 'is its folder there'),
        (['{folder}/none.mp4', '--json'], 'there is no video'),
    ],
    ids=['nothing', 'suffix', 'folder', 'missing'],
)
def test_what_cannot_be_done_is_said(
    short: Path,
    tmp_path: Path,
    words: list[str],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [word.format(short=short, folder=tmp_path) for word in words]
    assert main(['video', *filled, '--estimator', 'constant']) == 1
    assert re.search(reason, capsys.readouterr().err)


def test_a_video_that_is_cut_off_is_answered_as_far_as_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = CLIP.read_bytes()
    cut = tmp_path / 'cut.mp4'
    cut.write_bytes(whole[: len(whole) // 2])
    code = main(['video', str(cut), '--json', '--estimator', 'constant'])
    printed = capsys.readouterr()
    if code:  # the index of the file is at its end
        assert 'is not a video, a damaged one' in printed.err
    else:
        assert 'is it cut off?' in printed.err
        assert printed.out.splitlines()

"""The contact sheet."""

from pathlib import Path

import cv2
import pytest

from pose3d_ros.cli import main

pytestmark = pytest.mark.slow


def test_a_contact_sheet_shows_sixty_crops_or_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, sheet = tmp_path / 'data', tmp_path / 'sheet.png'
    words = ['render', '--grid', str(sheet)]
    assert not main([*words, '--out', str(data), '--shards', '1', '--people', '4'])
    assert cv2.imread(str(sheet)).shape == (6 * 128, 10 * 128, 3)
    for wrong in (tmp_path / 'sheet.nothing', tmp_path / 'nowhere' / 'sheet.png'):
        assert main(['render', '--grid', str(wrong), '--data', str(data)])
        assert 'cannot be written: name a .png or .jpg' in capsys.readouterr().err
    assert main(words)
    assert 'name their folder with --data' in capsys.readouterr().err

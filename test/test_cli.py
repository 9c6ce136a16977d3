"""The command `pose3d`."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import dots
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from pose3d_ros import H36M_17, model_file
from pose3d_ros.cli import COMMANDS, main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `pose3d WORDS` and returns the exit code and what it prints."""

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / 'photo.png'
    picture = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def active_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Fast DDS profile that the environment names, still to be written."""
    path = tmp_path / 'profile.xml'
    monkeypatch.delenv('FASTDDS_DEFAULT_PROFILES_FILE', raising=False)
    monkeypatch.setenv('FASTRTPS_DEFAULT_PROFILES_FILE', str(path))
    return path


def strict_json(text: str) -> dict[str, object]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


# The command itself


def test_help_lists_every_sub_command(run: Run) -> None:
    code, out, _ = run('--help')
    assert code == 0
    for name, meaning in COMMANDS.items():
        assert name in out
        assert meaning in ' '.join(out.split())


@pytest.mark.parametrize('name', COMMANDS)
def test_every_sub_command_has_a_help_page(run: Run, name: str) -> None:
    code, out, _ = run(name, '--help')
    assert code == 0
    assert f'usage: pose3d {name}' in out


@pytest.mark.parametrize('words', [[], ['dance'], ['image']])
def test_a_wrong_command_line_is_explained(run: Run, words: list[str]) -> None:
    code, _, err = run(*words)
    assert code == 2
    assert 'usage: pose3d' in err


def test_settings_out_of_bounds_are_refused(run: Run, photo: Path) -> None:
    code, _, err = run('image', photo, '--min-presence', '7')
    assert code == 1
    assert err == ('pose3d image: min_presence is 7.0, but it must be a number from 0 to 1\n')


@pytest.mark.parametrize('name', ['image', 'list', 'bench'])
def test_commands_for_running_import_neither_torch_nor_ros(name: str) -> None:
    program = f"""
import sys
from pose3d_ros.cli import main
try:
    main([{name!r}, '--help'])
except SystemExit:
    print(sorted({{'torch', 'rclpy', 'numba', 'onnx'}} & set(sys.modules)))
"""
    ran = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == '[]'


def test_it_is_installed_as_a_program() -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name('pose3d'), 'list'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'volumetric' in ran.stdout


# pose3d image


def test_image_prints_the_people(run: Run, photo: Path) -> None:
    code, out, _ = run('image', photo, '--estimator', 'constant', '--boxes', '40,20,200,200')
    assert code == 0
    assert out.startswith('1 person\n  aaaaa  presence 1.00  pelvis at x ')
    assert out.endswith('17 of 17 joints seen\n')


def test_image_finds_people_by_itself(run: Run, photo: Path) -> None:
    code, out, _ = run('image', photo, '--estimator', 'constant')
    assert code == 0
    assert out.splitlines()[0].endswith(('person', 'people'))


def test_image_prints_json_with_units_and_without_nan(run: Run, photo: Path) -> None:
    boxes = ['--boxes', '40,20,200,200', '240,160,200,200']
    code, out, _ = run('image', photo, '--json', '--fov', '70', '--estimator', 'constant', *boxes)
    assert code == 0
    report = strict_json(out)
    assert report['camera']['K'][0][0] == pytest.approx(160 / np.tan(np.radians(35)))
    assert report['joints'] == list(H36M_17.joints)
    assert len(report['people']) == 2
    for person in report['people']:
        assert np.shape(person['positions_m']) == (17, 3)
        assert np.shape(person['pixels_px']) == (17, 2)
        assert np.shape(person['deviation_m']) == (17,)
        assert {'VISIBLE', 'OUT_OF_IMAGE'} >= set(person['joint_states'])


def test_image_draws_the_people(run: Run, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / 'overlay.png'
    code, _, _ = run('image', photo, '--out', out, '--estimator', 'constant')
    assert code == 0
    assert cv2.imread(str(out)).shape == (240, 320 + 2 * 160, 3)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (None, 'there is no picture'),
        (b'\xff\xd8\xff nonsense', 'is not a picture'),
        (b'', 'is not'),
    ],
)
def test_image_names_a_file_that_is_no_picture(
    run: Run, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / 'photo.jpg'
    if content is not None:
        path.write_bytes(content)
    code, out, err = run('image', path, '--estimator', 'constant')
    assert (code, out) == (1, '')
    assert reason in err
    assert str(path) in err


@pytest.mark.parametrize('box', ['1,2,3', 'here', '1,2,3,4,5', '0,0,0,9'])
def test_image_refuses_what_is_no_box(run: Run, photo: Path, box: str) -> None:
    code, _, err = run('image', photo, '--estimator', 'constant', '--boxes', box)
    assert code == 1
    assert 'box' in err


@pytest.mark.parametrize('name', ['no/such/folder.png', 'overlay.nonsense'])
def test_image_names_a_picture_that_it_cannot_write(
    run: Run, photo: Path, tmp_path: Path, name: str
) -> None:
    code, _, err = run('image', photo, '--estimator', 'constant', '--out', tmp_path / name)
    assert code == 1
    assert f'{tmp_path / name} cannot be written' in err


# pose3d list, doctor, bench


def test_list_names_plugins_with_their_packages_and_models(run: Run) -> None:
    code, out, _ = run('list')
    assert code == 0
    for heading in ('estimators:', 'detectors:', 'runtimes:', 'models:'):
        assert heading in out
    assert 'constant       pose3d' in out
    for name in model_file.shipped_models():
        assert f'  {name}' in out


def test_doctor_says_what_would_run(run: Run, tmp_path: Path) -> None:
    path = dots.write_model(tmp_path / 'dots.onnx')
    code, out, _ = run('doctor', '--model', path)
    assert f'model {path}' in out
    assert 'runtime onnxruntime' in out
    assert 'provider CPUExecutionProvider' in out
    assert ('BAD ' in out) == (code == 1)
    assert out.splitlines()[-1].startswith('pose3d is ready' if code == 0 else 'pose3d will not')


def test_doctor_fails_with_the_reason_when_the_model_is_broken(run: Run, tmp_path: Path) -> None:
    path = tmp_path / 'broken.onnx'
    path.write_text('nonsense')
    code, out, _ = run('doctor', '--model', path)
    assert code == 1
    assert f'BAD   pipeline   model file {path} cannot be opened' in out
    assert 'pose3d will not work: pipeline' in out


@pytest.mark.parametrize(
    ('profile', 'verdict', 'text'),
    [
        ('<p><segment_size>67108864</segment_size></p>', 'ok', '64 MiB of shared memory'),
        ('<p><segment_size>1024</segment_size></p>', 'note', 'less than 32 MiB'),
        ('<p/>', 'note', 'less than 32 MiB'),
        ('<p>', 'BAD', 'cannot be read'),
    ],
)
def test_doctor_judges_the_transport_profile(
    run: Run, active_profile: Path, profile: str, verdict: str, text: str
) -> None:
    active_profile.write_text(profile)
    _, out, _ = run('doctor', '--estimator', 'constant')
    (line,) = [line for line in out.splitlines() if ' transport ' in line]
    assert line.startswith(verdict)
    assert text in line


def test_doctor_tells_how_to_get_the_transport_profile(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('FASTDDS_DEFAULT_PROFILES_FILE', raising=False)
    monkeypatch.delenv('FASTRTPS_DEFAULT_PROFILES_FILE', raising=False)
    _, out, _ = run('doctor', '--estimator', 'constant')
    (line,) = [line for line in out.splitlines() if ' transport ' in line]
    assert line.startswith('note')
    profile = Path(line.partition('FASTRTPS_DEFAULT_PROFILES_FILE=')[2])
    assert profile.is_file()


def test_bench_prints_median_and_p95_by_stage(run: Run) -> None:
    code, out, _ = run('bench', '--estimator', 'constant', '--images', '5')
    assert code == 0
    assert 'median ms' in out
    assert 'p95 ms' in out
    for stage in ('convert', 'crop', 'infer', 'place', 'angles', 'total'):
        assert f'\n{stage} ' in out
    assert 'load_before' in out


def test_bench_prints_json_for_each_number_of_people(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / 'bars.png'
    words = ['--estimator', 'constant', '--images', '5', '--people', '1', '4', '--json']
    code, out, _ = run('bench', *words, '--picture', picture)
    report = strict_json(out)
    assert code == 0
    assert report['image'] == '1280x720'
    assert set(report['stages']) == {'onnx, 1 person', 'onnx, 4 people'}
    for stages in report['stages'].values():
        for figures in stages.values():
            assert 0 <= figures['median_ms'] <= figures['p95_ms']
    assert 'onnx' in report['further_person']
    assert cv2.imread(str(picture)).ndim == 3


def test_bench_of_a_runtime_that_is_not_there_names_those_that_are(
    run: Run, tmp_path: Path
) -> None:
    path = dots.write_model(tmp_path / 'dots.onnx')
    code, _, err = run('bench', '--model', path, '--runtimes', 'abacus')
    assert code == 1
    assert "there is no runtime 'abacus'; installed: " in err


def test_bench_against_a_program_that_is_not_there_says_how_to_get_it(
    run: Run, tmp_path: Path
) -> None:
    words = ['--estimator', 'constant', '--peer-python', tmp_path / 'python']
    code, _, err = run('bench', '--against', 'mediapipe', *words)
    assert code == 1
    assert f'there is no {tmp_path}/python: `make bench-mediapipe` installs MediaPipe' in err


def test_bench_against_a_program_that_ends_says_so(run: Run) -> None:
    words = ['--estimator', 'constant', '--peer-python', sys.executable]  # it has no mediapipe
    code, _, err = run('bench', '--against', 'mediapipe', *words, '--images', '1')
    assert code == 1
    assert 'MediaPipe ended' in err


def test_bench_holds_the_network_against_the_processor(run: Run) -> None:
    path = next(iter(model_file.shipped_models().values()))
    code, out, _ = run('bench', '--roofline', '--model', path, '--images', '2', '--json')
    report = strict_json(out)
    assert code == 0
    assert report['precision'] == 'int8'
    assert 0.1 < report['gflop'] < 10
    assert report['depthwise_share'] == 0
    assert sum(report['share_of_time'].values()) == pytest.approx(1, abs=0.1)
    assert report['share_of_peak'] > 0


# pose3d selftest


@pytest.mark.parametrize('precision', ['fp32', 'fp16', 'int8'])
def test_selftest_passes_where_the_model_is_computed(
    run: Run, tmp_path: Path, precision: str
) -> None:
    out_file = tmp_path / 'report.json'
    words = [
        '--runtime',
        'onnx',
        '--precision',
        precision,
        '--crops',
        '3',
        '--runs',
        '2',
        '--out',
        out_file,
    ]
    code, out, _ = run('selftest', *words)
    assert code == 0
    report = strict_json(out)
    assert report == json.loads(out_file.read_text())
    assert report['passed']
    assert report['crops'] == 3
    assert (report['parity']['largest_px'] == 0) == (precision == 'fp32')
    assert set(report['latency_ms']) == {'1 crops', '2 crops', '4 crops', '8 crops'}
    assert str(tmp_path) not in out


def test_selftest_fails_where_something_else_is_computed(run: Run, tmp_path: Path) -> None:
    shipped = model_file.find_model('volumetric')
    path = tmp_path / 'model.onnx'
    path.write_bytes(shipped.read_bytes())
    model = onnx.load(path)
    for weights in model.graph.initializer:
        if weights.name == 'network.volume.bias':
            values = numpy_helper.to_array(weights)[::-1]
            weights.CopyFrom(numpy_helper.from_array(3 * values, weights.name))
    facts = {each.key: each.value for each in model.metadata_props}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    onnx.helper.set_model_props(model, {**facts, 'pose3d_source': digest})
    onnx.save(model, tmp_path / 'model_fp16.onnx')
    words = [
        '--model',
        path,
        '--runtime',
        'onnx',
        '--precision',
        'fp16',
        '--crops',
        '3',
        '--runs',
        '1',
    ]
    code, out, _ = run('selftest', *words)
    assert code == 1
    assert not strict_json(out)['passed']


def test_selftest_names_a_report_that_it_cannot_write(run: Run, tmp_path: Path) -> None:
    words = [
        '--runtime',
        'onnx',
        '--crops',
        '1',
        '--runs',
        '1',
        '--out',
        tmp_path / 'no' / 'report.json',
    ]
    code, _, err = run('selftest', *words)
    assert code == 1
    assert 'report.json cannot be written' in err

"""Training, checkpoints and export, for real but small."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch')

from pose3d_ros.cli import main  # noqa: E402
from pose3d_ros.errors import ConfigError, DataError  # noqa: E402
from pose3d_ros.synthesis.compose import Composer  # noqa: E402
from pose3d_ros.synthesis.shards import CutOuts, ShardJob, write_shards  # noqa: E402
from pose3d_ros.training import export  # noqa: E402
from pose3d_ros.training.data import batches, crop_size, hardness  # noqa: E402
from pose3d_ros.training.recipe import recipe  # noqa: E402
from pose3d_ros.training.student import Student, learning_rate  # noqa: E402
from pose3d_ros.training.train import train  # noqa: E402

pytestmark = [pytest.mark.training, pytest.mark.slow]

SMOKE = recipe('volumetric_smoke')
CPU = torch.device('cpu')
POSE3D = str(Path(sys.executable).with_name('pose3d'))


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('train')
    write_shards(ShardJob(folder, size=96, count=60), range(2))
    return folder


def test_the_loss_falls(data: Path, tmp_path: Path) -> None:
    student = train(replace(SMOKE, samples=24 * 200), data, tmp_path, minutes=5, workers=0)
    assert student.finished
    lines = (tmp_path / 'log.jsonl').read_text().splitlines()
    first, last = (
        float(line.split('"loss": ')[1].split(',')[0]) for line in (lines[0], lines[-1])
    )
    assert last < 0.95 * first


def test_going_on_is_the_same_as_not_having_stopped(data: Path, tmp_path: Path) -> None:
    stream = batches(data, SMOKE, 0, 0)
    whole = Student(SMOKE, CPU)
    for _ in range(6):
        whole.learn(next(stream))
    half = Student(SMOKE, CPU)
    stream = batches(data, SMOKE, 0, 0)
    for _ in range(3):
        half.learn(next(stream))
    half.save(tmp_path / 'checkpoint.pt')
    resumed = Student(SMOKE, CPU)
    resumed.load(tmp_path / 'checkpoint.pt')
    stream = batches(data, SMOKE, resumed.step, 0)
    for _ in range(3):
        resumed.learn(next(stream))
    for ours, theirs in zip(
        whole.network.state_dict().values(), resumed.network.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_a_killed_training_goes_on(data: Path, tmp_path: Path) -> None:
    command = [
        POSE3D, 'train', 'volumetric_smoke',
        '--data', str(data),
        '--out', str(tmp_path), '--workers', '0', '--samples', '240000', '--minutes',
    ]  # fmt: skip
    subprocess.run([*command, '0.05'], check=True, timeout=120)
    student = Student(SMOKE, CPU)
    student.load(tmp_path / 'checkpoint.pt')
    before = student.step
    assert before > 0
    running = subprocess.Popen([*command, '5'], stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    next(line for line in running.stderr if line)  # it has begun
    running.send_signal(signal.SIGKILL)
    running.wait(60)
    subprocess.run([*command, '0.05'], check=True, timeout=120)
    student.load(tmp_path / 'checkpoint.pt')
    assert student.step > before


def test_a_damaged_checkpoint_is_named_and_stays(data: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / 'checkpoint.pt'
    checkpoint.write_bytes(b'not a checkpoint')
    with pytest.raises(DataError, match=r'checkpoint\.pt cannot be used: .* move it away'):
        train(SMOKE, data, tmp_path, minutes=0.1, workers=0)
    assert checkpoint.read_bytes() == b'not a checkpoint'


def test_a_full_disk_is_named_and_the_last_checkpoint_stays(data: Path, tmp_path: Path) -> None:
    run = tmp_path / 'run'
    assert not main(_train_command(data, run, samples=24))
    before = (run / 'checkpoint.pt').read_bytes()
    limited = subprocess.run(  # files of more than 8 blocks cannot be written: as on a full disk
        ['/bin/bash', '-c', 'ulimit -f 8; exec "$0" "$@"', POSE3D,
         *_train_command(data, run, samples=240)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert limited.returncode != 0
    assert 'is the disk full?' in limited.stderr
    assert 'Traceback' not in limited.stderr
    assert (run / 'checkpoint.pt').read_bytes() == before
    assert not (run / 'checkpoint.tmp').exists()


def _train_command(data: Path, run: Path, *, samples: int) -> list[str]:
    return [
        'train', 'volumetric_smoke', '--data', str(data), '--out', str(run),
        '--workers', '0', '--samples', str(samples),
    ]  # fmt: skip


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    Student(SMOKE, CPU).save(tmp_path / 'checkpoint.pt')
    with pytest.raises(DataError, match='cannot be used'):
        Student(recipe('volumetric'), CPU).load(tmp_path / 'checkpoint.pt')


def test_an_unknown_recipe_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match='volumetric, volumetric_further'):
        recipe('volumetrik')


def test_the_schedule_warms_up_stays_and_falls_to_almost_nothing() -> None:
    plan = recipe('volumetric')
    last = plan.samples // plan.batch
    rates = [learning_rate(plan, step) for step in (0, plan.warm_up, last // 4, last)]
    assert rates[0] < 0.01 * plan.rate
    assert rates[1] == rates[2] == plan.rate
    assert rates[3] < 0.01 * plan.rate


def test_crops_grow_larger_and_harder() -> None:
    plan = recipe('volumetric')
    steps = range(0, plan.samples // plan.batch, 100)
    for grows in (crop_size, hardness):
        values = [float(_grown(grows, plan, step)) for step in steps]
        assert values == sorted(values)
    assert crop_size(plan, plan.samples // plan.batch) == plan.final_size
    assert hardness(plan, plan.samples // plan.batch) == 1


def _grown(grows: Callable[..., float], *arguments: object) -> float:
    return grows(*arguments)


def test_the_exported_file_agrees_with_torch(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    student = Student(SMOKE, CPU)
    stream = batches(data, SMOKE, 0, 0)
    for _ in range(20):
        student.learn(next(stream))
    path = tmp_path / 'model.onnx'
    skeleton = export.mean_skeleton(CutOuts(data))
    card = export.card(
        path=path,
        method='volumetric',
        skeleton=skeleton,
        size=SMOKE.final_size,
        depth_range_m=SMOKE.network.depth_range_m,
        training={'steps': 20},
        metrics={},
    )
    export.export(student.average, card)
    crops = Composer(CutOuts(data), np.zeros((2, 64, 64, 3), np.uint8)).batch((0,), 16, 64)
    parity = export.parity(student.average, path, crops)
    assert parity.pixels_px < 1e-3
    assert parity.depth_mm < 1
    assert parity.confidence < 1e-4
    assert parity.presence < 1e-4
    assert skeleton.bone_lengths[2] == pytest.approx(0.43, abs=0.08)  # thigh


def test_the_commands_lead_from_nothing_to_an_evaluated_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train_data, held_out = tmp_path / 'train', tmp_path / 'eval'
    write_shards(ShardJob(train_data, size=96, count=24), range(1))
    write_shards(ShardJob(held_out, size=96, count=24, held_out=True), range(1))
    run = tmp_path / 'run'
    assert not main([
        'train', 'volumetric_smoke', '--data', str(train_data), '--out', str(run),
        '--samples', '240', '--workers', '0',
    ])  # fmt: skip
    model = tmp_path / 'model.onnx'
    assert not main([
        'export', str(run), str(model), '--recipe', 'volumetric_smoke',
        '--data', str(train_data), '--eval', str(held_out), '--crops', '60',
    ])  # fmt: skip
    assert model.with_suffix('.json').exists()
    assert not main(['evaluate', '--data', str(held_out), '--crops', '60', '--model', str(model)])
    assert '"mpjpe_mm"' in capsys.readouterr().out

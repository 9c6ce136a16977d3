"""The engine cache: what is whole, ours and made for exactly this is used; all else is built."""

import json
import logging
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pose3d_ros.errors import EngineError
from pose3d_ros.runtimes.engine_cache import EngineCache, EngineKey

FACTS = {'library': 'tensorrt 10.3.0', 'gpu': 'Orin', 'driver': '12.6'}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / 'model.onnx'
    path.write_bytes(b'a model')
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / 'cache' / 'engines'


class Builder:
    """Builds plans, loads them, and counts."""

    def __init__(self, plan: bytes = b'plan') -> None:
        self.plan, self.builds, self.loads = plan, 0, 0

    def build(self) -> bytes:
        self.builds += 1
        return self.plan

    def load(self, plan: bytes) -> str | None:
        self.loads += 1
        return plan.decode() if plan == self.plan else None


def fetch(folder: Path, model: Path, builder: Builder, **changes: str) -> EngineCache:
    cache = EngineCache(folder)
    key = EngineKey(model, {**FACTS, **changes})
    assert cache.engine(key, builder.build, builder.load) == builder.plan.decode()
    return cache


def the_plan(folder: Path) -> Path:
    (plan,) = folder.glob('*.plan')
    return plan


def test_an_engine_is_built_once(folder: Path, model: Path) -> None:
    builder = Builder()
    assert fetch(folder, model, builder).note.startswith('built, kept in')
    assert fetch(folder, model, builder).note.startswith('kept in')
    assert builder.builds == 1


def test_the_folder_and_the_plans_are_the_users_own(folder: Path, model: Path) -> None:
    fetch(folder, model, Builder())
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_changed_model_is_built_anew(folder: Path, model: Path) -> None:
    builder = Builder()
    fetch(folder, model, builder)
    model.write_bytes(b'another model')
    fetch(folder, model, builder)
    assert builder.builds == 2


@pytest.mark.parametrize('fact', FACTS)
def test_whatever_else_changes_is_built_anew(folder: Path, model: Path, fact: str) -> None:
    builder = Builder()
    fetch(folder, model, builder)
    fetch(folder, model, builder, **{fact: 'another'})
    assert builder.builds == 2
    fetch(folder, model, builder)
    assert builder.builds == 2


@pytest.mark.parametrize('share', [0.0, 0.5])
def test_a_truncated_plan_is_never_loaded(folder: Path, model: Path, share: float) -> None:
    builder = Builder(b'a long plan')
    fetch(folder, model, builder)
    plan = the_plan(folder)
    plan.write_bytes(plan.read_bytes()[: int(share * len(builder.plan))])
    builder.loads = 0
    fetch(folder, model, builder)
    assert (builder.builds, builder.loads) == (2, 1)


def test_a_plan_of_something_else_is_never_loaded(folder: Path, model: Path) -> None:
    builder = Builder()
    fetch(folder, model, builder)
    sidecar = the_plan(folder).with_suffix('.json')
    sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), 'gpu': 'another'}))
    fetch(folder, model, builder)
    assert builder.builds == 2


@pytest.mark.parametrize('content', [None, 'nonsense', '[]'])
def test_a_plan_without_a_sound_sidecar_is_built_anew(
    folder: Path, model: Path, content: str | None
) -> None:
    builder = Builder()
    fetch(folder, model, builder)
    sidecar = the_plan(folder).with_suffix('.json')
    sidecar.unlink() if content is None else sidecar.write_text(content)
    fetch(folder, model, builder)
    assert builder.builds == 2


def test_a_plan_that_does_not_load_is_built_anew(folder: Path, model: Path) -> None:
    fetch(folder, model, Builder(b'of another kind'))
    builder = Builder()
    fetch(folder, model, builder)
    assert (builder.builds, builder.loads) == (1, 2)


def test_a_new_plan_that_does_not_load_is_an_error(folder: Path, model: Path) -> None:
    cache = EngineCache(folder)
    with pytest.raises(EngineError, match='was built, but does not load'):
        cache.engine(EngineKey(model, FACTS), lambda: b'plan', lambda _: None)
    assert not list(folder.glob('*.plan'))


def test_a_plan_that_others_may_write_is_never_loaded(folder: Path, model: Path) -> None:
    builder = Builder()
    fetch(folder, model, builder)
    the_plan(folder).chmod(0o666)
    fetch(folder, model, builder)
    assert builder.builds == 2


@pytest.mark.parametrize('mode', [0o777, 0o770, 0o1777])
def test_a_folder_that_others_may_write_is_refused(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    with pytest.raises(EngineError, match=rf'others may write {folder} .* `chmod go-w {folder}`'):
        EngineCache(folder)


def test_a_folder_below_one_that_others_may_write_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o777)
    with pytest.raises(EngineError, match=f'others may write {folder.parent} '):
        EngineCache(folder)


def test_a_link_is_as_safe_as_what_it_leads_to(folder: Path, tmp_path: Path) -> None:
    open_folder = tmp_path / 'open'
    open_folder.mkdir()
    open_folder.chmod(0o777)
    folder.parent.mkdir(mode=0o700)
    folder.symlink_to(open_folder)
    with pytest.raises(EngineError, match=f'others may write {open_folder} '):
        EngineCache(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give a folder away')
def test_a_folder_of_somebody_else_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    os.chown(folder, 65534, 65534)
    with pytest.raises(EngineError, match=f'others may write {folder} '):
        EngineCache(folder)


def in_another_process(work: Callable[[], None]) -> None:
    """Do something that changes the process for good: it must return without an error."""
    process = multiprocessing.get_context('fork').Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode == 0


def as_nobody() -> None:
    """Give up the rights of root, which may write anywhere."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)


def reachable(path: Path) -> None:
    """Let everybody pass through the temporary folders of the tests."""
    for parent in path.parents:
        if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(0o711)


def test_without_permission_to_write_the_engine_is_used_and_not_kept(
    folder: Path, model: Path
) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    reachable(folder)

    def work() -> None:
        as_nobody()
        builder = Builder()
        for builds in (1, 2):
            assert 'NOT kept' in fetch(folder, model, builder).note
            assert builder.builds == builds

    in_another_process(work)
    assert not list(folder.iterdir())


def test_without_permission_to_write_a_plan_that_is_there_is_used(
    folder: Path, model: Path
) -> None:
    fetch(folder, model, Builder())
    folder.chmod(0o555)
    for path in folder.iterdir():
        path.chmod(0o444)
    reachable(folder)

    def work() -> None:
        if os.geteuid() == 0:
            as_nobody()
        builder = Builder()
        assert fetch(folder, model, builder).note.startswith('kept in')
        assert builder.builds == 0

    in_another_process(work)


def test_a_folder_that_cannot_be_made_is_left_out(
    tmp_path: Path, model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / 'file').write_text('')
    builder = Builder()
    assert 'NOT kept' in fetch(tmp_path / 'file' / 'engines', model, builder).note
    assert 'engines cannot be kept in' in caplog.text


def test_on_a_full_disk_the_engine_is_used_and_nothing_is_left_behind(
    folder: Path, model: Path
) -> None:
    """A limit on the size of files lets the kernel refuse a write half-way, like a full disk."""

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        assert 'NOT kept' in fetch(folder, model, Builder(b'x' * 100_000)).note

    in_another_process(work)
    assert [path.suffix for path in folder.iterdir()] == ['.lock']
    builder = Builder()
    fetch(folder, model, builder)
    assert builder.builds == 1


def test_two_at_once_build_once(
    folder: Path, model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Locks are held per opened file, so that two threads are to them what two processes are."""
    caplog.set_level(logging.INFO)
    building, go_on = threading.Event(), threading.Event()
    builders = [Builder(), Builder()]

    def slowly() -> bytes:
        building.set()
        assert go_on.wait(30)
        return builders[0].build()

    def first() -> None:
        EngineCache(folder).engine(EngineKey(model, FACTS), slowly, builders[0].load)

    def second() -> None:
        fetch(folder, model, builders[1])

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert building.wait(30)
    threads[1].start()
    while 'another process builds' not in caplog.text:
        threads[1].join(0.01)
        assert threads[1].is_alive()
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert [builder.builds for builder in builders] == [1, 0]


def test_two_processes_at_once_build_once(folder: Path, model: Path, tmp_path: Path) -> None:
    log = tmp_path / 'builds'

    def work(barrier: object) -> None:
        builder = Builder()

        def build() -> bytes:
            with log.open('a') as file:
                file.write('x')
            return builder.plan

        cache = EngineCache(folder)
        barrier.wait(30)
        cache.engine(EngineKey(model, FACTS), build, builder.load)

    fork = multiprocessing.get_context('fork')
    barrier = fork.Barrier(3)
    processes = [fork.Process(target=work, args=(barrier,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert log.read_text() == 'x'

"""The engine cache: plans that were built once for a model, a library and a GPU.

A plan is code that will be executed. So only a folder is used that nobody else may write, and only
a plan whose sidecar says that it is whole and was made for exactly this: anything else is built
anew. Plans are written under another name first, while holding a lock: nobody reads half a plan,
and of two processes one builds and the other waits.
"""

import fcntl
import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pose3d_ros.errors import EngineError

__all__ = ['EngineCache', 'EngineKey']

EngineT = TypeVar('EngineT')

_LOG = logging.getLogger(__name__)
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class EngineKey:
    """All that a plan depends on.

    Attributes:
        facts: Each as a text, by name.
        name: Differs wherever a fact differs; fit for a file name.
    """

    def __init__(self, model: Path, facts: Mapping[str, str]) -> None:
        """Add the bytes of a model file to other facts."""
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
        self.facts = {'model': digest, **facts}
        text = json.dumps(self.facts, sort_keys=True).encode()
        self.name = f'{model.stem}-{hashlib.sha256(text).hexdigest()[:16]}'


class EngineCache:
    """A folder of plans.

    Attributes:
        folder: Where it is.
        note: What became of the last plan, for people to read.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is not there; one that cannot be made is left out.

        Raises:
            EngineError: Others may write the folder, or one of those that it is in.
        """
        self.folder = folder.absolute()
        self.note = ''
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            _LOG.warning('engines cannot be kept in %s: %s', self.folder, error)
        else:
            _refuse_if_others_may_write(self.folder)

    def engine(
        self,
        key: EngineKey,
        build: Callable[[], bytes],
        load: Callable[[bytes], EngineT | None],
    ) -> EngineT:
        """Return the engine of a key: from its plan, or built now and kept.

        An engine that cannot be kept, because the disk is full or the folder may not be written,
        is used all the same; the next start builds it again.

        Args:
            key: What it depends on.
            build: Returns a new plan.
            load: Returns the engine of a plan, or None if the plan does not fit.

        Raises:
            EngineError: A new plan does not fit either.
        """
        with self._lock(key):
            plan = self.read(key.name, key.facts)
            engine = load(plan) if plan is not None else None
            if engine is not None:
                self.note = f'kept in {self._plan(key.name)}'
                return engine
            if plan is not None:
                _LOG.warning('the plan %s does not load: building anew', self._plan(key.name))
            plan = build()
            engine = load(plan)
            if engine is None:
                msg = f'the engine of {key.name} was built, but does not load'
                raise EngineError(msg)
            kept = self.write(key.name, key.facts, plan)
            self.note = f'built, {"kept in" if kept else "NOT kept in"} {self._plan(key.name)}'
            return engine

    def read(self, name: str, facts: Mapping[str, str]) -> bytes | None:
        """Return what was written under a name for these facts; None if there is nothing whole."""
        path, sidecar = self._plan(name), self._sidecar(name)
        try:
            found = json.loads(sidecar.read_text())
            content = path.read_bytes()
            writable = path.stat().st_mode & _OTHERS_WRITE
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            _LOG.warning('%s cannot be read: %s', path, error)
            return None
        if writable:
            _LOG.warning('%s may be written by others and is not used', path)
            return None
        if found != {**facts, 'sha256': hashlib.sha256(content).hexdigest()}:
            _LOG.warning('%s is damaged or for something else, and is not used', path)
            return None
        return content

    def write(self, name: str, facts: Mapping[str, str], content: bytes) -> bool:
        """Keep something under a name; return whether that was possible."""
        sidecar = json.dumps({**facts, 'sha256': hashlib.sha256(content).hexdigest()}, indent=1)
        try:
            _replace(self._plan(name), content)
            _replace(self._sidecar(name), sidecar.encode())
        except OSError as error:
            _LOG.warning('%s cannot be kept: %s', self._plan(name), error)
            return False
        return True

    @contextmanager
    def _lock(self, key: EngineKey) -> Iterator[None]:
        """Hold the lock of a key; without one where the folder may not be written."""
        path = self.folder / f'{key.name}.lock'
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            yield
            return
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _LOG.info('another process builds %s: waiting for it', key.name)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _plan(self, name: str) -> Path:
        return self.folder / f'{name}.plan'

    def _sidecar(self, name: str) -> Path:
        return self.folder / f'{name}.json'


def _replace(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}-')
    try:
        with os.fdopen(handle, 'wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _refuse_if_others_may_write(folder: Path) -> None:
    """Raise unless this user and root alone decide what is in a folder, and which folder it is."""
    real = folder.resolve()
    for place in (real, *real.parents):
        facts = place.stat()
        others = facts.st_mode & _OTHERS_WRITE
        if place != real:
            if facts.st_gid == os.getegid():
                others &= ~stat.S_IWGRP  # users have groups of their own, which own their folders
            if facts.st_mode & stat.S_ISVTX:
                others = 0  # as in /tmp: nobody replaces what is another's
        if others or facts.st_uid not in {os.geteuid(), 0}:
            msg = (
                f'engines are not kept in {folder}: others may write {place} '
                f'({stat.filemode(facts.st_mode)}), and an engine is code; '
                f'`chmod go-w {place}`, or set engine_folder to a folder of your own'
            )
            raise EngineError(msg)

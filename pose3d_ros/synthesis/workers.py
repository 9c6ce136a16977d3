"""Processes that render: one run per folder, whose workers do not outlive it."""

import fcntl
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import TypeVar

from pose3d_ros.errors import DataError

Item = TypeVar('Item')


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from rendering into a folder.

    Raises:
        DataError: One does already.
    """
    with (folder / '.lock').open('w') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f'another process renders into {folder}: wait for it, or name another folder'
            raise DataError(msg) from error
        yield


def each(work: Callable[[Item], None], items: Sequence[Item], workers: int) -> Iterator[None]:
    """Do the work for each item in other processes; yield once for each that is done.

    Args:
        work: A function that can be pickled.
        items: Its arguments.
        workers: Processes to use.

    Raises:
        DataError: A worker was killed.
    """
    context = multiprocessing.get_context('spawn')
    # Workers inherit this: threads of matrix products would only wait for one another.
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
    with ProcessPoolExecutor(workers, context, initializer=end_with_parent) as pool:
        tasks = [pool.submit(work, item) for item in items]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BrokenProcessPool as error:
            msg = (
                'a process that rendered was killed (is memory short?); '
                'finished shards are kept: run the same command to render the rest'
            )
            raise DataError(msg) from error
        finally:
            pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """End this process as soon as its parent was killed, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()

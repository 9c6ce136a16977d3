"""People who are rendered while networks learn from them.

They come in generations: some people of whom the crops of some batches are composed, then the
next ones. A generation is a function of the seed and its number, and the batches that it serves
follow from their numbers, so a run can be resumed and repeated as with people on disk.

Renderers are processes of their own; the processes that compose crops read a generation as they
read shards, from a folder that appears when it is complete and goes when it is used up.
"""

import multiprocessing
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.person import Studio
from pose3d_ros.synthesis.shards import ShardJob, write_shard
from pose3d_ros.synthesis.studio import NumbaStudio
from pose3d_ros.synthesis.workers import alone, end_with_parent

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

STREAM = 2  # tells these seeds from those of shards, which begin with 0 or 1
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Fresh:
    """How people are rendered while a network learns.

    Attributes:
        folder: Where generations lie for a while, in folders named by numbers.
        studio: What renders; it can be pickled.
        mocap: Folder with motion capture, or None for procedural poses alone.
        size: Width and height of a cut-out [px].
        people: In a generation.
        uses: Crops composed for each person rendered.
        renderers: Processes that render.
    """

    folder: Path
    studio: Callable[[Body], Studio] = NumbaStudio
    mocap: Path | None = None
    size: int = 160
    people: int = 1024
    uses: int = 8
    renderers: int = 1

    def generation(self, step: int, batch: int) -> int:
        """Return the generation that a batch is composed of.

        Args:
            step: Number of the batch.
            batch: Crops in each.
        """
        return step // max(1, self.people * self.uses // batch)

    def render(self, seed: int, generation: int) -> None:
        """Write a generation to the folder, where it appears when it is complete."""
        job = ShardJob(self.folder, self.size, self.people, self.mocap, studio=self.studio)
        temporary = self.folder / f'.{generation}'
        shard = temporary / 'shard-0000'
        try:
            shard.mkdir(parents=True)
            write_shard(shard, job, STREAM, seed, generation)
            temporary.rename(self.path(generation))
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            msg = f'people cannot be written to {self.folder}: {error.strerror}'
            raise DataError(msg) from error

    def path(self, generation: int) -> Path:
        """Return where a generation lies once it is complete."""
        return self.folder / str(generation)

    def wait_for(self, generation: int) -> Path:
        """Return where a generation lies, as soon as it is complete.

        Raises:
            DataError: A renderer failed; the message says why.
        """
        path = self.path(generation)
        while not path.exists():
            self.check()
            time.sleep(POLL_S)
        return path

    def check(self) -> None:
        """Make sure that people are still rendered.

        Raises:
            DataError: They are not; the message says why.
        """
        if self._ended.exists():
            raise DataError(self._ended.read_text())

    @contextmanager
    def rendering(self, seed: int, first: int) -> Iterator[Callable[[int], None]]:
        """Render generation after generation until the context ends.

        Args:
            seed: Of the people.
            first: Number of the first generation.

        Yields:
            A function to call with the generation in use: earlier ones are removed, and only as
            many are rendered ahead as there are renderers.

        Raises:
            DataError: Another process uses the folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        context = multiprocessing.get_context('spawn')
        current = context.Value('q', first)
        with alone(self.folder):
            self._clear()
            self._ended.unlink(missing_ok=True)
            processes = [
                context.Process(target=_render, args=(self, seed, start, current), daemon=True)
                for start in range(first, first + self.renderers)
            ]
            for process in processes:
                process.start()
            watches = [threading.Thread(target=self._watch, args=(p,)) for p in processes]
            for watch in watches:
                watch.start()

            def advance(generation: int) -> None:
                for used in range(current.value, generation):
                    shutil.rmtree(self.path(used), ignore_errors=True)
                current.value = generation

            try:
                yield advance
            finally:
                self.end('rendering has ended')
                for process, watch in zip(processes, watches, strict=True):
                    process.terminate()
                    watch.join()
                    process.join()
                self._clear()

    @property
    def _ended(self) -> Path:
        return self.folder / 'ended.txt'

    def end(self, reason: str) -> None:
        """Let everybody who waits for people know that none will come; the first reason stays."""
        if not self._ended.exists():
            self._ended.write_text(reason)

    def _watch(self, process: Any) -> None:  # noqa: ANN401 - a process of any context
        wait([process.sentinel])
        self.end('a process that rendered people was killed (is memory short?)')

    def _clear(self) -> None:
        for generation in self.folder.iterdir():
            if generation.name.removeprefix('.').isdigit():
                shutil.rmtree(generation, ignore_errors=True)


def _render(fresh: Fresh, seed: int, first: int, current: 'Synchronized[int]') -> None:
    """Render every n-th generation, n being the number of renderers: a process of its own."""
    end_with_parent()
    try:
        for generation in count(first, fresh.renderers):
            while generation > current.value + fresh.renderers:
                time.sleep(POLL_S)
            fresh.render(seed, generation)
    except Exception as error:  # whatever it is, those who wait must know
        fresh.end(str(error))
        raise

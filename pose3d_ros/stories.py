"""Stories: several images answered side by side.

The story of one image is told by its pipeline (`Pipeline.story`): it says where it looks, and goes
on when it is told what is there. Here several of them are told in step, so that the crops that
all of them ask for are estimated in one batch. Nobody waits for an image that has not come.
"""

from collections.abc import Generator, Sequence

from pose3d_ros.candidate import Candidate
from pose3d_ros.errors import EstimateError, Pose3DError
from pose3d_ros.estimator import Estimator
from pose3d_ros.observation import Look, observe
from pose3d_ros.person import Person

__all__ = ['Story', 'tell']

Story = Generator[Look, list[Candidate], list[Person]]
"""Yields where to look, is sent a candidate for each box, and returns the people in the image."""


def tell(stories: Sequence[Story], estimator: Estimator) -> list[list[Person] | Pose3DError]:
    """Return the people in each image, or why it has no answer, which does not harm the others.

    Args:
        stories: One of each image, by pipelines that share the estimator.
        estimator: What estimates the poses.

    Raises:
        EstimateError: The estimator does not answer for every crop.
    """
    tellings = [_Telling(story) for story in stories]
    for each in tellings:
        each.go_on()
    while waiting := {each: each.look for each in tellings if each.look}:
        answers = observe([*waiting.values()], estimator)
        for each, answer in zip(waiting, answers, strict=True):
            each.go_on(answer)
    return [each.ending for each in tellings]


class _Telling:
    """How far a story has been told: it looks somewhere, or has come to its end."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.look: Look | None = None
        self.ending: list[Person] | Pose3DError = []

    def go_on(self, answer: list[Candidate] | EstimateError | None = None) -> None:
        """Tell the story up to its next look; it begins without an answer."""
        self.look = None
        try:
            if isinstance(answer, EstimateError):
                self.look = self._story.throw(answer)
            else:
                self.look = next(self._story) if answer is None else self._story.send(answer)
        except StopIteration as end:
            self.ending = end.value
        except Pose3DError as error:
            self.ending = error

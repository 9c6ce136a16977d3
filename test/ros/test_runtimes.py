"""Runtimes in the real node: what they tell while it is being configured."""

from importlib.util import find_spec
from pathlib import Path

import dots
import pytest
from lifecycle_msgs.msg import Transition
from processes import running_node

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec('tensorrt') is not None, reason='TensorRT is installed here'),
]


def test_a_missing_tensorrt_fails_by_name_and_falls_back_with_a_warning_by_auto(
    tmp_path: Path,
) -> None:
    model = dots.write_model(tmp_path / 'dots.onnx')
    with running_node(tmp_path, estimator=str(model), runtime='tensorrt') as client:
        reason = 'cannot configure: TensorRT is not usable here: `import tensorrt` raised'
        client.wait_until(lambda: reason in client.log, reason)
        assert client.state() == 'unconfigured'
        assert client.set_parameter('runtime', 'auto').successful
        assert client.change_state(Transition.TRANSITION_CONFIGURE)
        warning = 'ONNX Runtime runs dots.onnx, because TensorRT is not usable here'
        assert warning in client.log
        told = f'configuring: {warning}'
        client.wait_until(lambda: told in ' '.join(client.messages('node')), told)
        assert client.change_state(Transition.TRANSITION_ACTIVATE)
        client.answer(1.0)

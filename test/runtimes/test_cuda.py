"""CUDA by ctypes, against a library with the driver's functions; see `cuda_standin.c`."""

import numpy as np
import pytest
from runtimes import standins

from pose3d_ros.errors import DeviceError
from pose3d_ros.runtimes.cuda import Buffer, Device, Stream


@pytest.fixture
def device(driver: standins.StandIn):  # noqa: ANN201
    device = Device()
    yield device
    driver.fail('')
    device.close()


def test_a_machine_without_the_driver_is_told_so() -> None:
    with pytest.raises(
        DeviceError, match=r'no usable driver of an NVIDIA GPU here: libnothing\.so'
    ):
        Device('libnothing.so')


def test_a_library_that_is_no_driver_is_refused() -> None:
    with pytest.raises(DeviceError, match=r'no usable driver .* cuInit'):
        Device('libm.so.6')


def test_a_driver_without_a_gpu_is_told_so(driver: standins.StandIn) -> None:
    driver.reset(gpus=0)
    with pytest.raises(DeviceError, match='there is no NVIDIA GPU here'):
        Device()


def test_a_gpu_says_what_it_is(device: Device) -> None:
    assert device.name == 'Stand-in'
    assert device.compute_capability == '8.7'
    assert device.driver == '12.6'
    assert not device.integrated


@pytest.mark.parametrize(
    'call', ['cuInit', 'cuDeviceGetCount', 'cuDeviceGetName', 'cuDevicePrimaryCtxRetain']
)
def test_a_call_that_fails_is_named_with_the_reason(driver: standins.StandIn, call: str) -> None:
    driver.fail(call)
    reason = rf'the call {call} of CUDA failed with CUDA_ERROR_OUT_OF_MEMORY \(2\): out of memory'
    with pytest.raises(DeviceError, match=reason):
        Device()


def test_what_is_uploaded_comes_back(device: Device) -> None:
    stream = Stream(device)
    buffer = Buffer(stream, (4, 3), 'float32')
    sent = np.arange(12, dtype=np.float32).reshape(4, 3)
    buffer.host[:] = sent
    buffer.upload(4)
    buffer.host[:] = 0
    buffer.download(3)
    stream.synchronize()
    np.testing.assert_array_equal(buffer.host[:3], sent[:3])
    np.testing.assert_array_equal(buffer.host[3], 0)
    buffer.close()
    stream.close()


def test_shared_memory_is_mapped_and_not_copied(driver: standins.StandIn) -> None:
    driver.reset(integrated=True)
    device = Device()
    stream = Stream(device)
    buffer = Buffer(stream, (2,), 'uint8')
    buffer.upload(2)
    buffer.download(2)
    assert buffer.address == buffer.host.ctypes.data
    assert 'cuMemHostGetDevicePointer_v2' in driver.calls
    assert not {'cuMemAlloc_v2', 'cuMemcpyHtoDAsync_v2', 'cuMemcpyDtoHAsync_v2'} & set(
        driver.calls
    )
    buffer.close()
    stream.close()
    device.close()


def test_a_graph_does_later_and_again_what_was_recorded(device: Device) -> None:
    stream = Stream(device)
    buffer = Buffer(stream, (1,), 'int32')
    buffer.host[:] = 1
    with stream.capture() as graph:
        buffer.upload(1)
        buffer.download(1)
    for value in (5, 6):
        buffer.host[:] = value
        graph.launch()
        stream.synchronize()
        assert buffer.host[0] == value
    graph.close()
    buffer.close()
    stream.close()


def test_a_capture_that_fails_ends(driver: standins.StandIn, device: Device) -> None:
    stream = Stream(device)
    with pytest.raises(RuntimeError), stream.capture():
        raise RuntimeError
    assert not driver.is_capturing(stream.handle)
    stream.close()

"""Start from a model file instead of from random weights.

A model file holds no batch normalisation: exporting folds it into the convolution before. To
train on, it is unfolded again, with the statistics that real crops give it.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from pose3d_ros.errors import DataError
from pose3d_ros.model_file import find_model
from pose3d_ros.networks.contract import Network
from pose3d_ros.shipped import shipped_files

_PREFIX = 'network.'  # what the exported module calls the network


def file_to_start_from(name_or_path: str) -> Path:
    """Return the file of a shipped model or detector, or any .onnx file.

    Raises:
        ModelFileError: There is no such file.
    """
    detectors = shipped_files('models/detectors', '.onnx')
    return detectors.get(name_or_path) or find_model(name_or_path)


def start_from(network: Network, path: Path, crops: Tensor) -> list[str]:
    """Copy all layers that a network has in common with a model file, by name and shape.

    Without the crops' statistics nothing would change: in evaluation the network computes exactly
    what the file does, up to rounding, in every layer that was copied.

    Args:
        network: Its layers are overwritten.
        path: A model file that this package exported.
        crops: Training crops, RGB, uint8, shape (N, H, W, 3); some hundred are enough.

    Returns:
        The names of the layers that were copied.

    Raises:
        DataError: The file cannot be read, or has no layer in common with the network.
    """
    try:
        weights = _weights(onnx.load(path))
    except Exception as error:  # the parser raises many kinds, depending on where the damage is
        msg = f'model file {path} cannot be read as ONNX ({type(error).__name__})'
        raise DataError(msg) from error
    followers = _normalizations(network)
    unfolded, copied = [], []
    for name, layer in network.named_modules():
        if not _same_shape(layer, weights.get(name, {})):
            continue
        own, theirs = dict(layer.named_parameters()), weights[name]
        bias = theirs['bias']
        with torch.no_grad():
            own['weight'].copy_(theirs['weight'])
            if 'bias' in own:
                own['bias'].copy_(bias)
        if name in followers:
            unfolded.append(followers[name].register_forward_pre_hook(_unfold(bias)))
        copied.append(name)
    if not copied:
        msg = f'no layer of {path} has the name and the shape of one of this network'
        raise DataError(msg)
    _observe(network, crops)
    for hook in unfolded:
        hook.remove()
    return copied


def _weights(model: onnx.ModelProto) -> dict[str, dict[str, Tensor]]:
    """Return weight and bias of each layer of a graph, by the layer's name in torch."""
    arrays = {each.name: each for each in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        tensors = [
            torch.from_numpy(np.array(numpy_helper.to_array(arrays[name])))
            for name in node.input[1:]
            if name in arrays
        ]
        if node.op_type in ('Conv', 'Gemm') and len(tensors) == 2:
            found[_module_name(node.name)] = dict(zip(('weight', 'bias'), tensors, strict=True))
    for name, array in arrays.items():  # layers that are applied in another way than as a node
        layer, _, kind = name.removeprefix(_PREFIX).rpartition('.')
        if name.startswith(_PREFIX) and kind in ('weight', 'bias'):
            tensor = torch.from_numpy(np.array(numpy_helper.to_array(array)))
            found.setdefault(layer, {})[kind] = tensor
    return found


def _module_name(node: str) -> str:
    """Return `trunk.stem.0` for a node called `/network/trunk/stem/stem.0/Conv`.

    A scope that begins with the name of the scope around it stands for both.
    """
    scopes = node.split('/')[2:-1]
    kept = [outer for outer, inner in pairwise([*scopes, '']) if not inner.startswith(f'{outer}.')]
    return '.'.join(kept)


def _same_shape(layer: nn.Module, weights: dict[str, Tensor]) -> bool:
    own = {name: value.shape for name, value in layer.named_parameters(recurse=False)}
    theirs = {name: value.shape for name, value in weights.items()}
    return 'weight' in own and 'bias' in theirs and own.items() <= theirs.items()


def _normalizations(network: Network) -> dict[str, nn.BatchNorm2d]:
    """Return the batch normalisation that follows each convolution, by the latter's name."""
    followers = {}
    for (name, layer), (_, following) in pairwise(network.named_modules()):
        if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
            followers[name] = following
    return followers


def _unfold(bias: Tensor) -> object:
    """Return a hook that sets a batch normalisation so that it only adds a bias to its input."""

    def hook(layer: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], dim=(0, 2, 3), correction=0)
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(variance)
        layer.weight.copy_((variance + layer.eps).sqrt())
        layer.bias.copy_(bias.to(mean) + mean)

    return hook


def _observe(network: Network, crops: Tensor) -> None:
    training = network.training
    network.eval()
    with torch.no_grad():
        network(crops.to(next(network.parameters()).device))
    network.train(training)

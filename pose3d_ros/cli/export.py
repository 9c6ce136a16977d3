"""`pose3d export`: a model file from a training run, measured and compared with torch."""

import argparse
import json
from pathlib import Path

__all__ = ['add_arguments', 'run']

PARITY_CROPS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('run', type=Path, help='folder of a run of `pose3d train`')
    parser.add_argument('out', type=Path, help='the model file to write (.onnx)')
    parser.add_argument('--recipe', required=True, help='the recipe of the run')
    parser.add_argument('--data', type=Path, required=True, help='the shards it was trained on')
    parser.add_argument('--eval', type=Path, required=True, help='held-out shards')
    parser.add_argument('--crops', type=int, default=2000, help='held-out crops (default 2000)')


def run(arguments: argparse.Namespace) -> int:
    """Export, evaluate and print the parity."""
    import torch  # noqa: PLC0415 - only training needs it

    from pose3d_ros.config import PipelineConfig  # noqa: PLC0415
    from pose3d_ros.model_estimator import ModelEstimator  # noqa: PLC0415
    from pose3d_ros.synthesis.shards import CutOuts  # noqa: PLC0415
    from pose3d_ros.training import evaluate, export  # noqa: PLC0415
    from pose3d_ros.training.recipe import recipe  # noqa: PLC0415
    from pose3d_ros.training.student import Student  # noqa: PLC0415

    plan = recipe(arguments.recipe)
    student = Student(plan, torch.device('cpu'))
    student.load(arguments.run / 'checkpoint.pt')
    skeleton = export.mean_skeleton(CutOuts(arguments.data))
    crops = evaluate.held_out_crops(arguments.eval, plan.final_size, arguments.crops)
    description = {
        'steps': student.step,
        'samples': student.step * plan.batch,
        'recipe': arguments.recipe,
        'data': 'rendered people: anny bodies, CC0 panoramas, procedural and CMU poses',
    }
    metrics: dict[str, float] = {}
    for _ in range(2):  # the metrics of the file are part of the file
        card = export.card(
            path=arguments.out,
            method='volumetric',
            skeleton=skeleton,
            size=plan.final_size,
            depth_range_m=plan.network.depth_range_m,
            training=description,
            metrics=metrics,
        )
        export.export(student.average, card)
        estimator = ModelEstimator(arguments.out, PipelineConfig())
        metrics = metrics or {
            name: round(value, 4)
            for name, value in evaluate.on_rendered(estimator, crops, skeleton).items()
        }
        estimator.close()
    export.write_card(card)
    few = export.first(crops, PARITY_CROPS)
    print(json.dumps(metrics, indent=1))
    print(f'parity of torch and ONNX Runtime on {PARITY_CROPS} crops:')
    print(export.parity(student.average, arguments.out, few))
    return 0

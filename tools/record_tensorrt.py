"""Record which names releases of TensorRT's Python bindings have, to test our uses against.

The bindings are imported for real; what they need of TensorRT itself are a few C functions that
nobody calls here, so empty ones stand for them. That needs a C compiler, the wheels of
`tensorrt-cu12-bindings` for this Python, and no GPU:

    pip download --no-deps --dest DIR tensorrt-cu12-bindings==10.3.0
    python tools/record_tensorrt.py DIR/*.whl --out test/runtimes/tensorrt_surfaces

One JSON file per release: the version, and for each class of `CLASSES` its members with their
signatures, one per overload, none for attributes.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CLASSES = (
    'Builder',
    'BuilderFlag',
    'DataType',
    'IBuilderConfig',
    'ICudaEngine',
    'IExecutionContext',
    'IHostMemory',
    'ILogger',
    'IOptimizationProfile',
    'IProgressMonitor',
    'ITimingCache',
    'Logger',
    'MemoryPoolType',
    'NetworkDefinitionCreationFlag',
    'OnnxParser',
    'ParserError',
    'Runtime',
    'TensorIOMode',
)

_READ = """
import importlib, json, re, sys
package, classes = sys.argv[1], sys.argv[2].split(',')
bindings = importlib.import_module(package)
names = {}
for name in classes:
    found = getattr(bindings, name, None)
    if found is None:
        continue
    members = {}
    for member in sorted(dir(found)):
        text = getattr(getattr(found, member), '__doc__', None) or ''
        lines = [re.sub('^[0-9]+[.] ', '', line) for line in text.splitlines()]
        if member == '__init__' or not member.startswith('_'):
            members[member] = [
                line.replace(package + '.tensorrt.', '')
                for line in lines
                if line.startswith(member + '(self')
            ]
    names[name] = members
print(json.dumps({'version': bindings.__version__, 'names': names}))
"""


def main() -> None:
    """Write one file per wheel."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('wheels', type=Path, nargs='+', help='files of tensorrt-cu12-bindings')
    parser.add_argument('--out', type=Path, required=True, help='folder of the records')
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for wheel in arguments.wheels:
        surface = record(wheel)
        path = arguments.out / f'{surface["version"]}.json'
        path.write_text(json.dumps(surface, indent=1, sort_keys=True) + '\n')
        print(path)


def record(wheel: Path) -> dict[str, object]:
    """Return the names of one release."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        (bindings,) = Path(folder).glob('*/tensorrt.so')
        stand_in(bindings)
        ran = subprocess.run(  # noqa: S603 - the wheel that the user names
            [sys.executable, '-c', _READ, bindings.parent.name, ','.join(CLASSES)],
            env={**os.environ, 'PYTHONPATH': folder, 'LD_LIBRARY_PATH': folder},
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(ran.stdout.splitlines()[-1])


def stand_in(bindings: Path) -> None:
    """Put libraries with empty functions where the bindings look for TensorRT."""
    folder = bindings.parent.parent
    needed = re.findall(r'\[(libnv\S+)\]', run('readelf', '-d', bindings))
    missing = re.findall(r' U (\w+)$', run('nm', '-D', '--undefined-only', bindings), re.MULTILINE)
    source = folder / 'empty.c'
    source.write_text(''.join(f'void *{name}(void) {{ return 0; }}\n' for name in missing))
    for library in needed:
        run(
            'cc',
            '-shared',
            '-fPIC',
            '-w',
            f'-Wl,-soname,{library}',
            '-o',
            folder / library,
            source,
        )


def run(*words: object) -> str:
    """Return what a program prints."""
    words = [str(word) for word in words]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout  # noqa: S603


if __name__ == '__main__':
    main()

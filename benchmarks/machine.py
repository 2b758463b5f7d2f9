"""The header of the tables: what the figures were measured on."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import threadpoolctl
import torch_loop
from turns import new_worker

CPU_INFO = Path("/proc/cpuinfo")


def processor():
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def version_of(package):
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def kernels():
    """Return what computes the products in this process, and by which kernels.

    From one kernel to another of the same OpenBLAS, the time of a product may differ by
    a factor of two.
    """
    import scipy.linalg  # noqa: F401  (loads SciPy's BLAS in addition to NumPy's)

    found = [
        f"{Path(pool['filepath']).parent.name}: {pool['internal_api']} {pool['version']}, "
        f"kernels {pool.get('architecture')}, threads {pool['num_threads']}"
        for pool in threadpoolctl.threadpool_info()
        if pool["user_api"] == "blas"
    ]
    if torch_loop.INSTALLED:
        import torch

        kernel = torch.backends.cpu.get_cpu_capability()
        found.append(f"torch: kernels {kernel}, threads {torch.get_num_threads()}")
    return found


def describe(threads):
    """Return the lines; what computes is asked in a worker, as it is there that it does."""
    packages = ("numpy", "scipy", "scikit-learn", "torch", "skfcnn")
    with new_worker(threads) as worker:
        found = worker.submit(kernels).result()
    lines = [
        f"CPU: {processor()}, threads: {threads}, Python {platform.python_version()}",
        ", ".join(map(version_of, packages)),
        *found,
    ]
    return "\n".join(lines)

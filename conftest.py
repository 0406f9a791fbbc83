"""Settings for every test run: one thread of linear algebra a process, for several run at once.

Set before NumPy is imported, and inherited by the kernels that nbval starts.
"""

import os

for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

"""``python parts/demo``: run the stand-ins until Ctrl-C, for trying single scripts by hand."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

_PARTS = str(Path(__file__).resolve().parent.parent)
if _PARTS not in sys.path:  # run as a folder, Python looks for modules only in the folder itself
    sys.path[0] = _PARTS


def main() -> int:
    """Start both stand-ins, say where they are, and wait for Ctrl-C or SIGTERM."""
    from demo.standin import StandIn

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, so that both are stopped
    try:
        with StandIn() as stand_in:
            print(f"Vimeo:     {stand_in.vimeo_url}")
            print(f"Presenter: {stand_in.site_url}/en/presenter?session=1&type=10&view=slideshow")
            print("\nFor the shell in which you run the scripts:\n")
            for name, value in stand_in.environment().items():
                print(f"export {name}={value}")
            print("\nCtrl-C stops both.", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

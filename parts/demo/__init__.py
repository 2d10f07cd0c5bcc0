"""Stand-ins for Vimeo, the presenter page and the mirror of the videos on this computer, for the demo and the tests.

They behave as the real services do, and make faults on demand: see ``demo.vimeo_faults``, ``demo.mirror_faults`` and
``PresenterSettings``.
No numbered script uses this package; a script only gets other addresses.
"""

from demo.mirror_settings import MirrorSettings
from demo.presenter_settings import PresenterSettings
from demo.standin import StandIn
from demo.vimeo_settings import VimeoSettings

__all__ = ["MirrorSettings", "PresenterSettings", "StandIn", "VimeoSettings"]

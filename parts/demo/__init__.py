"""Stand-ins for Vimeo and for the presenter page on this computer, for the demo and the tests.

They behave as the real services do, and make faults on demand: see ``demo.vimeo_faults`` and ``PresenterSettings``.
No numbered script uses this package; a script only gets other addresses.
"""

from demo.presenter import PresenterSettings
from demo.standin import StandIn
from demo.vimeo_settings import VimeoSettings

__all__ = ["PresenterSettings", "StandIn", "VimeoSettings"]

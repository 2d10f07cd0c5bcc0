"""Stand-ins for Vimeo and for the presenter page, on this computer alone: for trying the suite out and for its tests.

They behave as the real services do, and badly on demand: see ``demo.vimeo_faults`` for the troubles a Vimeo can make.
Nothing in here is used by a numbered script; those are only given other addresses.
"""

from demo.presenter import PresenterSettings
from demo.standin import StandIn
from demo.vimeo_settings import VimeoSettings

__all__ = ["PresenterSettings", "StandIn", "VimeoSettings"]

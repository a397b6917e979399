"""Both bases of the market, worked out when this module is imported: for the process that warm kernels are copies of.

What they are made of is kept under the entries that were given out for it, so that a kernel looks at each of these and
works out anew what rests on one that has changed. Nothing is given out here, and what is wrong is told to whoever
asks for it.
"""

from contextlib import suppress

import numpy as np

from tradeexposure.canola.market import bases
from tradeexposure.core import reads
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import regimes

with suppress(BadInput), reads.checking():
    duties = regimes.base_canola()
    bases.before_2019(duties)
    bases.today(np.array([0.5]), np.array([0.0]), duties)

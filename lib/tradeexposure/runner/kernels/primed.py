"""Tables, facts and priors, parsed when this module is imported: for the process that warm kernels are copies of.

What parsing gave is kept under the bytes it was made from, so that a kernel still looks at every file it is asked for
and parses one that has changed. Nothing is given out here, and what is wrong is told to whoever asks for it.
"""

from contextlib import suppress

from tradeexposure import data
from tradeexposure.core import reads
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, scenarios, tariff_schedule

with suppress(BadInput), reads.checking():
    for name in data.names():
        data.load(name)
    tariff_schedule.all_measures()
    assumptions.load()
    for name in scenarios.names():
        scenarios.load(name)

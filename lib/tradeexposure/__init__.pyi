from tradeexposure.core.errors import BadInput as BadInput
from tradeexposure.core.errors import RunFailed as RunFailed
from tradeexposure.public import about as about
from tradeexposure.public import chart as chart
from tradeexposure.public import charts as charts
from tradeexposure.public import compare as compare
from tradeexposure.public import explain as explain
from tradeexposure.public import load as load
from tradeexposure.public import rate as rate
from tradeexposure.public import result as result
from tradeexposure.public import results as results
from tradeexposure.public import run as run
from tradeexposure.public import scenario as scenario
from tradeexposure.public import scenario_names as scenario_names
from tradeexposure.public import simulate as simulate
from tradeexposure.public import tables as tables

__version__: str

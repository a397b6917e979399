"""How exposed Canadian canola and electric vehicles are to tariffs, from official figures to published reports."""

__version__ = "0.1.0"

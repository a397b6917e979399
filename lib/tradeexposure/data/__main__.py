"""``python -m tradeexposure.data``: accept the tables as they are."""

from tradeexposure.data.tables import main

raise SystemExit(main())

"""What a cell of a source holds, as text and as JSON."""

from __future__ import annotations

import base64
import datetime
import json
import math
from decimal import Decimal
from typing import Any


def as_text(value: object) -> str:
    """Return a value as text: numbers as the source writes them, lists as JSON, null and NaN as nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (bool, list, dict)):
        return json.dumps(as_json(value), ensure_ascii=False)
    return str(value)


def as_json(value: Any) -> Any:
    """Return a parquet value as JSON has it: NaN is null, dates are ISO text, bytes base64."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value) if isinstance(value, (Decimal, datetime.timedelta)) else value

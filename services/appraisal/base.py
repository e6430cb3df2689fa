"""The base class of this service's tables."""

from services.chassis.db import table_base

Table = table_base("appraisal")

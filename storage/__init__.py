"""Tables, queries and units of work."""

from storage.engine import Store
from storage.faults import LeaseLost, StoreUnavailable
from storage.uow import UnitOfWork

__all__ = ["LeaseLost", "Store", "StoreUnavailable", "UnitOfWork"]

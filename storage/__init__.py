"""Tables, queries and units of work."""

from storage.engine import Store
from storage.faults import StoreUnavailable
from storage.uow import UnitOfWork

__all__ = ["Store", "StoreUnavailable", "UnitOfWork"]

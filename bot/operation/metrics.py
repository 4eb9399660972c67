"""The figures for Prometheus. Loaded only where somebody asks for them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.operation.health import Report

CONTENT_TYPE = CONTENT_TYPE_LATEST

DELIVERY_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 900, 3600)
COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """All figures, in a registry of their own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        network = ("network",)
        self._healthy = Gauge("lianzhi_healthy", "1 if /healthz is well", registry=registry)
        self._silent = Gauge(
            "lianzhi_network_silent_seconds",
            "Since the network last answered",
            network,
            registry=registry,
        )
        self._lag = Gauge(
            "lianzhi_network_lag_seconds",
            "Age of the oldest unsent message",
            network,
            registry=registry,
        )
        self._oldest = Gauge(
            "lianzhi_oldest_unsent_seconds",
            "Age of the oldest unsent message of all networks",
            registry=registry,
        )
        self._dead = Gauge(
            "lianzhi_dead_letters", "Messages that were given up", network, registry=registry
        )
        self._restarts = Counter(
            "lianzhi_listening_restarts",
            "How often listening was begun again, by why: failed or hung",
            ("network", "reason"),
            registry=registry,
        )
        self._queue = Gauge(
            "lianzhi_queue_length",
            "Messages waiting to be sent",
            ("network", "priority"),
            registry=registry,
        )
        self._failures = Counter(
            "lianzhi_inbox_failures",
            "Updates that could not be dealt with and are kept",
            registry=registry,
        )
        self._delivery = Histogram(
            "lianzhi_delivery_seconds",
            "From receiving a message to its delivery, for each room that it is for",
            network,
            buckets=DELIVERY_BUCKETS,
            registry=registry,
        )
        self._commit = Histogram(
            "lianzhi_database_commit_seconds",
            "A small commit, its waiting for other writers included",
            buckets=COMMIT_BUCKETS,
            registry=registry,
        )
        self._free = Gauge(
            "lianzhi_disk_free_bytes", "Free on the fullest disk in use", registry=registry
        )
        self._known: dict[tuple[str, ...], int] = {}

    def take(self, report: Report) -> None:
        """Count what is new in a report."""
        self._healthy.set(report.ok)
        self._free.set(report.free)
        self._grow(self._failures, ("inbox",), report.inbox_failures)
        if report.commit is not None:
            self._commit.observe(report.commit)
        for network, seconds in report.sent:
            self._delivery.labels(network).observe(seconds)
        states = report.networks
        self._oldest.set(max((each.lag for each in states.values()), default=0.0))
        for name, state in states.items():
            self._silent.labels(name).set(state.silence)
            self._lag.labels(name).set(state.lag)
            self._dead.labels(name).set(state.dead)
            for reason, count in (("failed", state.failures), ("hung", state.hangs)):
                self._grow(self._restarts.labels(name, reason), (name, reason), count)
            for priority, count in state.queued.items():
                self._queue.labels(name, priority).set(count)

    def _grow(self, counter: Counter, key: tuple[str, ...], total: int) -> None:
        counter.inc(max(0, total - self._known.get(key, 0)))
        self._known[key] = max(total, self._known.get(key, 0))

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self._registry)

"""What endangers people in an incident, and by which channels they speak with each other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint

from storage.tables.base import Row, big, key, moment, ref


class SafetyMessage(Row, table=True):
    """The words of ICS 208, as said at a time; the newest one holds."""

    __tablename__ = "safety_message"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    text: str
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)
    name: str
    agency: str | None = None


class Hazard(Row, table=True):
    """`H2` of an incident, a line of ICS 215A: `area` is where, `mitigation` what is done about
    it.

    `state`: open or gone, then with `reason`.
    """

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    text: str
    area: str | None = None
    mitigation: str | None = None
    state: str = "open"
    state_at: datetime = moment()
    reason: str | None = None
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)
    name: str
    agency: str | None = None


class CommsLine(Row, table=True):
    """`C3` of an incident, a line of ICS 205. Frequencies are whole hertz; tones are as people
    write them (CTCSS in hertz, DCS, NAC); `mode` is analog, digital or mixed.

    `state`: used or dropped.
    """

    __tablename__ = "comms_line"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = key()
    incident_id: int = ref("incident.id")
    number: int
    name: str
    zone: str | None = None
    channel: str | None = None
    function: str | None = None
    assignment: str | None = None
    rx_hz: int | None = big(optional=True)
    rx_tone: str | None = None
    tx_hz: int | None = big(optional=True)
    tx_tone: str | None = None
    mode: str | None = None
    remarks: str | None = None
    state: str = "used"
    state_at: datetime = moment()
    reason: str | None = None
    made_at: datetime = moment()
    made_by: int | None = ref("person.id", optional=True)

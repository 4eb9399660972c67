"""Texts that every commander has to approve, and what each of them said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Approval, ApprovalVoice


class Approvals(Queries):
    """A text is asked about once; each agency has one voice, which can change until it is
    settled."""

    async def add(self, **values: Any) -> Approval:
        """A text is put to the commanders; see `Approval` for the values."""
        made = Approval(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, approval_id: int) -> Approval | None:
        """The question as it is now; nobody else changes it before this transaction ends."""
        found = select(Approval).where(Approval.id == approval_id).with_for_update()
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def asked(self, incident_id: int, subject: str | None = None) -> Sequence[Approval]:
        """Questions that wait for voices, oldest first."""
        found = select(Approval).where(
            Approval.incident_id == incident_id, Approval.state == "asked"
        )
        if subject is not None:
            found = found.where(Approval.subject == subject)
        return (await self.session.exec(found.order_by(col(Approval.id)))).all()

    async def voices(self, approval_id: int) -> Sequence[ApprovalVoice]:
        """What was said to a text, oldest first."""
        found = select(ApprovalVoice).where(ApprovalVoice.approval_id == approval_id)
        return (await self.session.exec(found.order_by(col(ApprovalVoice.id)))).all()

    async def speak(self, **values: Any) -> ApprovalVoice:
        """An agency says something to a text, instead of what it said before."""
        found = select(ApprovalVoice).where(
            ApprovalVoice.approval_id == values["approval_id"],
            ApprovalVoice.agency == values["agency"],
        )
        voice = (await self.session.exec(found)).one_or_none()
        if voice is None:
            voice = ApprovalVoice(**values)
        for name, value in values.items():
            setattr(voice, name, value)
        self.session.add(voice)
        await self.session.flush()
        return voice

    async def save(self, approval: Approval) -> None:
        """Write a changed question down."""
        self.session.add(approval)
        await self.session.flush()

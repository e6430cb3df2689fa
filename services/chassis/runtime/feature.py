"""Declarations of a feature and of a service: everything the chassis has to know of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlmodel import SQLModel

from services.chassis.audit.tracked_resources import Recorded, TrackedResources
from services.chassis.core.resources import Provider
from services.chassis.core.settings import FileSettings, ServiceSettings
from services.chassis.core.text import Text
from services.chassis.exports.jobs import EXPORT_JOBS
from services.chassis.exports.kind import EXPORT_MACHINE
from services.chassis.exports.spec import Exportable
from services.chassis.http.idempotency_claims import ReplayGuard
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.jobs import IMPORT_JOBS
from services.chassis.imports.engine.kind import IMPORT_MACHINE
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_scopes import RowScope
from services.chassis.procedures.machine import StateMachine
from services.chassis.queue.jobs import Jobs
from services.chassis.runtime.maintenance import Duty
from services.chassis.schemas.codes import CodeList
from services.chassis.subject_access.holdings import Holding, SubjectAccess

T = TypeVar("T")

# A specification that depends on a secret is built when the process starts.
ImportSource = ImportSpec | Callable[[], ImportSpec]


@dataclass(frozen=True)
class Feature:
    """The parts that a feature adds to its service; declared in `feature.py` of its folder.

    Attributes:
        routers: its routes; those asked for most come first.
        tables: its tables.
        row_scopes: who sees which rows of each table, whether or not they are listed.
        exports: lists that can be exported as a job.
        imports: resources that can be imported, in the order in which they depend on each other.
        tracked: resources that the change log follows: their history, and who reads the feed.
        held: records about persons, for a person's copy of their data.
        jobs: handlers of its background jobs.
        code_lists: code lists it serves.
        procedures: state machines of its rows; the list of their states is served, too.
        resources: objects that exist as long as the process, such as a key ring.
        duties: what has to be done every minute, in one of its processes or in several.
        replay_guards: refuse to repeat a stored answer that its caller may not see any more.
    """

    routers: Sequence[APIRouter] = ()
    tables: Sequence[type[SQLModel]] = ()
    row_scopes: Sequence[RowScope] = ()
    exports: Sequence[Exportable] = ()
    imports: Sequence[ImportSource] = ()
    tracked: Sequence[Recorded] = ()
    held: Sequence[Holding] = ()
    jobs: Jobs = field(default_factory=Jobs)
    code_lists: Sequence[CodeList] = ()
    procedures: Sequence[StateMachine] = ()
    resources: Sequence[Provider] = ()
    duties: Sequence[Duty] = ()
    replay_guards: Sequence[ReplayGuard] = ()

    @classmethod
    def of_list(
        cls,
        listing: Listing,
        title: Text,
        scope: str,
        model: type[SQLModel],
        routers: Sequence[APIRouter] = (),
        **more: Any,
    ) -> "Feature":
        """The feature of one table: its list, which can be exported, history and procedure.

        Args:
            listing: of its rows.
            title: what one record is called, in English with an article.
            scope: the one that reading demands.
            model: of the table.
            routers: its routes.
            more: further attributes of the feature.
        """
        return cls(
            routers=routers,
            tables=(model,),
            row_scopes=(listing.rows,),
            exports=(Exportable(listing, scope),),
            tracked=(Recorded.listed(listing, title, scope),),
            procedures=(listing.procedure,) if listing.procedure else (),
            **more,
        )


@dataclass(frozen=True)
class Service:
    """A process with a database schema of its own, put together from features.

    Attributes:
        name: its schema, login role and path segment.
        title: for the OpenAPI document, in English and Chinese.
        metadata: of its tables.
        features: in the order of their routes.
        settings: class of its settings.
        has_change_feed: whether bureaus can follow its changes.
        subject_access: how it answers the registry's request for a person's records; None where
            there is no such route.
        folder: of its code, with the catalogues of `openapi/chinese.py`.
    """

    name: str
    title: str
    metadata: MetaData
    features: Sequence[Feature]
    settings: type[ServiceSettings] = FileSettings
    has_change_feed: bool = True
    subject_access: SubjectAccess | None = field(default_factory=SubjectAccess)
    folder: Path | None = None

    def _all(self, of: Callable[[Feature], Sequence[T]]) -> tuple[T, ...]:
        return tuple(chain.from_iterable(of(feature) for feature in self.features))

    @property
    def routers(self) -> Sequence[APIRouter]:
        """Routers of all features."""
        return self._all(lambda feature: feature.routers)

    @property
    def row_scopes(self) -> Sequence[RowScope]:
        """Who sees which rows, table by table."""
        return self._all(lambda feature: feature.row_scopes)

    @property
    def exports(self) -> Sequence[Exportable]:
        """Every list that can be exported."""
        return self._all(lambda feature: feature.exports)

    @property
    def has_imports(self) -> bool:
        """Whether anything can be imported."""
        return any(feature.imports for feature in self.features)

    def import_specs(self) -> Sequence[ImportSpec]:
        """Every resource that can be imported; reads the secrets that some of them need."""
        sources = self._all(lambda feature: feature.imports)
        return [one if isinstance(one, ImportSpec) else one() for one in sources]

    @property
    def tracked(self) -> TrackedResources:
        """Every resource that the change log follows."""
        return TrackedResources(self._all(lambda feature: feature.tracked))

    @property
    def held(self) -> Sequence[Holding]:
        """Every kind of record about persons."""
        return self._all(lambda feature: feature.held)

    @property
    def code_lists(self) -> Sequence[CodeList]:
        """Every code list, those of the states of procedures included."""
        return (
            *self._all(lambda feature: feature.code_lists),
            *(machine.code_list for machine in self.procedures),
        )

    @property
    def procedures(self) -> Sequence[StateMachine]:
        """Every state machine, those of imports and exports included."""
        own = self._all(lambda feature: feature.procedures)
        imports = (IMPORT_MACHINE,) if self.has_imports else ()
        exports = (EXPORT_MACHINE,) if self.exports else ()
        return (*own, *imports, *exports)

    @property
    def resources(self) -> Sequence[Provider]:
        """Whatever its features keep as long as the process runs."""
        return self._all(lambda feature: feature.resources)

    @property
    def duties(self) -> Sequence[Duty]:
        """Duties of its features every minute."""
        return self._all(lambda feature: feature.duties)

    @property
    def replay_guards(self) -> Sequence[ReplayGuard]:
        """Guards of stored answers."""
        return self._all(lambda feature: feature.replay_guards)

    @property
    def jobs(self) -> Jobs:
        """Handlers of all background jobs, those of imports and exports included."""
        own = (feature.jobs for feature in self.features)
        imports = [IMPORT_JOBS] if self.has_imports else []
        exports = [EXPORT_JOBS] if self.exports else []
        return Jobs.joined([*own, *imports, *exports])

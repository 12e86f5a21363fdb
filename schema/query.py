"""Queries: the public catalogue, the dictionary, and any node."""

from collections.abc import Awaitable
from datetime import date
from typing import Annotated

import strawberry

from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument
from datasources.mongo.hospitals import HospitalSort
from datasources.sql.dictionary import DictItem as DictItemRow
from datasources.sql.slot_ledger import HalfDay
from domain.booking.days import BookableDay as BookableDayRecord
from domain.page import Page
from resolvers import calendar, departments, dictionary, doctors, hospitals, nodes
from resolvers.calendar import Session
from resolvers.dictionary import Entry
from schema.binding import After, Context, First, answers
from schema.bookable_day import BookableDay
from schema.connection import Connection
from schema.department import Department
from schema.dictionary import DictEntry, DictItem
from schema.doctor import Doctor
from schema.hospital import Hospital
from schema.node import Node
from schema.schedule import Schedule

HospitalCode = Annotated[str, strawberry.argument(description="The hospital's code.")]
DepartmentCode = Annotated[str, strawberry.argument(description="The hospital's own code of the department.")]
DictCode = Annotated[str, strawberry.argument(description="Code of the list, in any letter case: `HospitalType`.")]


@strawberry.type(description="What can be read.")
class Query:
    @answers(Node | None, "Anything by its global id; null if it is not there.")
    def node(
        self, info: Context, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
    ) -> Awaitable[object | None]:
        return nodes.node(info.context, str(id))

    @answers(list[Node | None], "Several things by their global ids, in their order.")
    def nodes(
        self,
        info: Context,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, at most 100.")],
    ) -> Awaitable[list[object | None]]:
        return nodes.nodes(info.context, [str(id) for id in ids])

    @answers(Connection[Hospital], "Hospitals that take bookings on the platform.")
    def hospitals(
        self,
        info: Context,
        text: Annotated[
            str | None,
            strawberry.argument(description="Part of the name, of its pinyin (`xiehe`) or of its initials (`bjxh`)."),
        ] = None,
        level: Annotated[
            str | None, strawberry.argument(description="Only this level: `3A`; the older `1`…`5` will do.")
        ] = None,
        region: Annotated[
            str | None,
            strawberry.argument(description="Only in this province, city or district: GB/T 2260, 2, 4 or 6 digits."),
        ] = None,
        department: Annotated[
            str | None, strawberry.argument(description="Only with a department of which this is part of the name.")
        ] = None,
        sort: Annotated[HospitalSort, strawberry.argument(description="Order of the list.")] = HospitalSort.LEVEL,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[HospitalDocument]]:
        return hospitals.hospitals(
            info.context,
            text=text,
            level=level,
            region=region,
            department=department,
            sort=sort,
            first=first,
            after=after,
        )

    @answers(Hospital | None, "A hospital by its code.")
    def hospital(self, info: Context, code: HospitalCode) -> Awaitable[HospitalDocument | None]:
        return hospitals.hospital(info.context, code)

    @answers(Department | None, "A department by its hospital's code and its own.")
    def department(
        self, info: Context, hospital_code: HospitalCode, code: DepartmentCode
    ) -> Awaitable[DepartmentDocument | None]:
        return departments.department(info.context, hospital_code, code)

    @answers(Doctor | None, "A doctor by the hospital's code and the doctor's.")
    def doctor(
        self,
        info: Context,
        hospital_code: HospitalCode,
        code: Annotated[str, strawberry.argument(description="The hospital's own code of the doctor.")],
    ) -> Awaitable[DoctorDocument | None]:
        return doctors.doctor(info.context, hospital_code, code)

    @answers(
        Connection[Doctor] | None,
        "Doctors of a hospital or of one of its departments, by name; null if there is no such hospital.",
    )
    def doctors(
        self,
        info: Context,
        hospital_code: HospitalCode,
        department_code: Annotated[
            str | None, strawberry.argument(description="Only those who work in this department.")
        ] = None,
        text: Annotated[
            str | None, strawberry.argument(description="Part of the name, its pinyin or its initials.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[DoctorDocument] | None]:
        return doctors.doctors_of_listed(
            info.context,
            hospital_code=hospital_code,
            department_code=department_code,
            text=text,
            first=first,
            after=after,
        )

    @answers(
        Connection[BookableDay] | None, "A department's calendar from today on; null if there is no such department."
    )
    def bookable_days(
        self,
        info: Context,
        hospital_code: HospitalCode,
        department_code: DepartmentCode,
        first: First = 7,
        after: After = None,
    ) -> Awaitable[Page[BookableDayRecord] | None]:
        return calendar.bookable_days_of(info.context, hospital_code, department_code, first=first, after=after)

    @answers(
        list[Schedule] | None, "A department's sessions on a date, morning first; null if there is no such department."
    )
    def schedules(
        self,
        info: Context,
        hospital_code: HospitalCode,
        department_code: DepartmentCode,
        date: Annotated[date, strawberry.argument(description="The date of the visit.")],
        half_day: Annotated[
            HalfDay | None, strawberry.argument(description="Only the morning's or the afternoon's.")
        ] = None,
    ) -> Awaitable[list[Session] | None]:
        return calendar.sessions_of(info.context, hospital_code, department_code, date, half_day)

    @answers(Schedule | None, "A session by the hospital's own id of it.")
    def schedule(
        self,
        info: Context,
        hospital_code: HospitalCode,
        external_id: Annotated[str, strawberry.argument(description="The hospital's own id of the session.")],
    ) -> Awaitable[Session | None]:
        return calendar.session(info.context, hospital_code, external_id)

    @answers(list[DictItem], "The lists that the dictionary has.")
    def dict_roots(self, info: Context) -> Awaitable[list[DictItemRow]]:
        return dictionary.roots(info.context)

    @answers(DictItem | None, "A list's root by its code or, with a value, the item of the list that has it.")
    def dict_item(
        self,
        info: Context,
        code: DictCode,
        value: Annotated[str | None, strawberry.argument(description="Value of the item in the list.")] = None,
    ) -> Awaitable[DictItemRow | None]:
        return dictionary.item_by_code(info.context, code, value)

    @answers(
        list[DictItem],
        "A list's root and all below it as one flat list, parents before children: for building a tree "
        "in one call. Empty if there is no such list.",
    )
    def dict_tree(
        self,
        info: Context,
        code: DictCode,
        depth: Annotated[int, strawberry.argument(description="Levels below the root; at most 8 are answered.")] = 3,
    ) -> Awaitable[list[DictItemRow]]:
        return dictionary.tree(info.context, code, depth)

    @answers(list[DictEntry] | None, "Values and texts of a list's first level; null if there is no such list.")
    def dict_map(self, info: Context, code: DictCode) -> Awaitable[list[Entry] | None]:
        return dictionary.entries(info.context, code)

    @answers(str | None, "A region's full name: 110101 is 北京市东城区.")
    def region_full_name(
        self,
        info: Context,
        code: Annotated[str, strawberry.argument(description="GB/T 2260, 2, 4 or 6 digits.")],
    ) -> Awaitable[str | None]:
        return dictionary.region_full_name(info.context, code)

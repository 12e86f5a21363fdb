"""Keys under which the catalogue's parts are stored. Codes hold no colon, so joined keys are unambiguous."""


def department_key(hospital_code: str, department_code: str) -> str:
    """Key of a department: its code is unique within its hospital only."""
    return f"{hospital_code}:{department_code}"


def doctor_key(hospital_code: str, doctor_code: str) -> str:
    """Key of a doctor."""
    return f"{hospital_code}:{doctor_code}"


def schedule_key(hospital_code: str, external_id: str) -> str:
    """Key of a schedule in both stores."""
    return f"{hospital_code}:{external_id}"

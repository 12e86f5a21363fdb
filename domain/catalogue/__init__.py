"""The catalogue that hospitals push: hospital, departments, doctors, schedules."""

"""Taking and returning numbers as SQL functions: one round trip, and each rule judged where nothing can change it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Whoever books, waits or reschedules for a person holds this lock first, so that the person's orders can be counted.
_LOCK_PERSON = """
CREATE FUNCTION lock_person(_person bytea) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(('x' || encode(substring(_person FROM 1 FOR 8), 'hex'))::bit(64)::bigint)
$$
"""

_TAKE_NUMBER = """
CREATE FUNCTION take_number(
    _schedule_id text, _visit_date date, _half_day text, _fee numeric, _from_waitlist boolean, _now timestamptz,
    OUT outcome text, OUT number integer, OUT detail jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    ledger slot_ledger%ROWTYPE;
BEGIN
    UPDATE slot_ledger l
       SET taken = taken + 1,
           waiting = waiting - _from_waitlist::int,
           last_number = CASE WHEN cardinality(returned_numbers) > 0 THEN returned_numbers[1] ELSE next_number END,
           next_number = next_number + (cardinality(returned_numbers) = 0)::int,
           returned_numbers = returned_numbers[2:],
           updated_at = _now
     WHERE l.schedule_id = _schedule_id AND l.status = 'BOOKABLE'
       AND l.visit_date = _visit_date AND l.half_day = _half_day AND l.fee = _fee
       AND l.capacity - l.withheld - l.taken > CASE WHEN _from_waitlist THEN 0 ELSE l.waiting END
    RETURNING l.last_number INTO number;
    IF FOUND THEN
        outcome := 'TAKEN';
        RETURN;
    END IF;
    SELECT * INTO ledger FROM slot_ledger l WHERE l.schedule_id = _schedule_id;
    IF NOT FOUND THEN
        outcome := 'GONE';
    ELSIF ledger.status <> 'BOOKABLE' THEN
        outcome := 'NOT_BOOKABLE';
        detail := jsonb_build_object('status', ledger.status);
    ELSIF ledger.visit_date <> _visit_date OR ledger.half_day <> _half_day OR ledger.fee <> _fee THEN
        outcome := 'CHANGED';
    ELSE
        outcome := 'SOLD_OUT';
    END IF;
END $$
"""

_RETURN_NUMBER = """
CREATE FUNCTION return_number(_schedule_id text, _number integer, _now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE slot_ledger l
       SET taken = taken - 1,
           returned_numbers = ARRAY(SELECT n FROM unnest(array_append(l.returned_numbers, _number)) AS n ORDER BY n),
           updated_at = _now
     WHERE l.schedule_id = _schedule_id
       AND _number BETWEEN 1 AND l.next_number - 1 AND NOT _number = ANY (l.returned_numbers);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'number % of % is not out, so it cannot come back', _number, _schedule_id;
    END IF;
END $$
"""

# NULL: nothing stands in the way. The caller holds the person's lock.
_BOOKING_OBSTACLE = """
CREATE FUNCTION booking_obstacle(
    _person bytea, _user_id uuid, _patient_id uuid, _hospital_code text, _department_code text,
    _visit_date date, _half_day text, _now timestamptz, _limits jsonb, _besides uuid
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    banned_until timestamptz;
    other record;
    counts record;
    week date := date_trunc('week', _visit_date)::date;
    month date := date_trunc('month', _visit_date)::date;
    quarter date := date_trunc('quarter', _visit_date)::date;
BEGIN
    PERFORM 1 FROM patient p
      WHERE p.id = _patient_id AND p.user_id = _user_id AND p.removed_at IS NULL AND p.certificate_index = _person
        FOR SHARE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'PATIENT_CHANGED');
    END IF;

    SELECT max(b.until) INTO banned_until FROM booking_ban b
     WHERE b.person = _person AND b.lifted_at IS NULL AND b.since <= _now AND b.until > _now;
    IF banned_until IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'BANNED', 'until', banned_until);
    END IF;

    SELECT o.id, o.user_id INTO other FROM booking_order o
     WHERE o.person = _person AND o.hospital_code = _hospital_code AND o.department_code = _department_code
       AND o.visit_date = _visit_date AND o.half_day = _half_day
       AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')
       AND o.id IS DISTINCT FROM _besides;
    IF FOUND THEN
        RETURN jsonb_build_object(
            'outcome', 'ALREADY_BOOKED', 'order_id', CASE WHEN other.user_id = _user_id THEN other.id END);
    END IF;

    SELECT count(*) FILTER (WHERE o.visit_date BETWEEN week AND week + 6) AS in_week,
           count(*) FILTER (WHERE o.visit_date >= month AND o.visit_date < month + interval '1 month') AS in_month,
           count(*) FILTER (
               WHERE o.visit_date >= quarter AND o.visit_date < quarter + interval '3 months') AS in_quarter
      INTO counts
      FROM booking_order o
     WHERE o.person = _person
       AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')
       AND o.visit_date BETWEEN quarter - 6 AND quarter + 98
       AND o.id IS DISTINCT FROM _besides;
    IF counts.in_week >= (_limits ->> 'week')::int THEN
        RETURN jsonb_build_object('outcome', 'LIMIT', 'period', 'WEEK', 'most', (_limits ->> 'week')::int);
    ELSIF counts.in_month >= (_limits ->> 'month')::int THEN
        RETURN jsonb_build_object('outcome', 'LIMIT', 'period', 'MONTH', 'most', (_limits ->> 'month')::int);
    ELSIF counts.in_quarter >= (_limits ->> 'quarter')::int THEN
        RETURN jsonb_build_object('outcome', 'LIMIT', 'period', 'QUARTER', 'most', (_limits ->> 'quarter')::int);
    END IF;
    RETURN NULL;
END $$
"""

_INSERT_ORDER = """
CREATE FUNCTION insert_order(_order jsonb, _number integer, _event text, _now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    o booking_order := jsonb_populate_record(NULL::booking_order, _order - 'person' - 'request_hash');
BEGIN
    INSERT INTO booking_order (
        id, order_number, user_id, patient_id, person, masked_patient_name, schedule_id, hospital_code,
        department_code, visit_date, half_day, number, state, fee, lapses_at, cancel_until, fetch_time, fetch_address,
        texts, idempotency_key, request_hash, created_at, state_changed_at)
    VALUES (
        o.id, o.order_number, o.user_id, o.patient_id, decode(_order ->> 'person', 'hex'), o.masked_patient_name,
        o.schedule_id, o.hospital_code, o.department_code, o.visit_date, o.half_day, _number, o.state, o.fee,
        o.lapses_at, o.cancel_until, o.fetch_time, o.fetch_address, o.texts, o.idempotency_key,
        decode(_order ->> 'request_hash', 'hex'), _now, _now);
    INSERT INTO order_event (order_id, at, event, to_state, actor_kind, actor_id, reason, detail)
    VALUES (o.id, _now, _event, o.state, 'user', o.user_id::text, '',
            jsonb_build_object('schedule_id', o.schedule_id, 'number', _number));
END $$
"""

# Attempts for one session in the order in which they arrived; each gets its own answer, all commit together.
_BOOK_NUMBERS = """
CREATE FUNCTION book_numbers(_attempts jsonb, _limits jsonb, _now timestamptz)
RETURNS TABLE (outcome text, order_id uuid, number integer, detail jsonb) LANGUAGE plpgsql AS $$
DECLARE
    attempt jsonb;
    earlier record;
    obstacle jsonb;
    took record;
    _person bytea;
BEGIN
    -- In one order for everybody, so that two batches never wait for each other.
    FOR _person IN
        SELECT DISTINCT decode(value ->> 'person', 'hex') AS p FROM jsonb_array_elements(_attempts) ORDER BY p
    LOOP
        PERFORM lock_person(_person);
    END LOOP;

    FOR attempt IN SELECT value FROM jsonb_array_elements(_attempts) WITH ORDINALITY AS a(value, place) ORDER BY place
    LOOP
        outcome := NULL; order_id := NULL; number := NULL; detail := NULL;

        SELECT o.id, o.number, o.request_hash INTO earlier FROM booking_order o
         WHERE o.user_id = (attempt ->> 'user_id')::uuid AND o.idempotency_key = attempt ->> 'idempotency_key';
        IF FOUND THEN
            outcome := CASE WHEN earlier.request_hash = decode(attempt ->> 'request_hash', 'hex')
                            THEN 'REPLAYED' ELSE 'KEY_REUSED' END;
            order_id := earlier.id; number := earlier.number;
            RETURN NEXT;
            CONTINUE;
        END IF;

        obstacle := booking_obstacle(
            decode(attempt ->> 'person', 'hex'), (attempt ->> 'user_id')::uuid, (attempt ->> 'patient_id')::uuid,
            attempt ->> 'hospital_code', attempt ->> 'department_code',
            (attempt ->> 'visit_date')::date, attempt ->> 'half_day', _now, _limits, NULL);
        IF obstacle IS NOT NULL THEN
            outcome := obstacle ->> 'outcome'; detail := obstacle - 'outcome';
            RETURN NEXT;
            CONTINUE;
        END IF;

        SELECT * INTO took FROM take_number(
            attempt ->> 'schedule_id', (attempt ->> 'visit_date')::date, attempt ->> 'half_day',
            (attempt ->> 'fee')::numeric, false, _now);
        outcome := took.outcome; detail := took.detail;
        IF outcome = 'TAKEN' THEN
            PERFORM insert_order(attempt, took.number, 'PLACED', _now);
            order_id := (attempt ->> 'id')::uuid; number := took.number;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Make the functions."""
    for function in (_LOCK_PERSON, _TAKE_NUMBER, _RETURN_NUMBER, _BOOKING_OBSTACLE, _INSERT_ORDER, _BOOK_NUMBERS):
        op.execute(function)


def downgrade() -> None:
    """Drop them."""
    for name in ("book_numbers", "insert_order", "booking_obstacle", "return_number", "take_number", "lock_person"):
        op.execute(f"DROP FUNCTION {name}")

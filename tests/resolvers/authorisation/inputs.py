"""What the inputs of mutations and subscriptions name, and whose that must be. The answers are typenames."""

from domain.permissions import Permission
from tests.resolvers.authorisation import announcements, broadcasts
from tests.resolvers.authorisation.rows import (
    OWN_CLERK,
    OWN_MANAGER,
    OWN_SYSTEM,
    THE_OWNER,
    Names,
    NamesNobodys,
    WithinOwnHospital,
    platform_staff,
)

SMS_PHONE = NamesNobodys("telephones are the platform's, whose staff alone are let in")
SMS = NamesNobodys("only the platform's staff and the telephone that has the message are let in")
EDIT_STAFF = platform_staff(Permission.EDIT_STAFF)
EDIT_USERS = platform_staff(Permission.EDIT_USERS)
EDIT_ORDERS = platform_staff(Permission.EDIT_ORDERS) | {OWN_MANAGER, OWN_CLERK}
MODERATORS = platform_staff(Permission.MODERATE_DISCUSSION)
LOCK_USERS = platform_staff(Permission.LOCK_USERS)
REVIEWERS = platform_staff(Permission.REVIEW_VERIFICATIONS)

OWN_HOSPITAL = frozenset({OWN_SYSTEM, OWN_MANAGER, OWN_CLERK})

OWN_CODE = WithinOwnHospital()
PROOF = NamesNobodys("what the phone or the authenticator shows: it proves, it names nothing")
CHALLENGE = NamesNobodys("bound to the phone that the code went to; test_sign_in.py takes another's")
TICKET = NamesNobodys("bound to the cookie of the browser that began; test_wechat.py takes another's")
POST = NamesNobodys("visible posts are everybody's; test_discussion.py tries others")
REGION = NamesNobodys("the dictionary is everybody's")
EDIT_HOSPITALS = platform_staff(Permission.EDIT_HOSPITALS)
EDIT_INTEGRATION = platform_staff(Permission.EDIT_INTEGRATION) | {OWN_MANAGER}
A_HOSPITAL = (
    'name: "临江医院", level: "3A", regionCode: "110101", address: "东城区测试路 1 号", registrationNumber: "{fresh}",'
    ' phone: "010-65123456", contactName: "王小明", contactPhone: "13800001234",'
)
PASSPORT = 'name: "王小明", certificateKind: "30", certificateNumber: "E12345678",'

INPUTS: dict[str, Names | WithinOwnHospital | NamesNobodys] = {
    **announcements.INPUTS,
    **broadcasts.INPUTS,
    "markNotificationsRead.ids": NamesNobodys("others' are passed over in silence; test_notifications.py tries them"),
    "createReply.postId": POST,
    "reportContribution.id": POST,
    "deleteContribution.id": Names("Post", THE_OWNER, 'id: "{id}"'),
    "moderateContribution.id": Names("Contribution", MODERATORS, 'id: "{id}", decision: SHOW'),
    # A hospital's system speaks of its own hospital.
    "upsertHospital.hospital.code": Names(
        "Hospital",
        frozenset({OWN_SYSTEM}),
        'idempotencyKey: "{fresh}", hospital: {{code: "{hospital_code}", name: "{hospital_name}"}}',
        otherwise="InvalidInput",
    ),
    "upsertHospital.hospital.regionCode": REGION,
    "upsertDepartment.department.code": OWN_CODE,
    "upsertDepartment.department.parentCode": OWN_CODE,
    "upsertDepartments.items.code": OWN_CODE,
    "upsertDepartments.items.parentCode": OWN_CODE,
    "upsertDoctor.doctor.code": OWN_CODE,
    "upsertDoctor.doctor.departmentCodes": OWN_CODE,
    "upsertDoctors.items.code": OWN_CODE,
    "upsertDoctors.items.departmentCodes": OWN_CODE,
    "upsertSchedule.schedule.externalId": OWN_CODE,
    "upsertSchedule.schedule.departmentCode": OWN_CODE,
    "upsertSchedule.schedule.doctorCode": OWN_CODE,
    "upsertSchedules.items.externalId": OWN_CODE,
    "upsertSchedules.items.departmentCode": OWN_CODE,
    "upsertSchedules.items.doctorCode": OWN_CODE,
    "removeDepartments.codes": OWN_CODE,
    "removeDoctors.codes": OWN_CODE,
    "removeSchedules.codes": OWN_CODE,
    "withdrawSchedules.codes": OWN_CODE,
    # A user's own.
    "updatePatient.id": Names("Patient", THE_OWNER, 'id: "{id}", maritalStatus: "20"'),
    "updatePatient.regionCode": REGION,
    "addPatient.regionCode": REGION,
    "removePatient.id": Names("Patient", THE_OWNER, 'id: "{id}"'),
    "requestRevealCode.id": Names("Patient", THE_OWNER, 'id: "{id}"'),
    "revealPatient.id": Names("Patient", THE_OWNER, 'id: "{id}", challengeId: "none", code: "000000"'),
    "revealPatient.challengeId": CHALLENGE,
    "revealPatient.code": PROOF,
    "endSession.id": Names("SignInSession", THE_OWNER, 'id: "{id}"'),
    "confirmUpload.fileId": Names("File/avatar", THE_OWNER, 'fileId: "{id}"'),
    "deleteFile.fileId": Names("File/avatar", THE_OWNER | platform_staff(Permission.EDIT_FILES), 'fileId: "{id}"'),
    "submitVerification.frontFileId": Names(
        "File/identity picture", THE_OWNER, PASSPORT + ' frontFileId: "{id}"', otherwise="InvalidInput"
    ),
    "submitVerification.backFileId": Names(
        "File/identity picture",
        THE_OWNER,
        PASSPORT + ' frontFileId: "{File/identity picture}", backFileId: "{id}"',
        otherwise="InvalidInput",
    ),
    "createOrder.scheduleId": NamesNobodys("sessions are everybody's"),
    "createOrder.patientId": Names(
        "Patient", THE_OWNER, 'scheduleId: "{Schedule}", patientId: "{id}", idempotencyKey: "{fresh}"'
    ),
    "createOrder.freshCode.challengeId": CHALLENGE,
    "createOrder.freshCode.code": PROOF,
    "joinWaitlist.scheduleId": NamesNobodys("sessions are everybody's"),
    "joinWaitlist.patientId": Names(
        "Patient", THE_OWNER, 'scheduleId: "{Schedule}", patientId: "{id}", idempotencyKey: "{fresh}"'
    ),
    "leaveWaitlist.entryId": Names("WaitlistEntry", THE_OWNER, 'entryId: "{id}"'),
    "acceptWaitlistOffer.entryId": Names("WaitlistEntry", THE_OWNER, 'entryId: "{id}", idempotencyKey: "{fresh}"'),
    "cancelOrder.orderId": Names("Order", THE_OWNER, 'orderId: "{id}", idempotencyKey: "{fresh}"'),
    "rescheduleOrder.orderId": Names(
        "Order", THE_OWNER, 'orderId: "{id}", scheduleId: "{Schedule}", idempotencyKey: "{fresh}"'
    ),
    "rescheduleOrder.scheduleId": NamesNobodys("sessions are everybody's"),
    "cancelOrderForUser.orderId": Names(
        "Order", EDIT_ORDERS, 'orderId: "{id}", idempotencyKey: "{fresh}", reason: "asked to"'
    ),
    "excuseNoShow.orderId": Names("Order", EDIT_ORDERS, 'orderId: "{id}", reason: "was there"'),
    "liftBookingBan.banId": Names("BookingBan", EDIT_USERS, 'banId: "{id}", reason: "was there"'),
    "payOrder.orderId": Names("Order", THE_OWNER, 'orderId: "{id}", provider: WECHAT_PAY, idempotencyKey: "{fresh}"'),
    "checkPayments.orderId": Names("Order", THE_OWNER, 'orderId: "{id}"'),
    "checkIn.orderId": Names("Order", THE_OWNER, 'orderId: "{id}"'),
    # A hospital receives its own patients.
    "checkInByCode.code": NamesNobodys("a proof; test_counter_check_in.py takes another hospital's"),
    "callNext.scheduleId": Names("Schedule", OWN_HOSPITAL, 'scheduleId: "{id}", idempotencyKey: "{fresh}"'),
    "passOver.orderId": Names("Order", OWN_HOSPITAL, 'orderId: "{id}"'),
    "completeOrder.orderId": Names("Order", OWN_HOSPITAL, 'orderId: "{id}"'),
    "acknowledgeOrder.orderId": Names("Order", OWN_HOSPITAL, 'orderId: "{id}", recordId: "r1"'),
    "acknowledgeOrder.recordId": NamesNobodys("the hospital's own word for one of its orders"),
    "confirmOrder.orderId": Names("Order", OWN_HOSPITAL, 'orderId: "{id}"'),
    "confirmOrder.recordId": NamesNobodys("the hospital's own word for one of its orders"),
    "rejectOrder.orderId": Names("Order", OWN_HOSPITAL, 'orderId: "{id}", reason: "no doctor"'),
    "markNoShow.orderId": Names("Order", OWN_HOSPITAL, 'orderId: "{id}"'),
    # Staff and those whom they administer.
    "viewIdentityPicture.fileId": Names("File/handed in", REVIEWERS, 'fileId: "{id}", reason: "review"'),
    "revealVerification.requestId": Names("VerificationRequest", REVIEWERS, 'requestId: "{id}", reason: "review"'),
    "decideVerification.requestId": Names("VerificationRequest", REVIEWERS, 'requestId: "{id}", decision: VERIFY'),
    "resolveFinanceItem.itemId": Names(
        "FinanceItem",
        platform_staff(Permission.EDIT_FINANCE),
        'itemId: "{id}", resolution: NO_ACTION, note: "looked into"',
    ),
    "updateUser.id": Names("User", EDIT_USERS, 'id: "{id}", nickname: "changed"'),
    "lockUser.id": Names("User", LOCK_USERS, 'id: "{id}"'),
    "unlockUser.id": Names("User", LOCK_USERS, 'id: "{id}"'),
    "deleteUser.id": Names("User", EDIT_USERS, 'id: "{id}"'),
    # Hospitals that join.
    "applyToJoin.hospital.regionCode": REGION,
    "applyToJoin.hospital.licenceFileIds": Names(
        "File/licence",
        THE_OWNER,
        f'hospital: {{{{{A_HOSPITAL} licenceFileIds: ["{{id}}"]}}}}',
        otherwise="InvalidInput",
    ),
    "resubmitHospitalApplication.hospital.regionCode": REGION,
    "resubmitHospitalApplication.applicationId": Names(
        "HospitalApplication/rejected",
        THE_OWNER,
        f'applicationId: "{{id}}", hospital: {{{{{A_HOSPITAL} licenceFileIds: ["{{licence}}"]}}}}',
    ),
    "resubmitHospitalApplication.hospital.licenceFileIds": NamesNobodys("judged as applyToJoin's are"),
    "withdrawHospitalApplication.applicationId": Names("HospitalApplication", THE_OWNER, 'applicationId: "{id}"'),
    "takeUpHospital.applicationId": Names("HospitalApplication/approved", THE_OWNER, 'applicationId: "{id}"'),
    "approveHospitalApplication.applicationId": Names(
        "HospitalApplication", EDIT_HOSPITALS, 'applicationId: "{id}", hospitalCode: "{fresh}"'
    ),
    "approveHospitalApplication.hospitalCode": NamesNobodys("the code that the new hospital gets"),
    "rejectHospitalApplication.applicationId": Names(
        "HospitalApplication", EDIT_HOSPITALS, 'applicationId: "{id}", reason: "unclear"'
    ),
    "viewHospitalLicence.applicationId": Names(
        "HospitalApplication", EDIT_HOSPITALS, 'applicationId: "{id}", fileId: "{licence}"'
    ),
    "viewHospitalLicence.fileId": Names(
        "File/licence in use", EDIT_HOSPITALS, 'applicationId: "{application}", fileId: "{id}"'
    ),
    "revealHospitalContact.applicationId": Names(
        "HospitalApplication", EDIT_HOSPITALS, 'applicationId: "{id}", reason: "to call"'
    ),
    "exportHospitalOrders.departmentCode": NamesNobodys("of the caller's own hospital, whatever others have"),
    "lockHospital.hospitalCode": NamesNobodys("those who look after hospitals reach all of them"),
    "unlockHospital.hospitalCode": NamesNobodys("those who look after hospitals reach all of them"),
    "issueIntegrationKey.hospitalCode": Names(
        "HospitalAccount", EDIT_INTEGRATION, 'hospitalCode: "{id}", label: "{fresh}"'
    ),
    "rotateIntegrationKey.keyId": Names("IntegrationKey", EDIT_INTEGRATION, 'keyId: "{id}", overlapHours: 0'),
    "revokeIntegrationKey.keyId": Names("IntegrationKey", EDIT_INTEGRATION, 'keyId: "{id}"'),
    "inviteStaff.hospitalCode": Names(
        "Hospital",
        EDIT_STAFF | {OWN_MANAGER},
        'roles: [HOSPITAL_CLERK], hospitalCode: "{hospital_code}"',
        otherwise="NotAllowed",
    ),
    "revokeStaffInvitation.invitationId": Names("StaffInvitation", EDIT_STAFF | {OWN_MANAGER}, 'invitationId: "{id}"'),
    "inviteSmsPhone.id": SMS_PHONE,
    "changeSmsPhone.id": SMS_PHONE,
    "revokeSmsPhone.id": SMS_PHONE,
    "moveSmsQueue.id": SMS_PHONE,
    "cancelSms.id": SMS,
    "sendSmsAgain.id": SMS,
    # A telephone's own: others' are refused in test_sms_line.py.
    "claimSms.id": SMS,
    "reportSms.id": SMS,
    "enrolSmsPhone.code": PROOF,
    "updateStaff.id": Names("Staff", EDIT_STAFF | {OWN_MANAGER}, 'id: "{id}", name: "changed"'),
    "lockStaff.id": Names("Staff", EDIT_STAFF | {OWN_MANAGER}, 'id: "{id}"'),
    "unlockStaff.id": Names("Staff", EDIT_STAFF | {OWN_MANAGER}, 'id: "{id}"'),
    "resetStaffPassword.id": Names("Staff", EDIT_STAFF | {OWN_MANAGER}, 'id: "{id}"'),
    "createStaff.hospitalCode": Names(
        "Hospital",
        EDIT_STAFF | {OWN_MANAGER},
        'signInName: "{fresh}", name: "new", roles: [HOSPITAL_CLERK], hospitalCode: "{hospital_code}"',
        otherwise="NotAllowed",
    ),
    # Proofs.
    "requestDataExport.challengeId": CHALLENGE,
    "requestDataExport.code": PROOF,
    "signInWithPhone.challengeId": CHALLENGE,
    "signInWithPhone.code": PROOF,
    "signInAsStaff.totpCode": PROOF,
    "signInAsStaff.recoveryCode": PROOF,
    "confirmTotp.code": PROOF,
    "changePhone.old.challengeId": CHALLENGE,
    "changePhone.old.code": PROOF,
    "changePhone.new.challengeId": CHALLENGE,
    "changePhone.new.code": PROOF,
    "finishWeChatSignIn.ticketId": TICKET,
    "requestWeChatPhoneCode.ticketId": TICKET,
    "bindWeChatPhone.ticketId": TICKET,
    "bindWeChatPhone.challengeId": CHALLENGE,
    "bindWeChatPhone.code": PROOF,
    "weChatSignIn.ticketId": TICKET,
    "slotAvailability.hospitalCode": NamesNobodys("the catalogue is everybody's"),
    "slotAvailability.departmentCode": NamesNobodys("the catalogue is everybody's"),
    "scheduleAvailability.hospitalCode": NamesNobodys("the catalogue is everybody's"),
    "scheduleAvailability.externalId": NamesNobodys("the catalogue is everybody's"),
    "queueDisplay.hospitalCode": NamesNobodys("the display in the waiting hall is everybody's"),
    "queueDisplay.departmentCode": NamesNobodys("the display in the waiting hall is everybody's"),
    "requestBookingCode.scheduleId": NamesNobodys("sessions are everybody's"),
}
"""By mutation and path. `idempotencyKey` is the same everywhere and needs no line."""

-- SPDX-License-Identifier: Apache-2.0
-- Consent forms of the sample clinic: the parts that the laws of several US states ask for, in plain words. A clinic has its own counsel look at its texts.

BEGIN NOT ATOMIC
  IF NOT EXISTS (SELECT 1 FROM site WHERE uid = '00000000000000000000000101') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'these are the sample clinic''s forms: load sample/clinic.sql first, into an empty database';
  END IF;
END;

INSERT IGNORE INTO form (id, code, name, names_side) VALUES
(1, 'marrow-concentrate', 'Consent to bone-marrow concentrate', 1),
(2, 'platelet-rich-plasma', 'Consent to platelet-rich plasma', 1),
(3, 'privacy', 'How we use your information', 0);

INSERT IGNORE INTO form_version (form_id, version, title, body, sha256, material, validity_days, published_at)
SELECT 1, 1, 'Consent to bone-marrow concentrate', t.body, UNHEX(SHA2(t.body, 256)), 1, 180, 1761955200 FROM (SELECT
'## What will be done
Bone marrow is drawn with a needle from the back of your hip bone under local anaesthetic. It is concentrated in a centrifuge. The concentrate, which is your own material and nobody else''s, is injected into the joint named above under imaging during the same visit.

## Approval
This treatment has not been approved by the United States Food and Drug Administration for your condition.

## What may be expected
Some people have less pain and move better after six to eight weeks. Some notice no change, and some feel worse. Nobody can promise a result.

## Other ways
You may choose physical therapy, pain medicine, a brace, other injections, surgery, or no treatment at all. Without treatment your complaint may stay the same, get better or get worse. Each of these ways has its own benefits and risks, which we have offered to discuss with you.

## Risks
Pain and bruising at the hip bone or the joint are common for some days. Less often: bleeding, infection, injury to a nerve or vessel, a reaction to the anaesthetic, a flare of the joint. Serious harm is rare but possible.

## Your rights
You may say no, or change your mind at any time before the injection, and you will still be cared for. We encourage you to talk to your primary care provider before you decide. You may have a copy of this form.

## Signing online
You agree to sign this form electronically. You may ask for paper instead.' AS body) t;

INSERT IGNORE INTO form_version (form_id, version, title, body, sha256, material, validity_days, published_at)
SELECT 2, 1, 'Consent to platelet-rich plasma', t.body, UNHEX(SHA2(t.body, 256)), 1, 180, 1761955200 FROM (SELECT
'## What will be done
A small amount of blood is drawn from a vein in your arm. Its platelets are concentrated in a centrifuge. The concentrate, which is your own material and nobody else''s, is injected at the place named above under ultrasound during the same visit.

## Approval
Platelet-rich plasma for this use has not been approved by the United States Food and Drug Administration.

## What may be expected
Some people have less pain after six to eight weeks. Some notice no change, and some feel worse. Nobody can promise a result.

## Other ways
You may choose physical therapy, pain medicine, a brace, other injections, surgery, or no treatment at all. Without treatment your complaint may stay the same, get better or get worse. Each of these ways has its own benefits and risks, which we have offered to discuss with you.

## Risks
Pain and swelling at the injected place are common for some days. Less often: bleeding, infection, injury to a nerve or tendon, fainting. Serious harm is rare but possible.

## Your rights
You may say no, or change your mind at any time before the injection, and you will still be cared for. We encourage you to talk to your primary care provider before you decide. You may have a copy of this form.

## Signing online
You agree to sign this form electronically. You may ask for paper instead.' AS body) t;

INSERT IGNORE INTO form_version (form_id, version, title, body, sha256, material, validity_days, published_at)
SELECT 3, 1, 'How we use your information', t.body, UNHEX(SHA2(t.body, 256)), 1, 365, 1761955200 FROM (SELECT
'## What we keep
We keep what you tell us, what we do, and what you sign, because the law asks us to and because your care depends on it.

## Who sees it
The people who treat you, the people who prepare your bills, and, when you use insurance, your insurer. We log every access. We sell nothing.

## Your rights
You may ask for a copy, ask for a correction, and ask who saw your record. You may complain to us or to the United States Department of Health and Human Services, and nobody will treat you worse for it.

## Signing online
You agree to sign this form electronically. You may ask for paper instead.' AS body) t;

INSERT IGNORE INTO service_form (service_id, form_id, display_order) VALUES
(1, 1, 1), (1, 3, 2), (2, 2, 1), (2, 3, 2), (3, 3, 1);

-- SPDX-License-Identifier: Apache-2.0
-- Questionnaires of the sample clinic, in words of its own. A clinic publishes its own files with `regenctl questionnaire publish`.

BEGIN NOT ATOMIC
  IF NOT EXISTS (SELECT 1 FROM site WHERE uid = '00000000000000000000000101') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'these are the sample clinic''s questionnaires: load sample/clinic.sql first, into an empty database';
  END IF;
END;

INSERT IGNORE INTO questionnaire (id, code) VALUES (1, 'marrow-screening'), (2, 'pain');

INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at)
SELECT 1, 1, 'Before bone marrow is drawn', t.body, UNHEX(SHA2(t.body, 256)), 1761955200 FROM (SELECT
'{
 "format": "mod_regen questionnaire 1",
 "questionnaire": {
  "resourceType": "Questionnaire",
  "name": "marrow-screening",
  "title": "Before bone marrow is drawn",
  "status": "active",
  "subjectType": [
   "Patient"
  ],
  "description": "These questions help us to see whether the treatment is safe for you. Answer for the person who is treated. It takes about three minutes.",
  "item": [
   {
    "linkId": "health",
    "text": "Your health",
    "type": "group",
    "item": [
     {
      "linkId": "clotting",
      "text": "Has a doctor told you that your blood does not clot well, or that your platelets are too few or do not work?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "infection",
      "text": "Do you have a fever or an infection now, or a wound or rash near the hip bone or the joint?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "cancer",
      "text": "Have you ever had cancer, or a disease of the blood or the bone marrow?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "cancer-which",
      "text": "Which one, and when?",
      "type": "string",
      "required": true,
      "enableWhen": [
       {
        "question": "cancer",
        "operator": "=",
        "answerBoolean": true
       }
      ]
     },
     {
      "linkId": "anemia",
      "text": "Has a doctor told you in the last twelve months that you have anemia?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "pregnant",
      "text": "Are you pregnant, or could you be?",
      "type": "choice",
      "required": true,
      "answerOption": [
       {
        "valueCoding": {
         "code": "no",
         "display": "No"
        }
       },
       {
        "valueCoding": {
         "code": "yes",
         "display": "Yes"
        }
       },
       {
        "valueCoding": {
         "code": "unsure",
         "display": "I am not sure"
        }
       }
      ]
     }
    ]
   },
   {
    "linkId": "medicines",
    "text": "Your medicines",
    "type": "group",
    "item": [
     {
      "linkId": "keep",
      "text": "Do not stop a medicine on your own because of these questions.",
      "type": "display"
     },
     {
      "linkId": "thinner",
      "text": "Which of these do you take?",
      "type": "choice",
      "required": true,
      "repeats": true,
      "answerOption": [
       {
        "valueCoding": {
         "code": "none",
         "display": "None of them"
        }
       },
       {
        "valueCoding": {
         "code": "aspirin",
         "display": "Aspirin"
        }
       },
       {
        "valueCoding": {
         "code": "clopidogrel",
         "display": "Clopidogrel, prasugrel or ticagrelor"
        }
       },
       {
        "valueCoding": {
         "code": "anticoagulant",
         "display": "Warfarin, apixaban, rivaroxaban or another blood thinner"
        }
       }
      ]
     },
     {
      "linkId": "nsaid",
      "text": "Did you take ibuprofen, naproxen or a similar pain medicine in the last seven days?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "steroid",
      "text": "Did you have a steroid injection or take steroid tablets in the last four weeks?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "immune",
      "text": "Do you take a medicine that weakens the immune system?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "allergy",
      "text": "Have you ever reacted badly to a local anesthetic, to heparin or to citrate?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "allergy-which",
      "text": "To which, and what happened?",
      "type": "string",
      "required": true,
      "enableWhen": [
       {
        "question": "allergy",
        "operator": "=",
        "answerBoolean": true
       }
      ]
     }
    ]
   },
   {
    "linkId": "day",
    "text": "The day",
    "type": "group",
    "item": [
     {
      "linkId": "weight",
      "text": "How much do you weigh, in pounds?",
      "type": "integer",
      "required": true,
      "extension": [
       {
        "url": "http://hl7.org/fhir/StructureDefinition/minValue",
        "valueInteger": 50
       },
       {
        "url": "http://hl7.org/fhir/StructureDefinition/maxValue",
        "valueInteger": 900
       }
      ]
     },
     {
      "linkId": "escort",
      "text": "Can somebody take you home afterwards?",
      "type": "boolean",
      "required": true
     },
     {
      "linkId": "else",
      "text": "Is there anything else we should know?",
      "type": "text",
      "maxLength": 500
     }
    ]
   }
  ]
 },
 "rules": [
  {
   "when": [
    {
     "question": "clotting",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "stop",
   "words": "Drawing bone marrow may not be safe when blood does not clot well. Please call the clinic before you come.",
   "note": "Platelets, clotting"
  },
  {
   "when": [
    {
     "question": "infection",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "stop",
   "words": "We do not treat while there is a fever or an infection. Please call the clinic; your visit can be rescheduled.",
   "note": "Fever or infection"
  },
  {
   "when": [
    {
     "question": "cancer",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Cancer, blood or marrow disease"
  },
  {
   "when": [
    {
     "question": "anemia",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Anemia: hemoglobin"
  },
  {
   "when": [
    {
     "question": "pregnant",
     "operator": "=",
     "answerCoding": {
      "code": "yes"
     }
    },
    {
     "question": "pregnant",
     "operator": "=",
     "answerCoding": {
      "code": "unsure"
     }
    }
   ],
   "behavior": "any",
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Pregnancy"
  },
  {
   "when": [
    {
     "question": "thinner",
     "operator": "=",
     "answerCoding": {
      "code": "aspirin"
     }
    },
    {
     "question": "thinner",
     "operator": "=",
     "answerCoding": {
      "code": "clopidogrel"
     }
    },
    {
     "question": "thinner",
     "operator": "=",
     "answerCoding": {
      "code": "anticoagulant"
     }
    }
   ],
   "behavior": "any",
   "result": "review",
   "words": "A clinician looks at your medicines before your visit. Keep taking them until whoever prescribed them says otherwise.",
   "note": "Blood thinner: with the prescriber"
  },
  {
   "when": [
    {
     "question": "nsaid",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "NSAID in the last seven days"
  },
  {
   "when": [
    {
     "question": "steroid",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Steroid in the last four weeks"
  },
  {
   "when": [
    {
     "question": "immune",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Immunosuppression"
  },
  {
   "when": [
    {
     "question": "allergy",
     "operator": "=",
     "answerBoolean": true
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Reaction to anesthetic, heparin or citrate"
  },
  {
   "when": [
    {
     "question": "weight",
     "operator": "<",
     "answerInteger": 110
    }
   ],
   "result": "review",
   "words": "A clinician looks at this answer before your visit and may call you.",
   "note": "Weight under 110 lb: less marrow"
  }
 ]
}' AS body) t
WHERE NOT EXISTS (SELECT 1 FROM questionnaire_version WHERE questionnaire_id = 1);

INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at)
SELECT 2, 1, 'Your pain', t.body, UNHEX(SHA2(t.body, 256)), 1761955200 FROM (SELECT
'{
 "format": "mod_regen questionnaire 1",
 "questionnaire": {
  "resourceType": "Questionnaire",
  "name": "pain",
  "title": "Your pain",
  "status": "active",
  "subjectType": [
   "Patient"
  ],
  "description": "One question about the place that is or was treated. It helps you and us to see how it goes.",
  "item": [
   {
    "linkId": "pain",
    "text": "How strong was your pain there in the last seven days, on most days? 0 is no pain, 10 is the worst pain you can imagine.",
    "type": "choice",
    "required": true,
    "answerOption": [
     {
      "valueInteger": 0
     },
     {
      "valueInteger": 1
     },
     {
      "valueInteger": 2
     },
     {
      "valueInteger": 3
     },
     {
      "valueInteger": 4
     },
     {
      "valueInteger": 5
     },
     {
      "valueInteger": 6
     },
     {
      "valueInteger": 7
     },
     {
      "valueInteger": 8
     },
     {
      "valueInteger": 9
     },
     {
      "valueInteger": 10
     }
    ]
   },
   {
    "linkId": "words",
    "text": "Is there something you want to add?",
    "type": "text",
    "maxLength": 500
   }
  ]
 },
 "scores": [
  {
   "code": "pain",
   "title": "Pain, 0 to 10",
   "method": "sum",
   "better": "lower",
   "items": [
    "pain"
   ]
  }
 ],
 "rules": []
}' AS body) t
WHERE NOT EXISTS (SELECT 1 FROM questionnaire_version WHERE questionnaire_id = 2);

-- Answered before the visit: what is not in order is said at the check-in, and stops nobody unless an answer does.
INSERT IGNORE INTO service_screening (service_id, seq, questionnaire_id, check_in) VALUES (1, 1, 1, 'warn');

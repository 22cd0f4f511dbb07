//! Records as the vendors' documents show them, and that nothing of a caller gets past a reader.

use fika_model::event::{CallEventKind, Event};
use fika_model::{AgentId, QueueId};
use serde_json::Value;

use super::{Context, Dialect, Form, Input, Mapping, Unknown, open, pieces};
use crate::records;

const QUEUE_LOG: &str = "1699286234|1699286234.123|8000|NONE|ENTERQUEUE||7145|1
1699286240|1699286234.123|8000|7140|CONNECT|6|1699286234.124|3
1699286265|1699286234.123|8000|7140|COMPLETECALLER|6|25|1
1699286300|NONE|8000|7140|PAUSE|Lunch";

const AMI: &str = r#"{"Event":"AgentConnect","EntityID":"00:11:22:33:44:55","SystemName":"pbx-01","Privilege":"agent,all",
 "Timestamp":"1705312206.5",
"Channel":"PJSIP/100-00000001","ChannelState":"6","ChannelStateDesc":"Up","CallerIDNum":"100","CallerIDName":"Alice",
 "ConnectedLineNum":"7140",
"Uniqueid":"1705312200.1","Linkedid":"1705312200.1","DestChannel":"PJSIP/7140-2","Queue":"8000","Interface":"PJSIP/7140",
 "MemberName":"7140",
"RingTime":"3","HoldTime":"6"}
{"Event":"QueueMemberPause","EntityID":"00:11:22:33:44:55","SystemName":"pbx-01","Timestamp":"1705312300","Queue":"8000",
 "MemberName":"7140",
"Interface":"PJSIP/7140","StateInterface":"PJSIP/7140","Membership":"static","Penalty":"0","CallsTaken":"1","LastCall":"0","LastPause":"0",
"LoginTime":"1","InCall":"0","Status":"1","Paused":"1","PausedReason":"Lunch","Ringinuse":"1","Wrapuptime":"0"}"#;

const FREESWITCH: &str = "CC-Queue: support@default
CC-Action: member-queue-end
CC-Cause: Terminated
CC-Agent: 1001@default
CC-Agent-Called-Time: 1696981393
CC-Agent-Answered-Time: 1696981398
CC-Member-Joined-Time: 1696981390
CC-Member-Leaving-Time: 1696981402
CC-Member-UUID: 5cb6...
CC-Member-CID-Name: CHOUINARD MO
CC-Member-CID-Number: 4385551212
";

const AMAZON_CONTACT: &str = r#"{"initiationTimestamp":"2021-08-04T17:17:53.000Z","contactId":"1111...","channel":"VOICE",
 "initiationMethod":"INBOUND",
 "eventType":"CONNECTED_TO_AGENT","instanceArn":"arn:aws::connect:...",
 "agentInfo":{"agentArn":"arn:...agent/1234","connectedToAgentTimestamp":"2021-08-04T17:29:09.000Z"},
 "queueInfo":{"queueType":"type","queueArn":"arn:...queue/1234","enqueueTimestamp":"2021-08-04T17:29:04.000Z"}}"#;

const AMAZON_AGENT: &str = r#"{"AgentARN":"arn:...agent/1","EventId":"EventId-1","EventTimestamp":"2019-08-13T20:58:44.031Z",
 "EventType":"HEART_BEAT",
 "CurrentAgentSnapshot":{"AgentStatus":{"ARN":"example-ARN","Name":"Available","StartTimestamp":"2019-08-13T20:52:30.704Z"},
  "Configuration":{"Username":"aestest","RoutingProfile":{"Name":"AgentEventStreamProfile",
 "InboundQueues":[{"Name":"Omni-channel-queue","Channels":["CHAT","VOICE"]}]}},"Contacts":[]}}"#;

const GENESYS: &str = r#"{"version":"0","id":"adbcfa5b-...","detail-type":"v2.detail.events.conversation.{id}.customer.start",
 "source":"aws.partner/genesys.com.test/cloud/32aa07aa-.../test-event-bus","time":"2022-04-06T09:30:45Z","region":"us-east-1",
 "detail":{"topicName":"v2.detail.events.conversation.2f7bf00a.customer.start","version":"2",
  "eventBody":{"eventTime":1649237444949,"conversationId":"2f7bf00a-...","participantId":"9fb2ca78-...","sessionId":"c03d300e-...",
 "mediaType":"CHAT","direction":"INBOUND"},
  "metadata":{"CorrelationId":"fe8a8579-..."},"timestamp":"2022-04-06T09:30:45.013Z"}}
{"topicName":"v2.detail.events.conversation.2f7bf00a.acd.end","version":"2","eventBody":{"eventTime":1649237464949,
 "conversationId":"2f7bf00a-...",
 "participantId":"p","sessionId":"s","mediaType":"VOICE","provider":"Edge","direction":"INBOUND","ani":"tel:+1","dnis":"tel:+2",
 "queueId":"q","divisionId":"d",
 "disconnectType":"TRANSFER","acdOutcome":"ANSWERED","answeredUserId":"u","connectedDurationMs":20000,"usedRouting":"STANDARD",
 "requestedLanguageId":"l"}}"#;

const TWILIO: &str = r#"{"specversion":"1.0","type":"com.twilio.taskrouter.reservation.accepted","source":"AB00...","id":"NO00...",
 "dataschema":"https://events-schemas.twilio.com/TaskRouter.WDSEvent/4","datacontenttype":"2025-10-08T07:17:02.363Z",
 "data":{"sid":"EV00...","group":"reservation","timestamp":"2025-01-01T00:00:00.000Z","payload_type":"application/json",
  "payload":{"eventtype":"reservation.created","timestamp":"2025-01-01T00:00:00.000Z","workspace_sid":"WS00...","task_sid":"WT00...",
 "task_attributes":"{}","task_age":31088,
   "worker_sid":"WK00...","task_queue_sid":"WQ00...",
   "task_date_created":"2025-01-01T00:00:00.000Z","task_priority":1,"task_assignment_status":"reserved",
 "task_canceled_reason":"hangup","reason":"hangup"}}}"#;

const WEBEX: &str = r#"{"id":"d30d8522-...","specVersion":"1.0","type":"agent:state_change","source":"wxcc",
 "time":"2022-04-28T23:19:08.958Z",
 "dataContentType":"string","person":"bob@gmail.com","previously":"",
 "data":{"agentId":"55de70fc-...","taskId":"94d8835d-...","queueId":"ee472d93-...","teamId":"9c73f123-...","channelId":"c",
 "origin":"bob@gmail.com",
 "destination":"+19997770103","currentState":"wrapup","createdTime":1651187948958}}"#;

const FIKA: &str = r#"{"specversion":"1.0","id":"01J","source":"/acd/pbx-01","type":"call.connected","subject":"1699286234.123",
 "time":"2023-11-06T15:57:20Z",
 "datacontenttype":"application/json","partitionkey":"1699286234.123",
 "data":{"call_id":"1699286234.123","queue_id":"8000","agent_id":"7140","wait_ms":6000,"ring_ms":3000}}"#;

const CSV: &str = "id,caller,queue,agent,joined,wait,talk\n17,Alice,sales,7140,2026-03-02T09:00:00Z,6,25";

fn reader(dialect: &str) -> Box<dyn Dialect> {
    let mapping: Mapping =
        toml::from_str("[columns]\ncall='id'\nqueue='queue'\nagent='agent'\njoined='joined'\nwait='wait'\ntalk='talk'").expect("a mapping");
    open(dialect, (dialect == "calls-csv").then_some(&mapping)).expect("a dialect")
}

/// An event in few words: what, when, of what, in what queue, by whom, with which lengths in seconds.
fn told(event: &Event) -> String {
    match event {
        Event::Call(call) => {
            let name = |id: Option<&str>| id.unwrap_or("-").to_owned();
            let lengths = [call.wait_ms, call.talk_ms, call.hold_ms, call.wrapup_ms]
                .map(|ms| ms.map_or("-".to_owned(), |ms| (ms / 1000).to_string()));
            let (queue, agent) = (call.queue.as_ref().map(QueueId::as_str), call.agent.as_ref().map(AgentId::as_str));
            format!("{:?} {} {} {} {} {}", call.kind, call.occurred_at_ms, call.call_id, name(queue), name(agent), lengths.join("/"))
        }
        Event::Agent(agent) => {
            let queues: Vec<&str> = agent.queues.iter().map(QueueId::as_str).collect();
            format!("{:?} {} {} {:?} {}", agent.state, agent.occurred_at_ms, agent.agent, agent.reason_code, queues.join("+"))
        }
    }
}

fn check(dialect: &str, sample: &str, unknown: Unknown, expect: &[&str]) {
    let mut reader = reader(dialect);
    let mut context = Context::default();
    let mut events = Vec::new();
    for piece in pieces(reader.form(), sample.as_bytes()).expect("records") {
        events.extend(reader.read_in(Input::line(piece), &mut context).expect("a sound record"));
    }
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expect, "{dialect}");
    assert_eq!(context.unknown, unknown, "{dialect}");
}

#[test]
fn samples_of_the_vendors_are_read() {
    let nothing = Unknown::default();
    let queue_log = [
        "Queued 1699286234000 1699286234.123 8000 - -/-/-/-",
        "Connected 1699286240000 1699286234.123 8000 7140 6/-/-/-",
        "Ended 1699286265000 1699286234.123 8000 7140 6/25/-/-",
        "NotReady 1699286300000 7140/8000 \"Lunch\" 8000",
    ];
    check("asterisk-queue-log", QUEUE_LOG, nothing, &queue_log);
    let ami = ["Connected 1705312206500 1705312200.1 8000 7140 6/-/-/-", "NotReady 1705312300000 7140/8000 \"Lunch\" 8000"];
    check("asterisk-ami", AMI, nothing, &ami);
    check("freeswitch", FREESWITCH, nothing, &["Ended 1696981402000 5cb6... support@default 1001@default 8/-/-/-"]);
    let contact = ["Queued 1628098144000 1111... 1234 - -/-/-/-", "Connected 1628098149000 1111... 1234 1234 5/-/-/-"];
    check("amazon-connect", AMAZON_CONTACT, nothing, &contact);
    check("amazon-connect", AMAZON_AGENT, nothing, &["Ready 1565729924031 1 \"\" Omni-channel-queue"]);
    check("genesys-cloud", GENESYS, nothing, &["Connected 1649237464949 2f7bf00a-... q u 20/-/-/-"]);
    let twilio = ["Connected 1735689600000 WT00... WQ00... WK00... -/-/-/-", "Talking 1735689600000 WK00... \"\" "];
    check("twilio", TWILIO, nothing, &twilio);
    let webex = ["Ended 1651187948958 94d8835d-... ee472d93-... 55de70fc-... -/-/-/-", "Wrapup 1651187948958 55de70fc-... \"\" "];
    check("webex", WEBEX, nothing, &webex);
    let fika = ["Connected 1699286240000 1699286234.123 8000 7140 6/-/-/-"];
    check("fika", FIKA, Unknown { types: 0, fields: 1 }, &fika);
    check("calls-csv", CSV, nothing, &["Completed 1772442000000 17 sales 7140 6/25/-/-"]);
}

/// A number and a name that must not come out anywhere.
const PLANTED: [&str; 3] = ["+49 30 5550123", "49305550123", "Erika Mustermann"];

/// Fields that a reader hands on as they are: ids of calls, queues and agents, reasons of agents, and an own event's id and source.
const HANDED_ON: [&str; 33] = [
    "AgentARN",
    "ARN",
    "CC-Agent",
    "CC-Member-UUID",
    "CC-Queue",
    "ContactId",
    "Event",
    "EventType",
    "MemberName",
    "Name",
    "PausedReason",
    "Queue",
    "Uniqueid",
    "activeQueueIds",
    "agentArn",
    "agentId",
    "agent_id",
    "answeredUserId",
    "call_id",
    "contactId",
    "conversationId",
    "eventType",
    "id",
    "idleCodeName",
    "queueArn",
    "queueId",
    "queue_id",
    "source",
    "systemPresence",
    "taskId",
    "task_queue_sid",
    "task_sid",
    "worker_sid",
];

/// The record with `planted` at each place in turn where it is not handed on, and in a further field of each object.
fn plantings(value: &Value, planted: &str) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let outer = |inner: Value| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), inner);
                    Value::Object(fields)
                };
                if inner.is_object() || inner.is_array() {
                    all.extend(plantings(inner, planted).into_iter().map(outer));
                }
                if !HANDED_ON.contains(&name.as_str()) {
                    all.push(outer(Value::from(planted)));
                    all.extend(planted.parse::<u64>().ok().map(|number| outer(Value::from(number))));
                }
            }
            let mut fields = fields.clone();
            fields.insert("planted".to_owned(), Value::from(planted));
            all.push(Value::Object(fields));
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                let outer = |inner: Value| {
                    let mut items = items.clone();
                    items[n] = inner;
                    Value::Array(items)
                };
                all.extend(plantings(inner, planted).into_iter().map(outer));
            }
        }
        _ => {}
    }
    all
}

/// Reads a record, and looks at all that comes out: keys, values and headers of records, and the words of faults.
fn nothing_comes_out(reader: &mut dyn Dialect, record: &[u8]) {
    let mut texts = Vec::new();
    match reader.read(Input::line(record)) {
        Ok(events) => {
            for event in events {
                let out = records::event(&event);
                texts.extend(out.key.into_iter().chain(out.value));
                texts.extend(out.headers.into_iter().map(|(_, value)| value));
            }
        }
        Err(faults) => texts.push(faults.to_string().into_bytes()),
    }
    for text in texts {
        let text = String::from_utf8_lossy(&text);
        for planted in PLANTED {
            assert!(!text.contains(planted), "{}: {planted:?} came out of {}\n{text}", reader.name(), String::from_utf8_lossy(record));
        }
    }
}

fn json_samples() -> Vec<(&'static str, Value)> {
    let samples = [
        ("asterisk-ami", AMI),
        ("amazon-connect", AMAZON_CONTACT),
        ("amazon-connect", AMAZON_AGENT),
        ("genesys-cloud", GENESYS),
        ("twilio", TWILIO),
        ("webex", WEBEX),
    ];
    let mut all = Vec::new();
    for (dialect, sample) in samples {
        for piece in pieces(Form::Json, sample.as_bytes()).expect("records") {
            all.push((dialect, serde_json::from_slice(piece).expect("JSON")));
        }
    }
    let block = FREESWITCH.lines().filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), Value::from(value)));
    all.push(("freeswitch", Value::Object(block.collect())));
    all
}

#[test]
fn a_callers_number_or_name_in_any_field_comes_out_nowhere() {
    let mut read = 0;
    for (dialect, sample) in json_samples() {
        let mut reader = reader(dialect);
        for planted in PLANTED {
            for record in plantings(&sample, planted) {
                nothing_comes_out(&mut *reader, record.to_string().as_bytes());
                read += 1;
            }
        }
    }
    assert!(read > 500, "{read} plantings");
}

#[test]
fn a_callers_number_or_name_in_any_column_comes_out_nowhere() {
    for planted in PLANTED {
        for line in QUEUE_LOG.lines() {
            let columns: Vec<&str> = line.split('|').collect();
            // The ids and the reason of a pause are handed on.
            for place in (0..columns.len()).filter(|place| !(1..=3).contains(place) && columns[*place] != "Lunch") {
                let mut columns = columns.clone();
                columns[place] = planted;
                nothing_comes_out(&mut *reader("asterisk-queue-log"), columns.join("|").as_bytes());
            }
        }
        for place in [1, 4, 5, 6] {
            let mut csv = reader("calls-csv");
            let (header, line) = CSV.split_once('\n').expect("two lines");
            csv.read(Input::line(header.as_bytes())).expect("a header");
            let mut columns: Vec<&str> = line.split(',').collect();
            columns[place] = planted;
            nothing_comes_out(&mut *csv, columns.join(",").as_bytes());
        }
    }
}

#[test]
fn in_own_events_unknown_fields_end_at_the_reader() {
    let sample: Value = serde_json::from_str(FIKA).expect("JSON");
    for planted in PLANTED {
        for place in ["/data", ""] {
            let mut record = sample.clone();
            record.pointer_mut(place).expect("an object")["caller_number"] = Value::from(planted);
            let events = reader("fika").read(Input::line(record.to_string().as_bytes())).expect("a sound event");
            assert!(matches!(&events[..], [Event::Call(call)] if call.kind == CallEventKind::Connected));
            nothing_comes_out(&mut *reader("fika"), record.to_string().as_bytes());
        }
    }
}

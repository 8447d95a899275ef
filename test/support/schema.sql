column account.id bigint not null identity
column account.name text not null
column account.password text not null
column account.role text not null
column account.created_at timestamp(6) with time zone not null default now()
column account.updated_at timestamp(6) with time zone not null default now()
column alert.id bigint not null identity
column alert.rule_id bigint not null
column alert.subject text collate C not null
column alert.pair_name text
column alert.mapping_name text
column alert.value bigint not null
column alert.since timestamp(6) with time zone not null default now()
column alert.fired_at timestamp(6) with time zone
column alert.told_at timestamp(6) with time zone
column alert.recovered_at timestamp(6) with time zone
column alert_channel.id bigint not null identity
column alert_channel.name text not null
column alert_channel.kind text not null
column alert_channel.target text not null
column alert_channel.created_at timestamp(6) with time zone not null default now()
column alert_delivery.id bigint not null identity
column alert_delivery.alert_id bigint not null
column alert_delivery.channel_id bigint not null
column alert_delivery.event text not null
column alert_delivery.attempts integer not null default 0
column alert_delivery.error text
column alert_delivery.next_attempt_at timestamp(6) with time zone not null default now()
column alert_rule.id bigint not null identity
column alert_rule.name text not null
column alert_rule.metric text not null
column alert_rule.pair_name text
column alert_rule.mapping_name text
column alert_rule.window_minutes integer not null
column alert_rule.threshold integer not null
column alert_rule.recover_at integer
column alert_rule.severity text not null
column alert_rule.channels text[] not null default '{}'::text[]
column alert_rule.action text not null default 'none'::text
column alert_rule.enabled boolean not null default true
column alert_rule.created_at timestamp(6) with time zone not null default now()
column alert_rule.updated_at timestamp(6) with time zone not null default now()
column alert_silence.id bigint not null identity
column alert_silence.rule_name text
column alert_silence.pair_name text
column alert_silence.mapping_name text
column alert_silence.until timestamp(6) with time zone not null
column alert_silence.reason text not null
column alert_silence.created_by text not null
column alert_silence.created_at timestamp(6) with time zone not null default now()
column api_key.id bigint not null identity
column api_key.name text not null
column api_key.hash text not null
column api_key.created_at timestamp(6) with time zone not null default now()
column api_key.role text not null default 'administer'::text
column api_key.pairs text[]
column api_key.mappings text[]
column api_key.created_by text not null default ''::text
column api_key.expires_at timestamp(6) with time zone
column api_key.last_used_at timestamp(6) with time zone
column api_key.revoked_at timestamp(6) with time zone
column audit_chain.is_only boolean not null default true
column audit_chain.entries bigint not null
column audit_chain.hash text not null
column audit_log.id bigint not null identity
column audit_log.at timestamp(6) with time zone not null default now()
column audit_log.actor text not null
column audit_log.action text not null
column audit_log.subject text not null
column audit_log.detail jsonb not null
column audit_log.reason text
column audit_log.before jsonb
column audit_log.after jsonb
column audit_log.number bigint not null default 0
column audit_log.previous_hash text not null default ''::text
column audit_log.hash text not null default ''::text
column blackout.id bigint not null identity
column blackout.calendar text not null
column blackout.starts_at timestamp(6) with time zone not null
column blackout.ends_at timestamp(6) with time zone not null
column blackout.reason text not null
column blackout.created_at timestamp(6) with time zone not null default now()
column breaker.connection_id bigint not null
column breaker.revision bigint not null
column breaker.state json not null
column breaker.updated_at timestamp(6) with time zone not null default now()
column bulk_operation.id bigint not null identity
column bulk_operation.kind text not null
column bulk_operation.task jsonb not null
column bulk_operation.selection jsonb not null
column bulk_operation.pair_id bigint
column bulk_operation.mapping text
column bulk_operation.state text not null default 'waiting'::text
column bulk_operation.selected integer not null default 0
column bulk_operation.done integer not null default 0
column bulk_operation.refused integer not null default 0
column bulk_operation.failed integer not null default 0
column bulk_operation.requested_by text not null
column bulk_operation.reason text
column bulk_operation.idempotency_key text
column bulk_operation.payload_hash text
column bulk_operation.run_ids bigint[] not null default '{}'::bigint[]
column bulk_operation.generation integer not null default 1
column bulk_operation.error_code text
column bulk_operation.error_message text
column bulk_operation.cancelled_by text
column bulk_operation.created_at timestamp(6) with time zone not null default now()
column bulk_operation.started_at timestamp(6) with time zone
column bulk_operation.finished_at timestamp(6) with time zone
column bulk_record.operation_id bigint not null
column bulk_record.position integer not null
column bulk_record.subject_id bigint not null
column bulk_record.mapping_id bigint
column bulk_record.direction text
column bulk_record.key text collate C
column bulk_record.partner_key text collate C
column bulk_record.seen_code text
column bulk_record.seen_field text
column bulk_record.seen_attempts integer
column bulk_record.state text not null default 'pending'::text
column bulk_record.code text
column bulk_record.message text
column bulk_record.ended_at timestamp(6) with time zone
column connection.id bigint not null identity
column connection.name text not null
column connection.kind text not null
column connection.settings jsonb not null
column connection.enabled boolean not null default true
column connection.disabled_reason text
column connection.created_at timestamp(6) with time zone not null default now()
column connection.updated_at timestamp(6) with time zone not null default now()
column coupling.id bigint not null identity
column coupling.pair_id bigint not null
column coupling.mapping_id bigint not null
column coupling.local_group text collate C not null
column coupling.remote_group text collate C not null
column coupling.local_key text collate C not null
column coupling.remote_key text collate C not null
column coupling.local_reference text collate C not null
column coupling.remote_reference text collate C not null
column coupling.local_version text
column coupling.remote_version text
column coupling.local_modified_at text
column coupling.remote_modified_at text
column coupling.local_fingerprint text
column coupling.remote_fingerprint text
column coupling.local_base jsonb not null
column coupling.remote_base jsonb not null
column coupling.refs jsonb not null
column coupling.mapping_version integer not null
column coupling.generation integer not null
column coupling.last_to_result text
column coupling.last_to_job_id bigint
column coupling.last_to_at timestamp(6) with time zone
column coupling.last_from_result text
column coupling.last_from_job_id bigint
column coupling.last_from_at timestamp(6) with time zone
column coupling.created_at timestamp(6) with time zone not null default now()
column coupling.updated_at timestamp(6) with time zone not null default now()
column coupling.swings jsonb not null default '{}'::jsonb
column coupling.is_restored boolean not null default false
column deletion_look.mapping_id bigint not null
column deletion_look.side text not null
column deletion_look.mark text
column deletion_look.compared_at timestamp(6) with time zone
column deletion_look.access text
column deletion_suspect.coupling_id bigint not null
column deletion_suspect.mapping_id bigint not null
column deletion_suspect.direction text not null
column end_question.id bigint not null identity
column end_question.run_id bigint not null
column end_question.pair_id bigint not null
column end_question.state text not null default 'open'::text
column end_question.answer text
column end_question.mappings jsonb not null
column end_question.results jsonb not null default '[]'::jsonb
column end_question.opened_at timestamp(6) with time zone not null default now()
column end_question.expires_at timestamp(6) with time zone not null
column end_question.answered_at timestamp(6) with time zone
column field_mapping.mapping_id bigint not null
column field_mapping.version integer not null
column field_mapping.position integer not null
column field_mapping.local text
column field_mapping.remote text
column field_mapping.direction text not null
column field_mapping.enabled boolean not null
column field_mapping.constant text
column field_mapping.reference_mapping text
column field_mapping.reference_deferred boolean
column field_mapping.remote_when_local_blank text
column field_mapping.value_map jsonb
column field_mapping.not_null boolean not null
column field_mapping.clear_on_failed_sync boolean not null
column field_mapping.match_priority integer
column field_mapping.match_case_sensitive boolean
column field_mapping.validate_local boolean not null
column field_mapping.validate_remote boolean not null
column field_mapping.user_defined boolean not null
column field_mapping.remote_when_not_coupled text
column field_mapping.at_least text
column field_mapping.transform jsonb
column field_mapping.on_too_long text
column field_mapping.match_normalise text[]
column field_mapping.conflict text
column field_mapping.sensitive boolean not null default false
column inbox.id bigint not null identity
column inbox.seq bigint not null default nextval('couplet.inbox_seq'::regclass)
column inbox.pair_id bigint not null
column inbox.mapping_id bigint not null
column inbox.direction text not null
column inbox.key text collate C not null
column inbox.job_ids bigint[] not null
column inbox.force boolean not null
column inbox.create_missing boolean not null
column inbox.requested_at timestamp(6) with time zone not null default now()
column inbox.task jsonb
column inbox.is_wanted_anyway boolean not null default false
column inbox.operation_ids bigint[] not null default '{}'::bigint[]
column issue.id bigint not null identity
column issue.pair_id bigint not null
column issue.mapping_id bigint not null
column issue.direction text not null
column issue.key text collate C not null
column issue.partner_key text collate C
column issue.kind text not null
column issue.code text not null
column issue.error_kind text not null
column issue.field text
column issue.value text
column issue.message text not null
column issue.waits_for text collate C
column issue.conflicts jsonb not null
column issue.create_missing boolean not null
column issue.attempts integer not null default 1
column issue.job_id bigint not null
column issue.first_at timestamp(6) with time zone not null
column issue.last_at timestamp(6) with time zone not null
column issue.next_attempt_at timestamp(6) with time zone
column issue.resolution jsonb
column issue.repeats integer not null default 1
column issue.source_version text
column issue.partner_version text
column issue.mapping_version integer not null default 0
column issue.configuration text not null default ''::text
column issue.parked_by text
column issue.parked_reason text
column job.id bigint not null identity
column job.line_id bigint not null
column job.run_id bigint not null
column job.pair_id bigint not null
column job.mapping_id bigint not null
column job.type text not null default 'synchronization'::text
column job.direction text not null
column job.state text not null default 'ready'::text
column job.read bigint not null default 0
column job.reread bigint not null default 0
column job.inserted bigint not null default 0
column job.modified bigint not null default 0
column job.unchanged bigint not null default 0
column job.coupled bigint not null default 0
column job.uncoupled bigint not null default 0
column job.deleted bigint not null default 0
column job.skipped bigint not null default 0
column job.waiting bigint not null default 0
column job.conflict bigint not null default 0
column job.failed bigint not null default 0
column job.ignored bigint not null default 0
column job.not_coupled bigint not null default 0
column job.checkpoint jsonb
column job.step_costs jsonb
column job.estimated_rows bigint
column job.error_code text
column job.error_message text
column job.created_at timestamp(6) with time zone not null default now()
column job.started_at timestamp(6) with time zone
column job.finished_at timestamp(6) with time zone
column job.newly_skipped bigint not null default 0
column job.failed_transient bigint not null default 0
column job.failed_permanent bigint not null default 0
column job.failed_config bigint not null default 0
column job.duplicates_prevented bigint not null default 0
column job.takeovers integer not null default 0
column joined_request.pair_id bigint not null
column joined_request.idempotency_key text not null
column joined_request.payload_hash text not null
column joined_request.run_id bigint not null
column known_schema.mapping_id bigint not null
column known_schema.side text not null
column known_schema.fields json not null
column known_schema.seen_at timestamp(6) with time zone not null default now()
column lease.resource text collate C not null
column lease.token bigint not null
column lease.holder text not null
column lease.expires_at timestamp(6) with time zone not null
column line.id bigint not null identity
column line.run_id bigint not null
column line.pair_id bigint not null
column line.mapping_id bigint not null
column line.mapping_version integer not null
column line.position integer not null
column line.selection text not null
column line.state text not null default 'pending'::text
column line.depends_on bigint[] not null default '{}'::bigint[]
column line.ignored_dependencies text[] not null default '{}'::text[]
column line.generation integer not null default 1
column line.error_code text
column line.error_message text
column line.blocked_by text[] not null default '{}'::text[]
column line.created_at timestamp(6) with time zone not null default now()
column line.started_at timestamp(6) with time zone
column line.finished_at timestamp(6) with time zone
column line.starts integer not null default 0
column line.start_mark text
column mapping_version.mapping_id bigint not null
column mapping_version.version integer not null
column mapping_version.head jsonb not null
column mapping_version.changed_by text not null
column mapping_version.reason text not null
column mapping_version.created_at timestamp(6) with time zone not null default now()
column match_finding.id bigint not null identity
column match_finding.job_id bigint not null
column match_finding.key text collate C not null
column match_finding.verdict text not null
column match_finding.position integer
column match_finding.candidates text[] not null
column match_finding.candidate_count integer not null
column match_finding.rivals integer not null
column match_finding.taken_by text
column match_finding.found_at timestamp(6) with time zone not null default now()
column match_key.job_id bigint not null
column match_key.mapping_id bigint not null
column match_key.side text not null
column match_key.position integer not null
column match_key.match_key text collate C not null
column match_key.record_key text collate C not null
column migration.name text not null
column migration.applied_at timestamp with time zone not null default now()
column outcome.id bigint not null default nextval('couplet.outcome_id'::regclass)
column outcome.at timestamp(6) with time zone not null default clock_timestamp()
column outcome.pair_id bigint not null
column outcome.mapping_id bigint not null
column outcome.job_id bigint not null
column outcome.direction text not null
column outcome.kind text not null
column outcome.local_key text collate C
column outcome.remote_key text collate C
column outcome.code text
column outcome.error_kind text
column outcome.field text
column outcome.value text
column outcome.message text
column outcome.changes jsonb
column outcome.local_version text
column outcome.remote_version text
column outcome.recovered boolean not null
column outcome.warnings jsonb
column outcome_default.id bigint not null default nextval('couplet.outcome_id'::regclass)
column outcome_default.at timestamp(6) with time zone not null default clock_timestamp()
column outcome_default.pair_id bigint not null
column outcome_default.mapping_id bigint not null
column outcome_default.job_id bigint not null
column outcome_default.direction text not null
column outcome_default.kind text not null
column outcome_default.local_key text collate C
column outcome_default.remote_key text collate C
column outcome_default.code text
column outcome_default.error_kind text
column outcome_default.field text
column outcome_default.value text
column outcome_default.message text
column outcome_default.changes jsonb
column outcome_default.local_version text
column outcome_default.remote_version text
column outcome_default.recovered boolean not null
column outcome_default.warnings jsonb
column outcome_total.mapping_id bigint not null
column outcome_total.direction text not null
column outcome_total.kind text not null
column outcome_total.code text not null
column outcome_total.records bigint not null
column page_intent.id bigint not null identity
column page_intent.pair_id bigint not null
column page_intent.mapping_id bigint not null
column page_intent.direction text not null
column page_intent.job_id bigint not null
column page_intent.token bigint not null
column page_intent.writes json not null storage e
column page_intent.settled_once boolean not null default false
column page_intent.opened_at timestamp(6) with time zone not null default now()
column page_intent.deadline_at timestamp(6) with time zone not null
column page_intent.search_from text
column pair.id bigint not null identity
column pair.name text not null
column pair.local_connection_id bigint not null
column pair.local_company text not null
column pair.remote_connection_id bigint not null
column pair.remote_company text not null
column pair.created_at timestamp(6) with time zone not null default now()
column pair.updated_at timestamp(6) with time zone not null default now()
column pause.id bigint not null identity
column pause.scope text not null
column pause.connection_id bigint
column pause.mapping_id bigint
column pause.cause text not null
column pause.paused_by text not null
column pause.reason text not null
column pause.at timestamp(6) with time zone not null default now()
column pause.until timestamp(6) with time zone
column preview_cost.job_id bigint not null
column preview_cost.local_reads bigint not null
column preview_cost.local_writes bigint not null
column preview_cost.local_records bigint not null
column preview_cost.remote_reads bigint not null
column preview_cost.remote_writes bigint not null
column preview_cost.remote_records bigint not null
column preview_coupling.run_id bigint not null
column preview_coupling.coupling_id bigint not null
column preview_coupling.mapping_id bigint not null
column preview_coupling.local_group text collate C not null
column preview_coupling.remote_group text collate C not null
column preview_coupling.local_key text collate C not null
column preview_coupling.remote_key text collate C not null
column preview_coupling.local_reference text collate C not null
column preview_coupling.remote_reference text collate C not null
column preview_coupling.coupling jsonb not null
column preview_coupling.local_record jsonb
column preview_coupling.remote_record jsonb
column preview_coupling.local_real_key text collate C
column preview_coupling.remote_real_key text collate C
column preview_finding.job_id bigint not null
column preview_finding.kind text not null
column preview_finding.code text not null
column preview_finding.field text not null
column preview_finding.records bigint not null
column preview_finding.samples jsonb not null
column preview_request.id bigint not null default nextval('couplet.preview_request_id'::regclass)
column preview_request.run_id bigint not null
column preview_request.mapping_id bigint not null
column preview_request.direction text not null
column preview_request.key text collate C not null
column preview_request.job_ids bigint[]
column preview_request.force boolean not null
column preview_request.create_missing boolean not null
column preview_request.task jsonb
column preview_suspect.run_id bigint not null
column preview_suspect.mapping_id bigint not null
column preview_suspect.direction text not null
column preview_suspect.coupling_id bigint not null
column process.id text collate C not null
column process.host text not null
column process.pid integer not null
column process.version text not null
column process.roles jsonb not null
column process.concurrency jsonb not null
column process.state text not null
column process.is_leader boolean not null
column process.work jsonb not null
column process.memory_mb integer not null
column process.delay_ms integer not null
column process.started_at timestamp(6) with time zone not null default now()
column process.seen_at timestamp(6) with time zone not null default now()
column process.is_to_be_quiet boolean not null default false
column process.clock_ahead_ms integer not null default 0
column rate_limit.key character varying(255) not null
column rate_limit.points integer not null default 0
column rate_limit.expire bigint
column request_budget.connection_id bigint not null
column request_budget.identity text collate C not null
column request_budget.revision bigint not null
column request_budget.state json not null
column retention.kind text not null
column retention.ran_at timestamp(6) with time zone not null default now()
column retention.removed bigint not null
column retention.removed_in_all bigint not null
column run.id bigint not null identity
column run.pair_id bigint not null
column run.kind text not null
column run.state text not null default 'queued'::text
column run.options jsonb not null
column run.requested_by text not null
column run.reason text not null
column run.priority integer not null
column run.generation integer not null default 1
column run.schedule_id bigint
column run.slot text
column run.idempotency_key text
column run.payload_hash text
column run.error_code text
column run.error_message text
column run.created_at timestamp(6) with time zone not null default now()
column run.started_at timestamp(6) with time zone
column run.finished_at timestamp(6) with time zone
column run.cancelled_by text
column run.callback_url text
column schedule.id bigint not null identity
column schedule.pair_id bigint not null
column schedule.name text not null
column schedule.kind text not null
column schedule.mapping_name text
column schedule.every_minutes integer
column schedule.enabled boolean not null
column schedule.anchor_at timestamp(6) with time zone not null default now()
column schedule.weekdays smallint[]
column schedule.window_from time without time zone
column schedule.window_to time without time zone
column schedule.time_zone text not null default 'UTC'::text
column schedule.inactivity_minutes integer not null default 0
column schedule.paused_reason text
column schedule.paused_at timestamp(6) with time zone
column schedule.expires_at timestamp(6) with time zone
column schedule.created_at timestamp(6) with time zone not null default now()
column schedule.updated_at timestamp(6) with time zone not null default now()
column schedule.cron text
column schedule.calendar text
column schedule.overlap text not null default 'merge'::text
column schedule.catch_up text not null default 'once'::text
column schedule.paused_by text
column schedule.settled_until timestamp(6) with time zone not null default now()
column schedule.last_decision text
column schedule.is_pending boolean not null default false
column schedule.seen text
column seen_coupling.mapping_id bigint not null
column seen_coupling.coupling_ids bigint[] not null
column session.id text not null
column session.user_name text not null
column session.role text
column session.account_id bigint
column session.created_at timestamp(6) with time zone not null default now()
column session.last_seen_at timestamp(6) with time zone not null default now()
column session.expires_at timestamp(6) with time zone not null
column sign_in_attempt.id text not null
column sign_in_attempt.state text not null
column sign_in_attempt.nonce text not null
column sign_in_attempt.verifier text not null
column sign_in_attempt.expires_at timestamp(6) with time zone not null
column staged_key.mapping_id bigint not null
column staged_key.key text collate C not null
column table_mapping.id bigint not null identity
column table_mapping.pair_id bigint not null
column table_mapping.name text not null
column table_mapping.version integer not null
column table_mapping.position integer not null
column table_mapping.local_group text collate C not null
column table_mapping.remote_group text collate C not null
column table_mapping.local_watermark text
column table_mapping.local_watermark_run bigint
column table_mapping.remote_watermark text
column table_mapping.remote_watermark_run bigint
column table_mapping.selection_generation integer not null default 1
column table_mapping.scanned_generation integer not null default 0
column table_mapping.created_at timestamp(6) with time zone not null default now()
column table_mapping.updated_at timestamp(6) with time zone not null default now()
column uncoupled_pair.id bigint not null identity
column uncoupled_pair.pair_id bigint not null
column uncoupled_pair.mapping_id bigint not null
column uncoupled_pair.local_key text collate C not null
column uncoupled_pair.remote_key text collate C not null
column uncoupled_pair.generation integer not null
column uncoupled_pair.reason text not null
column uncoupled_pair.uncoupled_by text not null
column uncoupled_pair.job_id bigint
column uncoupled_pair.uncoupled_at timestamp(6) with time zone not null default now()
column uncoupled_pair.local_released boolean not null default false
column uncoupled_pair.remote_released boolean not null default false
column webhook_attempt.delivery_id bigint not null
column webhook_attempt.attempt integer not null
column webhook_attempt.at timestamp(6) with time zone not null default clock_timestamp()
column webhook_attempt.status integer
column webhook_attempt.code text
column webhook_attempt.ms integer not null
column webhook_delivery.id bigint not null identity
column webhook_delivery.event_id uuid not null
column webhook_delivery.endpoint_id bigint
column webhook_delivery.callback_url text
column webhook_delivery.callback_origin text
column webhook_delivery.state text not null default 'due'::text
column webhook_delivery.attempts integer not null default 0
column webhook_delivery.tries integer not null default 0
column webhook_delivery.due_since timestamp(6) with time zone not null default clock_timestamp()
column webhook_delivery.next_attempt_at timestamp(6) with time zone not null default clock_timestamp()
column webhook_delivery.ended_at timestamp(6) with time zone
column webhook_endpoint.id bigint not null identity
column webhook_endpoint.name text not null
column webhook_endpoint.url text not null
column webhook_endpoint.events text[] not null
column webhook_endpoint.pair_name text
column webhook_endpoint.mapping_names text[] not null default '{}'::text[]
column webhook_endpoint.secret text
column webhook_endpoint.previous_secret text
column webhook_endpoint.previous_until timestamp(6) with time zone
column webhook_endpoint.enabled boolean not null default true
column webhook_endpoint.disabled_reason text
column webhook_endpoint.failing_since timestamp(6) with time zone
column webhook_endpoint.created_at timestamp(6) with time zone not null default now()
column webhook_endpoint.updated_at timestamp(6) with time zone not null default now()
column webhook_event.id uuid not null default gen_random_uuid()
column webhook_event.type text not null
column webhook_event.at timestamp(6) with time zone not null default clock_timestamp()
column webhook_event.data json not null

constraint account account_name_unique UNIQUE (name)
constraint account account_pkey PRIMARY KEY (id)
constraint account account_role CHECK ((role = ANY (ARRAY['view'::text, 'operate'::text, 'resolve'::text, 'configure'::text, 'administer'::text])))
constraint alert alert_pkey PRIMARY KEY (id)
constraint alert alert_rule_id_alert_rule_id_fk FOREIGN KEY (rule_id) REFERENCES couplet.alert_rule(id) ON DELETE CASCADE
constraint alert_channel alert_channel_kind CHECK ((kind = ANY (ARRAY['email'::text, 'slack'::text, 'webhook'::text])))
constraint alert_channel alert_channel_name_unique UNIQUE (name)
constraint alert_channel alert_channel_pkey PRIMARY KEY (id)
constraint alert_delivery alert_delivery_alert_id_alert_id_fk FOREIGN KEY (alert_id) REFERENCES couplet.alert(id) ON DELETE CASCADE
constraint alert_delivery alert_delivery_channel_id_alert_channel_id_fk FOREIGN KEY (channel_id) REFERENCES couplet.alert_channel(id) ON DELETE CASCADE
constraint alert_delivery alert_delivery_event CHECK ((event = ANY (ARRAY['fired'::text, 'recovered'::text])))
constraint alert_delivery alert_delivery_pkey PRIMARY KEY (id)
constraint alert_rule alert_rule_action CHECK ((action = ANY (ARRAY['none'::text, 'pause'::text])))
constraint alert_rule alert_rule_metric CHECK ((metric = ANY (ARRAY['mapping-late'::text, 'mapping-age'::text, 'failed-records'::text, 'failed-runs'::text, 'open-issues'::text, 'open-conflicts'::text, 'held-deletions'::text, 'queue-wait'::text, 'run-duration'::text, 'budget-used'::text, 'webhook-failing'::text, 'queue-unreachable'::text, 'connection-down'::text, 'no-worker'::text, 'no-leader'::text])))
constraint alert_rule alert_rule_name_unique UNIQUE (name)
constraint alert_rule alert_rule_pkey PRIMARY KEY (id)
constraint alert_rule alert_rule_recover CHECK ((recover_at <= threshold))
constraint alert_rule alert_rule_severity CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text])))
constraint alert_rule alert_rule_window CHECK ((window_minutes >= 0))
constraint alert_silence alert_silence_pkey PRIMARY KEY (id)
constraint api_key api_key_hash_unique UNIQUE (hash)
constraint api_key api_key_name_unique UNIQUE (name)
constraint api_key api_key_pkey PRIMARY KEY (id)
constraint api_key api_key_role CHECK ((role = ANY (ARRAY['view'::text, 'operate'::text, 'resolve'::text, 'configure'::text, 'administer'::text])))
constraint audit_chain audit_chain_is_only CHECK (is_only)
constraint audit_chain audit_chain_pkey PRIMARY KEY (is_only)
constraint audit_log audit_log_number_unique UNIQUE (number)
constraint audit_log audit_log_pkey PRIMARY KEY (id)
constraint blackout blackout_ends_later CHECK ((starts_at < ends_at))
constraint blackout blackout_pkey PRIMARY KEY (id)
constraint breaker breaker_connection_id_connection_id_fk FOREIGN KEY (connection_id) REFERENCES couplet.connection(id) ON DELETE CASCADE
constraint breaker breaker_pkey PRIMARY KEY (connection_id)
constraint bulk_operation bulk_operation_counts CHECK ((((done + refused) + failed) <= selected))
constraint bulk_operation bulk_operation_error CHECK (((error_code IS NULL) = (error_message IS NULL)))
constraint bulk_operation bulk_operation_idempotency CHECK (((idempotency_key IS NULL) = (payload_hash IS NULL)))
constraint bulk_operation bulk_operation_kind CHECK ((kind = ANY (ARRAY['retry'::text, 'skip'::text, 'unskip'::text, 'resolve'::text, 'resolve-deletion'::text, 'synchronize'::text, 'uncouple'::text])))
constraint bulk_operation bulk_operation_pair_id_pair_id_fk FOREIGN KEY (pair_id) REFERENCES couplet.pair(id)
constraint bulk_operation bulk_operation_pkey PRIMARY KEY (id)
constraint bulk_operation bulk_operation_state CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'finished'::text, 'cancelled'::text, 'failed'::text])))
constraint bulk_record bulk_record_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint bulk_record bulk_record_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id)
constraint bulk_record bulk_record_operation_id_bulk_operation_id_fk FOREIGN KEY (operation_id) REFERENCES couplet.bulk_operation(id) ON DELETE CASCADE
constraint bulk_record bulk_record_operation_id_position_pk PRIMARY KEY (operation_id, "position")
constraint bulk_record bulk_record_state CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'refused'::text, 'failed'::text])))
constraint connection connection_name_unique UNIQUE (name)
constraint connection connection_pkey PRIMARY KEY (id)
constraint coupling coupling_last_from_result CHECK ((last_from_result = ANY (ARRAY['success'::text, 'failed'::text, 'waiting'::text, 'conflict'::text, 'skipped'::text])))
constraint coupling coupling_last_to_result CHECK ((last_to_result = ANY (ARRAY['success'::text, 'failed'::text, 'waiting'::text, 'conflict'::text, 'skipped'::text])))
constraint coupling coupling_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint coupling coupling_pkey PRIMARY KEY (id)
constraint deletion_look deletion_look_mapping_id_side_pk PRIMARY KEY (mapping_id, side)
constraint deletion_look deletion_look_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id) ON DELETE CASCADE
constraint deletion_look deletion_look_side CHECK ((side = ANY (ARRAY['local'::text, 'remote'::text])))
constraint deletion_suspect deletion_suspect_coupling_id_coupling_id_fk FOREIGN KEY (coupling_id) REFERENCES couplet.coupling(id) ON DELETE CASCADE
constraint deletion_suspect deletion_suspect_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint deletion_suspect deletion_suspect_pkey PRIMARY KEY (coupling_id)
constraint end_question end_question_answer CHECK ((answer = ANY (ARRAY['yes'::text, 'no'::text])))
constraint end_question end_question_answered CHECK (((state = 'answered'::text) = (answer IS NOT NULL)))
constraint end_question end_question_pair_id_pair_id_fk FOREIGN KEY (pair_id) REFERENCES couplet.pair(id)
constraint end_question end_question_pkey PRIMARY KEY (id)
constraint end_question end_question_runId_unique UNIQUE (run_id)
constraint end_question end_question_run_id_run_id_fk FOREIGN KEY (run_id) REFERENCES couplet.run(id)
constraint end_question end_question_state CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'expired'::text])))
constraint field_mapping field_mapping_conflict CHECK ((conflict = ANY (ARRAY['ask'::text, 'local wins'::text, 'remote wins'::text, 'newest wins'::text, 'fill empty'::text, 'sum of changes'::text])))
constraint field_mapping field_mapping_direction CHECK ((direction = ANY (ARRAY['ToIntegrationTable'::text, 'FromIntegrationTable'::text, 'Bidirectional'::text])))
constraint field_mapping field_mapping_mapping_id_version_position_pk PRIMARY KEY (mapping_id, version, "position")
constraint field_mapping field_mapping_match CHECK (((match_priority IS NULL) = (match_case_sensitive IS NULL)))
constraint field_mapping field_mapping_of_version FOREIGN KEY (mapping_id, version) REFERENCES couplet.mapping_version(mapping_id, version)
constraint field_mapping field_mapping_reference CHECK (((reference_mapping IS NULL) = (reference_deferred IS NULL)))
constraint field_mapping field_mapping_too_long CHECK ((on_too_long = ANY (ARRAY['refuse'::text, 'cut and warn'::text])))
constraint inbox inbox_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint inbox inbox_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint inbox inbox_of_record UNIQUE (mapping_id, direction, key)
constraint inbox inbox_pkey PRIMARY KEY (id)
constraint issue issue_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint issue issue_error_kind CHECK ((error_kind = ANY (ARRAY['transient'::text, 'waiting'::text, 'permanent'::text, 'conflict'::text, 'config'::text, 'lost-lease'::text])))
constraint issue issue_kind CHECK ((kind = ANY (ARRAY['failed'::text, 'waiting'::text, 'conflict'::text, 'skipped'::text])))
constraint issue issue_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint issue issue_of_record UNIQUE (mapping_id, direction, key)
constraint issue issue_pkey PRIMARY KEY (id)
constraint job job_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint job job_direction_of_line UNIQUE (line_id, direction)
constraint job job_error CHECK (((error_code IS NULL) = (error_message IS NULL)))
constraint job job_line FOREIGN KEY (line_id, run_id, mapping_id) REFERENCES couplet.line(id, run_id, mapping_id)
constraint job job_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint job job_pkey PRIMARY KEY (id)
constraint job job_state CHECK ((state = ANY (ARRAY['ready'::text, 'running'::text, 'succeeded'::text, 'succeeded-with-failures'::text, 'failed'::text, 'cancelled'::text])))
constraint job job_type CHECK ((type = ANY (ARRAY['synchronization'::text, 'coupling'::text, 'uncoupling'::text])))
constraint joined_request joined_request_pair_id_idempotency_key_pk PRIMARY KEY (pair_id, idempotency_key)
constraint joined_request joined_request_run FOREIGN KEY (run_id, pair_id) REFERENCES couplet.run(id, pair_id) ON DELETE CASCADE
constraint known_schema known_schema_mapping_id_side_pk PRIMARY KEY (mapping_id, side)
constraint known_schema known_schema_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id) ON DELETE CASCADE
constraint known_schema known_schema_side CHECK ((side = ANY (ARRAY['local'::text, 'remote'::text])))
constraint lease lease_pkey PRIMARY KEY (resource)
constraint line line_error CHECK (((error_code IS NULL) = (error_message IS NULL)))
constraint line line_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint line line_mapping_version FOREIGN KEY (mapping_id, mapping_version) REFERENCES couplet.mapping_version(mapping_id, version)
constraint line line_of_mapping_in_run UNIQUE (id, run_id, mapping_id)
constraint line line_pkey PRIMARY KEY (id)
constraint line line_run FOREIGN KEY (run_id, pair_id) REFERENCES couplet.run(id, pair_id)
constraint line line_selection CHECK ((selection = ANY (ARRAY['all'::text, 'changes'::text, 'requests'::text, 'deletions'::text])))
constraint line line_state CHECK ((state = ANY (ARRAY['pending'::text, 'ready'::text, 'running'::text, 'finished'::text, 'failed'::text, 'blocked'::text, 'cancelled'::text])))
constraint mapping_version mapping_version_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id)
constraint mapping_version mapping_version_mapping_id_version_pk PRIMARY KEY (mapping_id, version)
constraint match_finding match_finding_job_id_job_id_fk FOREIGN KEY (job_id) REFERENCES couplet.job(id)
constraint match_finding match_finding_pkey PRIMARY KEY (id)
constraint match_finding match_finding_verdict CHECK ((verdict = ANY (ARRAY['unique'::text, 'ambiguous'::text, 'already-coupled'::text, 'uncoupled-before'::text, 'none'::text])))
constraint migration migration_pkey PRIMARY KEY (name)
constraint outcome outcome_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint outcome outcome_error_kind CHECK ((error_kind = ANY (ARRAY['transient'::text, 'waiting'::text, 'permanent'::text, 'conflict'::text, 'config'::text, 'lost-lease'::text])))
constraint outcome outcome_id_at_pk PRIMARY KEY (id, at)
constraint outcome outcome_kind CHECK ((kind = ANY (ARRAY['inserted'::text, 'modified'::text, 'coupled'::text, 'uncoupled'::text, 'deleted'::text, 'skipped'::text, 'waiting'::text, 'conflict'::text, 'failed'::text])))
constraint outcome_default outcome_default_pkey PRIMARY KEY (id, at)
constraint outcome_default outcome_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint outcome_default outcome_error_kind CHECK ((error_kind = ANY (ARRAY['transient'::text, 'waiting'::text, 'permanent'::text, 'conflict'::text, 'config'::text, 'lost-lease'::text])))
constraint outcome_default outcome_kind CHECK ((kind = ANY (ARRAY['inserted'::text, 'modified'::text, 'coupled'::text, 'uncoupled'::text, 'deleted'::text, 'skipped'::text, 'waiting'::text, 'conflict'::text, 'failed'::text])))
constraint outcome_total outcome_total_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint outcome_total outcome_total_kind CHECK ((kind = ANY (ARRAY['inserted'::text, 'modified'::text, 'unchanged'::text, 'coupled'::text, 'uncoupled'::text, 'deleted'::text, 'skipped'::text, 'waiting'::text, 'conflict'::text, 'failed'::text])))
constraint outcome_total outcome_total_mapping_id_direction_kind_code_pk PRIMARY KEY (mapping_id, direction, kind, code)
constraint outcome_total outcome_total_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id)
constraint page_intent page_intent_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint page_intent page_intent_job_id_job_id_fk FOREIGN KEY (job_id) REFERENCES couplet.job(id)
constraint page_intent page_intent_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint page_intent page_intent_pkey PRIMARY KEY (id)
constraint pair pair_local_connection_id_connection_id_fk FOREIGN KEY (local_connection_id) REFERENCES couplet.connection(id)
constraint pair pair_name_unique UNIQUE (name)
constraint pair pair_pkey PRIMARY KEY (id)
constraint pair pair_remote_connection_id_connection_id_fk FOREIGN KEY (remote_connection_id) REFERENCES couplet.connection(id)
constraint pause pause_cause CHECK ((cause = ANY (ARRAY['person'::text, 'automatic'::text])))
constraint pause pause_connection_id_connection_id_fk FOREIGN KEY (connection_id) REFERENCES couplet.connection(id) ON DELETE CASCADE
constraint pause pause_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id) ON DELETE CASCADE
constraint pause pause_names_its_scope CHECK ((((scope = 'connection'::text) = (connection_id IS NOT NULL)) AND ((scope = 'mapping'::text) = (mapping_id IS NOT NULL))))
constraint pause pause_pkey PRIMARY KEY (id)
constraint pause pause_scope CHECK ((scope = ANY (ARRAY['everything'::text, 'connection'::text, 'mapping'::text])))
constraint preview_cost preview_cost_job_id_job_id_fk FOREIGN KEY (job_id) REFERENCES couplet.job(id)
constraint preview_cost preview_cost_pkey PRIMARY KEY (job_id)
constraint preview_coupling preview_coupling_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id)
constraint preview_coupling preview_coupling_run_id_coupling_id_pk PRIMARY KEY (run_id, coupling_id)
constraint preview_coupling preview_coupling_run_id_run_id_fk FOREIGN KEY (run_id) REFERENCES couplet.run(id)
constraint preview_finding preview_finding_job_id_job_id_fk FOREIGN KEY (job_id) REFERENCES couplet.job(id)
constraint preview_finding preview_finding_job_id_kind_code_field_pk PRIMARY KEY (job_id, kind, code, field)
constraint preview_request preview_request_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint preview_request preview_request_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id)
constraint preview_request preview_request_run_id_mapping_id_direction_key_pk PRIMARY KEY (run_id, mapping_id, direction, key)
constraint preview_request preview_request_run_id_run_id_fk FOREIGN KEY (run_id) REFERENCES couplet.run(id)
constraint preview_suspect preview_suspect_direction CHECK ((direction = ANY (ARRAY['to'::text, 'from'::text])))
constraint preview_suspect preview_suspect_mapping_id_table_mapping_id_fk FOREIGN KEY (mapping_id) REFERENCES couplet.table_mapping(id)
constraint preview_suspect preview_suspect_run_id_coupling_id_pk PRIMARY KEY (run_id, coupling_id)
constraint preview_suspect preview_suspect_run_id_run_id_fk FOREIGN KEY (run_id) REFERENCES couplet.run(id)
constraint process process_pkey PRIMARY KEY (id)
constraint process process_state CHECK ((state = ANY (ARRAY['working'::text, 'quiet'::text, 'stopping'::text])))
constraint rate_limit rate_limit_pkey PRIMARY KEY (key)
constraint request_budget request_budget_connection_id_connection_id_fk FOREIGN KEY (connection_id) REFERENCES couplet.connection(id) ON DELETE CASCADE
constraint request_budget request_budget_connection_id_identity_pk PRIMARY KEY (connection_id, identity)
constraint retention retention_pkey PRIMARY KEY (kind)
constraint run run_error CHECK (((error_code IS NULL) = (error_message IS NULL)))
constraint run run_idempotency CHECK (((idempotency_key IS NULL) = (payload_hash IS NULL)))
constraint run run_kind CHECK ((kind = ANY (ARRAY['full'::text, 'modified'::text, 'mapping'::text, 'records'::text, 'couple'::text, 'uncouple'::text, 'deletions'::text])))
constraint run run_of_pair UNIQUE (id, pair_id)
constraint run run_pair_id_pair_id_fk FOREIGN KEY (pair_id) REFERENCES couplet.pair(id)
constraint run run_pkey PRIMARY KEY (id)
constraint run run_schedule_id_schedule_id_fk FOREIGN KEY (schedule_id) REFERENCES couplet.schedule(id) ON DELETE SET NULL
constraint run run_state CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'succeeded-with-failures'::text, 'failed'::text, 'cancelled'::text])))
constraint schedule schedule_catch_up CHECK ((catch_up = ANY (ARRAY['once'::text, 'skip'::text])))
constraint schedule schedule_decision CHECK ((last_decision = ANY (ARRAY['started'::text, 'merged'::text, 'skipped'::text, 'missed'::text, 'idle'::text])))
constraint schedule schedule_every CHECK ((every_minutes > 0))
constraint schedule schedule_kind CHECK ((kind = ANY (ARRAY['full'::text, 'modified'::text, 'mapping'::text])))
constraint schedule schedule_mapping FOREIGN KEY (pair_id, mapping_name) REFERENCES couplet.table_mapping(pair_id, name)
constraint schedule schedule_mapping_named CHECK (((kind = 'mapping'::text) = (mapping_name IS NOT NULL)))
constraint schedule schedule_name UNIQUE (pair_id, name)
constraint schedule schedule_overlap CHECK ((overlap = ANY (ARRAY['skip'::text, 'merge'::text])))
constraint schedule schedule_pair_id_pair_id_fk FOREIGN KEY (pair_id) REFERENCES couplet.pair(id)
constraint schedule schedule_paused CHECK ((((paused_at IS NULL) = (paused_reason IS NULL)) AND ((paused_at IS NULL) = (paused_by IS NULL))))
constraint schedule schedule_pkey PRIMARY KEY (id)
constraint schedule schedule_rate CHECK (((every_minutes IS NULL) <> (cron IS NULL)))
constraint schedule schedule_window CHECK (((window_from IS NULL) = (window_to IS NULL)))
constraint session session_account_id_account_id_fk FOREIGN KEY (account_id) REFERENCES couplet.account(id) ON DELETE CASCADE
constraint session session_pkey PRIMARY KEY (id)
constraint session session_role CHECK ((role = ANY (ARRAY['view'::text, 'operate'::text, 'resolve'::text, 'configure'::text, 'administer'::text])))
constraint sign_in_attempt sign_in_attempt_pkey PRIMARY KEY (id)
constraint table_mapping table_mapping_local_watermark_run FOREIGN KEY (local_watermark_run) REFERENCES couplet.run(id)
constraint table_mapping table_mapping_name UNIQUE (pair_id, name)
constraint table_mapping table_mapping_name_without_slash CHECK (((name <> ''::text) AND (POSITION(('/'::text) IN (name)) = 0)))
constraint table_mapping table_mapping_pair UNIQUE (id, pair_id)
constraint table_mapping table_mapping_pair_id_pair_id_fk FOREIGN KEY (pair_id) REFERENCES couplet.pair(id)
constraint table_mapping table_mapping_pkey PRIMARY KEY (id)
constraint table_mapping table_mapping_remote_watermark_run FOREIGN KEY (remote_watermark_run) REFERENCES couplet.run(id)
constraint table_mapping table_mapping_scanned CHECK ((scanned_generation <= selection_generation))
constraint table_mapping table_mapping_version FOREIGN KEY (id, version) REFERENCES couplet.mapping_version(mapping_id, version) DEFERRABLE INITIALLY DEFERRED
constraint uncoupled_pair uncoupled_pair_keys UNIQUE (mapping_id, local_key, remote_key)
constraint uncoupled_pair uncoupled_pair_mapping FOREIGN KEY (mapping_id, pair_id) REFERENCES couplet.table_mapping(id, pair_id)
constraint uncoupled_pair uncoupled_pair_pkey PRIMARY KEY (id)
constraint webhook_attempt webhook_attempt_delivery FOREIGN KEY (delivery_id) REFERENCES couplet.webhook_delivery(id) ON DELETE CASCADE
constraint webhook_attempt webhook_attempt_delivery_id_attempt_pk PRIMARY KEY (delivery_id, attempt)
constraint webhook_attempt webhook_attempt_result CHECK (((status IS NULL) = (code IS NOT NULL)))
constraint webhook_delivery webhook_delivery_endpoint_id_webhook_endpoint_id_fk FOREIGN KEY (endpoint_id) REFERENCES couplet.webhook_endpoint(id) ON DELETE CASCADE
constraint webhook_delivery webhook_delivery_event_id_webhook_event_id_fk FOREIGN KEY (event_id) REFERENCES couplet.webhook_event(id) ON DELETE CASCADE
constraint webhook_delivery webhook_delivery_pkey PRIMARY KEY (id)
constraint webhook_delivery webhook_delivery_state CHECK ((state = ANY (ARRAY['due'::text, 'delivered'::text, 'failed'::text])))
constraint webhook_delivery webhook_delivery_target CHECK ((((endpoint_id IS NULL) = (callback_url IS NOT NULL)) AND ((callback_url IS NULL) = (callback_origin IS NULL))))
constraint webhook_endpoint webhook_endpoint_name_unique UNIQUE (name)
constraint webhook_endpoint webhook_endpoint_pkey PRIMARY KEY (id)
constraint webhook_event webhook_event_pkey PRIMARY KEY (id)
constraint webhook_event webhook_event_type CHECK ((type = ANY (ARRAY['run.finished'::text, 'conflict.opened'::text, 'issue.opened'::text, 'issue.closed'::text, 'mapping.late'::text, 'mapping.recovered'::text, 'webhook.test'::text])))

CREATE UNIQUE INDEX account_name_unique ON couplet.account USING btree (name)
CREATE UNIQUE INDEX account_pkey ON couplet.account USING btree (id)
CREATE UNIQUE INDEX alert_open ON couplet.alert USING btree (rule_id, subject) WHERE (recovered_at IS NULL)
CREATE UNIQUE INDEX alert_pkey ON couplet.alert USING btree (id)
CREATE INDEX alert_recovered ON couplet.alert USING btree (recovered_at) WHERE (recovered_at IS NOT NULL)
CREATE UNIQUE INDEX alert_channel_name_unique ON couplet.alert_channel USING btree (name)
CREATE UNIQUE INDEX alert_channel_pkey ON couplet.alert_channel USING btree (id)
CREATE INDEX alert_delivery_due ON couplet.alert_delivery USING btree (next_attempt_at)
CREATE INDEX alert_delivery_of_alert ON couplet.alert_delivery USING btree (alert_id)
CREATE INDEX alert_delivery_of_channel ON couplet.alert_delivery USING btree (channel_id)
CREATE UNIQUE INDEX alert_delivery_pkey ON couplet.alert_delivery USING btree (id)
CREATE UNIQUE INDEX alert_rule_name_unique ON couplet.alert_rule USING btree (name)
CREATE UNIQUE INDEX alert_rule_pkey ON couplet.alert_rule USING btree (id)
CREATE UNIQUE INDEX alert_silence_pkey ON couplet.alert_silence USING btree (id)
CREATE UNIQUE INDEX api_key_hash_unique ON couplet.api_key USING btree (hash)
CREATE UNIQUE INDEX api_key_name_unique ON couplet.api_key USING btree (name)
CREATE UNIQUE INDEX api_key_pkey ON couplet.api_key USING btree (id)
CREATE UNIQUE INDEX audit_chain_pkey ON couplet.audit_chain USING btree (is_only)
CREATE UNIQUE INDEX audit_log_number_unique ON couplet.audit_log USING btree (number)
CREATE UNIQUE INDEX audit_log_pkey ON couplet.audit_log USING btree (id)
CREATE INDEX audit_log_subject ON couplet.audit_log USING btree (subject, id)
CREATE INDEX blackout_calendar ON couplet.blackout USING btree (calendar, starts_at)
CREATE UNIQUE INDEX blackout_pkey ON couplet.blackout USING btree (id)
CREATE UNIQUE INDEX breaker_pkey ON couplet.breaker USING btree (connection_id)
CREATE INDEX bulk_operation_finished ON couplet.bulk_operation USING btree (finished_at)
CREATE UNIQUE INDEX bulk_operation_key ON couplet.bulk_operation USING btree (COALESCE(pair_id, (0)::bigint), idempotency_key)
CREATE UNIQUE INDEX bulk_operation_pkey ON couplet.bulk_operation USING btree (id)
CREATE INDEX bulk_operation_unfinished ON couplet.bulk_operation USING btree (id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]))
CREATE INDEX bulk_record_of_state ON couplet.bulk_record USING btree (operation_id, state, "position")
CREATE UNIQUE INDEX bulk_record_operation_id_position_pk ON couplet.bulk_record USING btree (operation_id, "position")
CREATE UNIQUE INDEX connection_name_unique ON couplet.connection USING btree (name)
CREATE UNIQUE INDEX connection_pkey ON couplet.connection USING btree (id)
CREATE UNIQUE INDEX coupling_local ON couplet.coupling USING btree (local_key, local_group)
CREATE INDEX coupling_local_reference ON couplet.coupling USING btree (mapping_id, local_reference)
CREATE UNIQUE INDEX coupling_pkey ON couplet.coupling USING btree (id)
CREATE INDEX coupling_refs ON couplet.coupling USING gin (refs jsonb_path_ops) WHERE (refs <> '{}'::jsonb)
CREATE UNIQUE INDEX coupling_remote ON couplet.coupling USING btree (remote_key, remote_group)
CREATE INDEX coupling_remote_reference ON couplet.coupling USING btree (mapping_id, remote_reference)
CREATE UNIQUE INDEX deletion_look_mapping_id_side_pk ON couplet.deletion_look USING btree (mapping_id, side)
CREATE INDEX deletion_suspect_order ON couplet.deletion_suspect USING btree (mapping_id, direction, coupling_id)
CREATE UNIQUE INDEX deletion_suspect_pkey ON couplet.deletion_suspect USING btree (coupling_id)
CREATE UNIQUE INDEX "end_question_runId_unique" ON couplet.end_question USING btree (run_id)
CREATE INDEX end_question_open ON couplet.end_question USING btree (pair_id) WHERE (state = 'open'::text)
CREATE UNIQUE INDEX end_question_pkey ON couplet.end_question USING btree (id)
CREATE UNIQUE INDEX field_mapping_mapping_id_version_position_pk ON couplet.field_mapping USING btree (mapping_id, version, "position")
CREATE INDEX field_mapping_sensitive ON couplet.field_mapping USING btree (mapping_id) WHERE sensitive
CREATE UNIQUE INDEX inbox_of_record ON couplet.inbox USING btree (mapping_id, direction, key)
CREATE INDEX inbox_order ON couplet.inbox USING btree (mapping_id, direction, seq)
CREATE UNIQUE INDEX inbox_pkey ON couplet.inbox USING btree (id)
CREATE INDEX issue_conflict_of_partner ON couplet.issue USING btree (mapping_id, partner_key) WHERE (kind = 'conflict'::text)
CREATE INDEX issue_due ON couplet.issue USING btree (mapping_id, direction, next_attempt_at) WHERE (next_attempt_at IS NOT NULL)
CREATE INDEX issue_held ON couplet.issue USING btree (job_id) WHERE (code = 'DELETION_HELD'::text)
CREATE INDEX issue_of_job ON couplet.issue USING btree (job_id)
CREATE INDEX issue_of_kind ON couplet.issue USING btree (kind, id)
CREATE INDEX issue_of_mapping ON couplet.issue USING btree (mapping_id, id)
CREATE UNIQUE INDEX issue_of_record ON couplet.issue USING btree (mapping_id, direction, key)
CREATE INDEX issue_of_version ON couplet.issue USING btree (mapping_id, mapping_version)
CREATE UNIQUE INDEX issue_pkey ON couplet.issue USING btree (id)
CREATE INDEX issue_waiting ON couplet.issue USING btree (waits_for, pair_id) WHERE (waits_for IS NOT NULL)
CREATE INDEX job_created ON couplet.job USING btree (created_at)
CREATE UNIQUE INDEX job_direction_of_line ON couplet.job USING btree (line_id, direction)
CREATE INDEX job_finished ON couplet.job USING btree (finished_at)
CREATE INDEX job_of_mapping ON couplet.job USING btree (mapping_id, id)
CREATE INDEX job_of_run ON couplet.job USING btree (run_id)
CREATE INDEX job_of_state ON couplet.job USING btree (state, id)
CREATE UNIQUE INDEX job_pkey ON couplet.job USING btree (id)
CREATE INDEX job_succeeded ON couplet.job USING btree (mapping_id, direction, id) WHERE ((type = 'synchronization'::text) AND (state = ANY (ARRAY['succeeded'::text, 'succeeded-with-failures'::text])))
CREATE INDEX joined_request_of_run ON couplet.joined_request USING btree (run_id)
CREATE UNIQUE INDEX joined_request_pair_id_idempotency_key_pk ON couplet.joined_request USING btree (pair_id, idempotency_key)
CREATE UNIQUE INDEX known_schema_mapping_id_side_pk ON couplet.known_schema USING btree (mapping_id, side)
CREATE UNIQUE INDEX lease_pkey ON couplet.lease USING btree (resource)
CREATE INDEX line_failed ON couplet.line USING btree (mapping_id, finished_at) WHERE (state = 'failed'::text)
CREATE INDEX line_of_mapping ON couplet.line USING btree (mapping_id, mapping_version)
CREATE UNIQUE INDEX line_of_mapping_in_run ON couplet.line USING btree (id, run_id, mapping_id)
CREATE INDEX line_of_run ON couplet.line USING btree (run_id, "position")
CREATE UNIQUE INDEX line_pkey ON couplet.line USING btree (id)
CREATE INDEX line_unfinished ON couplet.line USING btree (mapping_id) WHERE (state = ANY (ARRAY['pending'::text, 'ready'::text, 'running'::text]))
CREATE UNIQUE INDEX mapping_version_mapping_id_version_pk ON couplet.mapping_version USING btree (mapping_id, version)
CREATE INDEX match_finding_of_job ON couplet.match_finding USING btree (job_id, verdict, id)
CREATE UNIQUE INDEX match_finding_pkey ON couplet.match_finding USING btree (id)
CREATE INDEX match_key_of_job ON couplet.match_key USING btree (job_id)
CREATE UNIQUE INDEX migration_pkey ON couplet.migration USING btree (name)
CREATE INDEX outcome_at ON ONLY couplet.outcome USING brin (at)
CREATE UNIQUE INDEX outcome_id_at_pk ON ONLY couplet.outcome USING btree (id, at)
CREATE INDEX outcome_of_code ON ONLY couplet.outcome USING btree (code, id) WHERE (code IS NOT NULL)
CREATE INDEX outcome_of_job ON ONLY couplet.outcome USING btree (job_id, id)
CREATE INDEX outcome_of_local ON ONLY couplet.outcome USING btree (mapping_id, local_key)
CREATE INDEX outcome_of_mapping ON ONLY couplet.outcome USING btree (mapping_id, id)
CREATE INDEX outcome_of_remote ON ONLY couplet.outcome USING btree (mapping_id, remote_key)
CREATE INDEX outcome_default_at_idx ON couplet.outcome_default USING brin (at)
CREATE INDEX outcome_default_code_id_idx ON couplet.outcome_default USING btree (code, id) WHERE (code IS NOT NULL)
CREATE INDEX outcome_default_job_id_id_idx ON couplet.outcome_default USING btree (job_id, id)
CREATE INDEX outcome_default_mapping_id_id_idx ON couplet.outcome_default USING btree (mapping_id, id)
CREATE INDEX outcome_default_mapping_id_local_key_idx ON couplet.outcome_default USING btree (mapping_id, local_key)
CREATE INDEX outcome_default_mapping_id_remote_key_idx ON couplet.outcome_default USING btree (mapping_id, remote_key)
CREATE UNIQUE INDEX outcome_default_pkey ON couplet.outcome_default USING btree (id, at)
CREATE UNIQUE INDEX outcome_total_mapping_id_direction_kind_code_pk ON couplet.outcome_total USING btree (mapping_id, direction, kind, code)
CREATE INDEX page_intent_of_job ON couplet.page_intent USING btree (job_id)
CREATE INDEX page_intent_of_mapping ON couplet.page_intent USING btree (mapping_id, deadline_at)
CREATE UNIQUE INDEX page_intent_pkey ON couplet.page_intent USING btree (id)
CREATE INDEX pair_local_connection ON couplet.pair USING btree (local_connection_id)
CREATE UNIQUE INDEX pair_name_unique ON couplet.pair USING btree (name)
CREATE UNIQUE INDEX pair_pkey ON couplet.pair USING btree (id)
CREATE INDEX pair_remote_connection ON couplet.pair USING btree (remote_connection_id)
CREATE INDEX pause_connection ON couplet.pause USING btree (connection_id)
CREATE INDEX pause_mapping ON couplet.pause USING btree (mapping_id)
CREATE UNIQUE INDEX pause_of ON couplet.pause USING btree (scope, COALESCE(connection_id, (0)::bigint), COALESCE(mapping_id, (0)::bigint))
CREATE UNIQUE INDEX pause_pkey ON couplet.pause USING btree (id)
CREATE UNIQUE INDEX preview_cost_pkey ON couplet.preview_cost USING btree (job_id)
CREATE INDEX preview_coupling_local ON couplet.preview_coupling USING btree (run_id, local_key)
CREATE INDEX preview_coupling_local_real ON couplet.preview_coupling USING btree (run_id, local_real_key) WHERE (local_real_key IS NOT NULL)
CREATE INDEX preview_coupling_local_reference ON couplet.preview_coupling USING btree (run_id, local_reference)
CREATE INDEX preview_coupling_remote ON couplet.preview_coupling USING btree (run_id, remote_key)
CREATE INDEX preview_coupling_remote_real ON couplet.preview_coupling USING btree (run_id, remote_real_key) WHERE (remote_real_key IS NOT NULL)
CREATE INDEX preview_coupling_remote_reference ON couplet.preview_coupling USING btree (run_id, remote_reference)
CREATE UNIQUE INDEX preview_coupling_run_id_coupling_id_pk ON couplet.preview_coupling USING btree (run_id, coupling_id)
CREATE UNIQUE INDEX preview_finding_job_id_kind_code_field_pk ON couplet.preview_finding USING btree (job_id, kind, code, field)
CREATE UNIQUE INDEX preview_request_run_id_mapping_id_direction_key_pk ON couplet.preview_request USING btree (run_id, mapping_id, direction, key)
CREATE UNIQUE INDEX preview_suspect_run_id_coupling_id_pk ON couplet.preview_suspect USING btree (run_id, coupling_id)
CREATE UNIQUE INDEX process_pkey ON couplet.process USING btree (id)
CREATE UNIQUE INDEX rate_limit_pkey ON couplet.rate_limit USING btree (key)
CREATE UNIQUE INDEX request_budget_connection_id_identity_pk ON couplet.request_budget USING btree (connection_id, identity)
CREATE UNIQUE INDEX retention_pkey ON couplet.retention USING btree (kind)
CREATE INDEX run_created ON couplet.run USING btree (created_at)
CREATE INDEX run_finished ON couplet.run USING btree (finished_at)
CREATE UNIQUE INDEX run_idempotency_key ON couplet.run USING btree (pair_id, idempotency_key)
CREATE UNIQUE INDEX run_of_pair ON couplet.run USING btree (id, pair_id)
CREATE INDEX run_of_pair_by_id ON couplet.run USING btree (pair_id, id)
CREATE INDEX run_of_requester ON couplet.run USING btree (requested_by, id)
CREATE INDEX run_of_state ON couplet.run USING btree (state, id)
CREATE UNIQUE INDEX run_one_full ON couplet.run USING btree (pair_id) WHERE ((kind = 'full'::text) AND (state = ANY (ARRAY['queued'::text, 'running'::text])) AND (NOT COALESCE(((options ->> 'dryRun'::text))::boolean, false)))
CREATE UNIQUE INDEX run_pkey ON couplet.run USING btree (id)
CREATE UNIQUE INDEX run_slot ON couplet.run USING btree (schedule_id, slot)
CREATE INDEX run_unfinished ON couplet.run USING btree (id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]))
CREATE INDEX schedule_mapping_name ON couplet.schedule USING btree (pair_id, mapping_name)
CREATE UNIQUE INDEX schedule_name ON couplet.schedule USING btree (pair_id, name)
CREATE UNIQUE INDEX schedule_pkey ON couplet.schedule USING btree (id)
CREATE INDEX session_account ON couplet.session USING btree (account_id)
CREATE INDEX session_expiry ON couplet.session USING btree (expires_at)
CREATE UNIQUE INDEX session_pkey ON couplet.session USING btree (id)
CREATE INDEX sign_in_attempt_expiry ON couplet.sign_in_attempt USING btree (expires_at)
CREATE UNIQUE INDEX sign_in_attempt_pkey ON couplet.sign_in_attempt USING btree (id)
CREATE INDEX table_mapping_local_watermark_run ON couplet.table_mapping USING btree (local_watermark_run)
CREATE UNIQUE INDEX table_mapping_name ON couplet.table_mapping USING btree (pair_id, name)
CREATE UNIQUE INDEX table_mapping_pair ON couplet.table_mapping USING btree (id, pair_id)
CREATE UNIQUE INDEX table_mapping_pkey ON couplet.table_mapping USING btree (id)
CREATE INDEX table_mapping_remote_watermark_run ON couplet.table_mapping USING btree (remote_watermark_run)
CREATE UNIQUE INDEX uncoupled_pair_keys ON couplet.uncoupled_pair USING btree (mapping_id, local_key, remote_key)
CREATE UNIQUE INDEX uncoupled_pair_pkey ON couplet.uncoupled_pair USING btree (id)
CREATE INDEX uncoupled_pair_remote_key ON couplet.uncoupled_pair USING btree (mapping_id, remote_key)
CREATE UNIQUE INDEX webhook_attempt_delivery_id_attempt_pk ON couplet.webhook_attempt USING btree (delivery_id, attempt)
CREATE INDEX webhook_delivery_due_callback ON couplet.webhook_delivery USING btree (next_attempt_at, id) WHERE ((state = 'due'::text) AND (endpoint_id IS NULL))
CREATE INDEX webhook_delivery_due_endpoint ON couplet.webhook_delivery USING btree (endpoint_id, next_attempt_at, id) WHERE ((state = 'due'::text) AND (endpoint_id IS NOT NULL))
CREATE INDEX webhook_delivery_of_endpoint ON couplet.webhook_delivery USING btree (endpoint_id, id)
CREATE INDEX webhook_delivery_of_event ON couplet.webhook_delivery USING btree (event_id)
CREATE UNIQUE INDEX webhook_delivery_pkey ON couplet.webhook_delivery USING btree (id)
CREATE UNIQUE INDEX webhook_endpoint_name_unique ON couplet.webhook_endpoint USING btree (name)
CREATE UNIQUE INDEX webhook_endpoint_pkey ON couplet.webhook_endpoint USING btree (id)
CREATE INDEX webhook_event_at ON couplet.webhook_event USING btree (at)
CREATE UNIQUE INDEX webhook_event_pkey ON couplet.webhook_event USING btree (id)

CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON couplet.audit_chain FOR EACH STATEMENT EXECUTE FUNCTION couplet.refuse_audit_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON couplet.audit_log FOR EACH STATEMENT EXECUTE FUNCTION couplet.refuse_audit_change()
CREATE TRIGGER chain BEFORE INSERT ON couplet.audit_log FOR EACH ROW EXECUTE FUNCTION couplet.chain_audit()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON couplet.field_mapping FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON couplet.mapping_version FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON couplet.outcome FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON couplet.outcome_default FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change()

table account
table alert
table alert_channel
table alert_delivery
table alert_rule
table alert_silence
table api_key
table audit_chain
table audit_log
table blackout
table breaker
table bulk_operation
table bulk_record
table connection
table coupling with (toast_tuple_target=8160, fillfactor=90)
table deletion_look
table deletion_suspect
table end_question
table field_mapping
table inbox
table issue
table job
table joined_request
table known_schema
table lease
table line
table mapping_version
table match_finding
table match_key
table migration
table outcome partition by RANGE (at)
table outcome_default DEFAULT
table outcome_total
table page_intent
table pair
table pause
table preview_cost
table preview_coupling
table preview_finding
table preview_request
table preview_suspect
table process
table rate_limit
table request_budget
table retention
table run
table schedule
table seen_coupling
table session
table sign_in_attempt
table staged_key
table table_mapping
table uncoupled_pair
table webhook_attempt
table webhook_delivery
table webhook_endpoint
table webhook_event

sequence account_id_seq
sequence alert_channel_id_seq
sequence alert_delivery_id_seq
sequence alert_id_seq
sequence alert_rule_id_seq
sequence alert_silence_id_seq
sequence api_key_id_seq
sequence audit_log_id_seq
sequence blackout_id_seq
sequence bulk_operation_id_seq
sequence connection_id_seq
sequence coupling_id_seq
sequence end_question_id_seq
sequence inbox_id_seq
sequence inbox_seq
sequence issue_id_seq
sequence job_id_seq
sequence lease_token
sequence line_id_seq
sequence match_finding_id_seq
sequence outcome_id
sequence page_intent_id_seq
sequence pair_id_seq
sequence pause_id_seq
sequence preview_coupling_id
sequence preview_request_id
sequence run_id_seq
sequence schedule_id_seq
sequence table_mapping_id_seq
sequence uncoupled_pair_id_seq
sequence webhook_delivery_id_seq
sequence webhook_endpoint_id_seq

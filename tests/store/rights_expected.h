/* Who may read which table and call which function of the store. What is not listed here fails the
 * tests as soon as it exists (a table) or as soon as anyone may call it (a function): add a line.
 * Nobody ever writes a table; that has no column here.
 *
 *   S support  O operator  A approver  C security  D admin  I ingest  W worker
 *
 * By row: what a policy lets through. A table that names an interface, a transaction or a login and
 * is read by people has one. By column: only some columns are granted. */

#define ALL_PEOPLE "SOACD"
#define WHO_FOLLOW "SOA"
#define ALL "SOACDIW"

/*        table               readers     by row by column */
#define EXPECTED_TABLES(TABLE)                             \
	TABLE(access_review,      "",         false, false) \
	TABLE(access_review_item, "",         false, false) \
	TABLE(act_rule,           ALL_PEOPLE, false, false) \
	TABLE(anomaly,            WHO_FOLLOW, true,  false) \
	TABLE(audit,              ALL_PEOPLE, true,  false) \
	TABLE(audit_anchor,       "C",        false, false) \
	TABLE(audit_chain,        "",         false, false) \
	TABLE(audit_key,          "",         false, false) \
	TABLE(audit_link,         "C",        false, false) \
	TABLE(audit_pending,      "",         false, false) \
	TABLE(burn_kept,          WHO_FOLLOW, true,  false) \
	TABLE(broker_queue,       ALL_PEOPLE, false, false) \
	TABLE(burn_rule,          ALL_PEOPLE, false, false) \
	TABLE(catalogue_version,  ALL_PEOPLE, true,  false) \
	TABLE(change,             ALL_PEOPLE, false, false) \
	TABLE(change_decision,    ALL_PEOPLE, false, false) \
	TABLE(change_item,        ALL_PEOPLE, true,  false) \
	TABLE(credential,         "",         false, false) \
	TABLE(counted,            "",         false, false) \
	TABLE(dead_letter,        WHO_FOLLOW, true,  false) \
	TABLE(duty,               "SOACDW",   false, false) \
	TABLE(era,                ALL_PEOPLE, false, false) \
	TABLE(error_class,        ALL_PEOPLE, false, false) \
	TABLE(event,              WHO_FOLLOW, true,  false) \
	TABLE(event_rule,         ALL_PEOPLE, false, false) \
	TABLE(facility,           ALL_PEOPLE, false, false) \
	TABLE(failure_group,      WHO_FOLLOW, true,  false) \
	TABLE(failure_trend,      WHO_FOLLOW, true,  false) \
	TABLE(feed,               "",         false, false) \
	TABLE(follower,           "",         false, false) \
	TABLE(gauge,              WHO_FOLLOW, true,  false) \
	TABLE(handover,           WHO_FOLLOW, true,  false) \
	TABLE(handover_item,      WHO_FOLLOW, true,  false) \
	TABLE(handover_kind,      WHO_FOLLOW, false, false) \
	TABLE(import,             "",         false, false) \
	TABLE(interface,          ALL_PEOPLE, true,  false) \
	TABLE(kind,               ALL_PEOPLE, false, false) \
	TABLE(last_look,          "",         false, false) \
	TABLE(lineage,            "",         false, false) \
	TABLE(login,              ALL_PEOPLE, true,  false) \
	TABLE(mask_pending,       "",         false, false) \
	TABLE(mask_redo,          "",         false, false) \
	TABLE(mask_rule,          ALL_PEOPLE, false, false) \
	TABLE(mask_state,         ALL_PEOPLE, false, false) \
	TABLE(message,            WHO_FOLLOW, true,  false) \
	TABLE(note,               WHO_FOLLOW, true,  false) \
	TABLE(objective_kept,     WHO_FOLLOW, true,  false) \
	TABLE(odoo_probe,         ALL_PEOPLE, false, false) \
	TABLE(partner,            ALL_PEOPLE, false, false) \
	TABLE(payload,            "",         false, false) \
	TABLE(payload_grant,      ALL_PEOPLE, true,  false) \
	TABLE(person,             ALL_PEOPLE, false, false) \
	TABLE(probe,              ALL_PEOPLE, false, false) \
	TABLE(probe_result,       ALL_PEOPLE, false, false) \
	TABLE(probe_state,        ALL_PEOPLE, false, false) \
	TABLE(pulse,              WHO_FOLLOW, true,  false) \
	TABLE(refusal_code,       ALL,        false, false) \
	TABLE(reconcile,          WHO_FOLLOW, true,  false) \
	TABLE(reconcile_finding,  WHO_FOLLOW, true,  false) \
	TABLE(reconcile_record,   "",         false, false) \
	TABLE(reject,             WHO_FOLLOW, true,  true)  \
	TABLE(reject_code,        ALL_PEOPLE, false, false) \
	TABLE(rendition,          WHO_FOLLOW, true,  false) \
	TABLE(relay_target,       ALL_PEOPLE, false, false) \
	TABLE(replay_bucket,      "",         false, false) \
	TABLE(replay_check,       "",         false, false) \
	TABLE(replay_decision,    WHO_FOLLOW, true,  false) \
	TABLE(replay_edit,        "",         false, false) \
	TABLE(replay_item,        WHO_FOLLOW, true,  true)  \
	TABLE(replay_look,        "",         false, false) \
	TABLE(replay_note,        "",         false, false) \
	TABLE(replay_order,       "",         false, false) \
	TABLE(replay_request,     WHO_FOLLOW, true,  false) \
	TABLE(replay_revision,    WHO_FOLLOW, true,  false) \
	TABLE(replay_stage,       WHO_FOLLOW, true,  false) \
	TABLE(retention,          ALL_PEOPLE, false, false) \
	TABLE(retention_place,    "",         false, false) \
	TABLE(rhythm,             WHO_FOLLOW, true,  false) \
	TABLE(rollup,             WHO_FOLLOW, true,  false) \
	TABLE(rollup_facility,    WHO_FOLLOW, true,  false) \
	TABLE(rollup_kept,        "",         false, false) \
	TABLE(saved_filter,       ALL_PEOPLE, true,  false) \
	TABLE(scope,              ALL_PEOPLE, true,  false) \
	TABLE(secret_seen,        "",         false, false) \
	TABLE(setting,            ALL_PEOPLE, false, false) \
	TABLE(signal,             WHO_FOLLOW, true,  false) \
	TABLE(signal_delivery,    WHO_FOLLOW, true,  false) \
	TABLE(signal_history,     WHO_FOLLOW, true,  false) \
	TABLE(signal_measure,     ALL_PEOPLE, false, false) \
	TABLE(signal_notice,      WHO_FOLLOW, true,  false) \
	TABLE(signal_rule,        ALL_PEOPLE, true,  false) \
	TABLE(signal_target,      WHO_FOLLOW, false, false) \
	TABLE(signal_watch,       ALL_PEOPLE, false, false) \
	TABLE(silence,            WHO_FOLLOW, true,  false) \
	TABLE(slo,                ALL_PEOPLE, true,  false) \
	TABLE(standing,           WHO_FOLLOW, true,  false) \
	TABLE(standings_kept,     WHO_FOLLOW, false, false) \
	TABLE(store,              ALL,        false, false) \
	TABLE(system,             ALL_PEOPLE, false, false) \
	TABLE(transaction,        WHO_FOLLOW, true,  false) \
	TABLE(version,            ALL,        false, false) \
	TABLE(worker,             "SOACDW",   false, false)

/* Functions of one name share a line. Whether a call then gets anywhere is for the function to say:
 * a person without the role gets a refusal, which leaves its trace. */
#define EXPECTED_FUNCTIONS(FUNCTION)       \
	FUNCTION(anomaly_dismiss,  ALL_PEOPLE) \
	FUNCTION(anomaly_story,    WHO_FOLLOW) \
	FUNCTION(around,           WHO_FOLLOW) \
	FUNCTION(audit_head,       ALL_PEOPLE) \
	FUNCTION(audit_status,     ALL_PEOPLE) \
	FUNCTION(audit_verify,     ALL_PEOPLE) \
	FUNCTION(batch_dues,        WHO_FOLLOW) \
	FUNCTION(batch_slots,       WHO_FOLLOW) \
	FUNCTION(budget_left,       WHO_FOLLOW) \
	FUNCTION(burn_rate,         WHO_FOLLOW) \
	FUNCTION(burns,             WHO_FOLLOW) \
	FUNCTION(catalogue_export, ALL_PEOPLE) \
	FUNCTION(catalogue_import, ALL_PEOPLE) \
	FUNCTION(change_decide,    ALL_PEOPLE) \
	FUNCTION(change_propose,   ALL_PEOPLE) \
	FUNCTION(change_rollback,  ALL_PEOPLE) \
	FUNCTION(change_size,      ALL_PEOPLE) \
	FUNCTION(change_withdraw,  ALL_PEOPLE) \
	FUNCTION(check_invariants, "ODW") \
	FUNCTION(claim_checks,      "W") \
	FUNCTION(claim_probes,      "W") \
	FUNCTION(claim_reconcile,   "W") \
	FUNCTION(claim_replays,     "W") \
	FUNCTION(claim_signals,     "W") \
	FUNCTION(complete_replay,   "W") \
	FUNCTION(complete_signal,   "W") \
	FUNCTION(dead_letter_discard, ALL_PEOPLE) \
	FUNCTION(dead_letter_own,   ALL_PEOPLE) \
	FUNCTION(dead_letter_release, ALL_PEOPLE) \
	FUNCTION(dead_letter_reopen, ALL_PEOPLE) \
	FUNCTION(doc_differences,   ALL_PEOPLE) \
	FUNCTION(dead_letter_snooze, ALL_PEOPLE) \
	FUNCTION(evened,           WHO_FOLLOW) \
	FUNCTION(events_of,        WHO_FOLLOW) \
	FUNCTION(norm_like,        WHO_FOLLOW) \
	FUNCTION(transaction_before, WHO_FOLLOW) \
	FUNCTION(failure_group_discard, ALL_PEOPLE) \
	FUNCTION(failure_group_ends, WHO_FOLLOW) \
	FUNCTION(failure_group_own, ALL_PEOPLE) \
	FUNCTION(failure_group_release, ALL_PEOPLE) \
	FUNCTION(failure_group_reopen, ALL_PEOPLE) \
	FUNCTION(failure_group_snooze, ALL_PEOPLE) \
	FUNCTION(feed_after,       WHO_FOLLOW) \
	FUNCTION(feed_before,      WHO_FOLLOW) \
	FUNCTION(feed_horizon,     WHO_FOLLOW) \
	FUNCTION(feed_newest,      WHO_FOLLOW) \
	FUNCTION(filter_drop,       ALL_PEOPLE) \
	FUNCTION(filter_save,       ALL_PEOPLE) \
	FUNCTION(group_story,      WHO_FOLLOW) \
	FUNCTION(grant_end,        ALL_PEOPLE) \
	FUNCTION(handover_accept,   ALL_PEOPLE) \
	FUNCTION(handover_acknowledge, ALL_PEOPLE) \
	FUNCTION(handover_draft,    ALL_PEOPLE) \
	FUNCTION(handover_export,   ALL_PEOPLE) \
	FUNCTION(handover_offer,    ALL_PEOPLE) \
	FUNCTION(handover_void,     ALL_PEOPLE) \
	FUNCTION(handover_write,    ALL_PEOPLE) \
	FUNCTION(hist_count,        WHO_FOLLOW) \
	FUNCTION(hist_over,         WHO_FOLLOW) \
	FUNCTION(hist_pack,         WHO_FOLLOW) \
	FUNCTION(hist_quantile,     WHO_FOLLOW) \
	FUNCTION(hist_under,        WHO_FOLLOW) \
	FUNCTION(ids_hidden,       WHO_FOLLOW) \
	FUNCTION(ingest,           "I")        \
	FUNCTION(interface_signs,  ALL_PEOPLE) \
	FUNCTION(interfaces_hidden, ALL_PEOPLE) \
	FUNCTION(latency_bucket,    WHO_FOLLOW) \
	FUNCTION(latency_of,        WHO_FOLLOW) \
	FUNCTION(legs_of,          WHO_FOLLOW) \
	FUNCTION(list_export,      ALL_PEOPLE) \
	FUNCTION(lineage_of,       WHO_FOLLOW) \
	FUNCTION(login_block,      ALL_PEOPLE) \
	FUNCTION(look,             ALL_PEOPLE) \
	FUNCTION(looked,           ALL_PEOPLE) \
	FUNCTION(samples_text,     WHO_FOLLOW) \
	FUNCTION(share_text,       WHO_FOLLOW) \
	FUNCTION(stand_out,        WHO_FOLLOW) \
	FUNCTION(system_below,     WHO_FOLLOW) \
	FUNCTION(search_ask,       ALL_PEOPLE) \
	FUNCTION(search_window,    ALL_PEOPLE) \
	FUNCTION(mark_sending,      "W")        \
	FUNCTION(mark_signal,       "W") \
	FUNCTION(mask_preview,     ALL_PEOPLE) \
	FUNCTION(mask_redoing,     ALL_PEOPLE) \
	FUNCTION(mask_try,         ALL_PEOPLE) \
	FUNCTION(mask_version,     ALL_PEOPLE) \
	FUNCTION(my_burn_states,    WHO_FOLLOW) \
	FUNCTION(my_facilities,    ALL_PEOPLE) \
	FUNCTION(my_interfaces,    ALL_PEOPLE) \
	FUNCTION(my_person,        ALL)        \
	FUNCTION(my_roles,         ALL)        \
	FUNCTION(my_watch,         "SOACDW")  \
	FUNCTION(my_systems_down,   WHO_FOLLOW) \
	FUNCTION(norm,             WHO_FOLLOW) \
	FUNCTION(note_add,          ALL_PEOPLE) \
	FUNCTION(note_replays,      "W") \
	FUNCTION(odoo_beside,       WHO_FOLLOW) \
	FUNCTION(odoo_check,        "W") \
	FUNCTION(odoo_checks,       "W") \
	FUNCTION(odoo_of,           ALL_PEOPLE) \
	FUNCTION(odoo_probed,       "W") \
	FUNCTION(odoo_wanted,       WHO_FOLLOW) \
	FUNCTION(percent_text,     WHO_FOLLOW) \
	FUNCTION(payload_ask,      ALL_PEOPLE) \
	FUNCTION(payload_read,     ALL_PEOPLE) \
	FUNCTION(payload_scan,     ALL_PEOPLE) \
	FUNCTION(problems_text,    ALL_PEOPLE) \
	FUNCTION(probe_story,       ALL_PEOPLE) \
	FUNCTION(reconcile_ask,     ALL_PEOPLE) \
	FUNCTION(reconcile_cancel,  ALL_PEOPLE) \
	FUNCTION(reconcile_confirmed, "W") \
	FUNCTION(reconcile_counted, "W") \
	FUNCTION(reconcile_doubts,  "W") \
	FUNCTION(reconcile_failed,  "W") \
	FUNCTION(reconcile_step,    "W") \
	FUNCTION(reconcile_take,    "W") \
	FUNCTION(record_check,      "W") \
	FUNCTION(record_probe,      "W") \
	FUNCTION(relay_probe,       "W") \
	FUNCTION(relay_report,      "W") \
	FUNCTION(relay_routes,      "W") \
	FUNCTION(renditions_below, WHO_FOLLOW) \
	FUNCTION(relay_well,        "W") \
	FUNCTION(renditions_of,    WHO_FOLLOW) \
	FUNCTION(replay_ask,        ALL_PEOPLE) \
	FUNCTION(replay_ask_group,  ALL_PEOPLE) \
	FUNCTION(replay_cancel,     ALL_PEOPLE) \
	FUNCTION(replay_changes,    ALL_PEOPLE) \
	FUNCTION(replay_decide,     ALL_PEOPLE) \
	FUNCTION(replay_dry_run,    ALL_PEOPLE) \
	FUNCTION(replay_edit,       ALL_PEOPLE) \
	FUNCTION(replay_forecast,   ALL_PEOPLE) \
	FUNCTION(replay_payload_key, ALL_PEOPLE) \
	FUNCTION(replay_ask_edited, ALL_PEOPLE) \
	FUNCTION(replay_request_verdicts, ALL_PEOPLE) \
	FUNCTION(replay_said,       ALL_PEOPLE) \
	FUNCTION(audit_export,      ALL_PEOPLE) \
	FUNCTION(replay_let,        ALL_PEOPLE) \
	FUNCTION(replay_look,       ALL_PEOPLE) \
	FUNCTION(replay_pause,      ALL_PEOPLE) \
	FUNCTION(replay_resolve,    ALL_PEOPLE) \
	FUNCTION(replay_resume,     ALL_PEOPLE) \
	FUNCTION(replay_review,     ALL_PEOPLE) \
	FUNCTION(reveal_ask,       ALL_PEOPLE) \
	FUNCTION(rhythm_slot,       WHO_FOLLOW) \
	FUNCTION(rollup_ranges,     WHO_FOLLOW) \
	FUNCTION(rollup_reach,      WHO_FOLLOW) \
	FUNCTION(posture_access,   "C") \
	FUNCTION(posture_credentials, "C") \
	FUNCTION(posture_export,   ALL_PEOPLE) \
	FUNCTION(posture_failures, "C") \
	FUNCTION(posture_review,   "C") \
	FUNCTION(posture_reviews,  "C") \
	FUNCTION(posture_uses,     "C") \
	FUNCTION(review_begin,     ALL_PEOPLE) \
	FUNCTION(review_decide,    ALL_PEOPLE) \
	FUNCTION(review_sign,      ALL_PEOPLE) \
	FUNCTION(secrets_seen,     "W") \
	FUNCTION(signal_acknowledge, ALL_PEOPLE) \
	FUNCTION(signal_snooze,     ALL_PEOPLE) \
	FUNCTION(signal_story,      WHO_FOLLOW) \
	FUNCTION(signals_open,      "W") \
	FUNCTION(silence_add,       ALL_PEOPLE) \
	FUNCTION(silence_end,       ALL_PEOPLE) \
	FUNCTION(worker_beat,      "W") \
	FUNCTION(worker_duties,    "W") \
	FUNCTION(worker_step,      "W") \
	FUNCTION(workers_due,      ALL_PEOPLE)

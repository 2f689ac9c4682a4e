-- An event that was read in a provider's list ($18) is left out where another one tells the same state of the same message
-- at the provider, and all else that the list tells; derive.sql makes the same of both with it and without it. One that
-- comes before the webhook stays: events are never deleted.
-- The lane of the workspace is held: recorded_at is in the order in which events were added.
INSERT INTO message_events (
	workspace_id, dedupe_key, message_id, channel_account_id, provider, external_id, status, rank, provider_status, step,
	attempt, failure, email_message_id, occurred_at, segments, call, resolution, recorded_at)
SELECT told.workspace_id, told.dedupe_key, told.message_id, told.channel_account_id, told.provider, told.external_id,
	told.status, told.rank, told.provider_status, told.step, told.attempt, told.failure::jsonb, told.email_message_id,
	told.occurred_at, told.segments, told.call::jsonb, told.resolution::jsonb, clock_timestamp()
FROM unnest(
	$1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[],
	$10::text[], $11::integer[], $12::text[], $13::text[], $14::timestamptz[], $15::integer[], $16::text[],
	$17::text[]
) WITH ORDINALITY AS told (
	workspace_id, dedupe_key, message_id, channel_account_id, provider, external_id, status, rank, provider_status,
	step, attempt, failure, email_message_id, occurred_at, segments, call, resolution, position)
WHERE NOT $18::boolean OR told.call IS NOT NULL OR told.status = '' OR NOT EXISTS (
	SELECT FROM message_events other
	WHERE other.workspace_id = told.workspace_id AND other.external_id = told.external_id AND other.provider = told.provider
		AND other.status = told.status AND NOT starts_with(other.dedupe_key, other.provider || ':listed/')
		AND (told.message_id IS NULL OR told.message_id = other.message_id)
		AND told.attempt IN (0, other.attempt)
		-- Neither says the attempt: the time of the earlier one does not make it a later attempt.
		AND (other.attempt > 0 OR told.occurred_at <= other.occurred_at)
		AND told.email_message_id IN ('', other.email_message_id) AND told.segments <= other.segments
)
ORDER BY told.position
ON CONFLICT (workspace_id, dedupe_key) DO NOTHING

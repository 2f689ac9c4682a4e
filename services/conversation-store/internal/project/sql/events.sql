INSERT INTO message_events (
	workspace_id, dedupe_key, message_id, channel_account_id, provider, external_id, status, rank, provider_status, step,
	attempt, failure, email_message_id, occurred_at, segments, call, resolution)
SELECT told.workspace_id, told.dedupe_key, told.message_id, told.channel_account_id, told.provider, told.external_id,
	told.status, told.rank, told.provider_status, told.step, told.attempt, told.failure::jsonb, told.email_message_id,
	told.occurred_at, told.segments, told.call::jsonb, told.resolution::jsonb
FROM unnest(
	$1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[],
	$10::text[], $11::integer[], $12::text[], $13::text[], $14::timestamptz[], $15::integer[], $16::text[],
	$17::text[]
) WITH ORDINALITY AS told (
	workspace_id, dedupe_key, message_id, channel_account_id, provider, external_id, status, rank, provider_status,
	step, attempt, failure, email_message_id, occurred_at, segments, call, resolution, position)
ORDER BY told.position
ON CONFLICT (workspace_id, dedupe_key) DO NOTHING
